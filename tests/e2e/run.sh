#!/bin/sh
# usage: run.sh IRCD [TESTS…]
# Runs every *_test.py beside it, or those given, against that binary, side by side; one after the other
# those that measure time, which have a line `ALONE = "why"`. Each says at its end how many of its tests
# passed and failed; the whole output of a failed one is shown. The exit code is 1 if any failed.
# If it is interrupted, it first ends the programs and all that they have started.
# IRCD_TEST_LIMIT: the seconds that one may take (120). IRCD_TEST_JOBS: how many at once (3 a processor).
# IRCD_TEST_TLS=1: the clients speak TLS, IRCD_TEST_WS=1: WebSocket (transport.py); tests that are about plain TCP are listed.
set -u
if [ $# -eq 0 ] || [ ! -x "$1" ]; then
    echo "usage: $0 IRCD [TESTS…]" >&2
    exit 2
fi
ircd=$1
shift
[ $# -gt 0 ] || set -- "$(dirname "$0")"/*_test.py
out=$(mktemp -d) || exit 2
trap 'rm -rf "$out"' EXIT
# A program holds a lock on `running` until it has ended.
trap 'flock -w 15 "$out/running" true; exit 130' INT TERM
export PYTHONDONTWRITEBYTECODE=1
jobs=${IRCD_TEST_JOBS:-$((3 * $(nproc)))}

for test in "$@"; do
    kind=together
    grep -q '^ALONE = ' "$test" && kind=alone
    printf '%s\0' "$test" >>"$out/$kind"
done

# run_tests LIST JOBS: a failed one leaves the file `failed`, because xargs says only that there was one.
run_tests() {
    [ ! -s "$1" ] || xargs -0 -n 1 -P "$2" sh -c '
        name=$(basename "$3" .py) log=$1/$(basename "$3").log
        exec 8>"$1/running"
        flock -s 8
        # timeout makes a process group of its own, which a terminal does not interrupt.
        trap "kill \$program; wait; exit 130" INT TERM
        timeout -k 5 "${IRCD_TEST_LIMIT:-120}" /usr/bin/python3 "$3" "$2" >"$log" 2>&1 &
        program=$!
        wait "$program"
        code=$?
        last=$(tail -n 1 "$log")
        exec 9>"$1/lock"
        flock 9 # two that end at once do not mix their words
        case $code:$last in
        "0:$name: "*)
            grep -E "^(over plain TCP|not run|played again): " "$log"
            echo "$last"
            exit
            ;;
        esac
        : >"$1/failed"
        cat "$log"
        case $last in
        "$name: "*) ;;
        *) echo "$name: no result, exit code $code" ;;
        esac
    ' sh "$out" "$ircd" <"$1"
}

run_tests "$out/together" "$jobs"
run_tests "$out/alone" 1
[ ! -e "$out/failed" ]
