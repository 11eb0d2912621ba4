#!/usr/bin/env bats
# A template that is stopped from outside says nothing, which is not waited for without end: it is made anew, signals are
# heard, and clocks end what they end.

load serve

# halt: the server's or batch's template is stopped, $template, and stays so for as long as it lives.
halt() {
    until_holds eval '[ -n "$(children | tr -d " ")" ]'
    template=$(children | tr -d ' ')
    kill -STOP "$template"
    until_holds grep -q '^State:.T' "/proc/$template/status"
}

@test "serve: callers after the ones that have a box are answered by another template; the numbers say so" {
    bundle b <<<'return 1'
    serves --warm 1 --max 4 "$T/b"
    until_holds stats '.bundles[0].warm == 1'
    halt
    calls <<'PY'
talks = [Talk() for _ in range(4)]
for t in talks: t.say({})
ends = [t.ending()[1:] for t in talks]
assert sum(end == "Ok" for _, end in ends) >= 3, ends
Talk().ok()
PY
    stats '.bundles[0].template_restarts == 1'
    [ ! -e "/proc/$template" ]
    stops
}

@test "serve: told to stop, it does, whatever its template owes it" {
    bundle b <<<'return 1'
    serves --warm 1 --max 4 --drain 1s "$T/b"
    until_holds stats '.bundles[0].warm == 1'
    halt
    calls <<'PY'
talks = [Talk() for _ in range(4)]
for t in talks: t.say({})
until(lambda: talks[-1].socket and Talk().stats()["running"] >= 3)
PY
    kill -TERM "$pid"
    ended 143 || ended 0
    no_groups_of "$pid"
    [ ! -e "/proc/$template" ]
}

@test "serve: however many wait for it, the server answers others, and has little to do" {
    bundle b <<<'return 1'
    serves --warm 1 --max 200 "$T/b"
    until_holds stats '.bundles[0].warm == 1'
    halt
    calls "$pid" <<'PY'
import sys
many = [Talk() for _ in range(190)]
for t in many: t.say({})
longest, ticks = answers(int(sys.argv[1]), 8)
assert longest < 5 and ticks < 400, (longest, ticks)
for t in many: t.ending()
PY
    stops
}

@test "serve: stopped with its template and first to go on, it gives that a moment" {
    bundle b <<<'return io.read()'
    serves --warm 2 --max 4 "$T/b"
    until_holds stats '.bundles[0].warm == 2'
    template=$(children | tr -d ' ')
    calls "$pid" "$template" <<'PY'
import os, signal, sys
server, template = map(int, sys.argv[1:])
under_way, owed, asks = Talk(), [Talk() for _ in range(3)], Talk()
under_way.say({})
assert under_way.hear() == ("Stdio", "Readline")
os.kill(template, signal.SIGSTOP)
for t in owed: t.say({})
asks.stats()  # all are heard
for pid in children(server): os.kill(pid, signal.SIGSTOP)
asks.say({"stats": {}})
time.sleep(11)
for pid in children(server): os.kill(pid, signal.SIGCONT)
assert asks.hear()[0] == "Stats"
os.kill(template, signal.SIGCONT)
for t in owed: assert t.hear() == ("Stdio", "Readline")
for t in [under_way, *owed]:
    t.say({"Ok": "x\n"})
    assert t.ending()[2] == "Ok"
PY
    stats '.bundles[0].template_restarts == 0'
    stops
}

# stuffed: it is stopped, and more of its boxes have died than orders to reap them fit into its wire.
stuffed() {
    bundle b <<<'return 1'
    serves --warm 400 --max 8 "$T/b"
    until_holds stats '.bundles[0].warm == 400'
    halt
    xargs kill -KILL <"/proc/$template/task/$template/children"
    until_holds stats '.bundles[0].boxes_lost >= 400'
}

@test "serve: more boxes end than it can be told of, and runs have one of another template" {
    stuffed
    calls <<'PY'
talks = [Talk() for _ in range(4)]
for t in talks: t.say({})
for t in talks:
    report, end = t.ending()[1:]
    assert end == "Ok", report
PY
    stats '.bundles[0].template_restarts == 1'
    [ ! -e "/proc/$template" ]
    stops
}

@test "serve: more boxes end than it can be told of, and it goes on: no other is needed" {
    stuffed
    calls "$template" <<'PY'
import os, signal, sys
talks = [Talk() for _ in range(4)]
for t in talks: t.say({})
Talk().stats()
os.kill(int(sys.argv[1]), signal.SIGCONT)
for t in talks:
    report, end = t.ending()[1:]
    assert end == "Ok", report
PY
    until_holds stats '.bundles[0].warm == 400'
    stats '.bundles[0].template_restarts == 0'
    stops
}

@test "serve: more boxes end than it can be told of, and signals are heard" {
    stuffed
    kill -TERM "$pid"
    ended 143 || ended 0
    no_groups_of "$pid"
    [ ! -e "/proc/$template" ]
}

@test "serve: more runs end than it can be asked about: others are answered, and all is told once it goes on" {
    bundle b <<<'return io.read()'
    serves --warm 1 --max 304 --connections 400 "$T/b"
    until_holds stats '.bundles[0].warm == 1'
    template=$(children | tr -d ' ')
    calls "$pid" "$template" <<'PY'
import os, signal, sys
server, template = map(int, sys.argv[1:])
talks = [Talk() for _ in range(300)]
for t in talks:
    t.say({})
    assert t.hear() == ("Stdio", "Readline")
os.kill(template, signal.SIGSTOP)
for box in open(f"/proc/{template}/task/{template}/children").read().split():
    os.kill(int(box), signal.SIGKILL)
longest, ticks = answers(server, 4)
assert longest < 3 and ticks < 300, (longest, ticks)
waiting = [Talk() for _ in range(4)]
for t in waiting: t.say({})
Talk().stats()
os.kill(template, signal.SIGCONT)
for t in waiting: assert t.hear() == ("Stdio", "Readline")
for t in talks:
    report = t.ending()[1]
    assert (report["status"], report["message"]) == ("signal", "the box died of signal 9 (Killed)"), report
Talk().stats()
PY
    stats '.bundles[0].template_restarts == 0'
    stops
}

@test "batch: jobs that wait for a box of it have one of another; --timeout and signals end it" {
    local how

    bundle b <<<'return 1'
    for how in on timeout signal; do
        mkfifo "$T/jobs.$how"
        [ "$how" = timeout ] && limit=(--timeout 1s) || limit=()
        "$runbox" batch -q -j 4 "${limit[@]}" -f "$T/jobs.$how" "$T/b" >"$T/out.$how" 2>"$T/err" 3>&- &
        pid=$!
        lives+=("$pid")
        exec {jobs}>"$T/jobs.$how"
        echo '{}' >&"$jobs"
        until_holds test -s "$T/out.$how"
        halt
        seq 6 | sed 's/.*/{}/' >&"$jobs"
        exec {jobs}>&-
        [ "$how" != signal ] || kill -TERM "$pid"
        case $how in
        on) ended 0 ;;
        timeout) ended 124 ;;
        signal) ended 143 ;;
        esac
        [ ! -e "/proc/$template" ]
        no_groups_of "$pid"
    done
    jq -es 'length == 7 and all(.status == "ok")' "$T/out.on"
}
