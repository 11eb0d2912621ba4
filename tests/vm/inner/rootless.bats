#!/usr/bin/env bats
# An ordinary user on a host with cgroup v2 alone: without a group, with a delegated one, without user
# namespaces.

load v2

setup() {
    programs_for_all
    as=("${ordinary[@]}")
    bundle live <<<'print("ready") io.read()'
    bundle b <<<'return 1'
}

teardown() {
    local left

    for left in "${lives[@]}"; do
        kill -KILL "$left" 2>/dev/null && wait "$left" 2>/dev/null || true
    done
    swap_off
    echo 1000 >/proc/sys/user/max_user_namespaces
    [ ! -d "$root/user" ] || { until_holds rmdir "$root/user/leaf" && until_holds rmdir "$root/user"; }
}

# What systemd's Delegate=yes gives: a group whose directory and three files are the user's, and one below
# it for the user's processes.
delegate() {
    local at

    mkdir -p "$root/user/leaf"
    echo "+memory +pids +cpu" >"$root/user/cgroup.subtree_control"
    for at in "$root/user" "$root/user/leaf"; do
        chown 12345:12345 "$at" "$at"/cgroup.{procs,threads,subtree_control}
    done
    as=("${within[@]}" "$root/user/leaf" "${ordinary[@]}")
}

# user STATUS ARGUMENT...: the user's run ends so.
user() {
    ends "$1" "${as[@]}" "$runbox" run --report "$T/report" "${@:2}"
}

@test "no group: the defaults hold by arena, rlimits and timers" {
    user 0 "$T/b"
    says '.enforced | .memory.layer == "arena" and .processes.layer == "rlimit" and .cpus.layer == "host"'
    bundle b <<<'local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end'
    user 137 -l memory=16M "$T/b"
    says '.status == "memory" and .evidence.counter == "arena"'
    ends 0 "${as[@]}" "$runbox" doctor --json
    jq -e '.controllers.memory | .state == "missing" and .how == "see delegation, below"' "$T/out"
}

@test "no group, a host with swap: the default is not claimed, what was asked for is refused" {
    swap_on
    user 0 "$T/b"
    says '.enforced.swap.layer == "none"'
    user 125 -l swap=0 "$T/b"
    grep -q 'swap=0 needs the cgroup controller "memory"' "$T/err"
}

@test "no group: a share of a processor is refused by name, or let go when told to" {
    user 125 -l processes=2 -l cpus=0.5 "$T/b"
    grep -q 'controller "cpu".*Delegate=yes' "$T/err"
    user 0 --best-effort -l processes=2 -l cpus=0.5 "$T/b"
    says '.enforced.cpus.layer == "none"'
}

@test "a delegated group: v2 holds the limits, and nothing is left in it" {
    delegate
    live live -l memory=32M -l processes=2 -l cpus=0.5 "$T/live"
    find_group
    [ "${group%/*}" = "$root/user" ]
    holds memory.max $((32 << 20))
    holds pids.max 2
    holds cpu.max "50000 100000"
    kin "$pid"
    holds cgroup.procs "$box"
    echo >&"$input"
    ended 0
    [ ! -e "$group" ]
    user 0 "$T/b"
    says '.enforced | .memory.layer == "cgroup2" and .processes.layer == "cgroup2"'
    [ "$(find "$root/user" -mindepth 1 -type d)" = "$root/user/leaf" ]
}

@test "a delegated group: out of memory is the verdict memory" {
    delegate
    bundle live <<<'print("ready") io.read() local t = {} for i = 1, 160 do t[i] = ("x"):rep(100000) .. i end'
    live live --report "$T/report" "$T/live"
    find_group
    echo 8M >"$group/memory.max"
    echo >&"$input"
    ended 137
    says '.status == "memory" and .evidence.counter == "oom_kill"'
}

@test "a delegated group, runbox killed: its box dies, the next run sweeps" {
    delegate
    live live "$T/live"
    find_group
    kill -KILL "$pid"
    refute wait "$pid" 2>/dev/null
    until_holds dead "$box"
    [ -d "$group" ]
    user 0 "$T/b"
    [ ! -e "$group" ]
}

@test "user namespaces denied: refused, and why" {
    echo 0 >/proc/sys/user/max_user_namespaces
    user 125 "$T/b"
    echo 1000 >/proc/sys/user/max_user_namespaces
    grep -q 'user namespace' "$T/err"
    user 0 "$T/b"
}
