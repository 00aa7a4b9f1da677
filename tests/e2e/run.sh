#!/bin/sh
# usage: run.sh IRCD
# Runs every *_test.py beside it against that binary, two at a time. Says for each how many
# tests passed and failed, shows all that a failed one has written, and ends with 1 if any did.
set -u
if [ $# -ne 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 IRCD" >&2
    exit 2
fi
here=$(dirname "$0")
out=$(mktemp -d) || exit 2
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
export PYTHONDONTWRITEBYTECODE=1

# The exit code goes into a file, because xargs only says that one of them failed.
for test in "$here"/*_test.py; do
    printf '%s\0' "$test"
done | xargs -0 -n 1 -P 2 sh -c '
    name=$(basename "$3" .py)
    timeout -k 5 120 /usr/bin/python3 "$3" "$2" >"$1/$name.log" 2>&1
    echo $? >"$1/$name.code"
' sh "$out" "$1"

failed=0
for test in "$here"/*_test.py; do
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
