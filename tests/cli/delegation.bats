#!/usr/bin/env bats
# What an administrator installs (cgroups/cgconfig, cgroups/systemd): each file is applied, or read by
# the program that it is for. Groups are made below our own only, and removed.

load lib

setup() {
    programs_for_all
    cp "${B:-build}/runbox-cgroups" "$bin"
    name="runbox-test.$$"
    v1=(memory pids cpu blkio)
}

# The path of our own group below CONTROLLER, "" for its root.
own() {
    local path

    path=$(sed -n "s/^[0-9]*:\([^:]*,\)*$1\(,[^:]*\)*:\(.*\)/\3/p" /proc/self/cgroup)
    echo "${path%/}"
}

# Apply the snippet, controller by controller: below our own group, which may differ, and for a Unix
# group that exists.
apply() {
    local controller other

    for controller in "${v1[@]}"; do
        group="$(own "$controller")/$name"
        groups+=("/sys/fs/cgroup/$controller$group")
        members+=(-g "$controller:${group#/}")
        sed "s#^group runbox#group ${group#/}#; s#gid = runbox#gid = 12345#" \
            cgroups/cgconfig/runbox.conf >"$T/conf"
        for other in "${v1[@]}"; do
            [ "$other" = "$controller" ] || sed -i "/^    $other {/d" "$T/conf"
        done
        timeout 120 cgconfigparser -l "$T/conf"
    done
}

teardown() {
    local group

    for group in "${groups[@]}"; do
        until_holds rmdir "$group"
    done
}

# as_member COMMAND...: as an ordinary user, in the groups.
as_member() {
    "${ordinary[@]}" cgexec "${members[@]}" "$@"
}

@test "cgconfig: the groups are the members' to make groups in, their limits are root's" {
    apply
    [ "$(stat -c '%a %u %g' "${groups[0]}")" = "1775 0 12345" ]
    [ "$(cat "${groups[0]}/memory.limit_in_bytes")" = $((4 << 30)) ]
    [ "$(cat "${groups[1]}/pids.max")" = 1024 ]
    refute "${ordinary[@]}" sh -c "echo 8G >${groups[0]}/memory.limit_in_bytes"
    refute "${ordinary[@]}" sh -c "echo max >${groups[1]}/pids.max"
    "${ordinary[@]}" mkdir "${groups[0]}/made"
    rmdir "${groups[0]}/made"
}

@test "cgconfig: an ordinary user's box is held by cgroup v1" {
    apply
    bundle b <<<'return 1'
    ends 0 as_member "$runbox" run --report "$T/report" "$T/b"
    says '.enforced | .memory.layer == "cgroup1" and .processes.layer == "cgroup1"'
    says '.memory_peak > 0'
}

@test "cgconfig: memory beyond the limit ends the box; the groups are empty after" {
    apply
    bundle b <<<'local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end'
    ends 137 as_member "$runbox" run -l memory=16M --report "$T/report" "$T/b"
    says '.status == "memory" and .enforced.memory.effective == 16777216'
    [ -z "$(find "${groups[@]}" -mindepth 1 -type d)" ]
}

@test "cgconfig: doctor, run there, finds every controller delegated" {
    apply
    ends 0 as_member "$runbox" doctor --json
    jq -e '[.controllers[].state] == ["works","works","works","works","works","works"]' "$T/out"
    jq -e ".controllers.memory.found | startswith(\"cgroup1 ${groups[0]},\")" "$T/out"
}

@test "systemd reads the units without a word" {
    cp cgroups/systemd/*.{slice,service} "$T"
    sed -i "s#/usr/local/bin/runbox#$runbox#" "$T"/*.service
    timeout 120 systemd-analyze --man=no verify "$T"/*.slice "$T"/*.service >"$T/said" 2>&1
    cat "$T/said"
    [ ! -s "$T/said" ]
}

@test "systemd-analyze would have said a word" {
    cp cgroups/systemd/*.{slice,service} "$T"
    sed -i "s#/usr/local/bin/runbox#$runbox#; s/^Delegate=/Delagate=/" "$T"/*.service
    timeout 120 systemd-analyze --man=no verify "$T"/*.service 2>&1 | grep -q Delagate
}

@test "the example delegates what runbox uses, and runs as an ordinary user" {
    grep -qx 'Delegate=memory pids cpu io' cgroups/systemd/runbox-example.service
    grep -qx 'Slice=runbox.slice' cgroups/systemd/runbox-example.service
    grep -qx 'User=runbox' cgroups/systemd/runbox-example.service
}

@test "leaf.sh: its command runs in a group of its own, with its arguments" {
    [ -e /sys/fs/cgroup/cgroup.controllers ] && top=/sys/fs/cgroup || top=/sys/fs/cgroup/unified
    leaf="$(sed -n 's/^0:://p' /proc/self/cgroup)"
    leaf=${leaf%/}/runbox-leaf
    groups+=("$top$leaf")
    sh cgroups/systemd/leaf.sh sh -c 'cat /proc/self/cgroup; printf "%s|" "$@"' sh 'a b' c >"$T/out"
    grep -qx "0::$leaf" "$T/out"
    grep -qF 'a b|c|' "$T/out"
    sh cgroups/systemd/leaf.sh true
    refute sh cgroups/systemd/leaf.sh false
}
