#!/usr/bin/env bats
# `runbox batch` that is stopped, killed, shared out and gone on with: one result for each job, whatever happens.

load lib

setup() {
    programs
    bundle works <<'END'
function run(n)
    local t = os.clock()
    while os.clock() < t + 0.002 do end
    if n % 10 == 0 then error("ten") end
    return n
end
END
    bundle spins <<<'function run(s) local t = os.clock() while os.clock() < t + s do end return s end'
}

jobs() {
    seq 1 "$1" | jq -c '{id: "job \(.)", arg: .}' >"$T/jobs"
}

# start ARGUMENT...: a batch of $T/jobs in the background: $pid.
start() {
    "$runbox" batch -f "$T/jobs" "$@" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
}

# once: each job of $T/jobs has exactly one result in $T/results, and every line there is one.
once() {
    "$runbox" validate --lines result "$T/results"
    diff <(jq -c .id "$T/jobs" | sort) <(jq -c .id "$T/results" | sort)
}

# more_than BYTES: of results; or it has ended.
more_than() {
    [ "$(cat "$T/results" 2>/dev/null | wc -c)" -gt "$1" ] || dead "$pid"
}

@test "SIGKILL at twenty moments: nothing is lost but what ran, nothing is done twice" {
    jobs 6000
    local had kills=0 torn=0
    for round in $(seq 20); do
        had=$(cat "$T/results" 2>/dev/null | wc -c)
        start --resume "$T/results" "$T/works"
        # At any moment of its start, and, however slow that is here, of its work.
        [ $((round % 2)) -eq 0 ] || until_holds more_than "$had"
        sleep "0.$(printf '%03d' $((RANDOM % 250 + 5)))"
        kill -KILL "$pid" 2>/dev/null && kills=$((kills + 1))
        wait "$pid" || true
        [ ! -s "$T/results" ] || [ -z "$(tail -c 1 "$T/results")" ] || torn=$((torn + 1))
        # a kill in the middle of a write(2) is rare: what it would leave
        [ $((round % 4)) -ne 0 ] || [ ! -s "$T/results" ] || truncate -s -30 "$T/results"
    done
    echo "# $kills kills left $(wc -l <"$T/results") of 6000 results, $torn of them torn" >&3
    [ "$kills" -ge 15 ]
    [ "$(wc -l <"$T/results")" -gt 5 ]
    ends 1 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/works"
    once
    [ "$(grep -c '"status":"error","result"' "$T/results")" -eq 600 ]
    until_holds no_groups_of "$pid"
}

@test "done is done: resumed once more it runs nothing, and says as before whether all were ok" {
    jobs 9
    ends 0 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/works"
    [ ! -s "$T/out" ]
    cp "$T/results" "$T/before"
    ends 0 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/works"
    grep -q '^runbox: 0 jobs in .*; 9 done before$' "$T/err"
    jobs 10
    ends 1 "$runbox" batch -f "$T/jobs" --resume "$T/results" --output "$T/more" "$T/works"
    cmp "$T/before" "$T/results"
    [ "$(jq -c '[.id, .status]' "$T/more")" = '["job 10","error"]' ]
    cat "$T/more" >>"$T/results"
    ends 1 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/works"
    grep -q '; 10 done before$' "$T/err"
}

@test "jobs without an id and lines that are none are known by their numbers" {
    printf '%s\n' '{"arg":1}' 'nonsense' '{"id":2,"arg":3}' '' '{"arg":4}' >"$T/jobs"
    ends 1 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/works"
    ends 1 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/works"
    grep -q '^runbox: 0 jobs in .*; 4 done before$' "$T/err"
    diff <(jq -c '[.id, .line, .status]' "$T/results" | sort) - <<'END'
[1,null,"ok"]
[2,null,"ok"]
[5,null,"ok"]
[null,2,"invalid"]
END
}

@test "setup and cancelled are no results: their jobs are run again" {
    jobs 3
    printf '%s\n' '{"id":"job 1","status":"setup"}' '{"id":"job 2","status":"cancelled"}' \
        '{"id":"job 3","status":"ok"}' >"$T/results"
    ends 0 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/works"
    [ "$(jq -c .id "$T/results" | tail -n +4 | sort | tr '\n' ' ')" = '"job 1" "job 2" ' ]
}

@test "a file that holds no results is not touched; one that another batch writes to neither" {
    jobs 3
    cp "$T/jobs" "$T/mine"
    printf '{"id":"no newline"}' >>"$T/mine"
    ends 3 "$runbox" batch -f "$T/jobs" --resume "$T/mine" "$T/works"
    grep -q 'mine: line 1 is no result of runbox batch: is this the right file?$' "$T/err"
    diff <(cat "$T/jobs" <(printf '{"id":"no newline"}')) "$T/mine"
    printf '{"id":"no newline"}' >"$T/mine"
    ends 3 "$runbox" batch -f "$T/jobs" --resume "$T/mine" "$T/works"
    [ "$(cat "$T/mine")" = '{"id":"no newline"}' ]
    printf '{"arg":5}\n' >"$T/jobs"
    start --output "$T/results" "$T/spins"
    until_holds test -e "$T/results"
    ends 125 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/works"
    grep -q 'another runbox batch is writing to it' "$T/err"
    kill -TERM "$pid"
    ended 143
}

@test "a signal to stop: what ran has no result, and is run again; a second signal does not wait" {
    jobs 4
    jq -c '.arg = if .id == "job 1" then 0 else 20 end' "$T/jobs" >"$T/long" && mv "$T/long" "$T/jobs"
    for signal in TERM INT HUP; do
        rm -f "$T/results"
        start -j 2 --resume "$T/results" "$T/spins"
        until_holds grep -q 'job 1' "$T/results"
        kill -"$signal" "$pid"
        ended $((128 + $(kill -l "$signal")))
        [ "$(jq -c .id "$T/results")" = '"job 1"' ]
        grep -q ': 1 ok; [12] ended without a result; stopped by signal ' "$T/err"
        no_groups_of "$pid"
    done
    jobs 4
    ends 0 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/works"
    once
    # nobody reads on: more than a pipe holds is written, and the first signal waits for that
    bundle large <<<'function run() return ("x"):rep(300000) end'
    mkfifo "$T/pipe"
    "$runbox" batch -f "$T/jobs" "$T/large" >"$T/pipe" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    exec {reader}<"$T/pipe"
    head -c 1 <&$reader >/dev/null
    kill -TERM "$pid"
    until_holds heard "$pid"
    sleep 0.3
    refute dead "$pid"
    kill -TERM "$pid"
    ended 143
    grep -q 'stopped by signal 15 (Terminated) once more$' "$T/err"
    exec {reader}<&-
}

@test "--timeout: for all together, exit 124" {
    printf '{"arg":0}\n{"arg":100}\n{"arg":100}\n' >"$T/jobs"
    local begun=$SECONDS
    ends 124 "$runbox" batch -f "$T/jobs" -j 1 --timeout 5s --html "$T/page" "$T/spins"
    [ $((SECONDS - begun)) -lt 90 ]
    [ "$(jq -c '[.id, .status]' "$T/out")" = '[1,"ok"]' ]
    grep -q 'Not all jobs were done: --timeout came first' "$T/page"
}

@test "--retries: a job whose box the host killed is tried again, one that failed by itself is not" {
    printf '{"arg":4}\n' >"$T/jobs" # however slow this test is: the box is there when it is killed
    for retries in 0 2; do
        start --fresh --retries "$retries" "$T/spins"
        until_holds eval '[ -n "$(made_by "$pid")" ]'
        sleep 0.3
        box=$(made_by "$pid")
        [ -n "$box" ]
        kill -KILL ${box%% *}
        if [ "$retries" -eq 0 ]; then
            ended 1
            jq -e '.status == "signal" and .report.signal == 9 and .attempts == null' "$T/out"
        else
            ended 0
            jq -e '.status == "ok" and .result == 4 and .attempts == 2' "$T/out"
            grep -q '1 ok; 1 retries$' "$T/err"
        fi
    done
    printf '{"arg":10}\n' >"$T/jobs"
    ends 1 "$runbox" batch -f "$T/jobs" --retries 3 "$T/works"
    jq -e '.status == "error" and .attempts == null' "$T/out"
}

@test "--retries: what the host could not do is tried until it can, or the retries are used up" {
    mkfifo "$T/in"
    for enough in yes no; do
        "$runbox" batch -j 1 --retries 3 --resume "$T/results" "$T/works" <"$T/in" 2>"$T/err" 3>&- &
        pid=$!
        lives+=("$pid")
        exec {jobs}>"$T/in"
        echo "{\"id\":\"before $enough\",\"arg\":1}" >&$jobs
        until_holds grep -q "before $enough" "$T/results"
        broker=$(awk '{ print $2 }' "/proc/$pid/task/$pid/children") # behind the monitor: that of the bundle
        files=$(sed -n 's/^Max open files *[0-9]* *\([0-9]*\) .*/\1/p' "/proc/$broker/limits")
        prlimit --pid "$broker" --nofile="12:$files"
        # of a limit of its own: no box that waits already will do
        echo "{\"id\":\"$enough\",\"arg\":1,\"limits\":{\"memory\":\"9M\",\"processes\":2}}" >&$jobs
        sleep 0.3
        [ "$enough" = no ] || prlimit --pid "$broker" --nofile="$files:$files"
        exec {jobs}>&-
        if [ "$enough" = no ]; then
            ended 1
            grep -q ': 1 ok, 1 setup; 3 retries$' "$T/err"
            jq -se 'last | .status == "setup" and .attempts == 4 and (.error | test("Too many open files"))' "$T/results"
        else
            ended 0
            jq -se 'last | .id == "yes" and .status == "ok" and .attempts > 1' "$T/results"
        fi
    done
    echo '{"id":"no","arg":1}' >"$T/jobs"
    ends 0 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/works"
    grep -q ': 1 ok$' "$T/err"
}

@test "shards: together they are the whole, and no job is in two" {
    seq 1 100 | jq -c 'if . % 3 == 0 then {arg: .} elif . == 50 then "bad" else {id: "job \(.)", arg: .} end' >"$T/jobs"
    "$runbox" batch -q -f "$T/jobs" "$T/works" >"$T/whole" || [ $? -eq 1 ]
    for i in 1 2 3 4 5 6 7; do
        "$runbox" batch -q -f "$T/jobs" --shard "$i/7" "$T/works" >"$T/part.$i" || [ $? -eq 1 ]
        [ "$(wc -l <"$T/part.$i")" -eq $((i <= 2 ? 15 : 14)) ]
    done
    [ "$(wc -l <"$T/whole")" -eq 100 ]
    diff <(jq -c '[.id, .line, .status, .result]' "$T/whole" | sort) <(jq -c '[.id, .line, .status, .result]' "$T"/part.* | sort)
}
