# For bats files that count what is left: `private` runs the script on its stdin, after leftovers.bash, in
# namespaces and groups of its own. Lines of it that begin with '#' go to the log.

own=()

private() {
    local parent dir here=${BASH_SOURCE[0]%/*}

    while read -r parent; do
        dir="$parent/runbox-test-$BASHPID-$BATS_TEST_NUMBER"
        mkdir "$dir"
        own+=("$dir")
    done < <(group_parents)
    cat "$here/leftovers.bash" - >"$T/script"
    for dir in "${own[@]}"; do
        echo "echo \$BASHPID >$dir/cgroup.procs"
    done >"$T/join"
    # shellcheck disable=SC2016
    timeout -k 5 600 unshare --mount --propagation private --pid --fork --kill-child --mount-proc bash -eu -c '
        . "$1/join"
        mount --bind "$1" /mnt
        mount --bind "$2" /srv
        for dir in /tmp /run /var/tmp /dev/shm; do
            mount -t tmpfs none "$dir"
        done
        mkdir -p /run/mount # mount(8) makes it, sooner or later: no leftover of a run
        cd /mnt
        . ./script' - "$T" "$bin" >"$T/said" 2>&1 || {
        cat "$T/said"
        return 1
    }
    sed -n '/^#/p' "$T/said" >&3
}

teardown() {
    local dir

    for dir in "${own[@]}"; do
        find "$dir" -mindepth 1 -depth -type d -exec rmdir {} \; # of a test that failed
        until_holds rmdir "$dir"
    done
}
