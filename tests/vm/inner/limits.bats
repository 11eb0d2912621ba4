#!/usr/bin/env bats
# Limits as root, where every controller is v2's. Times are compared with times here, never with a clock: the
# machine is emulated.

load v2

setup() {
    programs
    made=()
    bundle live <<<'print("ready") io.read() return 1'
}

teardown() {
    local left

    for left in "${lives[@]}"; do
        kill -KILL "$left" 2>/dev/null && wait "$left" 2>/dev/null || true
    done
    for left in disk cpu; do
        ! mountpoint -q "$T/$left" || umount "$T/$left"
    done
    swap_off
    for left in "${made[@]}"; do
        until_holds rmdir "$left"
    done
}

# make_group NAME: a new group below the root, for the time of one test.
make_group() {
    mkdir "$root/$1"
    made=("$root/$1" "${made[@]}")
}

@test "the machine is what these tests are for: cgroup v2 alone, every controller" {
    [ "$(stat -f -c %T "$root")" = cgroup2fs ]
    [ "$(wc -l </proc/self/cgroup)" -eq 1 ]
    for controller in memory pids cpu io; do
        grep -qw "$controller" "$root/cgroup.subtree_control"
    done
}

@test "hello: v2 holds memory and processes, and the kernel counted" {
    goes 0 bundles/examples/hello
    says '.enforced | .memory.layer == "cgroup2" and .processes.layer == "cgroup2"'
    says '.memory_peak > 65536 and .memory_peak < 67108864'
    says '.waited | .cpu_ms >= 0 and .memory_ms >= 0 and .io_ms >= 0' # the kernel runs with psi=1
}

@test "the group holds the box alone, with every limit in its file, and is gone afterwards" {
    swap_on
    live live -l memory=32M -l processes=2 -l cpus=0.25 "$T/live"
    find_group
    holds memory.max $((32 << 20))
    holds memory.swap.max 0
    holds memory.oom.group 1
    holds pids.max 2
    holds cpu.max "25000 100000"
    holds cgroup.procs "$box"
    [ "$(cat "/proc/$box/cgroup")" = "0::${group#"$root"}" ]
    [ "$(nsenter --cgroup -t "$box" cat "/proc/$box/cgroup")" = "0::/" ]
    kill -TERM "$pid"
    ended 143
    [ ! -e "$group" ]
}

@test "the box is born in its group: no process ever joins it" {
    strace -f -e trace=clone3,openat,write -o "$T/trace" "$runbox" run "$T/live" <<<x
    grep -q 'clone3({flags=.*|CLONE_INTO_CGROUP' "$T/trace"
    refute grep -E 'openat.*(cgroup\.procs|cgroup\.threads|tasks)".*O_(WRONLY|RDWR)' "$T/trace"
}

@test "memory: beyond the group's limit the box is killed, and the report names the counter" {
    bundle live <<<'print("ready") io.read() local t = {} for i = 1, 160 do t[i] = ("x"):rep(100000) .. i end'
    live live --report "$T/report" "$T/live"
    echo >&"$input"
    ended 0
    rm "$T"/live.*
    live live --report "$T/report" "$T/live"
    find_group
    echo 8M >"$group/memory.max"
    echo >&"$input"
    ended 137
    says '.status == "memory" and .exit_code == 137 and .evidence.counter == "oom_kill" and .evidence.value >= 1'
    says '.memory_peak <= 8388608'
    [ ! -e "$group" ]
}

@test "swap: none by default, so that memory is a limit; as much as was granted" {
    swap_on
    bundle live <<<'local t = {} for i = 1, 240 do t[i] = ("x"):rep(100000) .. i end print("ready") io.read()'
    live live --report "$T/report" "$T/live"
    find_group
    echo 12M >"$group/memory.max"
    echo >&"$input"
    ended 137
    says '.status == "memory" and .enforced.swap == {"asked":0,"effective":0,"layer":"cgroup2"}'
    rm "$T"/live.*
    live live --report "$T/report" -l swap=64M -g limit:swap=64M "$T/live"
    find_group
    holds memory.swap.max $((64 << 20))
    echo 12M >"$group/memory.max"
    [ "$(cat "$group/memory.swap.current")" -gt $((4 << 20)) ]
    echo >&"$input"
    ended 0
    says '.enforced.swap == {"asked":67108864,"effective":67108864,"layer":"cgroup2"}'
    # In a kernel that does not account it.
    bundle b <<<"return 1"
    ends 0 lacking memory.swap.max -- "$runbox" run --report "$T/report" "$T/b"
    says '.enforced.swap == {"asked":0,"effective":null,"layer":"none"} and .enforced.memory.layer == "cgroup2"'
    ends 125 lacking memory.swap.max -- "$runbox" run -l swap=0 "$T/b"
    grep -q 'swap=0 needs the cgroup file "memory.swap.max"' "$T/err"
}

@test "processes: nothing in the group forks" {
    live live "$T/live"
    find_group
    holds pids.max 1
    run "${within[@]}" "$group" sh -c 'true & wait'
    [ "$status" -ne 0 ]
    [[ "$output" == *"ork"* ]]
    grep -q '^max [1-9]' "$group/pids.events"
}

@test "cpus: a quarter of a processor, and all of it without the limit" {
    local used='(.cpu_user_ms + .cpu_system_ms) / .wall_ms'

    bundle b <<<'while true do end'
    goes 124 -l wall_time=2s -l processes=2 -l cpus=0.25 "$T/b"
    says "$used < 0.36 and .enforced.cpus.layer == \"cgroup2\" and .status == \"wall_time\""
    goes 124 -l wall_time=2s "$T/b"
    says "$used > 0.6"
}

@test "io_read: a disk is read at the rate, and faster without it" {
    mkdir "$T/disk"
    mkfs.ext4 -q /dev/vda
    mount /dev/vda "$T/disk"
    head -c 1500000 /dev/urandom >"$T/disk/data"
    chmod 644 "$T/disk/data"
    chmod 755 "$T/disk"
    bundle b '"seccomp":{"profile":"files"},"filesystem":{"mounts":[{"source":"'"$T"'/disk","target":"/disk","mode":"ro"}]}' <<'LUA'
print("ready")
io.read()
return #io.open("/disk/data"):read("a")
LUA
    for rate in 400K none; do
        limit=(-l "io_read=$rate")
        [ "$rate" != none ] || limit=()
        rm -f "$T"/b.*
        live b --report "$T/report" -g "mount:$T/disk" "${limit[@]}" "$T/b"
        find_group
        [ "$rate" = none ] || [[ "$(cat "$group/io.max")" == "254:0 rbps=409600 wbps=max"* ]]
        sync
        echo 3 >/proc/sys/vm/drop_caches
        start=${EPOCHREALTIME/./}
        echo >&"$input"
        ended 0
        took=$((${EPOCHREALTIME/./} - start))
        grep -qx 1500000 "$T/b.out"
        echo "took $took us at rate $rate"
        if [ "$rate" = none ]; then
            [ "$took" -lt 1500000 ]
        else
            [ "$took" -gt 2500000 ]
        fi
    done
}

@test "what else is in the group ends with it" {
    live live "$T/live"
    find_group
    echo max >"$group/pids.max"
    sleep 600 3>&- &
    other=$!
    lives+=("$other")
    echo "$other" >"$group/cgroup.procs"
    echo >&"$input"
    ended 0
    until_holds dead "$other"
    [ ! -e "$group" ]
}

@test "a parent that hands down cpuset alone hands down cpu when asked" {
    make_group odd
    echo +cpuset >"$root/odd/cgroup.subtree_control"
    goes 0 --cgroup-parent /odd -l processes=2 -l cpus=0.5 bundles/examples/hello
    says '.enforced.cpus.layer == "cgroup2"'
    [ -z "$(find "$root/odd" -mindepth 1 -type d)" ]
}

@test "below a group with limits of its own: no box outside of it, and no limit claimed that nothing holds" {
    make_group tight
    echo 256M >"$root/tight/memory.max"
    ends 0 "${within[@]}" "$root/tight" "$runbox" run --report "$T/report" bundles/examples/hello
    says '.enforced.memory.layer == "arena" and .enforced.processes.layer == "rlimit"'
    ends 125 "${within[@]}" "$root/tight" "$runbox" run -l processes=2 -l cpus=0.5 bundles/examples/hello
    grep -q 'controller "cpu"' "$T/err"
}

@test "a set-up that does not fit its limit of memory ends as memory; what it takes is charged to the run" {
    bundle fat '"seccomp":{"profile":"files"}' <<<'return 1'
    head -c 4000000 /dev/zero >"$T/fat/data"
    goes 137 -l memory=2M "$T/fat"
    says '.status == "memory" and (.message | test("2M is too little to make the box"))'
    goes 0 -l memory=32M "$T/fat"
    says '.memory_peak > 4000000'
    live live "$T/live"
    [ "$(cat "/proc/$box/oom_score_adj")" = 1000 ]
    echo >&"$input"
    ended 0
}

@test "a parent that may have no more groups below it" {
    make_group few
    echo 0 >"$root/few/cgroup.max.descendants"
    ends 125 "$runbox" run --cgroup-parent /few bundles/examples/hello
    grep -qF "; a group around runbox may have no more groups below it: raise its cgroup.max.descendants" "$T/err"
}

# A host in the middle of its way from v1 to v2, or one with a program that wants v1's accounting.
@test "a controller that is mounted as v1 beside v2: each limit is held where its controller is" {
    echo -cpu >"$root/cgroup.subtree_control"
    mkdir "$T/cpu"
    until_holds mount -t cgroup -o cpu none "$T/cpu"
    goes 0 -l cpus=0.5 bundles/examples/hello
    says '.enforced | .cpus.layer == "cgroup1" and .memory.layer == "cgroup2"'
    goes 0 bundles/examples/hello
    says '.enforced.memory.layer == "cgroup2"'
    [ -z "$(find /sys/fs/cgroup "$T/cpu" -name 'runbox*')" ]
    umount "$T/cpu"
    until_holds eval 'echo +cpu >"$root/cgroup.subtree_control"'
}
