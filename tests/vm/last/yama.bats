#!/usr/bin/env bats
# The last tests of a machine: what they set lasts until it ends.

load ../inner/v2

# serves BUNDLE: a server at $SOCKET. asks: what the report of a run there says.
serves() {
    "${as[@]}" "$runbox" serve --socket "$SOCKET" "$1" >"$T/log" 2>&1 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds "$runbox" stats --socket "$SOCKET"
}

asks() {
    SOCKET="$SOCKET" PYTHONPATH=tests/cli PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -c '
from serve_client import *
print(json.dumps(Talk().run()[1]))'
}

@test "Yama that lets nobody look into another: a server that began before says so; all else runs, and what kills has no name" {
    programs_for_all
    chmod 755 "$T"
    bundle b <<<'return 1'
    bundle files '"seccomp":{"profile":"files"}' <<<'return 1'
    chmod -R a+rX "$T/b" "$T/files"
    SOCKET=$T/s serves "$T/files"
    SOCKET=$T/s asks | jq -e '.status == "ok" and (has("unnamed") | not)'

    # Where one may look only into what it has the rights of, a box's broker has them: its child's namespace tells, as a box's does.
    echo 2 >/proc/sys/kernel/yama/ptrace_scope
    for shown in yes no; do
        hides=(unshare --mount sh -c 'mount -t tmpfs none /proc/sys && exec "$@"' sh)
        [ $shown = no ] || hides=()
        for who in "" "${ordinary[*]}"; do
            echo '{}' | ends 0 "${hides[@]}" $who "$runbox" batch --fresh "$T/b"
            jq -e '.report | .status == "ok" and (has("unnamed") | not)' "$T/out"
        done
    done

    echo 3 >/proc/sys/kernel/yama/ptrace_scope
    cause="Yama lets no process look into another (kernel.yama.ptrace_scope=3)"
    for n in 1 2 3 4 5 6 7 8; do # the first by boxes that were there
        SOCKET=$T/s asks >"$T/report"
        says '.status == "ok"' || break
    done
    says '.status == "setup"'
    says '.message | contains("since runbox was started Yama lets no process look into another (kernel.yama.ptrace_scope=3): start runbox anew")'
    kill -TERM "$pid"
    wait "$pid"

    for as in "" "${ordinary[*]}"; do
        for name in b files; do
            ends 0 $as "$runbox" run "$T/$name"
            printf '{}\n{}\n' | ends 0 $as "$runbox" batch "$T/$name"
            jq -se 'length == 2 and all(.status == "ok" and .report.unnamed == "yama")' "$T/out"
        done
        ends 0 $as "$runbox" explain "$T/b"
        grep -qxF "  other calls    kill the box without being named: $cause" "$T/out"
        $as "$runbox" doctor --json >"$T/out" || true # this machine may lack a controller
        jq -e --arg cause "$cause" '.kernel.naming | .state == "missing" and (.found | endswith($cause))' "$T/out"
        jq -e '.defaults["a box"].state == "works"' "$T/out"
    done
    as=()
    SOCKET=$T/s serves "$T/b"
    SOCKET=$T/s asks | jq -e '.status == "ok" and .unnamed == "yama"'
    kill -TERM "$pid"
    wait "$pid"

    # Not even root can make another process do it, by ptrace(2) or its memory, once Yama forbids that.
    calls_getpid_in box_exit_ok
    for as in "" "${ordinary[*]}"; do
        for name in b files; do
            ends 159 $as "$runbox" run "$T/$name"
            grep -qxF "runbox: $name: forbidden system call: which one is not known: $cause" "$T/err"
            echo '{}' | ends 1 $as "$runbox" batch "$T/$name"
            jq -e --arg cause "$cause" '.report | .status == "syscall" and .syscall == "unknown" and .unnamed == "yama" and
                .message == "forbidden system call: which one is not known: \($cause)"' "$T/out"
        done
    done
}
