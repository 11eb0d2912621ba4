#!/usr/bin/env bats
# An older kernel than most of us run (Debian 12's is 6.1): what differs there is used as far as it goes.

load v2

setup() {
    programs_for_all
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
    for policy in FIFO RR; do
        as=(chrt --fifo 1)
        [ $policy != RR ] || as=(chrt --rr 1)
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

# Whose processes are of no use to it unless they are without (sched(7)).
@test "a caller with SCHED_DEADLINE: likewise, where it may; else what is in the way, and its cure, are named" {
    deadline=(chrt -d -T 5000000 -D 10000000 -P 10000000 0)
    ends 0 "${deadline[@]}" "$runbox" run "$T/b"
    echo '{}' | ends 0 "${deadline[@]}" "$runbox" batch "$T/b"
    bundle live <<<'print("ready") io.read()'
    as=("${deadline[@]}")
    live live "$T/live"
    [[ "$(chrt -p "$pid")" == *SCHED_DEADLINE* ]]
    [[ "$(chrt -p "$box")" == *SCHED_OTHER* ]]
    [[ "$(chrt -p "$monitor")" == *SCHED_OTHER* ]]
    echo >&"$input" # which gives its share of the processor back
    ended 0
    for verb in run check explain; do
        ends 125 "${deadline[@]}" "${ordinary[@]}" "$runbox" "$verb" "$T/b"
        [ "$(wc -l <"$T/err")" -eq 1 ]
        grep -qF '; a process with SCHED_DEADLINE cannot fork, unless that is reset, and runbox may not have it reset: start it by chrt --reset-on-fork (SCHED_FLAG_RESET_ON_FORK)' "$T/err"
    done
    ends 1 "${deadline[@]}" "${ordinary[@]}" "$runbox" doctor --json
    jq -e '.kernel.processes | .state == "missing" and (.found | test("SCHED_DEADLINE"))' "$T/out"
    jq -e '(.kernel.seccomp, .namespaces.user).state == "untried"' "$T/out"
    jq -e '.defaults["a box"].found | test("SCHED_DEADLINE")' "$T/out"
    ends 0 "${deadline[@]:0:1}" -R "${deadline[@]:1}" "${ordinary[@]}" "$runbox" run "$T/b"
}
