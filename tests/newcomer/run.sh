#!/bin/sh
# usage: run.sh BUILD
# Plays a newcomer on two clean machines, that is containers in which systemd runs: one has the Debian package of
# build/deb, the other `make install`. newcomer.py types the commands and checks the answers; what was typed and answered
# is left in BUILD/newcomer. Needs root, the packages of `make deps-check deps-packaging`, and `make package` before it.
set -eu
cd "$(dirname "$0")/../.."
build=$(realpath "$1")
[ "$(id -u)" = 0 ] || { echo "newcomer: only root can boot a container" >&2; exit 2; }
for program in systemd-nspawn nsenter irssi weechat-headless catgirl tmux openssl; do
    command -v "$program" >/dev/null ||
        { echo "newcomer: there is no $program (make deps-check deps-packaging installs all it needs)" >&2; exit 2; }
done
image=$(tests/rootfs.sh "$build" systemd)
work=$(mktemp -d)
trap 'wait; rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/package/root" "$build/newcomer"
tar -xf "$image" -C "$work/package/root"
python3 tests/package/prepare.py build/deb "$work/packages"
# The containers have no network, so the packages that the server depends on are there from the start.
root=$work/package/root
cp /etc/resolv.conf "$root/etc/resolv.conf"
needs=$(dpkg-deb -f "$work/packages/1.deb" Depends | tr ',' '\n' | sed 's/[(|].*//')
# shellcheck disable=SC2086
chroot "$root" sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"' \
    - $needs logrotate make >"$work/fetch" 2>&1 || { cat "$work/fetch" >&2; exit 1; }
mkdir "$work/source"
cp -a "$root" "$work/source/root"
cp "$work/packages/1.deb" "$root/root/ircd-policy.deb"
cp "$work/packages/2.deb" "$root/root/ircd-policy-new.deb"
mkdir "$work/source/root/src"

# play WAY OPTION...: prints the report of one way.
play() {
    way=$1
    shift
    tests/boot/container.sh "$work/$way/root" 200 "$@" >"$work/$way/console" 2>&1 &
    code=0
    PYTHONDONTWRITEBYTECODE=1 python3 tests/newcomer/newcomer.py "$build/ircd" "$way" "$work/$way" "$!" \
        "$build/newcomer/$way.txt" >"$work/$way/report" 2>&1 || code=$?
    [ "$code" = 0 ] || tail -n 3 "$work/$way/console" >>"$work/$way/report"
    echo "$code" >"$work/$way/code"
}
play package &
play source --bind-ro="$PWD:/src" &
wait
bad=0
for way in package source; do
    cat "$work/$way/report"
    [ "$(cat "$work/$way/code")" = 0 ] || bad=1
done
exit $bad
