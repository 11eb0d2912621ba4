#!/usr/bin/env bats
# Groups around a run, where every controller is v2's: whose memory it was that ran out, and which groups can be a
# parent.

load v2

setup() {
    programs
    made=()
    bundle fill <<<'local t = {} for i = 1, 200 do t[i] = ("x"):rep(100000) .. i end return #t'
    bundle hello <<<'return 1'
}

teardown() {
    local left

    for left in "${made[@]}"; do
        until_holds rmdir "$left"
    done
}

# make_group NAME: a new group below the root, for the time of one test.
make_group() {
    mkdir "$root/$1"
    made=("$root/$1" "${made[@]}")
}

@test "memory of a group around the run is the host's; its own limit's is its own" {
    # The program's pages are charged to whoever reads them first: not to the group, which would go on giving those back.
    goes 0 -l cpu_time=60s "$T/fill"
    make_group outer
    echo "+memory +pids" >"$root/outer/cgroup.subtree_control"
    echo 12M >"$root/outer/memory.max"
    goes 125 --cgroup-parent /outer -l cpu_time=60s "$T/fill"
    says '.status == "setup" and .evidence.counter == "outer_oom_kill" and .evidence.value >= 1'
    grep -q "killed because $root/outer, which is limited to 12M" "$T/err"
    # Its own limit, below the group's, is its own.
    goes 137 --cgroup-parent /outer -l memory=6M -l cpu_time=60s "$T/fill"
    says '.status == "memory"'
    goes 0 --cgroup-parent /outer "$T/hello"
}

@test "a parent: what has no controllers, is threaded or has processes is refused, and says why" {
    make_group plain
    make_group plain/deep
    ends 125 "$runbox" run --cgroup-parent /plain/deep "$T/hello"
    grep -q "$root/plain/deep does not have memory (write +memory to the cgroup.subtree_control above it)" "$T/err"
    echo threaded >"$root/plain/deep/cgroup.type"
    ends 125 "$runbox" run --cgroup-parent /plain/deep "$T/hello"
    grep -q 'cgroup.type is "threaded"' "$T/err"
    ends 125 "$runbox" run --cgroup-parent /plain "$T/hello"
    grep -q 'cgroup.type is "domain threaded"' "$T/err"
    make_group busy
    sleep 600 3>&- &
    lives+=($!)
    echo $! >"$root/busy/cgroup.procs"
    ends 125 "$runbox" run --cgroup-parent /busy "$T/hello"
    grep -q "$root/busy has processes, so it cannot delegate memory" "$T/err"
    kill "${lives[0]}"
    wait "${lives[0]}" || true
    lives=()
}
