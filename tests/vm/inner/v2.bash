# Shared by the tests inside the virtual machine: what those of tests/cli have, and groups of v2.

load ../../cli/lib

root=/sys/fs/cgroup

# The one group of the run of `live`, wherever it stands.
find_group() {
    group=$(find "$root" -name "runbox.$pid.*")
    [ -d "$group" ]
}

# holds FILE TEXT: the group's control file holds exactly that.
holds() {
    [ "$(cat "$group/$1")" = "$2" ] || {
        echo "$1 holds $(cat "$group/$1"), not $2"
        return 1
    }
}

# The machine's second disk, for the time of one test.
swap_on() {
    mkswap /dev/vdb >/dev/null
    swapon /dev/vdb
    [ "$(wc -l </proc/swaps)" -eq 2 ]
}

swap_off() {
    [ "$(wc -l </proc/swaps)" -eq 1 ] || swapoff /dev/vdb
}

# within COMMAND...: in the group $inside, by whatever joins it before it runs.
within=(bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"')

# version_is_below VERSION: of this machine's kernel.
version_is_below() {
    [ "$(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -n 1)" != "$1" ]
}
