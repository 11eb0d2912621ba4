#!/usr/bin/env bats
# An older kernel than most of us run (Debian 12's is 6.1): what differs there is used as far as it goes.

load v2

setup() {
    programs
    bundle b <<<'return 1'
}

@test "Landlock, of the ABI that this kernel has, is entered" {
    abi=$("$runbox" explain --json "$T/b" | jq .landlock_abi)
    if version_is_below 5.13; then
        [ "$abi" -eq 0 ]
        return
    fi
    [ "$abi" -ge 2 ]
    strace -f -e trace=/landlock -o "$T/trace" "$runbox" run "$T/b"
    grep -q "LANDLOCK_CREATE_RULESET_VERSION) = $abi\$" "$T/trace"
    grep -q 'landlock_create_ruleset({handled_access_fs=[A-Z_|]*LANDLOCK_ACCESS_FS_REFER' "$T/trace"
    grep -q 'landlock_restrict_self(.*) *= 0$' "$T/trace"
}

# Before 6.2 a process that shares its memory never enters a time namespace that it unshares.
@test "the time namespace is entered, not only made" {
    bundle live <<<'print("ready") io.read()'
    live live "$T/live"
    [ "$(readlink "/proc/$box/ns/time")" != "$(readlink /proc/self/ns/time)" ]
    [ "$(readlink "/proc/$box/ns/time")" = "$(readlink "/proc/$box/ns/time_for_children")" ]
}

# Here, for a kernel with CONFIG_RT_GROUP_SCHED lets nobody have real time but in groups that were given some.
@test "a caller with real-time scheduling: the broker has it, its monitor and its box have not" {
    bundle busy <<<'local till = os.clock() + 0.1 repeat until os.clock() > till print("done")'
    for policy in FIFO RR DEADLINE; do
        as=(chrt --fifo 1)
        [ $policy != RR ] || as=(chrt --rr 1)
        [ $policy != DEADLINE ] || as=(chrt --deadline -T 50000000 -D 100000000 -P 100000000 0)
        ends 0 "${as[@]}" "$runbox" run "$T/busy"
        echo "{\"bundle\":\"$T/busy\"}" >"$T/jobs"
        ends 0 "${as[@]}" "$runbox" batch -f "$T/jobs"
        bundle live <<<'print("ready") io.read()'
        live "live$policy" "$T/live"
        [[ "$(chrt -p "$pid")" == *"SCHED_$policy"* ]]
        [[ "$(chrt -p "$box")" == *SCHED_OTHER* ]]
        [[ "$(chrt -p "$monitor")" == *SCHED_OTHER* ]]
    done
}
