#!/usr/bin/env bats
# Where a group is called otherwise than it lies: in a cgroup namespace of its own, above whose root the host's file system is
# mounted; in one with a mount of its own; below a bind mount of a part of a hierarchy. Groups are made below the caller's own,
# which may be limited, or nowhere.

load groups

setup() {
    programs
    bundle b <<<'print("ready") io.read()'
}

# own CONTROLLER: the directory of our own group.
own() {
    group_parents | grep "/$1\(/\|\$\)"
}

# namespaced COMMAND...: in a group below our own, and in cgroup and mount namespaces of its own whose root that is.
namespaced() {
    host=(sh -c 'for group; do [ "$group" != -- ] || break; echo $$ >"$group/cgroup.procs"; shift; done; shift; exec unshare --cgroup --mount "$@"' sh
        "${delegated[@]}" --)
}

# layers: of the run that ended.
layer() {
    jq -r ".enforced.$1.layer" "$T/report"
}

# below_callers: a run as $as makes its groups there, and is in them.
below_callers() {
    live live --report "$T/report" "$T/b"
    for group in "${delegated[@]}"; do
        [ "$(cat "$group"/runbox.*/cgroup.procs)" = "$box" ]
    done
    echo x >&"$input"
    ended 0
    [ "$(layer memory) $(layer processes)" = "cgroup1 cgroup1" ]
}

@test "a private cgroup namespace over the host's mount: no group outside the caller's, and the layers say so" {
    delegate memory pids
    namespaced
    as=("${host[@]}")
    live live --report "$T/report" "$T/b"
    # None anywhere that was made by this run.
    [ -z "$(find /sys/fs/cgroup -name "runbox.$pid.*")" ]
    echo x >&"$input"
    ended 0
    [ "$(layer memory) $(layer processes)" = "arena rlimit" ]
    ends 0 "${host[@]}" "$runbox" doctor --json
    jq -e '.controllers.memory | .state == "missing" and (.found | test("is mounted from above runbox.s cgroup namespace: its own group cannot be found in it")) and
        (.how | test("anew"))' "$T/out"
}

@test "with a mount of its own: groups are below the caller's, as ever" {
    delegate memory pids
    namespaced
    as=("${host[@]}" sh -c 'mount -t tmpfs none /sys/fs/cgroup
        for c in memory pids; do mkdir /sys/fs/cgroup/$c && mount -t cgroup -o $c none /sys/fs/cgroup/$c || exit; done; exec "$@"' sh)
    below_callers
}

# bound MEMORY PIDS: in groups below our own, and where these directories are bound over the hierarchies.
bound() {
    as=(sh -c 'for group; do [ "$group" != -- ] || break; echo $$ >"$group/cgroup.procs"; shift; done; shift; exec unshare --mount "$@"' sh
        "${delegated[@]}" -- sh -c 'mount --bind "$1" /sys/fs/cgroup/memory && mount --bind "$2" /sys/fs/cgroup/pids && shift 2 && exec "$@"' sh "$@")
}

# in_memory_alone DIRECTORY: a run as $as makes no group for processes in it, and says so.
in_memory_alone() {
    rm -f "$T"/live.*
    live live --report "$T/report" "$T/b"
    [ -z "$(ls -d "$1"/runbox.* 2>/dev/null)" ]
    echo x >&"$input"
    ended 0
    [ "$(layer memory) $(layer processes)" = "cgroup1 rlimit" ]
}

@test "a part of a hierarchy, bound where the whole is expected: groups are found in it, if it holds the caller's" {
    delegate memory pids
    bound "$(own memory)" "${delegated[1]}"
    below_callers
    # Another part.
    mkdir "$(own pids)/runbox-other-$BASHPID"
    other="$(own pids)/runbox-other-$BASHPID"
    bound "$(own memory)" "$other"
    in_memory_alone "$other"
    rmdir "$other"
}

# namesake: $other is another part of the pids hierarchy, which has in $same, below it, all the directories of the path that
# /proc/self/cgroup will have for the run.
namesake() {
    local here

    other="$(own pids)/runbox-other-$BASHPID"
    here=$(grep -E '^[0-9]+:([^:]*,)?pids(,[^:]*)?:' /proc/self/cgroup | cut -d: -f3-)
    same="$other${here%/}/${delegated[1]##*/}"
    mkdir -p "$same"
    chown -R 12345:12345 "$same"
}

namesake_is_passed_by() {
    in_memory_alone "$same"
    while [ "$same" != "$(own pids)" ]; do
        rmdir "$same"
        same=${same%/*}
    done
}

@test "another part, with a group of the same name as the caller's: not taken for that one" {
    delegate memory pids
    namesake
    bound "$(own memory)" "$other"
    namesake_is_passed_by
}

@test "a controller that is a symbolic link to its hierarchy: groups are found below it" {
    delegate memory pids
    namespaced
    as=("${host[@]}" sh -c 'mount -t tmpfs none /sys/fs/cgroup && cd /sys/fs/cgroup && mkdir memory pids,x && ln -s pids,x pids &&
        mount -t cgroup -o memory none memory && mount -t cgroup -o pids none pids,x && cd / && exec "$@"' sh)
    below_callers
}

@test "a controller that is a symbolic link to a part of its hierarchy: not taken for the whole" {
    delegate memory pids
    namesake
    as=(sh -c 'for group; do [ "$group" != -- ] || break; echo $$ >"$group/cgroup.procs"; shift; done; shift; exec unshare --mount "$@"' sh
        "${delegated[@]}" -- sh -c 'other=${1#/sys/fs/cgroup/pids} && shift && mount -t tmpfs none /sys/fs/cgroup && cd /sys/fs/cgroup &&
            mkdir memory whole && mount -t cgroup -o memory none memory && mount -t cgroup -o pids none whole && ln -s "whole$other" pids &&
            cd / && exec "$@"' sh "$other")
    namesake_is_passed_by
}
