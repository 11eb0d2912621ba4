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
