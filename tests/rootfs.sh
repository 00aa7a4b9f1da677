#!/bin/sh
# usage: rootfs.sh [BUILD [base|systemd]]
# Makes BUILD/rootfs/NAME.tar, a minimal Debian of the release that this machine runs, unless it is there, and
# prints its path; systemd: one that boots. It comes from the apt sources of this machine whose origin is Debian,
# with its proxy. Tests of the package and of the container unpack it. Needs mmdebstrap.
set -eu
cd "$(dirname "$0")/.."
out=${1:-build}/rootfs name=${2:-base}
case $name in
base) packages=ca-certificates ;;
systemd) packages=ca-certificates,systemd-sysv ;;
*) echo "rootfs: there is no $name" >&2; exit 2 ;;
esac
[ -s "$out/$name.tar" ] && { echo "$out/$name.tar"; exit 0; }
command -v mmdebstrap >/dev/null || { echo "rootfs: there is no mmdebstrap (package mmdebstrap)" >&2; exit 2; }
work=$(mktemp -d) new=$out/$name.$$.tar
trap 'rm -rf "$work" "$new"' EXIT
trap 'exit 130' INT TERM

# apt knows the origin of a source only after an update.
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
list_sources() {
    apt-get indextargets "Created-By: Packages" "Origin: Debian" \
        --format "deb [signed-by=$keyring] \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" | sort -u
}
list_sources >"$work/sources.list"
[ -s "$work/sources.list" ] || { apt-get update -qq && list_sources >"$work/sources.list"; }
[ -s "$work/sources.list" ] || { echo "rootfs: apt has no source of Debian" >&2; exit 2; }
codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
# The settings that decide how apt reaches its sources.
apt-config dump --no-empty --format '%f "%v";%n' Acquire |
    grep -E '^Acquire::(https?|Check-|Retries|Force)' >"$work/apt.conf" || true

mkdir -p "$out"
if ! mmdebstrap --quiet --variant=minbase --include="$packages" --aptopt="$work/apt.conf" \
    "$codename" "$new" "$work/sources.list" >"$work/log" 2>&1; then
    tail -n 20 "$work/log" >&2
    exit 1
fi
mv "$new" "$out/$name.tar"
echo "$out/$name.tar"
