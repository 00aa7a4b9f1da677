# shellcheck shell=sh
# For the scripts that use systemd-nspawn, which read this file with `.`.

# systemd-nspawn leaves two groups of processes, which are empty, in the one of the script. A container that runs beside
# has groups there that are empty until their process comes: the last one that ends removes them. Descriptor 9 is a lock
# of those that run.
nspawn_remove_groups() {
    flock --nonblock --exclusive 9 || return 0
    sed -n 's/^\([0-9]*\):\(name=systemd\)\?:/\1:/p' /proc/self/cgroup | while IFS=: read -r id group; do
        [ "$id" = 0 ] && mounts="/sys/fs/cgroup /sys/fs/cgroup/unified" || mounts=/sys/fs/cgroup/systemd
        for mount in $mounts; do
            find "$mount$group/payload" "$mount$group/supervisor" -depth -type d -exec rmdir {} + 2>/dev/null || true
        done
    done
}
