#!/usr/bin/env bats
# Many runs where every controller is v2's: boxes forked from a template join by cgroup.procs, for a confined one
# may not clone into a group; and on a kernel that cannot tell a pidfd's number but by /proc.

load v2

setup() {
    programs
}

@test "a batch: each job under v2's limits, its own ones too, and nothing is left" {
    bundle b '"limits":{"memory":"8M"}' <<'LUA'
if box.arg == "much" then
    local t = {}
    while true do t[#t + 1] = ("x"):rep(1000) .. #t end
end
return box.arg
LUA
    printf '%s\n' '{"arg":1}' '{"arg":"much"}' '{"arg":2}' '{"arg":3,"limits":{"memory":"4M"}}' '{"arg":4}' |
        ends 1 "$runbox" batch -q --keep-order --jobs 2 "$T/b"
    jq -se 'map(.status) == ["ok", "memory", "ok", "ok", "ok"] and map(.result) == [1, null, 2, 3, 4]' "$T/out"
    jq -se 'all(.report.enforced.memory.layer == "cgroup2" and .report.memory_peak > 0)' "$T/out"
    jq -se --arg by "$([ -f "$root/tests/memory.peak" ] && echo cgroup2 || echo process)" 'all(.report.memory_peak_source == $by)' "$T/out"
    jq -se '.[3].report.enforced.memory.effective == 4194304' "$T/out"
    [ -z "$(find /sys/fs/cgroup -name 'runbox*')" ]
}

@test "a server's boxes wait, each alone in its group, and go with it" {
    bundle b <<<'return 1'
    "$runbox" serve --socket "$T/s" --warm 2 "$T/b" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds eval '"$runbox" stats --json --socket "$T/s" | jq -e ".bundles[0].warm == 2"'
    template=$(made_by "$pid")
    for box in $(cat "/proc/${template% }/task/${template% }/children"); do
        group=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$box/cgroup")
        [ "$(cat "$group/cgroup.procs")" = "$box" ]
        [ "$(cat "$group/memory.max")" -eq 67108864 ]
        [ "$(cat "$group/pids.max")" -eq 1 ]
    done
    kill -TERM "$pid"
    ended 0
    [ -z "$(find /sys/fs/cgroup -name 'runbox*')" ]
}
