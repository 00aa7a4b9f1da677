#!/bin/sh
# usage: container.sh ROOT SECONDS [OPTION…]
# Boots systemd of ROOT in a container without network until it powers off, for so many seconds at most. The options are
# more ones of systemd-nspawn. Needs root.
set -eu
[ "$(id -u)" = 0 ] || { echo "boot: only root can boot a container" >&2; exit 2; }
command -v systemd-nspawn >/dev/null || { echo "boot: there is no systemd-nspawn (package systemd-container)" >&2; exit 2; }
root=$1 seconds=$2
shift 2
# systemd-nspawn leaves two groups of processes, which are empty, in the one of this script.
clean() {
    sed -n 's/^\([0-9]*\):\(name=systemd\)\?:/\1:/p' /proc/self/cgroup | while IFS=: read -r id group; do
        [ "$id" = 0 ] && mounts="/sys/fs/cgroup /sys/fs/cgroup/unified" || mounts=/sys/fs/cgroup/systemd
        for mount in $mounts; do
            find "$mount$group/payload" "$mount$group/supervisor" -depth -type d -exec rmdir {} + 2>/dev/null || true
        done
    done
}
trap clean EXIT
# The container has a filter of system calls of its own; the sandbox of the server needs three more.
landlock="landlock_create_ruleset landlock_add_rule landlock_restrict_self"
timeout -k 5 "$seconds" systemd-nspawn -q -D "$root" --private-network --register=no --keep-unit \
    --system-call-filter="$landlock" --kill-signal=SIGKILL "$@" -b systemd.unit=multi-user.target </dev/null
