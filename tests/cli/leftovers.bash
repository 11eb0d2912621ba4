# Sourced by the inner half of leftovers.bats: this shell is pid 1 of a new pid namespace, in a mount
# namespace with an empty /tmp, /run, /var/tmp and /dev/shm, in groups of its own, so that all that it counts
# is runbox's and nobody else's. /mnt is the test's directory, /srv the programs.

runbox=/srv/runbox
storm=/srv/tests/tools/storm

# Our groups below the group that the test began in, one for each v1 controller.
groups() {
    sed -n 's/^[0-9]*:\(memory\|pids\|cpu\|blkio\):\(.*\)/\1\2/p' /proc/self/cgroup
}

count_groups() {
    local group

    while read -r group; do
        find "/sys/fs/cgroup/$group" -mindepth 1 -type d
    done < <(groups) | wc -l
}

count_files() {
    find /tmp /run /var/tmp /dev/shm -mindepth 1 | wc -l
}

# All but this shell and what it runs to count. A zombie that pid 1 has not reaped yet is gone.
count_processes() {
    cat /proc/[0-9]*/stat 2>/dev/null | grep -c '(runbox[^)]*) [^Z]' || true
}

count_mounts() {
    wc -l </proc/self/mountinfo
}

# nothing_left: no process, group, mount or file more than at the start, within a minute: the kernel ends
# killed processes in its own time.
nothing_left() {
    local end=$((SECONDS + 60)) now

    while [ "$SECONDS" -le "$end" ]; do
        now="$(count_processes) processes, $(count_groups) groups, $(count_mounts) mounts, $(count_files) files"
        [ "$now" = "$before" ] && return
        sleep 0.01
    done
    echo "left: $now, not $before"
    find /tmp /run /var/tmp /dev/shm -mindepth 1
    return 1
}

# The kernel's own counts, of everybody's things: "cgroups mounts processes files".
host_counts() {
    awk 'NR > 1 { n += $3 } END { printf "%d ", n }' /proc/cgroups
    printf '%d ' "$(count_mounts)"
    awk '{ split($4, n, "/"); printf "%d ", n[2] }' /proc/loadavg
    awk '{ print $1 }' /proc/sys/fs/file-nr
}

# bundle NAME: its main.lua from stdin.
bundle() {
    mkdir "/mnt/$1"
    cat >"/mnt/$1/main.lua"
    echo "{\"runbox\":1,\"name\":\"$1\",\"version\":\"1.0.0\"}" >"/mnt/$1/manifest.json"
}

before="$(count_processes) processes, $(count_groups) groups, $(count_mounts) mounts, $(count_files) files"
