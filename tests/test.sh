#!/bin/sh
# usage: test.sh BUILD_DIR SUITE [TEST]    runs the suites that test SUITE, or of their tests those with TEST in the name
#        test.sh --files SUITE             prints the files of these suites
# The suites are tests/unit/test_SUITE.c, tests/shell/test_SUITE.c, the same with SUITE_*, and
# tests/e2e/SUITE_test.py; if there are none, but a header SUITE.h, all suites of C that include it.
# `make test` builds what this needs. IRCD_TEST_GDB=1: suites of C run in the debugger, with contrib/gdb.py.
set -eu
cd "$(dirname "$0")/.."
export PYTHONDONTWRITEBYTECODE=1 IRCD_TEST_VERBOSE=1

# files_of SUITE: one a line.
files_of() {
    found=
    for file in tests/unit/test_"$1".c tests/unit/test_"$1"_*.c tests/shell/test_"$1".c tests/shell/test_"$1"_*.c \
        tests/e2e/"$1"_test.py; do
        [ ! -f "$file" ] || found="$found$file
"
    done
    if [ -n "$found" ]; then
        printf %s "$found"
    else
        grep -l "^#include \".*/$1\.h\"" tests/unit/test_*.c tests/shell/test_*.c || true
    fi
}

list_suites() {
    ls tests/*/test_*.c tests/e2e/*_test.py |
        sed -n 's|tests/\([a-z0-9]*\)/\(test_\)\{0,1\}\([a-z0-9_]*\)\.[a-z]*$|\1 \3|p' |
        sed 's/^e2e \(.*\)_test$/e2e \1/' |
        awk '{ text[$1] = text[$1] " " $2 } END { for (k in text) print k ":" text[k] }' | sort | fmt -w 100 -s
}

if [ "$1" = --files ]; then
    files_of "$2"
    exit
fi

build=$1 suite=${2:-} part=${3:-}
files=
[ -z "$suite" ] || files=$(files_of "$suite")
if [ -z "$files" ]; then
    echo "usage: make test SUITE=NAME [TEST=PART] [GDB=1]${suite:+; there is no suite '$suite'}. The suites:" >&2
    list_suites >&2
    exit 2
fi
code=0 ran=

# run_suites COMMAND…: the exit code 2 says that there are no tests with PART in the name.
run_suites() {
    status=0
    "$@" || status=$?
    case $status:$part in
    0:*) ran=1 ;;
    2:?*) ;;
    *) ran=1 code=1 ;;
    esac
}

for kind in unit shell; do
    names=$(echo "$files" | sed -n "s|^tests/$kind/test_\(.*\)\.c$|\1|p")
    [ -n "$names" ] || continue
    # shellcheck disable=SC2086 # a name is one word
    set -- "$build/tests/$kind-tests" $names ${part:+-t "$part"}
    if [ -n "${IRCD_TEST_GDB:-}" ]; then
        gdb -q -x contrib/gdb.py --args "$@"
        ran=1
    else
        run_suites "$@"
    fi
done
for file in $(echo "$files" | grep '\.py$'); do
    run_suites /usr/bin/python3 "$file" "$build/ircd" ${part:+"$part"}
done
if [ -z "$ran" ]; then
    echo "there is no test with '$part' in the name in $suite" >&2
    exit 2
fi
exit $code
