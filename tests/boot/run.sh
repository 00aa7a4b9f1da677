#!/bin/sh
# usage: run.sh BUILD
# Boots systemd in a container, with /usr of this machine, an empty /etc and /var, no network, and the files
# that `make install` installs; check.py runs in it. Needs root and systemd-nspawn.
set -eu
cd "$(dirname "$0")/../.."
build=$1
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
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

tests/boot/container.sh "$root" 150 --bind-ro=/usr --bind-ro="$work/installed/usr/local:/usr/local" \
    --bind="$work/out:/out" >"$work/console" 2>&1 || true
cat "$work/out/log" 2>/dev/null || tail -n 30 "$work/console"
tail -n 1 "$work/out/log" 2>/dev/null | grep -q '^boot: [0-9]* passed, 0 failed$'
