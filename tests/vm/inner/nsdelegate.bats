#!/usr/bin/env bats
# A private cgroup namespace over the host's mount, which has nsdelegate: what is above its root may not be written to, and
# what lies at the path that the namespace shows is the hierarchy's, not the caller's.

load v2

setup() {
    programs_for_all
    grep -q 'cgroup2 .*nsdelegate' /proc/self/mounts
    mkdir "$root/outer"
    echo 512M >"$root/outer/memory.max"
    bundle live <<<'print("ready") io.read()'
    bundle fill <<<'local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end'
    chmod -R a+rX "$T"
}

teardown() {
    local left

    for left in "${lives[@]}"; do
        kill -KILL "$left" 2>/dev/null && wait "$left" 2>/dev/null || true
    done
    until_holds rmdir "$root/outer"
}

# inside COMMAND...: in the group, and a namespace whose root that is.
inside=("${within[@]}" "$root/outer" unshare --cgroup)

@test "no group is made outside the caller's; arena and rlimits hold instead, and the report and doctor say so" {
    for who in "" "${ordinary[*]}"; do
        rm -f "$T"/live.*
        as=("${inside[@]}" $who)
        live live --report "$T/report" "$T/live"
        [ "$(cat "/proc/$box/cgroup")" = "0::/outer" ]
        [ -z "$(find "$root" -name "runbox.*")" ]
        echo >&"$input"
        ended 0
        says '.enforced | .memory.layer == "arena" and .processes.layer == "rlimit"'
        rm "$T/report"
        ends 137 "${as[@]}" "$runbox" run --report "$T/report" -l memory=16M "$T/fill"
        says '.status == "memory"'
        rm "$T/report"
        ends 0 "${as[@]}" "$runbox" doctor
        grep -q "is mounted from above runbox's cgroup namespace" "$T/out"
        ends 125 "${as[@]}" "$runbox" run -l processes=2 -l cpus=0.5 "$T/live"
        grep -q 'controller "cpu"' "$T/err"
    done
}
