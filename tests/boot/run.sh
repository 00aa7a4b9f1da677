#!/bin/sh
# usage: run.sh BUILD [documents]
# Boots systemd in a container, with /usr of this machine, an empty /etc and /var, no network, and the files
# that `make install` installs; check.py runs in it. With `documents`, nothing is installed, and documents.py runs
# there what README.md and contrib/ tell root to type: it may write to /usr, and the checkout is /src; both stay as
# they are here. Needs root and systemd-nspawn.
set -eu
cd "$(dirname "$0")/../.."
build=$1 check=${2:-check}
[ "$(id -u)" = 0 ] || { echo "boot: only root can boot a container" >&2; exit 2; }
work=$(mktemp -d)
trap 'umount -l "$work"; rmdir "$work"' EXIT
trap 'exit 130' INT TERM
mount -t tmpfs tmpfs "$work" # an overlay could be no part of another one
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
ExecStart=/usr/bin/python3 /out/run.py
Environment=HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStopPost=/bin/systemctl --no-block poweroff -f
StandardOutput=append:/out/log
StandardError=append:/out/log
UNIT
ln -s ../check.service etc/systemd/system/multi-user.target.wants
ln -s /dev/null etc/systemd/system/systemd-firstboot.service
cd - >/dev/null
cp "tests/boot/$check.py" "$work/out/run.py"
if [ "$check" = check ]; then
    env -u MAKEFLAGS -u MAKELEVEL make -s -o all B="$build" install DESTDIR="$work/installed"
    set -- --bind-ro=/usr --bind-ro="$work/installed/usr/local:/usr/local"
else
    mkdir -p "$work/usr" "$work/src" "$root/src" "$root/var/lib/apt/lists/partial" "$root/var/cache/apt/archives/partial" \
        "$root/var/log/apt"
    cp -a /var/lib/dpkg "$root/var/lib"
    : >"$root/var/lib/dpkg/statoverride" # its groups are those of /etc
    for file in apt pam.d security login.defs adduser.conf deluser.conf default fail2ban logrotate.conf; do
        [ -e "/etc/$file" ] && cp -a "/etc/$file" "$root/etc"
    done
    mkdir -p "$root/etc/apparmor.d" "$root/etc/logrotate.d" "$root/etc/cron.daily" "$root/etc/cron.hourly" \
        "$root/var/lib/logrotate" "$root/backup" "$root/srv"
    set -- --overlay="/usr:$work/usr:/usr" --overlay="$PWD:$work/src:/src"
fi

tests/boot/container.sh "$root" 150 "$@" --bind="$work/out:/out" >"$work/console" 2>&1 || true
cat "$work/out/log" 2>/dev/null || tail -n 30 "$work/console"
tail -n 1 "$work/out/log" 2>/dev/null | grep -qE '^(boot|documents): [1-9][0-9]* passed, 0 failed$'
