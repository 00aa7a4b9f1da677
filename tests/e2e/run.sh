#!/bin/sh
# usage: run.sh IRCD [TESTS…]
# Runs every *_test.py beside it, or those given, against that binary, two at a time. Says for each
# how many tests passed and failed, shows all that a failed one has written, and ends with 1 if any
# did. IRCD_TEST_LIMIT: the seconds that one may take (120).
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
trap 'exit 130' INT TERM
export PYTHONDONTWRITEBYTECODE=1

# The exit code goes into a file, because xargs only says that one of them failed.
for test in "$@"; do
    printf '%s\0' "$test"
done | xargs -0 -n 1 -P 2 sh -c '
    name=$(basename "$3" .py)
    timeout -k 5 "${IRCD_TEST_LIMIT:-120}" /usr/bin/python3 "$3" "$2" >"$1/$name.log" 2>&1
    echo $? >"$1/$name.code"
' sh "$out" "$ircd"

failed=0
for test in "$@"; do
    name=$(basename "$test" .py)
    code=$(cat "$out/$name.code")
    last=$(tail -n 1 "$out/$name.log")
    case $code:$last in
    "0:$name: "*)
        echo "$last"
        ;;
    *)
        failed=1
        cat "$out/$name.log"
        case $last in
        "$name: "*) ;;
        *) echo "$name: no result, exit code $code" ;;
        esac
        ;;
    esac
done
exit $failed
