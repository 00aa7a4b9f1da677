#!/bin/sh
# usage: run.sh BUILD
# Installs the package of build/deb in a Debian that has booted in a container, upgrades, removes and purges it there:
# package_test.py. Needs root, systemd-nspawn, nsenter and mmdebstrap.
set -eu
cd "$(dirname "$0")/../.."
build=$1
[ "$(id -u)" = 0 ] || { echo "package: only root can boot a container" >&2; exit 2; }
for program in systemd-nspawn nsenter ip; do
    command -v "$program" >/dev/null || { echo "package: there is no $program (make deps-packaging installs all it needs)" >&2; exit 2; }
done
image=$(tests/rootfs.sh "$build" systemd)
work=$(mktemp -d)
trap 'wait; rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM
root=$work/root
mkdir "$root"
tar -xf "$image" -C "$root"
python3 tests/package/prepare.py build/deb "$root/packages"
# The container has no network, so the packages that ircd-policy depends on are fetched now.
cp /etc/resolv.conf "$root/etc/resolv.conf"
chroot "$root" sh -c 'apt-get update -qq && apt-get install -qq -y --no-install-recommends --download-only /packages/1.deb' \
    >"$work/fetch" 2>&1 || { cat "$work/fetch" >&2; exit 1; }
tests/boot/container.sh "$root" 240 >"$work/console" 2>&1 &
code=0
python3 tests/package/package_test.py "$build" "$work" "$!" || code=$?
[ $code = 0 ] || tail -n 20 "$work/console"
exit $code
