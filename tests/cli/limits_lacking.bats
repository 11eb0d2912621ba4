#!/usr/bin/env bats
# Controllers without a file that a limit would be written to, as by swapaccount=0, or without CONFIG_CFS_BANDWIDTH or
# CONFIG_BLK_DEV_THROTTLING: a default is let go, and the report says so; what anyone has asked for is refused, in one line.
# The files are hidden from runbox alone; whether the host swaps, it cannot find out, and so it may.

load lib

setup() {
    programs
    export XDG_CONFIG_HOME="$T/config"
    swaps=("$bin/tests/tools/refusing" EPERM sysinfo)
    uncounted=(lacking memory.memsw.limit_in_bytes memory.swap.max -- "${swaps[@]}")
    bundle b <<<'return box.arg'
}

# refused ARGUMENT...: by the line of `runbox run` that names the file and its cure.
refused() {
    ends 125 "${uncounted[@]}" "$runbox" run --report "$T/report" "$@"
    [ "$(wc -l <"$T/err")" -eq 1 ]
    grep -qE 'swap=0 needs the cgroup file "memory.(memsw.limit_in_bytes|swap.max)", which this host does not have: boot with swapaccount=1' "$T/err"
    says '.status == "setup"'
}

@test "swap that nobody accounts: a run has its other groups, and says that it may be swapped out" {
    ends 0 "${swaps[@]}" "$runbox" run --report "$T/report" "$T/b"
    says '.enforced.swap == {"asked": 0, "effective": 0, "layer": .enforced.memory.layer}'
    ends 0 "${uncounted[@]}" "$runbox" run --report "$T/report" "$T/b"
    says '.enforced.swap == {"asked": 0, "effective": null, "layer": "none"}'
    says '.enforced | all(.memory, .processes; .layer | startswith("cgroup"))'
    ends 0 "${uncounted[@]}" "$runbox" explain "$T/b"
    grep -qE '^ *swap +0 \(default\) +none +-$' "$T/out"
    ends 0 "${uncounted[@]}" "$runbox" check "$T/b"
    ends 1 "${uncounted[@]}" "$runbox" doctor --json
    jq -e '.kernel.swap | .state == "missing" and (.found | test("may be swapped out")) and (.how | test("swapaccount=1"))' "$T/out"
    jq -e '.defaults.limits | .state == "missing" and (.how | test("not enforced: swap=0;"))' "$T/out"
}

@test "swap that nobody accounts: the boxes of a batch likewise; a job that asks ends as setup, alone" {
    printf '%s\n' '{"arg":1}' '{"arg":2,"limits":{"swap":0}}' '{"arg":3}' |
        ends 1 "${uncounted[@]}" "$runbox" batch -q --keep-order "$T/b"
    jq -se 'map(.status) == ["ok", "setup", "ok"]' "$T/out"
    jq -se '[.[0, 2].report.enforced] | all(.swap.layer == "none" and (.memory.layer | startswith("cgroup")))' "$T/out"
    jq -se '.[1].report.message | test("swap=0 needs the cgroup file")' "$T/out"
}

@test "swap that nobody accounts: an option, a manifest or a policy that asks is refused, but with --best-effort" {
    refused -l swap=0 "$T/b"
    bundle asks '"limits":{"swap":0}' <<<'return 1'
    refused "$T/asks"
    ends 0 "${uncounted[@]}" "$runbox" run --report "$T/report" --best-effort "$T/asks"
    says '.enforced.swap.layer == "none"'
    mkdir -p "$T/config/runbox"
    echo '{"ceilings":{"swap":0}}' >"$T/config/runbox/policy.json"
    refused "$T/b"
    ends 0 "${swaps[@]}" "$runbox" run "$T/b"
}

@test "no quota for processors: the default is let go where more than one process may need it, a smaller share is refused" {
    without=(lacking cpu.cfs_quota_us cpu.max --)
    bundle many '"limits":{"processes":4}' <<<'return 1'
    ends 0 "${without[@]}" "$runbox" run --report "$T/report" "$T/many"
    says '.enforced.cpus == {"asked": 1, "effective": null, "layer": "none"}'
    ends 125 "${without[@]}" "$runbox" run -l cpus=0.5 "$T/b"
    [ "$(wc -l <"$T/err")" -eq 1 ]
    grep -qE 'cpus=0.5 needs the cgroup file "cpu.(cfs_quota_us|max)", which this host does not have: a kernel with CONFIG_CFS_BANDWIDTH' "$T/err"
    ends 0 "${without[@]}" "$runbox" doctor --json
    jq -e '.controllers.cpu | .state == "missing" and (.found | test("which has no cpu.(cfs_quota_us|max)")) and .how == "a kernel with CONFIG_CFS_BANDWIDTH"' "$T/out"
}
