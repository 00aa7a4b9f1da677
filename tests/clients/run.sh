#!/usr/bin/env bash
# usage: run.sh IRCD
# irssi and WeeChat, as Debian ships them and with nothing changed but nick, server and channels, talk to
# each other over the real binary. Needs the packages irssi, weechat-headless, weechat-plugins, tmux, python3;
# no terminal. KEEP=FILE keeps all that went over the wires and stood in the windows.
set -euo pipefail
[ $# = 1 ] || { echo "usage: $0 IRCD" >&2; exit 2; }
for program in irssi weechat-headless tmux python3; do
    command -v "$program" >/dev/null ||
        { echo "clients: $program is missing (irssi weechat-headless weechat-plugins tmux python3)" >&2; exit 2; }
done
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$(dirname "$0")/story.py" "$(realpath "$1")"
