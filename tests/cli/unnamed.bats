#!/usr/bin/env bats
# Where the host lets nobody have the listener of a box's filter (Yama, a filter around runbox), that filter kills what it does
# not allow. What is lost is the call's name: each verb says so, and nothing else.

load serve

setup() {
    for_all
    export SOCKET="$T/s" PYTHONDONTWRITEBYTECODE=1 PYTHONPATH
    built=$(realpath "${B:-build}")
    inject=$built/tests/tools/inject
    cp "$built/tests/tools/"{refusing,supervised} "$built/runbox-cgroups" "$bin"
    bundle b <<<'return 1'
    bundle live <<<'print("ready") io.read()'
    bundle files '"seccomp":{"profile":"files"}' <<<'print("ready") io.read()'
    bundle granted '"seccomp":{"allow":["getppid"]}' <<<'print("ready") io.read()'
    chmod -R a+rX "$T"/{b,live,files,granted}
}

# below WORD [COMMAND...]: `as` is COMMAND, and then a filter that keeps runbox from listeners, for which reports say WORD: it
# refuses pidfd_getfd, or has a listener itself, and gets calls that boxes may not make, too.
below() {
    word=$1
    shift
    case $word in
    filter)
        as=("$@" "$bin/refusing" "${error:-EPERM}" pidfd_getfd)
        cause="a seccomp filter around runbox, such as a container's, refuses pidfd_getfd"
        cure="allows pidfd_getfd"
        ;;
    listener)
        as=("$@" "$bin/supervised" mknodat,socket,getpid,setns)
        cause="a seccomp filter around runbox has a listener, and the kernel allows a process only one"
        cure="start runbox outside it"
        ;;
    esac
}

# audit FILTER: the log, as a list, holds it.
audit() {
    jq -se "$1" "$T/log" >"$T/jq" || {
        cat "$T/log"
        return 1
    }
}

# killed_by CALL [ARGUMENT]...: the live box issues it, dies of it, and the report says what can be known.
killed_by() {
    run timeout 60 "$inject" "$box" "$@"
    [ "$status" -eq 3 ]
    ended 159
    says '.status == "syscall" and .syscall == "unknown" and (has("signal") | not)'
    says ".unnamed == \"$word\""
    says ".message == \"forbidden system call: which one is not known: $cause\""
    grep -qxF "runbox: $name: forbidden system call: which one is not known: $cause" "$T/$name.err"
    audit 'map(.event) == ["box", "ended"] and .[1].signal == 31 and .[1].reason == "a forbidden system call, for which a filter killed it"'
    rm -f "$T"/{log,live.*,files.*,granted.*}
}

@test "a forbidden call kills a box, cold, of each profile, for root and for a user: it is not named, and never happens" {
    for word in filter listener; do
        for who in "" "${ordinary[*]}"; do
            below $word $who
            for name in live files; do
                live $name --report "$T/report" --audit "$T/log" "$T/$name"
                killed_by socket 1 1 0
            done
            name=granted
            live granted --report "$T/report" --audit "$T/log" --grant syscall:getppid "$T/granted"
            run timeout 60 "$inject" "$box" getppid
            [ "$status" -eq 0 ]
            killed_by getpid
        done
    done
    name=live
    below filter
    for call in openat execve clone clone3 ptrace kill ioctl seccomp prctl 9999 0x40000001; do
        live live --report "$T/report" --audit "$T/log" "$T/live"
        killed_by $call 3 1 1
    done
}

@test "a forbidden call after the Exit: the run is not ok for what was said before, named or not" {
    calls_getpid_in _exit # after the box has said that all went well
    ends 159 "$runbox" run --report "$T/report" "$T/b"
    says '.status == "syscall" and .syscall == "getpid"'
    for who in "filter" "listener" "filter ${ordinary[*]}" "listener ${ordinary[*]}"; do
        below $who
        rm -f "$T"/{log,report}
        ends 159 "${as[@]}" "$runbox" run --report "$T/report" --audit "$T/log" "$T/b"
        says '.status == "syscall" and .syscall == "unknown"'
        audit '.[1].signal == 31'
        printf '{}\n' | ends 1 "${as[@]}" "$runbox" batch --fresh "$T/b"
        jq -e '.report | .status == "syscall" and .syscall == "unknown"' "$T/out" >"$T/jq"
    done
}

@test "a filter that says ENOSYS is such a one, too; where nothing refuses, the call is named, and there is nothing to say" {
    error=ENOSYS below filter
    ends 0 "${as[@]}" "$runbox" run --report "$T/report" "$T/b"
    says '.status == "ok" and .unnamed == "filter"'
    as=()
    goes 0 "$T/b"
    says 'has("unnamed") | not'
}

@test "batch, explain and doctor say so, and do all else" {
    for who in "filter" "listener" "filter ${ordinary[*]}" "listener ${ordinary[*]}"; do
        below $who
        ends 0 "${as[@]}" "$runbox" run --report "$T/report" "$T/b"
        says ".status == \"ok\" and .unnamed == \"$word\""
        printf '{}\n{}\n{}\n' | ends 0 "${as[@]}" "$runbox" batch "$T/b"
        jq -se --arg word "$word" 'length == 3 and all(.status == "ok" and .result == 1 and .report.unnamed == $word)' "$T/out" >"$T/jq"
        printf '{}\n' | ends 0 "${as[@]}" "$runbox" batch --fresh "$T/b"
        jq -se --arg word "$word" 'all(.status == "ok" and .report.unnamed == $word)' "$T/out" >"$T/jq"
        ends 0 "${as[@]}" "$runbox" explain "$T/b"
        grep -qxF "  other calls    kill the box without being named: $cause" "$T/out"
        ends 0 "${as[@]}" "$runbox" explain --json "$T/b"
        [ "$(jq -r .seccomp.unnamed "$T/out")" = "$word" ]
        ends 0 "${as[@]}" "$runbox" check "$T/b"
        ends 0 "${as[@]}" "$runbox" doctor --json
        jq -e --arg cause "$cause" --arg cure "$cure" '.kernel.naming | .state == "missing" and (.found | endswith($cause)) and (.how | contains($cure))' \
            "$T/out" >"$T/jq"
        jq -e --arg word "$word" --arg cause "$cause" --arg cure "$cure" '.kernel.listener |
            if $word == "filter" then .state == "works" else .state == "missing" and .found == $cause and (.how | contains($cure)) end' "$T/out" >"$T/jq"
    done
    ends 0 "$runbox" doctor --json
    jq -e '.kernel | .naming, .listener | .state == "works" and .how == null' "$T/out" >"$T/jq"
    ends 0 "$runbox" explain --json "$T/b"
    [ "$(jq .seccomp.unnamed "$T/out")" = null ]
}

# owned WORD: of a server's boxes.
owned() {
    bundle waits <<'LUA'
local mark = box.arg and ("x"):rep(1 << 12):rep(1 << 10) -- by its memory the test knows which process it is
return mark and io.read() .. mark:sub(1, 0)
LUA
    below $1
    serves --max 4 --warm 2 "$T/waits"
    by=()
    calls "$pid" "$inject" "$built/runbox-lua" "$word" "$cause" <<'PY'
import signal, subprocess, sys

server, inject, program, word, cause = sys.argv[1:]
(template,) = made_by(server)

def filters(pid):
    try:
        return next(int(line.split()[1]) for line in open(f"/proc/{pid}/status") if line.startswith("Seccomp_filters:"))
    except (OSError, StopIteration):  # it has just ended
        return None

def waits():
    run = Talk()
    run.say({"arg": True})
    assert run.hear() == ("Stdio", "Readline")
    return run

victim = waits()
its = max(children(template), key=memory_of)
until(lambda: {filters(pid) for pid in children(template)} == {filters(template) + 1})
for call in ("kill -1 9", "kill 1 9", "pidfd_open 1 0", "ptrace 16 1 0 0", "socket 1 1 0", "openat -100 0 0 0", "clone3 0 0",
             "wait4 -1 0 0 0", "seccomp 1 0 0", "prlimit64 1 0 0 0", "ioctl 3 0 0"):
    run = waits()
    mine = max((pid for pid in children(template) if pid != its), key=memory_of)
    done = subprocess.run([inject, str(mine), *call.split()], capture_output=True, timeout=20)
    events, report, end = run.ending()
    assert done.returncode == 3, (call, done)
    assert report["status"] == "syscall" and report["syscall"] == "unknown" and report["unnamed"] == word, report
    assert report["message"] == f"forbidden system call: which one is not known: {cause}", report
assert made_by(server) == [template], "the template is another"
victim.say({"Ok": "untouched\n"})
events, report, end = victim.ending()
assert ("Result", "untouched") in events and report["status"] == "ok", (events, report)

# Of a template whose boxes do not load theirs ("*listener = -2; return 0"): what a box says does not count.
code = {"x86_64": "c706feffffff31c0c3", "aarch64": "22008012220000b900008052c0035fd6"}[os.uname().machine]
until(lambda: filters(template) + 1 in map(filters, children(template)))
time.sleep(0.3)
overwrite(template, program, "filter_load", code)
reports = [Talk().run()[1] for tried in range(4)]  # the first by those that waited, which were made before
report = reports.pop()
assert reports[0]["status"] == "ok" and report["status"] == "setup", report
assert 'receipt: Seccomp_filters is "' in report["message"], report
os.kill(template, signal.SIGKILL)
until(lambda: template not in made_by(server))
assert Talk().ok() is None
PY
    stops
}

@test "serve: an owned warm box is killed, and its like go on; one that has not loaded its filter serves nobody" {
    owned filter
}

@test "serve below a filter that has a listener: the same" {
    owned listener
}

@test "what /proc/sys does not show is tried: where nothing stands in the way, calls are named" {
    hides=(unshare --mount sh -c 'mount -t tmpfs none /proc/sys && exec "$@"' sh)
    for who in "" "${ordinary[*]}"; do
        ends 0 "${hides[@]}" $who "$runbox" run --report "$T/report" "$T/b"
        says 'has("unnamed") | not'
        # The second call of the broker: the first is what a filter would answer.
        ends 0 "${hides[@]}" $who strace -f -qq -o /dev/null -e trace=pidfd_getfd -e inject=pidfd_getfd:error=EPERM:when=2 \
            "$runbox" run --report "$T/report" "$T/b"
        says '.status == "ok" and .unnamed == "denied"'
    done
}

# What attr/current says decides whether it is tried; strace shows whether it was.
@test "a security module that denies it: tried where this process has a label of one, and nowhere else" {
    while read -r exit label; do
        labelled=(unshare --mount sh -c 'printf "%s\n" "$1" >"$2" && mount --bind "$2" "/proc/$$/attr/current" && shift 2 && exec "$@"' sh "$label" "$T/label")
        for who in "" "${ordinary[*]}"; do
            rm -f "$T/trace"
            ends $exit "${labelled[@]}" $who strace -D -f -qq -o "$T/trace" -e trace=pidfd_getfd -e inject=pidfd_getfd:error=EPERM:when=2 \
                "$runbox" run --report "$T/report" "$T/b"
            case $exit in
            0) says '.status == "ok" and .unnamed == "denied"' ;;
            *) says '.status == "setup" and (.message | contains("a security module lets no process look into another"))' ;;
            esac
        done
    done <<'END'
0 system_u:system_r:httpd_t:s0
0 docker-default (enforce)
0 kernel
125 docker-default (complain)
125 flatpak (unconfined)
125 unconfined
END
    # Nor is a child made there.
    labelled=(unshare --mount sh -c 'mount --bind "$1" "/proc/$$/attr/current" && shift && exec "$@"' sh "$T/label")
    [ "$(cat "$T/label")" = unconfined ]
    ends 0 "${labelled[@]}" strace -D -f -qq -o "$T/trace" -e trace=clone,clone3,fork,vfork "$runbox" run "$T/b"
    [ "$(grep -cE 'clone|fork' "$T/trace")" -eq 2 ] # the monitor and the box
}

@test "SIGSYS by a filter around runbox is a forbidden call as well, whose name nobody knows" {
    as=("$bin/refusing" KILL getpgid)
    live live --report "$T/report" "$T/live"
    run timeout 60 "$inject" "$box" getpgid
    [ "$status" -eq 3 ]
    ended 159
    says '.status == "syscall" and .syscall == "unknown" and (has("unnamed") | not)'
    says '.message == "forbidden system call: which one is not known: a seccomp filter around runbox killed the box"'
}

@test "a server whose box program cannot be read says so, as run, batch and doctor do (diagnosis.bats)" {
    chmod 711 "$bin/runbox-lua"
    chmod 777 "$T"
    as=("${ordinary[@]}")
    for bundle in b files; do
        serves "$T/$bundle"
        calls <<'PY'
message = Talk().fails("setup")["message"]
assert "; runbox-lua cannot be read, and the kernel protects what it becomes: give it mode 0755 (ptrace(2)" in message, message
PY
        stops
    done
}
