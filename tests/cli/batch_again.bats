#!/usr/bin/env bats
# `runbox batch --retry-failed`, results files that a crash has spoilt, and options that are wrong for every job.

load lib

setup() {
    programs
    bundle works '"options":{"type":"object","properties":{"word":{"type":"string","maxLength":3},"n":{"type":"integer","minimum":1}},"required":["n"]}' <<'END2'
function run(x)
    if x == "bad" then error("bad") end
    return x
end
END2
    bundle echo <<<'function run(x) if x == "bad" then error("bad") end return x end'
}

@test "--retry-failed: what did not end well is run again, appended, and the last line of an id counts" {
    printf '%s\n' '{"id":1,"arg":"a"}' '{"id":"two","arg":"bad"}' '{"id":3,"arg":"bad"}' '{"id":4,"arg":"d"}' '{"id":5,"arg":"e"}' >"$T/jobs"
    head -4 "$T/jobs" >"$T/four"
    ends 1 "$runbox" batch --keep-order -f "$T/four" --resume "$T/results" "$T/echo"
    printf '%s\n' '{"id":4,"status":"setup"}' '{"id":99,"status":"error"}' >>"$T/results"
    sed -i 's/"two","arg":"bad"/"two","arg":"good"/' "$T/jobs"
    ends 1 "$runbox" batch --keep-order -f "$T/jobs" --retry-failed "$T/results" "$T/echo"
    [ ! -s "$T/out" ]
    [ "$(tail -n +7 "$T/results" | jq -c '[.id, .status]' | tr '\n' ' ')" = '["two","ok"] [3,"error"] [4,"ok"] ' ]
    grep -q ': 2 ok, 1 error; 1 done before; 1 without a result to retry$' "$T/err"
    # once more: of "two" and 4 the last line is ok
    sed -i 's/bad/fine/' "$T/jobs"
    # of what it was told to do all went well; but one job has no result yet
    ends 1 "$runbox" batch -f "$T/jobs" --retry-failed "$T/results" --output "$T/more" "$T/echo"
    [ "$(jq -c '[.id, .result]' "$T/more")" = '[3,"fine"]' ]
    cat "$T/more" >>"$T/results"
    ends 1 "$runbox" batch -f "$T/jobs" --retry-failed "$T/results" "$T/echo"
    grep -q '^runbox: 0 jobs in .*; 4 done before; 1 without a result to retry$' "$T/err"
    ends 0 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/echo"
    ends 0 "$runbox" batch -f "$T/jobs" --retry-failed "$T/results" "$T/echo"
}

@test "--retry-failed: jobs that have no id or were none, a file that is not there, --resume beside it" {
    printf '%s\n' '{"arg":"bad"}' 'none' '{"arg":"x"}' >"$T/jobs"
    ends 1 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/echo"
    printf '%s\n' '{"arg":"good"}' '{"arg":"y"}' '{"arg":"x"}' >"$T/jobs"
    ends 1 "$runbox" batch -f "$T/jobs" --retry-failed "$T/results" "$T/echo"
    # line 2 is another job now: its id is 2, and that has no result
    [ "$(tail -n +4 "$T/results" | jq -c '[.id, .result]')" = '[1,"good"]' ]
    ends 3 "$runbox" batch -f "$T/jobs" --retry-failed "$T/none" "$T/echo"
    grep -q 'none: opening the results: No such file or directory' "$T/err"
    [ ! -e "$T/none" ]
    ends 2 "$runbox" batch -f "$T/jobs" --resume "$T/results" --retry-failed "$T/results" "$T/echo"
    grep -q -- '--resume and --retry-failed exclude each other' "$T/err"
}

@test "a last result without its newline is one: it stays, gets it, and is retried if it failed" {
    printf '{"id":%d,"arg":"%s"}\n' 1 a 2 bad >"$T/jobs"
    ends 1 "$runbox" batch -j 1 -f "$T/jobs" --output "$T/results" "$T/echo"
    truncate -s -1 "$T/results"
    cp "$T/results" "$T/before"
    sed -i 's/bad/good/' "$T/jobs"
    ends 0 "$runbox" batch -f "$T/jobs" --retry-failed "$T/results" "$T/echo"
    refute grep -q 'is incomplete' "$T/err"
    [ "$(head -n 2 "$T/results")" = "$(cat "$T/before")" ]
    [ "$(tail -n +3 "$T/results" | jq -c '[.id, .result]')" = '[2,"good"]' ]
    # torn, it is no result: that job is --resume's
    head -n 1 "$T/before" | head -c -9 >"$T/torn"
    ends 1 "$runbox" batch -f "$T/jobs" --retry-failed "$T/torn" "$T/echo"
    grep -q 'torn: its last line is incomplete; the job it belongs to needs --resume to run again$' "$T/err"
    [ ! -s "$T/torn" ]
    : >"$T/none"
    ends 1 "$runbox" batch -f "$T/jobs" --retry-failed "$T/none" "$T/echo"
}

@test "a tail that is not whole, with NULs or of NULs alone: cut, told once, and run again" {
    seq 1 4 | jq -c '{id: ., arg: .}' >"$T/jobs"
    ends 0 "$runbox" batch --keep-order -f "$T/jobs" --output "$T/whole" "$T/echo"
    for tail in 'head -c 30' 'head -c 30 | tr -d "\n"; head -c 5000 /dev/zero' 'head -c 1' 'head -c 0; head -c 4096 /dev/zero' \
        'tr -d "\n"; head -c 70000 /dev/zero'; do
        { head -2 "$T/whole" && tail -n +3 "$T/whole" | head -1 | eval "$tail"; } >"$T/results"
        ends 0 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/echo"
        [ "$(grep -c 'its last line is incomplete; the job it belongs to runs again$' "$T/err")" -eq 1 ]
        diff <(jq .id "$T/results" | sort) <(seq 4)
        refute grep -qaP '\x00' "$T/results"
    done
    # another program went on behind the NULs: what is not sure is run again, and told
    { head -1 "$T/whole" && head -c 4096 /dev/zero && tail -n +2 "$T/whole"; } >"$T/results"
    ends 0 "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/echo"
    grep -q 'results: 1 line is not a complete result and was left out$' "$T/err"
    [ "$(tail -1 "$T/results" | jq .id)" = 2 ]
}

@test "what is no file of results is not touched: zeros without end, a pipe, another's lines among them" {
    echo '{"arg":1}' >"$T/jobs"
    truncate -s 20M "$T/zeros"
    ends 3 "$runbox" batch -f "$T/jobs" --resume "$T/zeros" "$T/echo"
    [ "$(stat -c %s "$T/zeros")" -eq $((20 << 20)) ]
    ends 3 "$runbox" batch -f "$T/jobs" --resume /dev/zero "$T/echo"
    printf '%s\n' '{"id":1,"status":"ok"}' '{"id":2,"name":"x"}' >"$T/mixed"
    ends 3 "$runbox" batch -f "$T/jobs" --resume "$T/mixed" "$T/echo"
    grep -q 'mixed: line 2 is no result' "$T/err"
    mkfifo "$T/pipe"
    ends 3 "$runbox" batch -f "$T/jobs" --resume "$T/pipe" "$T/echo"
    grep -q 'pipe: is a pipe' "$T/err"
    # to read from alone a pipe will do, however slow
    ends 0 bash -c "(sleep 0.2; echo '{\"id\":1,\"status\":\"ok\"}') | '$runbox' batch -f '$T/jobs' --resume /dev/stdin --output '$T/more' '$T/echo'"
    [ ! -s "$T/more" ]
}

@test "results that never end are read in little memory, and a signal is heard" {
    mkfifo "$T/pipe"
    "$runbox" batch --resume "$T/pipe" --output "$T/more" "$T/echo" </dev/null 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    sleep 0.3 # a writer that comes late is waited for
    yes '{"id":"the same","status":"ok"}' >"$T/pipe" 2>/dev/null &
    lives+=($!)
    sleep 1
    [ "$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")" -lt 20000 ]
    kill -TERM "$pid"
    ended 143
}

@test "what is wrong for every job is said before the first: exit 2, 3 or 4, and no result" {
    seq 1 3 | jq -c '{options: {n: 1}}' >"$T/jobs"
    echo "the page of an earlier batch" >"$T/page"
    while read -r want option; do
        ends "$want" "$runbox" batch -f "$T/jobs" --resume "$T/results" --html "$T/page" $option "$T/works"
        [ "$(wc -l <"$T/err")" -le 2 ]
        [ "$(cat "$T/page")" = "the page of an earlier batch" ]
        [ ! -s "$T/results" ]
    done <<'END2'
3 -o wrd=hi
3 -o n=x
3 -o n=0
3 -o word=long
2 -g foo
2 -g mount:here
3 -l memory=1024
4 -l memory=64G
2 -l memory=1X
2 -l memory=64M --memory 32M
2 -l cpus=2 --cpus 1
2 --memory 1M
2 --cpus 0.5
2 -l memory=64M --memory 63M
END2
    ends 2 "$runbox" batch -f "$T/jobs" --memory 1M "$T/works"
    grep -qF "runbox: $T/works: its limit of memory, 64M, is more than all jobs together may have (--memory 1M): no job that sets none itself would run" "$T/err"
    ends 0 "$runbox" batch -f "$T/jobs" --memory 8M -l memory=8M "$T/works"
    # Jobs that fit by what they set or name themselves run; another then has a result that says why it does not.
    jq -c '.limits = {memory: "8M"}' "$T/jobs" >"$T/own"
    ends 0 "$runbox" batch -f "$T/own" --memory 32M "$T/works"
    bundle small '"limits":{"memory":"8M"}' <<<'return 1'
    echo "{\"bundle\":\"$T/small\"}" | ends 0 "$runbox" batch --memory 32M "$T/works"
    (head -1 "$T/own" && cat "$T/jobs") | ends 1 "$runbox" batch --keep-order --memory 32M "$T/works"
    jq -es 'map(.status) == ["ok", "refused", "refused", "refused"]' "$T/out"
    # what a job may add to, or set itself, is not wrong yet
    ends 0 "$runbox" batch -f "$T/jobs" -o word=hi "$T/works"
    ends 1 "$runbox" batch -f <(echo '{}') -o word=hi "$T/works"
    jq -e '.status == "invalid" and (.error | test("/n|\"n\""))' "$T/out"
}
