#!/bin/sh
# Copies the database of a running server and makes sure that the copy is good.
# usage: backup.sh DATA-DIRECTORY NEW-DIRECTORY        (IRCD=/path/to/ircd, if it is not in PATH)
#
# A copy of one file can be torn if bans change while it is made; the server finds that out by its
# checksums and uses the copy of the other. Should both be torn, the copies are made again. What
# was acknowledged as saved before this begins is in the copy. A file that was copied too early to
# go with the other one is left out. Beside the files is left bans.txt, what ircd --dump-bans says of
# them. Exit code: 0 when the copy is good, 1 for wrong arguments,
# 2 when no good copy could be made; then nothing is left.
set -eu
[ $# = 2 ] || { echo "usage: $0 DATA-DIRECTORY NEW-DIRECTORY" >&2; exit 1; }
ircd=${IRCD:-ircd}
command -v "$ircd" >/dev/null || {
    echo "$0: no program $ircd to check the copy with; IRCD=/path/to/ircd names it" >&2
    exit 1
}
[ -e "$1/ircd.a.gdbm" ] || [ -e "$1/ircd.b.gdbm" ] || { echo "$0: no database in $1" >&2; exit 1; }
[ ! -e "$2" ] || { echo "$0: $2 is there already; expected a new directory" >&2; exit 1; }
umask 077
mkdir -p "$2" || exit 1
trap 'rm -rf "$2"' EXIT
trap 'exit 130' INT TERM
conf=$2/backup.conf
printf 'database { path = "." }\n' >"$conf" # relative to that file
try=0
while [ $try -lt 20 ]; do
    try=$((try + 1))
    rm -f "$2"/ircd.*
    cp "$1"/ircd.a.gdbm "$1"/ircd.b.gdbm "$2" 2>"$2/errors" || true
    if "$ircd" -c "$conf" --dump-bans >"$2/bans.txt" 2>>"$2/errors"; then
        for file in a b; do # which one was read, if not both
            grep -q ": ircd\.$file\.gdbm is read" "$2/errors" || continue
            [ $file = a ] && rm -f "$2/ircd.b.gdbm" || rm -f "$2/ircd.a.gdbm"
        done
        rm -f "$conf" "$2/errors"
        trap - EXIT
        [ ! -t 1 ] || echo "The copy in $2 is good; bans.txt there has its bans as text."
        exit 0
    fi
done
cat "$2/errors" >&2
echo "$0: no good copy after $try attempts; $2 is removed again" >&2
exit 2
