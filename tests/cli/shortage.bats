#!/usr/bin/env bats
# A group around runbox that is too small for all it starts: what cannot be made, or is killed, is one box; its run says
# so, and everything else goes on.

load serve
load groups

setup() {
    programs
    export SOCKET="$T/s" PYTHONPATH="$PWD/tests/cli" PYTHONDONTWRITEBYTECODE=1
}

# score PID: its oom_score_adj.
score() {
    cat "/proc/$1/oom_score_adj"
}

# stands_below: box before template before monitor; what is killed first has the most.
stands_below() {
    serves --warm 2 "$T/b"
    template=$(children | tr -d ' ')
    read -r one two < <(cat "/proc/$template/task/$template/children" && echo)
    [ "$(score "$pid")" -eq "$1" ]
    [ "$(score "$template")" -eq "$2" ]
    [ "$(score "$one") $(score "$two")" = "1000 1000" ]
    calls <<'PY'
assert Talk().ok() == 1
PY
    [ "$(score "$template")" -eq "$2" ]
    stops
    rm -f "$T"/live.*
    live live "$T/live"
    [ "$(score "$box")" -eq 1000 ]
    echo >&"$input"
    ended 0
}

@test "root: the kernel is told to take a box before its template, and that before runbox" {
    bundle b <<<'return 1'
    bundle live <<<'print("ready") io.read()'
    stands_below 0 900
}

@test "an ordinary user: the same; what runbox was started with is not lowered" {
    for_all
    as=("${ordinary[@]}")
    bundle b <<<'return 1'
    bundle live <<<'print("ready") io.read()'
    stands_below 0 900
    echo 500 >"/proc/$BASHPID/oom_score_adj"
    stands_below 500 950
    echo 1000 >"/proc/$BASHPID/oom_score_adj"
    stands_below 1000 1000
}

# heavy: a bundle that weighs more in runbox (16 MB of files) than in each of its boxes (6 MB), $T/b.
heavy() {
    bundle b <<'LUA'
local held = ("x"):rep(6 << 20)
print("holds")
for _ = 1, 3 do
    local begin = os.clock()
    while os.clock() - begin < 0.1 do end
end
return #held
LUA
    for i in 1 2 3 4; do
        head -c 4190000 /dev/zero >"$T/b/$i"
    done
}

@test "memory runs out in a group around batch: boxes are killed, the batch goes on to its end" {
    heavy
    around memory "memory.limit_in_bytes|memory.max" 72M
    seq 24 | sed 's/.*/{"id":&}/' >"$T/jobs"
    ends 1 in_outer "$runbox" batch -j 12 -f "$T/jobs" "$T/b"
    jq -es 'length == 24 and (map(.status == "ok") | any)' "$T/out"
    jq -es 'map(select(.status != "ok")) | length > 0 and (map(.error | test("template") | not) | all)' "$T/out"
}

@test "memory runs out in a group around serve: boxes are killed, the server serves on" {
    heavy
    around memory "memory.limit_in_bytes|memory.max" 72M
    as=(bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$outer")
    serves --max 12 "$T/b"
    calls <<'PY'
talks = [Talk() for _ in range(12)]
for t in talks:
    t.say({})
ends = [t.ending()[1] for t in talks]
assert any(r["status"] != "ok" for r in ends), "all fitted"
assert all("template" not in r["message"] for r in ends), ends
Talk().ok()
PY
    stats '.bundles[0].template_restarts == 0'
    stops
}

# few_processes: a server in a group that has room for its four processes, its template and three boxes.
few_processes() {
    bundle b <<<'return io.read()'
    around pids pids.max 8
    as=(bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$outer")
    serves --max 12 --warm 1 "$T/b"
}

eight='talks = [Talk() for _ in range(8)]
for t in talks:
    t.say({})
first = [(t, t.hear()) for t in talks]
waiting = [t for t, event in first if event == ("Stdio", "Readline")]
assert len(waiting) == 3, first
'

@test "no more processes in a group around serve: the fork that fails is one run's; those under way end well" {
    few_processes
    calls <<PY
$eight
for t, event in first:
    if t not in waiting:
        assert event[0] == "Report" and event[1]["status"] == "setup", event
        assert event[1]["message"] == "template: forking a box: Resource temporarily unavailable", event
for t in waiting:
    t.say({"Ok": "here\\n"})
    events, report, end = t.ending()
    assert end == "Ok" and events == [("Result", "here")], (events, end)
t = Talk()
t.say({})
assert t.hear() == ("Stdio", "Readline")
PY
    stats '.bundles[0].template_restarts == 0'
    kill -TERM "$pid"
    ended 143 || ended 0
}

# strace keeps each fork from settling for longer than it takes the template to say that the others failed.
@test "no more processes, and boxes that are still on their way: the runs that they are for do not fail" {
    few_processes
    template=$(children | tr -d ' ')
    strace -f -qq -e trace=dup3 -e inject=dup3:delay_exit=500000 -o "$T/trace" -p "$template" 3>&- &
    lives+=("$!")
    until_holds refute grep -q "^TracerPid:.0$" "/proc/$template/status"
    calls <<PY
$eight
for t in waiting:
    t.say({"Ok": "here\\n"})
    assert t.ending()[2] == "Ok"
PY
    [ "$(grep -c dup3 "$T/trace")" -ge 2 ]
    kill -TERM "$pid"
    ended 143 || ended 0
}

# busy NAME...: bundles that take a moment.
busy() {
    for name; do
        bundle "$name" <<'LUA'
local begin = os.clock()
while os.clock() - begin < 0.02 do end
return 1
LUA
    done
}

# all_ok N: they ran, none was another attempt, and it is said that there was room for fewer than asked.
all_ok() {
    jq -es "length == $1 and (map(.status == \"ok\") | all)" "$T/out"
    refute grep -q retries "$T/err"
    grep -qF "at once: Resource temporarily unavailable (ulimit -u, or pids.max of a cgroup)" "$T/err"
    grep -q "; at times no more than [1-4] at once" "$T/err"
}

@test "no more processes in a group around batch: as many run as there is room for, and no run fails" {
    busy b
    around pids pids.max 8
    seq 40 | sed 's/.*/{"id":&}/' >"$T/jobs"
    ends 0 in_outer "$runbox" batch -j 8 -f "$T/jobs" "$T/b"
    all_ok 40
    ends 0 in_outer "$runbox" batch -j 8 --keep-order -f "$T/jobs" "$T/b"
    all_ok 40
    jq -es 'map(.id) == [range(1; 41)]' "$T/out"
    # Here the making of each is waited for, so that there may never be too many.
    ends 0 in_outer "$runbox" batch -j 8 --fresh -f "$T/jobs" "$T/b"
    jq -es 'length == 40 and (map(.status == "ok") | all)' "$T/out"
    refute grep -q retries "$T/err"
}

@test "no more processes in a group around a batch of many bundles: what waits of one gives way to another" {
    busy one two three four
    around pids pids.max 9
    for i in 1 2 3 4 5 6; do
        for name in one two three four; do
            echo "{\"bundle\":\"$T/$name\"}"
        done
    done >"$T/jobs"
    ends 0 in_outer "$runbox" batch -j 1 -f "$T/jobs"
    all_ok 24
    ends 0 in_outer "$runbox" batch -j 8 -f "$T/jobs"
    all_ok 24
    ends 0 in_outer "$runbox" batch -j 8 -f "$T/jobs" "$T/one"
    all_ok 24
}

@test "no process at all in a group around batch: each job says so, after the retries that were asked for" {
    busy b
    around pids pids.max 5
    seq 4 | sed 's/.*/{"id":&}/' >"$T/jobs"
    ends 1 in_outer "$runbox" batch -j 4 --retries 1 -f "$T/jobs" "$T/b"
    jq -es 'length == 4 and (map(.error) | unique == ["template: forking a box: Resource temporarily unavailable"])' "$T/out"
    grep -q "4 setup; 4 retries" "$T/err"
}
