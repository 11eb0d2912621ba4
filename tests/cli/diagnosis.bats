#!/usr/bin/env bats
# What stands in the way where a box cannot be made, and what removes it: each row of runtime/jail/diagnosis.def, by the real
# host where it can be had here, else by a step that fails (strace --inject) on a host that shows what the row looks for.

load groups

setup() {
    programs_for_all
    bin=$(dirname "$runbox")
    cp "$(realpath "${B:-build}")/tests/tools/refusing" "$bin"
    bundle b <<<'return 1'
    bundle named '"namespaces":{"hostname":"jar"}' <<<'return 1'
    chmod -R a+rX "$T/b" "$T/named"
}

# failed COMMAND...: it ends as setup, in one line, which is stored.
failed() {
    ends 125 "$@"
    [ "$(wc -l <"$T/err")" -eq 1 ]
}

# says_cause CAUSE CURE: both are in that line, with a manual.
says_cause() {
    grep -qF "; $1: $2" "$T/err" && grep -qE '\(.*([0-9]\)|/proc/sys/user)\)?' "$T/err" || {
        cat "$T/err"
        return 1
    }
}

says_nothing_of() {
    [ "$(grep -c "$1" "$T/err")" -eq 0 ]
}

# injected CALL ERROR: the run's child, or broker, gets it.
injected() {
    rm -f "$T/trace"
    failed "${host[@]}" "${as[@]}" strace -f -qq -o "$T/trace" -e "trace=$1" -e "inject=$1:error=$2" "$runbox" run "$T/b"
}

# shows DIRECTORY FILE TEXT: a host, in a mount namespace of its own, that has this file there.
shows() {
    host=(unshare --mount sh -c 'mount -t tmpfs none "$1" && mkdir -p "$(dirname "$1/$2")" && echo "$3" >"$1/$2" && shift 3 && exec "$@"' sh "$1" "$2" "$3")
}

as=()
host=()

# A user, in a user namespace of its own, who may make no namespace of a kind.
without() {
    as=(unshare --user --map-user=12345 --map-group=12345 --keep-caps
        sh -c 'echo 0 >/proc/sys/user/max_'"$1"'_namespaces; exec setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all "$@"' sh)
}

@test "a kind of namespace that may not be made is named, whichever step makes it" {
    without user
    failed "${as[@]}" "$runbox" run "$T/b"
    says_cause "no user namespace may be made (user.max_user_namespaces=0)" "raise it with sysctl(8)"
    for kind in pid ipc uts time mnt; do
        without $kind
        failed "${as[@]}" "$runbox" run "$T/b"
        grep -q '^runbox: clone3: ' "$T/err"
        says_cause "no $kind namespace may be made (user.max_${kind}_namespaces=0)" "raise it with sysctl(8)"
    done
    for kind in net cgroup; do
        without $kind
        failed "${as[@]}" "$runbox" run "$T/b"
        grep -q '^runbox: jail: ' "$T/err"
        says_cause "no $kind namespace may be made (user.max_${kind}_namespaces=0)" "raise it with sysctl(8)"
    done
}

@test "as many namespaces as may be, or nested as deep: that is said" {
    injected clone3 ENOSPC
    says_cause "there are as many namespaces of a kind as may be (user.max_*_namespaces), or they are nested more than 32 deep" "raise it"
    injected unshare ENOSPC
    says_cause "there are as many network namespaces as may be (user.max_net_namespaces)" "raise it"
    injected unshare ENOSPC:when=2
    says_cause "there are as many cgroup namespaces as may be (user.max_cgroup_namespaces)" "raise it"
    # Where clone3 makes none, the child does (Linux before 6.3).
    without time
    late=(strace -f -qq -o "$T/trace" -e trace=clone3 -e inject=clone3:error=EINVAL:when=1)
    rm -f "$T/trace"
    failed "${as[@]}" "${late[@]}" "$runbox" run "$T/b"
    grep -q '^runbox: jail: time namespace: ' "$T/err"
    says_cause "no time namespace may be made (user.max_time_namespaces=0)" "raise it with sysctl(8)"
    as=()
    rm -f "$T/trace"
    failed "${late[@]}" -e trace=clone3,unshare -e inject=unshare:error=ENOSPC:when=3 "$runbox" run "$T/b"
    says_cause "there are as many time namespaces as may be (user.max_time_namespaces)" "raise it"
    # Of a kind that this step does not make.
    without net
    injected clone3 ENOSPC
    says_cause "there are as many namespaces of a kind as may be (user.max_*_namespaces), or they are nested more than 32 deep" "raise it"
    # A user namespace in a user namespace, and so on, 33 times.
    # shellcheck disable=SC2016
    failed "${ordinary[@]}" bash -c 'n=$1 && shift && if [ "$n" -gt 0 ]; then exec unshare --map-current-user bash -c "$BASH_EXECUTION_STRING" sh $((n - 1)) "$@"; else exec "$@"; fi' \
        sh 33 "$runbox" run "$T/b"
    says_cause "there are as many namespaces of a kind as may be (user.max_*_namespaces), or they are nested more than 32 deep" "raise it with sysctl(8), end"
}

@test "a user whom no id was mapped to" {
    failed unshare --user "$runbox" run "$T/b"
    says_cause "this user, or its group, has no id in its user namespace" "map both (unshare --map-current-user)"
    failed unshare --user --map-user=12345 --keep-caps setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all "$runbox" run "$T/b"
    says_cause "this user, or its group, has no id in its user namespace" "map both"
}

@test "a user whose id is what one without any is shown as" {
    as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    injected clone3 EPERM
    says_cause "this user, or its group, may have no id in its user namespace" "map both"
    as=("${ordinary[@]}")
    injected clone3 EPERM
    says_nothing_of "no id"
}

@test "in a chroot: for root, and for a user, the kernel makes no user namespace" {
    mkdir -p "$T/root/"{proc,sys,tmp}
    cp "$bin"/runbox* "$T/root/"
    cp -r "$T/b" "$T/root/b"
    for user in 0 12345; do
        failed unshare --mount sh -c 'mount -t proc proc "$1/proc" && exec chroot --userspec="$2:$2" "$1" /runbox run /b' sh "$T/root" $user
        says_cause "the kernel makes no user namespace for a process in a chroot" "start runbox outside it"
    done
}

@test "ordinary users who may make none, and a security module that denies them" {
    as=("${ordinary[@]}")
    shows /proc/sys/kernel unprivileged_userns_clone 0
    injected clone3 EPERM
    says_cause "this host lets ordinary users make no user namespaces (kernel.unprivileged_userns_clone=0)" "sysctl -w"
    host=()
    injected clone3 EACCES
    says_cause "a security module (AppArmor, SELinux) denies this program user namespaces" "for AppArmor load the profile"
}

@test "AppArmor that restricts ordinary users' namespaces: the profile is offered to them, wherever it shows" {
    as=("${ordinary[@]}")
    shows /proc/sys/kernel apparmor_restrict_unprivileged_userns 1
    for call in clone3:clone3 unshare:jail mount:jail pivot_root:jail setresuid:jail; do
        injected "${call%:*}" EPERM
        grep -q "^runbox: ${call#*:}: " "$T/err"
        case $call in
        clone3*) says_cause "AppArmor restricts user namespaces (kernel.apparmor_restrict_unprivileged_userns=1)" "load the profile contrib/apparmor/runbox" ;;
        *) says_cause "AppArmor takes the rights in a new user namespace (kernel.apparmor_restrict_unprivileged_userns=1)" "load the profile contrib/apparmor/runbox" ;;
        esac
    done
    as=()
    injected clone3 EPERM
    says_nothing_of AppArmor
}

@test "a kernel without a namespace, and a lack of processes" {
    injected clone3 EINVAL
    says_cause "this kernel lacks a namespace that a box has, or clone3's flags" "Linux 5.10 or newer"
    for call in clone3 clone; do # of the box, and fork(2) of the monitor
        injected $call EAGAIN
        says_cause "there are as many processes as may be" "raise pids.max of runbox's group, or ulimit -u"
    done
    grep -q '^runbox: broker: starting the monitor: ' "$T/err"
}

@test "a filter around runbox that refuses a step is named, for root and for a user; a step that confines nothing may be refused" {
    for as in "" "${ordinary[*]}"; do
        for call in clone3 unshare mount pivot_root seccomp; do
            for error in EPERM ENOSYS; do
                failed $as "$bin/refusing" $error $call "$runbox" run "$T/b"
                says_cause "a seccomp filter around runbox, such as a container's, may refuse it" "give the container a profile that allows"
            done
        done
        # Broker and monitor both meet it, in this order or the other: one of them says so.
        failed $as strace -qq -o /dev/null -e trace=prctl -e inject=prctl:delay_enter=300000 \
            "$bin/refusing" EPERM seccomp "$runbox" run "$T/b"
        for error in EPERM ENOSYS; do
            failed $as "$bin/refusing" $error openat2 "$runbox" run "$T/b"
            says_cause "a seccomp filter around runbox, such as a container's, may refuse it" "give the container a profile that allows openat2"
        done
        for error in EPERM ENOSYS; do
            ends 0 $as "$bin/refusing" $error keyctl,add_key,request_key,landlock_create_ruleset,process_vm_readv,sethostname "$runbox" run "$T/b"
        done
        failed $as "$bin/refusing" EPERM sethostname "$runbox" run "$T/named"
        grep -q '^runbox: jail: host name: ' "$T/err"
        says_cause "a seccomp filter around runbox, such as a container's, may refuse it" "give the container a profile that allows sethostname, or the manifest no hostname"
    done
    as=()
    injected openat2 ENOSYS
    says_cause "this kernel has no openat2" "Linux 5.10 or newer"
}

@test "the box program: not to be executed, not to be read" {
    injected execveat EACCES
    says_nothing_of "may not be executed"
    for mode in 644 744; do
        chmod $mode "$bin/runbox-lua"
        failed "${ordinary[@]}" "$runbox" run "$T/b"
        says_cause "runbox-lua may not be executed" "give it mode 0755"
    done
    # Whose run's child is another user than the program's.
    failed "$runbox" run "$T/b"
    says_cause "runbox-lua may not be executed" "give it mode 0755"
    chown -R 12345:12345 "$bin"
    chmod 700 "$bin/runbox-lua"
    ends 0 "${ordinary[@]}" "$runbox" run "$T/b"
    as=("${ordinary[@]}")
    injected execveat EACCES
    says_nothing_of "may not be executed"
    as=()
    chown -R 0:0 "$bin"
    chmod 755 "$bin/runbox-lua"
    failed unshare --mount sh -c 'mount --bind "$1" "$1" && mount -o remount,bind,noexec "$1" && shift && exec "$@"' sh \
        "$bin/runbox-lua" "$runbox" run "$T/b"
    says_cause "runbox-lua may not be executed" "give it mode 0755, on a file system that is not mounted noexec"
}

@test "a box program that cannot be read: a user's box cannot be read back; root's can" {
    chmod 711 "$bin/runbox-lua"
    for refused in "" "$bin/refusing EPERM pidfd_getfd"; do # where no listener is asked for, the namespaces are read
        failed "${ordinary[@]}" $refused "$runbox" run "$T/b"
        says_cause "runbox-lua cannot be read, and the kernel protects what it becomes" "give it mode 0755"
        cause="runbox-lua cannot be read, and the kernel protects what it becomes: give it mode 0755"
        for fresh in "" --fresh; do
            echo '{}' | ends 1 "${ordinary[@]}" $refused "$runbox" batch $fresh "$T/b"
            jq -e --arg cause "; $cause" '.report | .status == "setup" and (.message | contains($cause))' "$T/out" >"$T/jq"
        done
        ends 1 "${ordinary[@]}" $refused "$runbox" doctor --json
        jq -e --arg cause "; $cause" '.verdict | contains($cause)' "$T/out" >"$T/jq"
        ends 0 $refused "$runbox" run "$T/b"
    done
}

# forked_hold_nothing PID NUMBER: the template of this batch has forked as many boxes at least, and each has two descriptors.
forked_hold_nothing() {
    local template boxes box

    read -r template _ <<<"$(made_by "$1")"
    read -ra boxes <<<"$(cat "/proc/$template/task/$template/children")"
    [ "${#boxes[@]}" -ge "$2" ] || return 1
    for box in "${boxes[@]}"; do
        [ "$(ls "/proc/$box/fd" | xargs)" = "0 1" ] || return 1
    done
}

@test "a filter around runbox that refuses close_range, as old containers' do: nothing stays open in a box, run or batch" {
    exec {stray}</dev/null
    bundle live <<<'print("ready") io.read()'
    bundle spins <<<'while true do end'
    chmod -R a+rX "$T/live" "$T/spins"
    for error in ENOSYS EPERM; do
        rm -f "$T"/live.* "$T/trace"
        as=(strace -D -f -qq -o "$T/trace" -e trace=close_range -e inject=close_range:error=$error)
        live live "$T/live"
        [ "$(ls "/proc/$box/fd" | xargs)" = "0 1" ] # its wire, and the listener that was taken from it
        refute ls -l "/proc/$monitor/fd/$stray" 2>/dev/null
        echo >&"$input"
        ended 0
        printf '{}\n{}\n' | ends 0 "${as[@]}" "$runbox" batch "$T/b"
        grep -q INJECTED "$T/trace"
        printf '{}\n{}\n{}\n' >"$T/jobs"
        "${as[@]}" "$runbox" batch -q -j 2 -f "$T/jobs" "$T/spins" >"$T/out" 2>"$T/err" 3>&- &
        pid=$!
        lives+=("$pid")
        until_holds forked_hold_nothing "$pid" 2
        kill -TERM "$pid"
        wait "$pid" || true
    done
    exec {stray}<&-
}

# TOMOYO, before Linux 6.12; tests/vm/inner/lacks.bats has it for real.
@test "an exec that wants a name: the next box has it, a template's, too; there is no third" {
    named=(strace -f -qq -o "$T/trace" -e trace=execveat,mkdirat -e inject=execveat:error=ENOENT)
    failed "${named[@]}" "$runbox" run "$T/b"
    [ "$(grep -c 'execveat(.*INJECTED' "$T/trace")" -eq 2 ]
    sed '0,/INJECTED/d' "$T/trace" | sed -n '/mkdirat(AT_FDCWD, "\/dev\/fd\/1", 0555/,$p' | grep -q 'execveat(1, '
    echo '{}' >"$T/jobs"
    ends 1 "${named[@]}" "$runbox" batch -f "$T/jobs" "$T/b"
    number=$(sed -n 's|.*mkdirat(AT_FDCWD, "/dev/fd/\([0-9]*\)", 0555) *= 0|\1|p' "$T/trace" | tail -n 1)
    grep -q "execveat($number, " "$T/trace"
}

@test "clone3 that does not know CLONE_NEWTIME: the child makes its time namespace; so it does for a batch" {
    bundle live <<<'print("ready") io.read()'
    chmod -R a+rX "$T/live"
    for as in "" "${ordinary[*]}"; do
        rm -f "$T"/live.* "$T/trace"
        as=($as strace -D -f -qq -o "$T/trace" -e trace=clone3,setns -e inject=clone3:error=EINVAL:when=1)
        live live --report "$T/report" "$T/live"
        [ "$(readlink "/proc/$box/ns/time")" != "$(readlink /proc/self/ns/time)" ]
        [ "$(readlink "/proc/$box/ns/time")" = "$(readlink "/proc/$box/ns/time_for_children")" ]
        echo >&"$input"
        ended 0
        grep -q 'setns(.*CLONE_NEWTIME) *= 0' "$T/trace"
        says 'has("absent") | not'
        rm "$T/report"
    done
    printf '{}\n{}\n' | ends 0 "${as[@]}" "$runbox" batch "$T/b"
}

@test "a kernel without time namespaces: boxes share runbox's; report, explain and doctor say so" {
    lacking=(unshare --mount sh -c 'mkdir "$1" && : >"$1/user" && mount --bind "$1" /proc/$$/ns && shift && exec "$@"' sh "$T/ns")
    ends 0 "${lacking[@]}" strace -D -f -qq -o "$T/trace" -e trace=clone3,setns,unshare -e inject=clone3:error=EINVAL:when=1 \
        "$runbox" run --report "$T/report" "$T/b"
    says '.absent == ["time_namespace"]'
    refute grep NEWTIME.*=\ 0 "$T/trace"
    rm -r "$T/ns"
    "${lacking[@]}" "$runbox" explain --json "$T/b" >"$T/report"
    says '.namespaces.new == ["user","mount","pid","ipc","uts","cgroup","network"]'
}

@test "Yama that lets nobody look into another: boxes run, and what they may not call has no name; so with a module that does not say so" {
    shows /proc/sys/kernel yama/ptrace_scope 3
    ends 0 "${host[@]}" "$runbox" run --report "$T/report" "$T/b"
    says '.unnamed == "yama"'
    ends 0 "${host[@]}" "$runbox" doctor --json
    jq -e '.kernel.naming | .state == "missing" and (.found | contains("kernel.yama.ptrace_scope=3")) and (.how | startswith("boot with a smaller"))' \
        "$T/out" >"$T/jq"
    # The broker's first pidfd_getfd is its own question.
    failed strace -f -qq -o "$T/trace" -e trace=pidfd_getfd -e inject=pidfd_getfd:error=EPERM:when=2 "$runbox" run "$T/b"
    says_cause "a security module lets no process look into another, and so none take the box's listener" "allow runbox that"
}

@test "batch and serve say the same as run, and doctor does" {
    without net
    failed "${as[@]}" "$runbox" run "$T/b"
    cause=$(sed 's/^runbox: //' "$T/err")
    echo '{}' | ends 1 "${as[@]}" "$runbox" batch "$T/b"
    [ "$(jq -r .report.message "$T/out")" = "$cause" ]
    ends 1 "${as[@]}" "$runbox" doctor --json
    [ "$(jq -r .verdict "$T/out")" = "$cause" ]
}

@test "a quota around runbox that is smaller than cpus" {
    for as in "" "${ordinary[*]}"; do
        around cpu cpu.cfs_quota_us 20000
        chown -R 12345:12345 "$outer"
        failed in_outer $as "$runbox" run -l cpus=0.5 "$T/b"
        grep -q '^runbox: cpu.cfs_quota_us: ' "$T/err"
        says_cause "a group around runbox has less of the processors than cpus asks for" "lower cpus (-l cpus=...), or raise"
        ends 0 in_outer $as "$runbox" run -l cpus=0.1 "$T/b"
        own_teardown
    done
}

@test "runbox-loopback without its library" {
    sed -i 's/libmnl\.so\.0/libmnx.so.0/' "$bin/runbox-loopback"
    bundle l '"seccomp":{"profile":"network"},"namespaces":{"network":"loopback"}' <<<'return 1'
    failed "$runbox" run "$T/l"
    says_cause "a library of runbox-loopback is missing (see ldd)" "install Debian's libmnl0"
    grep -qF "$bin/runbox-loopback: Can" "$T/err"
}

@test "each row of the table is tried here" {
    /usr/bin/python3 - runtime/jail/diagnosis.def "$BATS_TEST_FILENAME" tests/vm/*/*.bats <<'PY'
import re, sys

rows = re.findall(r'ROW\("([^"]*)",\s*(\w+),\s*(\w+),\s*"([^"]*)"', open(sys.argv[1]).read())
tests = "".join(open(name).read() for name in sys.argv[2:])
assert len(rows) >= 25, len(rows)
# A row is named by its cause, or by what stands before or behind what the host shows.
named = lambda cause: cause == "%s" or any(len(part) > 12 and part.strip() in tests for part in cause.split("%s"))
untried = [row for row in rows if not named(row[3])]
assert not untried, untried
PY
}
