#!/usr/bin/env bats
# Limits of an ordinary user: without a group of its own, with a delegated one, and where user namespaces
# are denied.

load groups

setup() {
    programs_for_all
    as=("${ordinary[@]}")
}

# as_user STATUS ARGUMENT...: `runbox run` of an ordinary user ends so.
as_user() {
    local want=$1

    shift
    rm -f "$T/report"
    ends "$want" "${as[@]}" "$runbox" run --report "$T/report" "$@"
}

@test "rootless: defaults need no group; each limit has another layer" {
    bundle b <<<'return 1'
    as_user 0 "$T/b"
    says '.enforced | map_values(.layer) == {
        "memory": "arena", "cpu_time": "timer", "wall_time": "timer", "cpus": "host",
        "instructions": "none", "processes": "rlimit", "open_files": "rlimit", "output": "monitor", "artifacts": "monitor",
        "swap": "host", "io_read": "none", "io_write": "none"}'
}

@test "rootless: each of these layers strikes" {
    bundle b <<<'local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end'
    as_user 137 -l memory=8M "$T/b"
    says '.status == "memory" and .evidence.counter == "arena"'
    bundle b <<<'while true do end'
    as_user 124 -l cpu_time=50ms "$T/b"
    says '.status == "cpu_time"'
    as_user 124 -l wall_time=50ms "$T/b"
    says '.status == "wall_time" and .wall_ms >= 50'
    as_user 124 -l instructions=10000 "$T/b"
    bundle b <<<'while true do print(("x"):rep(100)) end'
    as_user 153 -l output=10K "$T/b"
}

@test "rootless: the peak of memory is the process's own, of a cold, a warm and the shortest run, and the report says so" {
    bundle b <<<'local t = {} for i = 1, box.arg do t[i] = ("x"):rep(100000) .. i end return 1'
    as_user 0 --arg 100 "$T/b"
    says '.memory_peak_source == "process" and (.memory_peak > 10000000 and .memory_peak < 40000000)'
    as_user 0 -v --arg 0 "$T/b"
    says '.memory_peak_source == "process" and (.memory_peak > 200000 and .memory_peak < 4000000)'
    grep -qE 'memory peak [0-9]+ KiB \(of the process\),' "$T/err"
    # The shortest are reported before their process has exited.
    jq -nc 'range(40) | {id: ., arg: (if . % 10 == 9 then 100 else 0 end)}' >"$T/jobs"
    ends 0 "${as[@]}" "$runbox" batch -q -f "$T/jobs" --html "$T/page.html" "$T/b"
    jq -se 'all(.report.memory_peak_source == "process") and
        all(.report.memory_peak | . > 200000 and . < 40000000) and all(.id % 10 != 9 or .report.memory_peak > 10000000)' "$T/out"
    [ "$(jq -s 'map(select(.id % 10 != 9 and .report.memory_peak < 4000000)) | length' "$T/out")" -eq 36 ]
    grep -q 'Memory at its peak (of 40 runs, of the process alone); maximum' "$T/page.html"
}

@test "rootless: where there was no box, nothing has a peak, and the report does not say 0" {
    bundle b '"entry":"none"' <<<'return 1'
    echo '{}' >"$T/b/manifest.json"
    as_user 3 "$T/b"
    says '.memory_peak == null and .memory_peak_source == "none"'
    ends 3 "${as[@]}" "$runbox" run -v "$T/b"
    grep -q 'memory peak unknown,' "$T/err"
    echo "{\"bundle\":\"$T/b\"}" >"$T/jobs"
    ends 1 "${as[@]}" "$runbox" batch -q -f "$T/jobs"
    jq -e '.report | .memory_peak == null and .memory_peak_source == "none"' "$T/out"
}

@test "rootless: native code is held to the limit by rlimits" {
    bundle b <<<'print("ready") io.read()'
    live b -l memory=16M "$T/b"
    limit=$(sed -n 's/^Max address space *\([0-9]*\) .*/\1/p' "/proc/$box/limits")
    [ "$limit" -le $((33 << 20)) ]
    limit=$(sed -n 's/^Max data size *\([0-9]*\) .*/\1/p' "/proc/$box/limits")
    [ "$limit" -le $((16 << 20)) ]
    [ "$(sed -n 's/^Max processes *\([0-9]*\) .*/\1/p' "/proc/$box/limits")" -le 1 ]
}

@test "rootless: a limit that needs a group is refused, with its controller and the way to it" {
    bundle b <<<'return 1'
    as_user 125 -l cpus=0.5 "$T/b"
    grep -q 'cpus=0.5 needs the cgroup controller "cpu"' "$T/err"
    grep -qF "run it as root, or in a group given to this user (cgconfigparser -l runbox.conf; runbox-doctor(1))" "$T/err"
    as_user 0 --best-effort -l cpus=0.5 "$T/b"
    says '.enforced.cpus == {"asked": 0.5, "effective": null, "layer": "none"}'
}

@test "rootless: in a delegated directory its limits are groups'" {
    delegate memory pids cpu
    bundle b <<<'return 1'
    ends 0 inside "$runbox" run --report "$T/report" -l cpus=0.5 "$T/b"
    says '.enforced | [.memory, .processes, .cpus] | all(.layer == "cgroup1")'
    says '.memory_peak > 0'
    bundle live <<<'print("ready") io.read()'
    mkfifo "$T/in"
    exec {input}<>"$T/in"
    inside "$runbox" run -l memory=16M "$T/live" <"$T/in" >"$T/live.out" 2>"$T/live.err" 3>&- &
    until_holds grep -q ready "$T/live.out"
    [ "$(cat "${delegated[0]}"/runbox.*/memory.limit_in_bytes)" -eq $((16 << 20)) ]
    [ "$(cat "${delegated[1]}"/runbox.*/pids.max)" -eq 1 ]
    echo >&"$input"
    wait $!
    [ -z "$(find "${delegated[@]}" -name 'runbox.*')" ]
    own_teardown
}

@test "rootless: one controller delegated, the others held as without" {
    delegate pids
    bundle b <<<'return 1'
    ends 0 inside "$runbox" run --report "$T/report" "$T/b"
    says '.enforced | [.memory.layer, .processes.layer, .cpus.layer] == ["arena", "cgroup1", "host"]'
    own_teardown
}

# In a user namespace whose own count of further ones is 0; the host's is untouched. $1: the user inside.
denied() {
    "${as[@]}" unshare --user --map-user="$1" --map-group="$1" --keep-caps sh -c '
        echo 0 >/proc/sys/user/max_user_namespaces || exit 99
        exec setpriv --ambient-caps=-all --inh-caps=-all --bounding-set=-all "$@"' - \
        "$runbox" run --report "$T/report" "$T/b"
}

@test "rootless: user namespaces denied is a refusal that names the setting" {
    before=$(cat /proc/sys/user/max_user_namespaces)
    bundle b <<<'return 1'
    ends 125 denied 1000
    [ "$(wc -l <"$T/err")" -eq 1 ]
    grep -q user.max_user_namespaces "$T/err"
    grep -q '"status":"setup"' "$T/report"
    [ "$(cat /proc/sys/user/max_user_namespaces)" = "$before" ]
}

@test "rootless: root of a user namespace without ids to give is told to be somebody else" {
    bundle b <<<'return 1'
    ends 125 "${as[@]}" unshare --user --map-root-user "$runbox" run "$T/b"
    grep -q 'run it as an ordinary user' "$T/err"
}
