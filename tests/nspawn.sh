# shellcheck shell=sh
# For the scripts that use systemd-nspawn, which read this file with `.`.

# systemd-nspawn leaves two groups of processes, which are empty, in the one of the script.
nspawn_remove_groups() {
    sed -n 's/^\([0-9]*\):\(name=systemd\)\?:/\1:/p' /proc/self/cgroup | while IFS=: read -r id group; do
        [ "$id" = 0 ] && mounts="/sys/fs/cgroup /sys/fs/cgroup/unified" || mounts=/sys/fs/cgroup/systemd
        for mount in $mounts; do
            find "$mount$group/payload" "$mount$group/supervisor" -depth -type d -exec rmdir {} + 2>/dev/null || true
        done
    done
}
