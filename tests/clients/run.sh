#!/usr/bin/env bash
# usage: run.sh IRCD
# irssi, WeeChat, HexChat and catgirl, as Debian ships them and with nothing changed but nick, server and channels,
# talk over the real binary, each story with a server of its own and all at the same time; sslscan and testssl look at
# what it offers over TLS, Prometheus scrapes it for a minute, and one story has clients over WebSockets behind nginx
# and haproxy. Needs the packages that GNUmakefile lists in CHECK_PACKAGES and CLIENT_PACKAGES, python3 and openssl; no
# terminal and no display. IRCD_TEST_KEEP=FILE keeps all lines of the wires
# and of the windows (FILE.story …), IRCD_TEST_SHOT=DIRECTORY pictures of HexChat's window.
set -euo pipefail
PATH=$PATH:/usr/sbin
[ $# = 1 ] || { echo "usage: $0 IRCD" >&2; exit 2; }
for program in irssi weechat-headless tmux hexchat catgirl Xvfb xdotool import dbus-daemon dbus-send python3 openssl \
    sslscan testssl prometheus promtool nginx haproxy; do
    command -v "$program" >/dev/null ||
        { echo "clients: $program is missing (make deps-check installs all it needs)" >&2; exit 2; }
done
export PYTHONDONTWRITEBYTECODE=1
ircd=$(realpath "$1")
cd "$(dirname "$0")"
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
stories="scrape story queries moderating hexchat tls tls_start offered websocket_talk"
for story in $stories; do
    { python3 "$story.py" "$ircd" >"$said/$story" 2>&1 && echo 0 || echo $?; } >"$said/$story.code" &
done
wait
bad=0
for story in $stories; do
    echo "== $story"
    cat "$said/$story"
    [ "$(cat "$said/$story.code")" = 0 ] || bad=1
done
grep -h '^[a-z_]*: [0-9]* passed' "$said"/* || bad=1
exit $bad
