#!/bin/sh
# usage: run.sh BUILD
# Builds contrib/Containerfile on the minimal Debian of tests/rootfs.sh, without docker and without a registry, and
# runs the image as a container; container.py tests it. All that buildah writes is in BUILD/container, and is removed at
# the end. Needs root, buildah and systemd-nspawn.
set -eu
cd "$(dirname "$0")/../.."
build=$1
[ "$(id -u)" = 0 ] || { echo "container: only root can run a container" >&2; exit 2; }
for program in buildah systemd-nspawn; do
    command -v "$program" >/dev/null ||
        { echo "container: there is no $program (make deps-packaging installs all it needs)" >&2; exit 2; }
done
# buildah keeps a cache in /var/lib/containers, whatever its options are: nothing of that leaves this script.
if [ "${IRCD_TEST_APART:-}" != 1 ]; then
    export IRCD_TEST_APART=1
    exec unshare --mount --propagation slave tests/container/run.sh "$@"
fi
# shellcheck source=/dev/null
. tests/nspawn.sh
exec 9<tests/nspawn.sh
flock --shared 9
base=$(tests/rootfs.sh "$build")
work=$(realpath "$build")/container
rm -rf --one-file-system "$work"
made=
clean() {
    umount /var/lib/containers 2>/dev/null || true
    [ -z "$made" ] || rmdir "$made" 2>/dev/null || true
    rm -rf --one-file-system "$work"
    rmdir /run/containers/networks /run/containers 2>/dev/null || true
    nspawn_remove_groups
}
trap clean EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/context" "$work/cache"
[ -e /var/lib/containers ] || { mkdir /var/lib/containers && made=/var/lib/containers; }
mount --bind "$work/cache" /var/lib/containers
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn

storage() {
    command=$1
    shift
    buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$command" "$@"
}
# build_image NAME ARGUMENT...: prints the output of a build that fails.
build_image() {
    name=$1
    shift
    storage bud --isolation chroot --pull-never -t "$name" "$@" >"$work/log" 2>&1 ||
        { tail -n 40 "$work/log" >&2; exit 1; }
}
ln "$base" "$work/context/base.tar" 2>/dev/null || cp "$base" "$work/context/base.tar"
printf 'FROM scratch\nADD base.tar /\n' >"$work/context/Containerfile"
build_image localhost/base "$work/context"
# With the options that the users are told.
options=$(sed -n 's|^#   podman build \(.*\) -t ircd -f contrib/Containerfile \.$|\1|p' contrib/Containerfile)
grep -qxF "podman build $options -t ircd -f contrib/Containerfile ." contrib/OPERATING.md ||
    { echo "container: contrib/OPERATING.md builds the image with other options than contrib/Containerfile" >&2; exit 1; }
# shellcheck disable=SC2086
build_image localhost/ircd $options --build-arg BASE=localhost/base -f contrib/Containerfile .

storage inspect --type image localhost/ircd >"$work/image.json"
size() { storage images --format '{{.Size}}' "$1"; }
echo "container: the image has $(size localhost/ircd), of which Debian is $(size localhost/base)"
container=$(storage from --pull-never localhost/ircd)
root=$(storage mount "$container")
env PYTHONPATH=tests/e2e PYTHONDONTWRITEBYTECODE=1 IRCD_TEST_IMAGE="$work/image.json" IRCD_TEST_ROOT="$root" \
    unshare --net python3 tests/container/container.py "$build/ircd"
