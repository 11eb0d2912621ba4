#!/usr/bin/env bats
# `runbox batch` with jobs that the host failed: they are tried again, hold nobody up, and nothing else is tried again.

load lib

setup() {
    programs
    bundle echo <<<'function run(x) return x end'
    bundle needs '"keyring_access":["ns"]' <<<'function run(x) return {x, box.keyring("ns")[1].secret_key} end'
    # What the host has to give and does not: a store of keys that others may read.
    export XDG_CONFIG_HOME="$T/config"
    mkdir -m 700 "$T/config"
    "$runbox" keyring add ns:key <<<'geheim'
    chmod 644 "$T/config/runbox/keyring.json"
}

# fail FIRST LAST: jobs that want the store's key; works FIRST LAST: jobs that bring their own.
fail() {
    seq "$1" "$2" | jq -c '{id: ., arg: .}'
}

works() {
    seq "$1" "$2" | jq -c '{id: ., arg: ., keyring: [{namespace: "ns", access_key: "a", secret_key: "own"}]}'
}

# start ARGUMENT...: a batch of $T/jobs in the background: $pid.
start() {
    "$runbox" batch -g keyring:ns -f "$T/jobs" "$@" "$T/needs" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
}

# counts FILTER LINE...: how often each value of it, in $T/out.
counts() {
    diff <(jq -c "$1" "$T/out" | sort | uniq -c | sed 's/^ *//') <(printf '%s\n' "${@:2}")
}

@test "a bundle that cannot be used is its job's mistake: no retry, no crash, resumed or not" {
    bundle small '"limits":{"memory":1024}' <<<'return 1'
    bundle broken '"limits":{"memory":"x"}' <<<'return 1'
    for b in small broken none; do
        echo "{\"id\":\"$b\",\"bundle\":\"$T/$b\"}"
    done >"$T/jobs"
    echo '{"id":"own","limits":{"memory":1024}}' >>"$T/jobs"
    ends 1 "$runbox" batch --retries 3 -f "$T/jobs" "$T/echo"
    [ "$(jq -c '[.status, .attempts]' "$T/out" | sort | uniq -c | tr -s ' ')" = ' 4 ["invalid",null]' ]
    cp "$T/out" "$T/results"
    ends 1 "$runbox" batch --retries 3 -f "$T/jobs" --resume "$T/results" "$T/echo"
    cmp "$T/out" /dev/null
    grep -q '; 4 done before$' "$T/err"
    ends 1 "$runbox" batch --retries 3 -f "$T/jobs" --retry-failed "$T/results" "$T/echo"
    [ "$(wc -l <"$T/results")" -eq 8 ]
}

@test "a job that waits for its retry holds no slot; told to stop, it has no result, and resume runs it" {
    { fail 1 20 && works 21 70; } >"$T/jobs"
    start -j 1 --retries 1000 --resume "$T/results"
    until_holds eval '[ "$(wc -l <"$T/results")" -eq 50 ]'
    kill -TERM "$pid"
    ended 143
    grep -qE ': 50 ok; [0-9]+ retries; 20 ended without a result; stopped by signal 15 \(Terminated\)$' "$T/err"
    diff <(jq .id "$T/results" | sort -n) <(seq 21 70)
    chmod 600 "$T/config/runbox/keyring.json"
    ends 0 "$runbox" batch -g keyring:ns -f "$T/jobs" --resume "$T/results" "$T/needs"
    diff <(jq .id "$T/results" | sort -n) <(seq 70)
}

@test "so often and no more; --keep-order holds, each job has one result" {
    for i in 1 11 21 31; do
        fail $i $((i + 1)) && works $((i + 2)) $((i + 9))
    done >"$T/jobs"
    ends 1 "$runbox" batch -j 3 --keep-order --retries 2 -g keyring:ns -f "$T/jobs" "$T/needs"
    diff <(jq .id "$T/out") <(seq 40)
    counts '[.status, .attempts]' '32 ["ok",null]' '8 ["setup",3]'
    grep -q ': 32 ok, 8 setup; 16 retries$' "$T/err"
}

@test "the host recovers while they wait: all are ok, with their own arguments and keys" {
    { fail 1 30 && works 31 31; } >"$T/jobs"
    start -j 1 --retries 100
    until_holds grep -q '"id":31' "$T/out"
    chmod 600 "$T/config/runbox/keyring.json"
    ended 0
    diff <(jq -c .result "$T/out" | sort) <({ seq 30 | jq -c '[., "geheim"]' && echo '[31,"own"]'; } | sort)
    grep -q ': 31 ok; [0-9]* retries$' "$T/err"
    refute grep -q geheim "$T/err"
}

@test "what may wait is bounded, by number and by bytes; beyond, no job is begun, and none is lost" {
    fail 1 4600 >"$T/jobs"
    ends 1 "$runbox" batch -q -j 4 --retries 1 -g keyring:ns -f "$T/jobs" "$T/needs"
    counts '[.status, .attempts]' '4600 ["setup",2]'
    [ "$(jq .id "$T/out" | sort -nu | wc -l)" -eq 4600 ]
    # 40 MB of jobs
    head -c 100000 /dev/zero | tr '\0' x >"$T/long"
    jq -c --rawfile long "$T/long" '.arg = $long' <<<"$(fail 1 400)" >"$T/jobs"
    start -j 4 --retries 4
    most=0
    while now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
        most=$now
        sleep 0.05
    done
    ended 1
    echo "# at most $most kB resident" >&3
    [ "$most" -lt 40000 ]
    counts '[.status, .attempts]' '400 ["setup",5]'
}

@test "more sets of limits than a bundle keeps plans for: those beyond wait, none fails" {
    bundle slow <<<'function run() local t = os.clock() while os.clock() < t + 0.02 do end return 1 end'
    seq 1 100 | jq -c '{limits: {memory: ((. * 64 + 8192) * 1024)}}' >"$T/jobs"
    ends 0 "$runbox" batch -j 100 -f "$T/jobs" "$T/slow"
    grep -q ': 100 ok$' "$T/err"
}
