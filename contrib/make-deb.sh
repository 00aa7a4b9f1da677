#!/bin/sh
# usage: make-deb.sh
# Builds the Debian package ircd-policy in build/deb, from the files of the checkout that git knows, or from all files
# where there is no git. DEB_BUILD_OPTIONS=nocheck: without its tests. It prints the path of the package.
# What the build needs is in contrib/debian/control; `make deps-packaging` installs it.
set -eu
cd "$(dirname "$0")/.."
command -v dpkg-buildpackage >/dev/null || { echo "make-deb: there is no dpkg-buildpackage (package dpkg-dev)" >&2; exit 2; }
revision=$(dpkg-parsechangelog -l contrib/debian/changelog -S Version)
version=${revision%-*}
program=$(sed -n 's/^VERSION := //p' GNUmakefile)
[ "$version" = "$program" ] || {
    echo "make-deb: contrib/debian/changelog is of version $version, and GNUmakefile of $program" >&2
    exit 1
}
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l contrib/debian/changelog -S Timestamp)
export SOURCE_DATE_EPOCH
out=$PWD/build/deb
rm -rf "$out"
tree=$out/ircd-policy-$version
mkdir -p "$tree"
files=$out/files
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git ls-files | while read -r file; do
        [ ! -e "$file" ] || echo "$file"
    done >"$files"
else
    find . -path ./build -prune -o ! -type d -print | sed 's|^\./||' >"$files"
fi
tar -cf - -T "$files" | tar -xf - -C "$tree"
rm "$files"
chmod -R u=rwX,go=rX "$tree"
tar -C "$out" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf - "${tree##*/}" |
    xz -T0 -1 >"$out/ircd-policy_$version.orig.tar.xz"
cp -a "$tree/contrib/debian" "$tree/debian"
# `make` with goals of its own passes its variables and its jobs on.
(cd "$tree" && env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS dpkg-buildpackage -us -uc) >"$out/log" 2>&1 || {
    tail -n 30 "$out/log" >&2
    exit 1
}
ls "$out/ircd-policy_$revision"_*.deb
