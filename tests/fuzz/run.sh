#!/bin/sh
# Builds the fuzz targets with libFuzzer and the sanitizers in DIR and runs each SECONDS, one after the
# other; prints how often each ran. Faults are in DIR/found-NAME-*, new inputs in DIR/corpus/NAME.
# Usage: run.sh DIR SECONDS [TARGET…]
#        run.sh DIR minimise [TARGET…]    a small corpus that reaches the same code, into tests/fuzz/corpus
set -eu
cd "$(dirname "$0")/../.."
dir=$1 seconds=$2
shift 2
all=$(sed -n 's/^TARGET(\([a-z_]*\), .*/\1/p' tests/fuzz/targets.def)
mkdir -p "$dir"
${MAKE:-make} -s CC=clang SAN=1 WERROR= VALGRIND= B="$dir/obj" CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' "$dir/obj/tests/fuzz-replay"

link() {
    printf '#include <stddef.h>\n#include <stdint.h>\nint fuzz_%s(const uint8_t *, size_t);\n' "$1"
    printf 'int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n) { return fuzz_%s(p, n); }\n' "$1"
}

for name in ${@:-$all}; do
    max=$(sed -n "s/^TARGET($name, *\([0-9]*\))/\1/p" tests/fuzz/targets.def)
    link "$name" >"$dir/$name.c"
    clang -fsanitize=fuzzer,address,undefined -o "$dir/$name" "$dir/$name.c" "$dir/obj/tests/fuzz/fuzz_$name.o" \
        "$dir/obj/tests/fuzz/fuzz.o" "$dir/obj/tests/fuzz/facts.o" "$dir"/obj/tests/unit/world*.o "$dir/obj/libshell.a" "$dir/obj/libcore.a" \
        -lgdbm -lsodium -lpthread
    mkdir -p "$dir/corpus/$name" "tests/fuzz/corpus/$name"
    dictionary=
    [ ! -f "tests/fuzz/$name.dict" ] || dictionary=-dict=tests/fuzz/$name.dict
    if [ "$seconds" = minimise ]; then
        rm -rf "$dir/small"
        mkdir "$dir/small"
        "$dir/$name" -set_cover_merge=1 -use_counters=0 -max_len="$max" "$dir/small" "tests/fuzz/corpus/$name" "$dir/corpus/$name" 2>"$dir/$name.log"
        # Inputs with a name of their own are regressions and stay.
        find "tests/fuzz/corpus/$name" -type f -name '????????????????????????????????????????' -delete
        cp "$dir/small"/* "tests/fuzz/corpus/$name/"
        continue
    fi
    # With long inputs as those of sessions, libFuzzer's choice by entropy costs more than running them.
    case $name in session) choice=-entropic=0 ;; *) choice= ;; esac
    "$dir/$name" $choice -max_total_time="$seconds" -max_len="$max" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$dir/found-$name-" $dictionary "$dir/corpus/$name" "tests/fuzz/corpus/$name" \
        >"$dir/$name.log" 2>&1 || { tail -40 "$dir/$name.log"; exit 1; }
    echo "fuzz $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/$name.log") executions, nothing found"
done
