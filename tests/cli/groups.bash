# For tests that run in groups of their own: an ordinary user's, which were delegated to it, or smaller ones around all
# that a test starts.
load lib

delegated=()
eval "ends_lives_$(declare -f teardown)"
teardown() { # behind what the test started, which lives in them
    ends_lives_teardown
    own_teardown
}

# delegate: a group for the user below our own, for each controller named; $delegated are its directories.
# The name is not one that runbox makes or sweeps.
delegate() {
    local controller parent dir

    delegated=()
    for controller in "$@"; do
        parent=$(group_parents | grep "/$controller\(/\|\$\)")
        dir="$parent/runbox-test-$BASHPID-$BATS_TEST_NUMBER"
        mkdir "$dir"
        chown -R 12345:12345 "$dir"
        delegated+=("$dir")
    done
}

# inside COMMAND...: as the user, in the delegated groups.
inside() {
    local dir

    (
        for dir in "${delegated[@]}"; do
            echo "$BASHPID" >"$dir/cgroup.procs"
        done
        exec "${as[@]}" "$@"
    )
}

own_teardown() {
    local dir

    for dir in "${delegated[@]}"; do
        until_holds rmdir "$dir"
    done
    delegated=()
}

# around CONTROLLER FILE VALUE: a group below our own with one limit; $outer is its directory. A file may be named for
# v1 and v2: "memory.limit_in_bytes|memory.max".
around() {
    local name parent

    parent=$(group_parents | grep "/$1\(/\|\$\)" | head -1)
    outer="$parent/runbox-test-$BASHPID-$BATS_TEST_NUMBER-$1"
    mkdir "$outer"
    delegated+=("$outer")
    for name in ${2//|/ }; do
        [ ! -e "$outer/$name" ] || echo "$3" >"$outer/$name"
    done
}

# in_outer COMMAND...: started there, and replaced by it.
in_outer() {
    # shellcheck disable=SC2016
    bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$outer" "$@"
}
