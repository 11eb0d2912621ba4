#!/usr/bin/env bats
# `runbox doctor`: what it says agrees with /proc and /sys, with what a run does, and with itself.

load lib

setup() {
    programs_for_all
    cp "${B:-build}/runbox-cgroups" "$bin"
}

# doctor STATUS [COMMAND...]: its JSON in $T/json, of the process that COMMAND starts it in.
doctor() {
    ends "$1" "${@:2}" "$runbox" doctor --json
    mv "$T/out" "$T/json"
}

finds() {
    jq -e "$1" "$T/json" >"$T/jq" || {
        echo "does not hold: $1"
        cat "$T/json"
        return 1
    }
}

# In a user namespace of its own whose user 12345 may make no other.
no_user_namespaces=(unshare --user --map-user=12345 --keep-caps
    sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"' sh)

@test "the kernel: as uname, the auxiliary vector and /proc have it" {
    doctor 0
    finds ".kernel.version.found == \"$(uname -s) $(uname -r) $(uname -m)\""
    grep -q '\[vdso\]' /proc/self/maps
    finds '.kernel.vdso.state == "works"'
    for word in kill_process user_notif; do
        grep -qw $word /proc/sys/kernel/seccomp/actions_avail
    done
    finds '[.kernel | .seccomp, .notification, .listener | .state] == ["works", "works", "works"]'
    if [ "$(wc -l </proc/swaps)" -eq 1 ]; then
        finds '.kernel.swap.found | test("none")'
    else
        finds '.kernel.swap.found | test("MiB")'
    fi
}

@test "eight namespaces, as root and as an ordinary user" {
    for as in env "${ordinary[*]}"; do
        doctor 0 $as
        finds '.namespaces | keys == ["cgroup","ipc","mount","network","pid","time","user","uts"]'
        finds 'all(.namespaces[]; .state == "works" and .how == null)'
        finds ".namespaces.user.found | test(\"max_user_namespaces=$(cat /proc/sys/user/max_user_namespaces)\")"
    done
}

@test "controllers stand where a run of root makes its groups" {
    doctor 0
    for controller in memory pids cpu; do
        parent=$(group_parents | grep "/$controller\(/\|$\)")
        [ -n "$parent" ]
        finds ".controllers.$controller | .state == \"works\" and (.found | startswith(\"cgroup1 $parent,\"))"
    done
    finds '.controllers | .delegation.state == "works" and .libcgroup.state == "works"'
    finds '.limits.memory == {"asked": 67108864, "effective": 67108864, "layer": "cgroup1"}'
}

@test "an ordinary user without a group: what is missing, how to get it, and the defaults hold" {
    doctor 0 "${ordinary[@]}"
    finds '.controllers.memory | .state == "missing" and (.found | test("uid 12345")) and .how != null'
    finds '.controllers.delegation.how | test("Delegate=yes") and test("cgconfigparser")'
    finds '.limits | .memory.layer == "arena" and .processes.layer == "rlimit"'
    finds '.kernel["box ids"].found | test("12345")'
}

@test "where no user namespace may be made: missing, seven untried, exit 1" {
    doctor 1 "${no_user_namespaces[@]}"
    finds '.namespaces.user | .state == "missing" and (.how | startswith("sysctl -w user.max_user_namespaces="))'
    finds '[.namespaces[] | select(.state == "untried")] | length == 7'
    finds '.enforceable == false and (.verdict | test("user namespace"))'
    bundle b <<<'return 1'
    ends 125 "${no_user_namespaces[@]}" "$runbox" run "$T/b"
}

# No cgroup file system at all.
unmounted=(unshare --mount --propagation private sh -c 'umount -R /sys/fs/cgroup; exec "$@"' sh)

@test "root is never told to become root; a cgroup file system that is read-only is named" {
    unwise='[.. | objects | .how? // empty, .found? // empty | select(test("as root|--user"))] == []'
    bundle b <<<'return 1'
    doctor 1 unshare --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"' sh
    finds '.namespaces.user.how | startswith("sysctl -w user.max_user_namespaces=")'
    finds "$unwise"
    readonly=(unshare --mount --propagation private sh -c 'for at in /sys/fs/cgroup $(awk "\$5 ~ /^\/sys\/fs\/cgroup\// { print \$5 }" /proc/self/mountinfo); do
        mount -o remount,bind,ro "$at"; done; exec "$@"' sh)
    for host in unmounted readonly; do
        declare -n within=$host
        doctor 0 "${within[@]}"
        finds "$unwise"
        finds '.controllers | .delegation.state == "missing" and .cpu.state == "missing"'
        ends 125 "${within[@]}" "$runbox" run -l cpus=0.5 "$T/b"
        [ "$(wc -l <"$T/err")" -eq 1 ]
        refute grep -qE 'as root|--user' "$T/err"
        ends 0 "${within[@]}" "$runbox" run "$T/b"
    done
    grep -q 'it is mounted read-only: mount it for writing (mount -o remount,rw)' "$T/json"
}

@test "no cgroup file system: how to mount one is said, to a user whom to ask" {
    bundle b <<<'return 1'
    needs='cpus=0.5 needs the cgroup controller "cpu", which runbox cannot use on this host'
    ends 125 "${unmounted[@]}" "$runbox" run -l cpus=0.5 "$T/b"
    grep -qF "$needs (no cgroup hierarchy is mounted: mount -t cgroup2 none /sys/fs/cgroup); cpus=1 with processes=1 needs none" "$T/err"
    ends 125 "${unmounted[@]}" "${ordinary[@]}" "$runbox" run -l cpus=0.5 "$T/b"
    grep -qF "$needs (no cgroup hierarchy is mounted: ask root to mount -t cgroup2 none /sys/fs/cgroup)" "$T/err"
    rm "$bin/runbox-cgroups" # which doctor does not need for that
    doctor 0 "${unmounted[@]}"
    finds '.controllers.memory | (.found | startswith("no cgroup hierarchy is mounted: ")) and (.how | startswith("mount it: "))'
    # One controller of v1's.
    ends 125 unshare --mount --propagation private sh -c 'for at in $(awk "/ - cgroup .*[, ]cpu(,|\$)/ { print \$5 }" /proc/self/mountinfo); do umount "$at"; done; exec "$@"' sh "$runbox" run -l cpus=0.5 "$T/b"
    grep -qF "$needs (the controller is not mounted, or this kernel has none (/proc/cgroups): mount -t cgroup -o cpu none /sys/fs/cgroup/cpu)" "$T/err"
    ends 125 "${ordinary[@]}" "$runbox" run -l cpus=0.5 "$T/b"
    grep -qE 'cannot make a group below its own.*: run it as root, or ' "$T/err"
}

@test "root that has no ids to give is told so, exit 1, as run tells it" {
    doctor 1 unshare --user --map-root-user
    finds '.kernel["box ids"].state == "missing" and .enforceable == false'
    bundle b <<<'return 1'
    ends 125 unshare --user --map-root-user "$runbox" run "$T/b"
    grep -qF "$(jq -r .verdict "$T/json")" "$T/err"
}

@test "exit 0 means that a run works, with the layers that it said" {
    records
    bundle b <<<'return 1'
    for as in env "${ordinary[*]}"; do
        doctor 0 $as
        $as "$runbox" run --json "$T/b" <<<'{}' | jq -c 'select(.Report).Report.enforced | map_values(.layer)' >"$T/ran"
        jq -c '.limits | map_values(.layer)' "$T/json" | diff - "$T/ran"
    done
}

@test "no runbox-lua: missing, no box, exit 1" {
    rm "$bin/runbox-lua"
    doctor 1
    finds '.programs["runbox-lua"].state == "missing" and .defaults["a box"].state == "missing"'
    finds '.verdict | test("runbox-lua")'
}

@test "libcgroup is only asked: without it, or with a broken one, the verdict is the same" {
    rm "$bin/runbox-cgroups"
    doctor 0
    finds '.controllers | .libcgroup.state == "missing" and .memory.state == "works"'
    for says in 'echo what' 'exec /bin/false' 'kill -9 $$' 'exec /bin/sleep 60'; do
        printf '#!/bin/sh\n%s\n' "$says" >"$bin/runbox-cgroups"
        chmod 755 "$bin/runbox-cgroups"
        doctor 0
        finds '.controllers | .libcgroup.state == "missing" and .memory.state == "works"'
    done
}

@test "runbox itself knows nothing of libcgroup" {
    refute grep -qa 'libcgroup\.so\|cgroup_init' "$runbox"
    grep -qa cgroup_init "$bin/runbox-cgroups"
}

@test "a profile whose box cannot be made: said in its row and in the verdict, and run says the same" {
    sed -i 's/libmnl\.so\.0/libmnx.so.0/' "$bin/runbox-loopback"
    doctor 0
    finds '.profiles | .files.state == "works" and .network.state == "works" and .loopback.state == "missing" and .loopback.how == "as is said there"'
    finds '.verdict | startswith("all default limits can be enforced here; loopback cannot: network: ")'
    bundle l '"seccomp":{"profile":"network"},"namespaces":{"network":"loopback"}' <<<'return 1'
    ends 125 "$runbox" run "$T/l"
    finds '.verdict | endswith("cannot: '"$(grep '^runbox: ' "$T/err" | sed 's/^runbox: //; s/"/\\"/g')"'")'
}

@test "a box that cannot be made although nothing is missing: where to look is said, not what is missing above" {
    ends 1 strace -f -qq -o "$T/trace" -e trace=pivot_root -e inject=pivot_root:error=EIO "$runbox" doctor --json
    cp "$T/out" "$T/json"
    # Nothing else is missing, but for what a sanitized build does.
    finds '([.kernel, .namespaces, .controllers, .programs, {x: .defaults.limits} | .[].state] | any(. == "missing")) as $other |
        .defaults["a box"] | .state == "missing" and (.how | startswith(if $other then "see what is missing above" else "nothing above is missing" end))'
    [ -n "${SANITIZED:-}" ] || finds '.defaults["a box"].how | startswith("nothing above is missing")'
    finds '.profiles | map(.state) == ["untried", "untried", "untried"]'
}

@test "nothing is left behind" {
    before=$(group_parents | xargs -I{} find {} -maxdepth 1 -name 'runbox.*'; cat /proc/self/mountinfo)
    "$runbox" doctor >"$T/out" 3>&- &
    pid=$!
    wait $pid
    no_groups_of "$pid"
    after=$(group_parents | xargs -I{} find {} -maxdepth 1 -name 'runbox.*.doctor'; cat /proc/self/mountinfo)
    [[ "$before" == *"$after" ]]
}

@test "for people: the same checks on one screen, no colours in a pipe" {
    doctor 0
    ends 0 "$runbox" doctor
    [ "$(wc -l <"$T/out")" -le 50 ]
    refute grep -q $'\033' "$T/out"
    jq -r '. as $all | ("kernel", "namespaces", "controllers", "programs", "defaults", "profiles") | $all[.] | keys_unsorted[]' \
        "$T/json" >"$T/names"
    [ "$(wc -l <"$T/names")" -eq 32 ]
    while read -r name; do
        grep -q "^.\{12\}$name  *works" "$T/out"
    done <"$T/names"
    grep -q '^verdict     all default limits can be enforced here$' "$T/out"
}

@test "on a terminal: colours, unless told otherwise" {
    script -qec "$runbox doctor" /dev/null </dev/null >"$T/out" 3>&-
    grep -q $'\033\[32mworks' "$T/out"
    script -qec "$runbox doctor --no-color" /dev/null </dev/null >"$T/out" 3>&-
    refute grep -q $'\033' "$T/out"
}

@test "the manual names every section and every check" {
    doctor 0
    page=$(mandoc -T ascii man/runbox-doctor.1 | col -b)
    while read -r name; do
        [[ "$page" == *"$name"* ]] || {
            echo "not in the manual: $name"
            return 1
        }
    done < <(jq -r 'keys[], (del(.limits)[] | objects | keys[])' "$T/json")
}

@test "usage, help, a full disk" {
    ends 2 "$runbox" doctor --no-such
    ends 2 "$runbox" doctor now
    ends 0 "$runbox" doctor --help
    grep -q '^usage: runbox doctor' "$T/out"
    ends 125 sh -c "'$runbox' doctor >/dev/full"
    ends 0 "$runbox" --help
    grep -q '^  doctor ' "$T/out"
}

@test "where no box can be made at all, the rest is still looked at, and no row is empty" {
    ends 0 "$runbox" doctor --json
    mv "$T/out" "$T/host"
    ends 1 unshare -Ur "$runbox" doctor --json
    jq -e '.verdict | test("cannot give a box an id of its own")' "$T/out"
    jq -e --slurpfile host "$T/host" '.kernel.landlock == $host[0].kernel.landlock' "$T/out"
    jq -e '[.kernel, .namespaces, .controllers | .[] | .found] | length > 20 and all(length > 0 and (startswith(" ") | not))' "$T/out"
}
