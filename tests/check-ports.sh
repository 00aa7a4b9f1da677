#!/bin/sh
# A port of the core returns no fact from outside: each function of struct shell, archive_ops and
# store_ops returns void, or stands here with the reason why the core stays a function of its turns.
set -eu
cd "$(dirname "$0")/.."

listed() {
    case $1 in
    put) echo "tickets count up from 1, so that each store gives the same ones" ;;
    count) echo "a COUNT entry behind the command has what it returned" ;;
    *) return 1 ;;
    esac
}

bad=0
for header in include/state/shell.h include/state/store.h include/state/archive.h; do
    [ -f "$header" ] || { echo "check-ports: $header has gone"; exit 1; }
    # TYPE (*name)(...: also where the type stands on a line of its own
    rows=$(tr '\n' ' ' <"$header" | sed 's|/\*|\n/*|g; s|\*/|*/\n|g; s|;|;\n|g; s|{|{\n|g' |
        sed -n 's/^ *\([a-z_][a-z_ ]*[ *]*\)(\*\([a-z_]*\))(.*/\1:\2/p')
    [ -n "$rows" ] || { echo "check-ports: no function found in $header"; bad=1; }
    for row in $(echo "$rows" | tr -s ' ' '_'); do
        type=${row%%:*} name=${row##*:}
        case $type in void | void_) continue ;; esac
        listed "$name" >/dev/null && continue
        echo "$header: $name returns $(echo "$type" | tr _ ' '): a fact from outside is an entry of a turn (include/session/turn.h)"
        bad=1
    done
done
[ $bad = 0 ] && echo "ports: fine"
exit $bad
