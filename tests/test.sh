#!/bin/sh
# usage: test.sh BUILD_DIR SUITE [TEST]
# Runs one test file: tests/unit/test_SUITE.c, tests/shell/test_SUITE.c and tests/e2e/SUITE_test.py,
# whichever there are; of its tests those with TEST in the name, or all. `make test` builds what this
# needs. IRCD_TEST_GDB=1: a suite of C in the debugger, with the commands of contrib/gdb.py.
set -eu
cd "$(dirname "$0")/.."
build=$1 suite=${2:-} part=${3:-}
export PYTHONDONTWRITEBYTECODE=1 IRCD_TEST_VERBOSE=1

list() {
    ls tests/*/test_*.c tests/e2e/*_test.py |
        sed -n 's|tests/\([a-z0-9]*\)/\(test_\)\{0,1\}\([a-z0-9_]*\)\.[a-z]*$|\1 \3|p' |
        sed 's/^e2e \(.*\)_test$/e2e \1/' |
        awk '{ text[$1] = text[$1] " " $2 } END { for (k in text) print k ":" text[k] }' | sort | fmt -w 100 -s
}

ran=0
for kind in unit shell; do
    [ -n "$suite" ] && [ -f "tests/$kind/test_$suite.c" ] || continue
    ran=1
    set -- "$build/tests/$kind-tests" "$suite" ${part:+-t "$part"}
    if [ -n "${IRCD_TEST_GDB:-}" ]; then
        gdb -q -x contrib/gdb.py --args "$@"
    else
        "$@"
    fi
done
if [ -n "$suite" ] && [ -f "tests/e2e/${suite}_test.py" ]; then
    ran=1
    /usr/bin/python3 "tests/e2e/${suite}_test.py" "$build/ircd" ${part:+"$part"}
fi
if [ $ran = 0 ]; then
    echo "usage: make test SUITE=NAME [TEST=PART] [GDB=1]${suite:+; there is no suite '$suite'}. The suites:" >&2
    list >&2
    exit 2
fi
