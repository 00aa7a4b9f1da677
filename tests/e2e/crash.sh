#!/bin/sh
# kill -9 against acknowledged changes: crash.sh ROUNDS IRCD IRCD_SINGLE SINGLE_PAIR
#
# IRCD must lose nothing in ROUNDS kills: its store alone (crash_store.c) and the whole server (crash.py).
# IRCD_SINGLE has one file without a mirror, because the object SINGLE_PAIR is in the place of the pair.
# The same two harnesses must find a loss there within a minute or so, or they prove nothing about IRCD.
set -u
[ $# -eq 4 ] || { echo "usage: crash.sh ROUNDS IRCD IRCD_SINGLE SINGLE_PAIR" >&2; exit 2; }
rounds=$1 ircd=$2 single=$3 single_pair=$4
here=$(cd "$(dirname "$0")" && pwd)
include=$here/../../include
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
limit=$((60 + rounds)) # seconds for what should take a tenth of them

# build OUTPUT [OBJECT]: the store harness, linked with the object and the libraries beside IRCD.
build() {
    libs=$(dirname "$ircd")
    san=
    if nm "$libs/libcore.a" 2>/dev/null | grep -q __asan_init; then
        san=-fsanitize=address,undefined
    fi
    ${CC:-gcc} -std=c11 -D_POSIX_C_SOURCE=200809L -O1 -Wall -Wextra $san -I"$include" -o "$1" \
        "$here/crash_store.c" ${2:+"$2"} "$libs/libshell.a" "$libs/libcore.a" -lgdbm -lsodium -lpthread
}

fail() {
    echo "crash: $*"
    exit 1
}

build "$work/store-pair" || fail "cannot build the store harness"
build "$work/store-single" "$single_pair" || fail "cannot build the store harness"

echo "single file, the store alone (must lose):"
"$work/store-single" lose 20000 90 "$work/single" ||
    fail "the single file lost nothing, so this harness proves nothing"
echo "single file, the whole server (must lose):"
"$here/crash.py" lose 20000 120 "$single" ||
    fail "the single file lost nothing, so this harness proves nothing"
echo "mirrored pair, the store alone:"
"$work/store-pair" keep "$rounds" "$limit" "$work/pair" || fail "acknowledged changes were lost"
echo "mirrored pair, the whole server:"
"$here/crash.py" keep "$rounds" "$limit" "$ircd" || fail "acknowledged changes were lost"
