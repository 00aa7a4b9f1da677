#!/bin/sh
# Builds each libFuzzer target with the sanitizers and runs it SECONDS. Corpora and what it finds stay
# in build/fuzz/. Usage: run.sh SECONDS COMPILER-FLAGS…
set -eu
cd "$(dirname "$0")/../.."
seconds=$1
shift
mkdir -p build/fuzz
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    mkdir -p "build/fuzz/$name.corpus"
    clang "$@" -Itests/unit -fsanitize=fuzzer,address,undefined -o "build/fuzz/$name" "$source" \
        tests/unit/world.c src/base/*.c src/config/*.c src/proto/*.c src/state/*.c src/policy/*.c \
        src/cmd/*.c -lcunit -lconfuse -lsodium
    "build/fuzz/$name" -max_total_time="$seconds" -timeout=10 -artifact_prefix=build/fuzz/ \
        -print_final_stats=1 "build/fuzz/$name.corpus"
done
