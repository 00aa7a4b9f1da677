#!/bin/sh
# usage: run.sh BUILD
# Boots systemd in a container, with /usr of this machine, an empty /etc and /var, no network, and the files
# that `make install` installs; check.py runs in it. Needs root and systemd-nspawn.
set -eu
cd "$(dirname "$0")/../.."
build=$1
[ "$(id -u)" = 0 ] || { echo "boot: only root can boot a container" >&2; exit 2; }
command -v systemd-nspawn >/dev/null || { echo "boot: there is no systemd-nspawn (package systemd-container)" >&2; exit 2; }
work=$(mktemp -d)
# systemd-nspawn leaves two groups of processes, which are empty, in the one of this script.
clean() {
    rm -rf --one-file-system "$work"
    sed -n 's/^\([0-9]*\):\(name=systemd\)\?:/\1:/p' /proc/self/cgroup | while IFS=: read -r id group; do
        [ "$id" = 0 ] && mounts="/sys/fs/cgroup /sys/fs/cgroup/unified" || mounts=/sys/fs/cgroup/systemd
        for mount in $mounts; do
            find "$mount$group/payload" "$mount$group/supervisor" -depth -type d -exec rmdir {} + 2>/dev/null || true
        done
    done
}
trap clean EXIT
root=$work/root
mkdir "$root" "$work/installed" "$work/out"
cd "$root"
mkdir usr etc var tmp run proc sys dev root
for link in bin sbin lib lib64; do
    [ -L "/$link" ] && ln -s "usr/$link" "$link"
done
for file in ld.so.cache ssl alternatives nsswitch.conf debian_version; do
    [ -e "/etc/$file" ] && cp -a "/etc/$file" etc
done
cp /usr/lib/os-release etc
tr -d - </proc/sys/kernel/random/uuid >etc/machine-id
mkdir -p etc/systemd/system/multi-user.target.wants
cat >etc/systemd/system/check.service <<'UNIT'
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 /out/check.py
ExecStopPost=/bin/systemctl --no-block poweroff -f
StandardOutput=append:/out/log
StandardError=append:/out/log
UNIT
ln -s ../check.service etc/systemd/system/multi-user.target.wants
ln -s /dev/null etc/systemd/system/systemd-firstboot.service
cd - >/dev/null
env -u MAKEFLAGS -u MAKELEVEL make -s -o all B="$build" install DESTDIR="$work/installed"
cp tests/boot/check.py "$work/out"

# The container has a filter of system calls of its own; the sandbox of the server needs three more.
landlock="landlock_create_ruleset landlock_add_rule landlock_restrict_self"
timeout -k 5 150 systemd-nspawn -q -D "$root" --bind-ro=/usr --bind-ro="$work/installed/usr/local:/usr/local" \
    --bind="$work/out:/out" --private-network --register=no --keep-unit --system-call-filter="$landlock" \
    --kill-signal=SIGKILL -b systemd.unit=multi-user.target </dev/null >"$work/console" 2>&1 || true
cat "$work/out/log" 2>/dev/null || tail -n 30 "$work/console"
tail -n 1 "$work/out/log" 2>/dev/null | grep -q '^boot: [0-9]* passed, 0 failed$'
