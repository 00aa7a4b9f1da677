#!/bin/sh
# usage: container.sh ROOT SECONDS [OPTION…]
# Boots systemd of ROOT in a container without network until it powers off, for so many seconds at most. The options are
# more ones of systemd-nspawn. Needs root.
set -eu
[ "$(id -u)" = 0 ] || { echo "boot: only root can boot a container" >&2; exit 2; }
command -v systemd-nspawn >/dev/null || { echo "boot: there is no systemd-nspawn (package systemd-container)" >&2; exit 2; }
root=$1 seconds=$2
shift 2
# shellcheck source=/dev/null
. "$(dirname "$0")/../nspawn.sh"
exec 9<"$(dirname "$0")/../nspawn.sh"
flock --shared 9
trap nspawn_remove_groups EXIT
# systemd-nspawn kills the container before it ends.
trap 'kill "$nspawn"; wait; exit 130' INT TERM
# The container has a filter of system calls of its own; the sandbox of the server needs three more.
landlock="landlock_create_ruleset landlock_add_rule landlock_restrict_self"
timeout --foreground -k 5 "$seconds" systemd-nspawn -q -D "$root" --private-network --register=no --keep-unit \
    --system-call-filter="$landlock" --kill-signal=SIGKILL "$@" -b systemd.unit=multi-user.target </dev/null 9<&- &
nspawn=$!
wait "$nspawn"
