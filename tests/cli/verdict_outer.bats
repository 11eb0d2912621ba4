#!/usr/bin/env bats
# What others did to a run is told as theirs: a group around it that was out of memory, rlimits that runbox was started
# with. Groups are made below our own only, and removed.

load lib

setup() {
    programs
    bundle fill <<<'local t = {} for i = 1, 400 do t[i] = ("x"):rep(100000) .. i end return #t'
    bundle spin <<<'while true do end'
}

teardown() {
    [ -z "${group:-}" ] || until_holds rmdir "$group"
}

# around LIMIT: a group of LIMIT bytes of memory, $path as --cgroup-parent names it, $group its directory.
around() {
    path=$(sed -n 's/^[0-9]*:\([^:]*,\)*memory\(,[^:]*\)*:\(.*\)/\3/p' /proc/self/cgroup)
    path="${path%/}/runbox-outer.$$"
    group="/sys/fs/cgroup/memory$path"
    mkdir "$group"
    echo "$1" >"$group/memory.limit_in_bytes"
}

@test "memory of a group around the run: not its own limit's, the group and its limit are named" {
    around 24M
    goes 125 --cgroup-parent "$path" "$T/fill"
    says '.status == "setup" and .evidence.counter == "outer_oom_kill" and .evidence.value >= 1'
    says '.enforced.memory.effective == 67108864'
    grep -q "killed because $group, which is limited to 24M.* own limit of 64M was not reached" "$T/err"
    goes 0 --cgroup-parent "$path" bundles/examples/hello
    # Its own limit, below the group's, is its own.
    goes 137 --cgroup-parent "$path" -l memory=8M "$T/fill"
    says '.status == "memory"'
}

@test "memory of a group around a batch: worth another attempt, and the box's own is not" {
    around 24M
    ends 1 "$runbox" batch -j 1 --retries 2 --cgroup-parent "$path" "$T/fill" <<<'{}'
    jq -e '.status == "setup" and .attempts == 3' "$T/out"
    ends 1 "$runbox" batch -j 1 --retries 2 --cgroup-parent "$path" -l memory=8M "$T/fill" <<<'{}'
    jq -e '.status == "memory" and (.attempts // 1) == 1' "$T/out"
}

# under RESOURCE VALUE STATUS ARGUMENT...: with that hard limit.
under() {
    ends "$3" prlimit "--$1=$2:$2" "$runbox" run --report "$T/report" "${@:4}"
    says ".exit_code == $3"
}

@test "ulimit -t: a run that it ends is cpu_time, and names it" {
    under cpu 1 124 "$T/spin"
    says '.status == "cpu_time" and .inherited == {"cpu": 1} and .enforced.cpu_time.effective == 1'
    says '.evidence.counter == "cpu_ms" or .evidence.counter == "cpu_ticks_ms"'
    grep -q 'CPU time 1s (the "ulimit -t" that runbox was started with: -l cpu_time=... cannot raise it)' "$T/err"
    under cpu 100 124 -l cpu_time=100ms "$T/spin"
    says 'has("inherited") | not'
    grep -q -- '-l cpu_time=... changes it' "$T/err"
}

@test "other inherited rlimits that hold the box are in the report" {
    under nofile 40 0 -l open_files=50 -g limit:open_files=50 bundles/examples/hello
    says '.inherited == {"nofile": 40} and .enforced.open_files.effective == 40'
    under stack 4194304 0 bundles/examples/hello
    says '.inherited == {"stack": 4194304}'
    goes 0 bundles/examples/hello
    says 'has("inherited") | not'
}

# A kernel that counts by ticks does not show how far it is off, so the timer is taken away here: RLIMIT_CPU alone is left.
@test "a death by RLIMIT_CPU is cpu_time" {
    bundle spin '"rlimits":{"cpu":1}' <<<'print("ready") io.read() print("going") while true do end'
    live spin --report "$T/report" "$T/spin"
    echo >&"$input"
    until_holds grep -q going "$T/spin.out"
    kill -STOP "$pid"
    until_holds dead "$box"
    kill -CONT "$pid"
    ended 124
    says '.status == "cpu_time" and (.evidence.counter | startswith("cpu_")) and (has("inherited") | not)'
}
