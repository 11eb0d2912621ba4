#!/usr/bin/env bats
# In a container's root group of cgroup v2, which has processes: runbox makes room by itself, for root and for a user whose
# group it is; a process that is another's is left where it is, and what was in the way is said.

load v2

setup() {
    programs_for_all
    bundle b <<<'return box.arg'
    bundle hello <<<'return 1'
    mkdir "$root/box"
}

teardown() {
    local left

    for left in "${lives[@]}"; do
        kill -KILL "$left" 2>/dev/null && wait "$left" 2>/dev/null || true
    done
    [ ! -d "$root/box/runbox-leaf" ] || until_holds rmdir "$root/box/runbox-leaf"
    until_holds rmdir "$root/box"
}

# contained [AS...] -- SCRIPT: SCRIPT is the first process of a container, as a runtime makes one: in its own PID, mount and
# cgroup namespaces, with /proc (unless $proc is empty) and /sys/fs/cgroup of its own; AS: what gives up root before it.
contained() {
    local become=()

    while [ "$1" != -- ]; do
        become+=("$1")
        shift
    done
    bin=$bin T=$T runbox=$runbox unshare --pid --fork ${proc-"--mount-proc"} sh -c '
        echo 1 >"$0/box/cgroup.procs" && exec unshare --cgroup --mount sh -c "
            umount $0 && mount -t cgroup2 cgroup2 $0 && exec \"\$@\"" sh "$@"' "$root" "${become[@]}" bash -c "$2" 3>&-
}

leaf='[ -z "$(cat /sys/fs/cgroup/cgroup.procs)" ] && [ "$(sed -n s/^0:://p /proc/1/cgroup)" = /runbox-leaf ]'

@test "root: a run, a batch and a server have their groups, beside a leaf with all that was there" {
    contained -- 'sleep 600 & "$runbox" run --report "$T/report" "$T/hello" && '"$leaf"' && grep -qx 0::/runbox-leaf /proc/$!/cgroup &&
        "$runbox" run --report "$T/again" "$T/hello" &&
        seq 3 | jq -c "{arg: .}" | "$runbox" batch -q "$T/b" >"$T/out" && [ -z "$(ls -d /sys/fs/cgroup/runbox.*)" ]'
    for report in report again; do
        jq -e '.enforced | all(.memory, .processes; .layer == "cgroup2")' "$T/$report"
    done
    jq -se 'map(.result) == [1, 2, 3] and all(.report.enforced.memory.layer == "cgroup2")' "$T/out"
}

@test "root: where /proc is the host's, it is the container's processes that are looked at, not those of their numbers there" {
    proc=
    contained -- 'sleep 600 & "$runbox" run --report "$T/report" "$T/hello" && [ -z "$(cat /sys/fs/cgroup/cgroup.procs)" ]'
    says '.enforced | all(.memory, .processes; .layer == "cgroup2")'
}

@test "root: whichever verb comes first makes the room; a named parent may be the container's root" {
    contained -- 'echo "{}" | "$runbox" batch -q "$T/hello" >"$T/out" && '"$leaf"
    jq -e '.report.enforced.memory.layer == "cgroup2"' "$T/out"
    rmdir "$root/box/runbox-leaf" && rmdir "$root/box" && mkdir "$root/box"
    contained -- '"$runbox" serve --socket "$T/s" "$T/hello" 2>"$T/err" & until "$runbox" stats --socket "$T/s"; do sleep 0.2; done >/dev/null 2>&1
        '"$leaf"' && kill -TERM $! && wait $!'
    rmdir "$root/box/runbox-leaf" && rmdir "$root/box" && mkdir "$root/box"
    contained -- '"$runbox" run --cgroup-parent / --report "$T/report" "$T/hello"'
    says '.enforced.memory.layer == "cgroup2"'
}

unmoved='[ "$(sed -n s/^0:://p /proc/1/cgroup)" = / ] && [ -z "$(ls -d /sys/fs/cgroup/*/ 2>/dev/null)" ]'

@test "explain, check and doctor say what a run would do, and move nothing" {
    contained -- '"$runbox" explain "$T/hello" >"$T/explained" && '"$unmoved"' && "$runbox" check "$T/hello" && '"$unmoved"' &&
        "$runbox" doctor --json >"$T/found"; [ $? -eq 0 ] && '"$unmoved"' && [ -z "$(cat /sys/fs/cgroup/cgroup.subtree_control)" ]'
    grep -qE '^ *memory .* cgroup2$' "$T/explained"
    jq -e '.limits | all(.memory, .processes; .layer == "cgroup2")' "$T/found"
    jq -e '.enforceable and (.defaults["a box"].found | endswith("without its groups)")) and .profiles.files.state == "works"' "$T/found"
    jq -e '.controllers.delegation.found | endswith("once a run has moved all processes of the container'"'"'s root group to runbox-leaf below it")' "$T/found"
    # What a run then does.
    contained -- '"$runbox" run --report "$T/report" "$T/hello" && '"$leaf"
    says '.enforced | all(.memory, .processes; .layer == "cgroup2")'
}

# As systemd notes it with a unit's group: setxattr NAME=VALUE...
setxattr() {
    /usr/bin/python3 -c 'import os, sys
for name, _, value in (word.partition("=") for word in sys.argv[2:]):
    os.setxattr(sys.argv[1], name, value.encode())' "$root/box" "$@"
}

@test "a unit of systemd in a cgroup namespace: without Delegate= nothing is moved, and that is said; with it, all is" {
    local booted='mount -t tmpfs none /run && mkdir -p /run/systemd/system && '

    why="cgroup v2: the container's root group has processes, so it cannot have limited children, and systemd manages it and has not delegated it: give runbox's unit Delegate=yes"
    for noted in user.invocation_id=0123456789abcdef0123456789abcdef trusted.invocation_id=0123456789abcdef0123456789abcdef ""; do
        [ -z "$noted" ] || setxattr "$noted"
        [ -z "$noted" ] || booted=
        contained -- "${booted}"'"$runbox" run --report "$T/report" "$T/hello" && '"$unmoved"' || exit
            "$runbox" run -l cpus=0.5 "$T/hello" 2>"$T/err"; [ $? -eq 125 ] && '"$unmoved"
        says '.enforced.memory.layer == "arena"'
        grep -qF "($why (systemd.resource-control(5)))" "$T/err"
        rmdir "$root/box" && mkdir "$root/box"
        booted='mount -t tmpfs none /run && mkdir -p /run/systemd/system && '
    done
    for delegate in user trusted; do
        setxattr "$delegate.invocation_id=0123456789abcdef0123456789abcdef" "$delegate.delegate=1"
        contained -- "$booted"'"$runbox" run --report "$T/report" "$T/hello" && '"$leaf"
        says '.enforced.memory.layer == "cgroup2"'
        rmdir "$root/box/runbox-leaf" && rmdir "$root/box" && mkdir "$root/box"
    done
}

@test "a user whose container it is: likewise; not where a process is another's, which is said" {
    chown 12345:12345 "$root/box" "$root/box"/cgroup.{procs,threads,subtree_control}
    contained "${ordinary[@]}" -- '"$runbox" run --report "$T/report" -l cpus=0.5 "$T/hello" && '"$leaf"
    says '.enforced | all(.memory, .processes, .cpus; .layer == "cgroup2")'
    rmdir "$root/box/runbox-leaf" && rmdir "$root/box" && mkdir "$root/box"
    chown 12345:12345 "$root/box" "$root/box"/cgroup.{procs,threads,subtree_control}
    contained -- 'sleep 600 & as="setpriv --reuid 12345 --regid 12345 --clear-groups"
        $as "$runbox" run --report "$T/report" "$T/hello" || exit
        $as "$runbox" run -l cpus=0.5 "$T/hello" 2>"$T/err"; [ $? -eq 125 ] || exit
        [ -n "$(cat /sys/fs/cgroup/cgroup.procs)" ]'
    [ ! -d "$root/box/runbox-leaf" ]
    says '.enforced | .memory.layer == "arena" and .processes.layer == "rlimit"'
    why="cgroup v2: the container's root group has processes, so it cannot have limited children, and process 1 is another user's: move them all"
    [ "$(wc -l <"$T/err")" -eq 1 ]
    grep -qF "cpus=0.5 needs the cgroup controller \"cpu\", which runbox cannot use on this host ($why" "$T/err"
}

@test "a cgroup namespace around a process of the host's session, and a process that cannot be seen: nothing is moved" {
    sleep 600 3>&- &
    lives+=($!)
    echo $! >"$root/box/cgroup.procs"
    "${within[@]}" "$root/box" unshare --cgroup --mount sh -c 'umount "$0" && mount -t cgroup2 cgroup2 "$0" && shift && exec "$@"' "$root" - \
        "$runbox" doctor --json >"$T/out" 2>"$T/err" 3>&- || true
    jq -e '.controllers.memory.found | contains("process '$!' is in another cgroup namespace")' "$T/out"
    contained -- '"$runbox" doctor --json >"$T/out"; "$runbox" run --report "$T/report" "$T/hello"'
    jq -e '.controllers.memory.found | contains("process 0 is outside of its PID namespace")' "$T/out"
    says '.enforced.memory.layer == "arena"'
    [ ! -d "$root/box/runbox-leaf" ]
    [ "$(cat "$root/box/cgroup.procs")" = "$!" ]
}

@test "processes that are hidden (hidepid), and more of them than the kernel lists at once: all are looked at before one is moved" {
    chown 12345:12345 "$root/box" "$root/box"/cgroup.{procs,threads,subtree_control}
    contained -- 'mount -o remount,hidepid=2 /proc && as="setpriv --reuid 12345 --regid 12345 --clear-groups"
        $as "$runbox" run -l cpus=0.5 "$T/hello" 2>"$T/err"; [ $? -eq 125 ] && '"$unmoved"
    grep -qF ", and process 1 cannot be looked at: move them all" "$T/err"
    # Seven digits each, so that fewer than a thousand fill a page.
    contained -- 'echo 4194304 >/proc/sys/kernel/pid_max && echo 1000000 >/proc/sys/kernel/ns_last_pid &&
        /usr/bin/python3 -c "
import os, signal
for _ in range(700):
    if os.fork() == 0:
        signal.pause()" || exit
        [ "$(wc -c </sys/fs/cgroup/cgroup.procs)" -gt 5000 ] || exit
        unshare --cgroup sleep 600 & other=$!
        until [ "$(readlink /proc/$other/ns/cgroup)" != "$(readlink /proc/1/ns/cgroup)" ]; do sleep 0.1; done
        "$runbox" run -l cpus=0.5 "$T/hello" 2>"$T/err"; [ $? -eq 125 ] && '"$unmoved"' && grep -qF ", and process $other is in another cgroup namespace: " "$T/err" || exit
        kill $other; wait $other; "$runbox" run -l cpus=0.5 --report "$T/report" "$T/hello" && '"$leaf"'
        [ "$(wc -l </sys/fs/cgroup/runbox-leaf/cgroup.procs)" -gt 700 ]'
    says '.enforced.cpus.layer == "cgroup2"'
}

@test "a process that comes between the look and the groups: the step is named, with its cause and its cure" {
    contained -- 'strace -f -qq -o /dev/null -P /sys/fs/cgroup/cgroup.subtree_control -e trace=write -e inject=write:error=EBUSY \
        "$runbox" run "$T/hello" 2>"$T/err"; [ $? -eq 125 ]'
    [ "$(wc -l <"$T/err")" -eq 1 ]
    grep -qF 'the group that is to have limited children has processes of its own: move them to a group below it, as leaf.sh does' "$T/err"
}
