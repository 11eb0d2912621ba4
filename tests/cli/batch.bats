#!/usr/bin/env bats
# `runbox batch`: jobs in, results out; what it does with jobs that are wrong, too large, or not to be had.

load lib

setup() {
    programs
    bundle square <<'END'
function run(n)
    print("n", n)
    return n * n
end
END
    bundle endings '"limits":{"cpu_time":"500ms","memory":"8M"}' <<'END'
function run(how)
    box.log.info("going to " .. how)
    if how == "error" then error("no luck") end
    if how == "memory" then local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end end
    if how == "cpu_time" then while true do end end
    if how == "table" then return {[1] = 1, x = 2} end
    return how
end
END
}

# batch STATUS ARGUMENT...: a batch of the jobs in $T/jobs ends so; its results are in $T/out.
batch() {
    ends "$1" "$runbox" batch -f "$T/jobs" "${@:2}"
}

# results FILTER WANT: what jq makes of each result, sorted.
results() {
    diff <(jq -rc "$1" "$T/out" | sort) <(printf '%s\n' "${@:2}" | sort)
}

# holds FILTER: of some result.
holds() {
    jq -se "any(.[]; $1)" "$T/out" >"$T/jq" || {
        echo "no result holds: $1"
        jq -c 'del(.report)' "$T/out" | head -n 20
        return 1
    }
}

@test "each job has its result, in any order; the results fit their schema" {
    seq 1 200 | jq -c '{id: "job \(.)", arg: .}' >"$T/jobs"
    batch 0 "$T/square"
    [ "$(wc -l <"$T/out")" -eq 200 ]
    diff <(jq -c '[.id, .result]' "$T/out" | sort) <(seq 1 200 | jq -c '["job \(.)", . * .]' | sort)
    "$runbox" validate --lines result "$T/out"
    "$runbox" validate --lines job "$T/jobs"
    jq -se 'all(.log == [{"Stdio":{"Write":"n\t\(.result|sqrt)\n"}}])' "$T/out"
    grep -q '^runbox: 200 jobs in .*: 200 ok$' "$T/err"
}

@test "each status is its job's own; the batch ends with 1" {
    for how in ok error memory cpu_time table; do
        echo "{\"id\":\"$how\",\"arg\":\"$how\"}"
    done >"$T/jobs"
    batch 1 "$T/endings"
    results '[.id, .status]' '["ok","ok"]' '["error","error"]' '["memory","memory"]' \
        '["cpu_time","cpu_time"]' '["table","error"]'
    jq -se 'all((.status == "ok") == (.error == null) and .status == .report.status)' "$T/out"
    holds '.id == "error" and (.error | test("no luck"))'
    grep -q '1 ok, 2 error, 1 cpu_time, 1 memory$' "$T/err"
    "$runbox" validate --lines result "$T/out"
}

@test "10 000 jobs of mixed statuses: one result each, and a page's worth of memory" {
    local n

    n=$(fewer 10000)
    seq 1 "$n" | jq -c '{id: ., arg: (if . % 50 == 0 then "error" elif . % 1000 == 1 then "memory" else "x" end)}' >"$T/jobs"
    batch 1 -q "$T/endings"
    [ ! -s "$T/err" ]
    [ "$(jq .id "$T/out" | sort -nu | wc -l)" -eq "$n" ]
    [ "$(wc -l <"$T/out")" -eq "$n" ]
    [ "$(grep -c '"status":"error","result"' "$T/out")" -eq $((n / 50)) ]
    [ "$(grep -c '"status":"memory","result"' "$T/out")" -eq $((n / 1000)) ]
}

# What a box has used is only known of one whose START its broker took before it saw the box's end.
uncounted() {
    jq -c '.report | select(.status != "ok" or .cpu_user_ms + .cpu_system_ms == 0) | [.status, .message]' "$T/out" | sort | uniq -c
}

@test "many at once, more than one message orders: each report has its run's processor time" {
    bundle quick <<<'return 1'
    yes "{\"bundle\":\"$T/quick\"}" | head -1000 >"$T/jobs"
    ends 0 "$runbox" batch -j 64 --audit "$T/audit" -f "$T/jobs"
    [ "$(wc -l <"$T/out")" -eq 1000 ]
    [ -z "$(uncounted)" ]
    refute grep -q "did not say so" "$T/audit"
}

@test "a broker that takes no orders for a moment: no box gets its start line before" {
    bundle busy <<<'for i = 1, 200000 do end return 1'
    mkfifo "$T/in"
    exec {feed}<>"$T/in"
    "$runbox" batch -j 8 --audit "$T/audit" <"$T/in" >"$T/out" 2>"$T/err" {feed}>&- 3>&- &
    batch=$!
    echo "{\"bundle\":\"$T/busy\"}" >&"$feed"
    until_holds test -s "$T/out"
    # Its children: the front, the bundle's broker, the bundle's monitor.
    monitor=$(cut -d " " -f 3 "/proc/$batch/task/$batch/children")
    strace -qq -o "$T/trace" -e trace=sendto -e inject=sendto:error=EAGAIN:when=1+2 -p "$monitor" {feed}>&- 3>&- &
    until_holds grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$monitor/status"
    yes "{\"bundle\":\"$T/busy\"}" | head -200 >&"$feed"
    exec {feed}>&-
    wait "$batch"
    [ "$(grep -c INJECTED "$T/trace")" -gt 100 ]
    [ "$(wc -l <"$T/out")" -eq 201 ]
    [ -z "$(uncounted)" ]
}

@test "a monitor that sends its broker a message of no bytes: that is its end, and not the broker's work for ever" {
    bundle quick <<<'return 1'
    mkfifo "$T/in"
    exec {feed}<>"$T/in"
    "$runbox" batch <"$T/in" >"$T/out" 2>"$T/err" {feed}>&- 3>&- &
    batch=$!
    echo "{\"bundle\":\"$T/quick\"}" >&"$feed"
    until_holds test -s "$T/out"
    read -r _ broker monitor <<<"$(cat "/proc/$batch/task/$batch/children")"
    # On each descriptor of it: to the others, nothing is sent so.
    for fd in /proc/"$monitor"/fd/*; do
        timeout 20 "$(realpath "${B:-build}")/tests/tools/inject" "$monitor" sendto "${fd##*/}" @ 0 0x4000 0 0 >/dev/null 2>&1 || true
    done
    until_holds eval '! kill -0 "$broker" 2>/dev/null'
    echo "{\"bundle\":\"$T/quick\"}" >&"$feed"
    exec {feed}>&-
    wait "$batch"
    [ "$(jq -r .status "$T/out" | xargs)" = "ok ok" ]
}

@test "--keep-order: the order of the jobs, bad lines among them" {
    cat >"$T/jobs" <<'END'
{"id":"a","arg":"cpu_time"}
{"id":"b","arg":"x"}
nonsense

{"id":"c","arg":"error"}
{"arg":"x"}
END
    batch 1 --keep-order -j 3 "$T/endings"
    [ "$(jq -c '[.id, .line, .status]' "$T/out" | tr '\n' ' ')" = \
        '["a",null,"cpu_time"] ["b",null,"ok"] [null,3,"invalid"] ["c",null,"error"] [6,null,"ok"] ' ]
    n=$(fewer 3000)
    seq 1 "$n" | jq -c '{arg: .}' >"$T/jobs"
    batch 0 --keep-order "$T/square"
    diff <(jq .id "$T/out") <(seq 1 "$n")
}

@test "what is wrong with a job is said in its result: line, pointer, remedy" {
    cat >"$T/jobs" <<'END'
{"id":1,"arg":2
{"id":2,"agr":2}
{"id":3,"limits":{"memory":"64X"}}
{"id":4,"limits":{"memory":"64G"}}
{"id":5,"options":{"n":1}}
{"id":6,"bundle":"/nowhere"}
[]
{"id":8,"arg":2}
END
    batch 1 "$T/square"
    results '[.id, .status]' '[null,"invalid"]' '[2,"invalid"]' '[3,"invalid"]' '[4,"refused"]' \
        '[5,"invalid"]' '[6,"invalid"]' '[null,"invalid"]' '[8,"ok"]'
    results 'select(.id == null) | .line' 1 7
    holds '.line == 1 and (.error | test("^line 1: column 16: "))'
    holds '.id == 2 and (.error | test("line 2: unknown member \"agr\"; a job may have id, bundle"))'
    holds '.id == 3 and (.error | test("/limits/memory: \"64X\" is not a size"))'
    holds '.id == 4 and (.error | test("--grant limit:memory=64G"))'
    holds '.id == 5 and (.error | test("takes no options"))'
    holds '.id == 6 and (.error | test("/nowhere"))'
    "$runbox" validate --lines result "$T/out"
}

@test "a line that is too long is one bad job; the next one is read" {
    {
        echo '{"id":"a","arg":2}'
        printf '{"id":"b","arg":"%02000000d"}\n' 0
        printf '{"id":"c","arg":3}'
    } >"$T/jobs"
    batch 1 "$T/square"
    results '[.id, .line, .status]' '["a",null,"ok"]' '[null,2,"invalid"]' '["c",null,"ok"]'
}

@test "jobs name their bundles, limits and options; the command's hold for those that do not" {
    bundle opts '"options":{"type":"object","properties":{"n":{"type":"integer","default":1},"s":{"type":"string"}}}' <<'END'
function run() return box.options end
END
    cat >"$T/jobs" <<END
{"id":1}
{"id":2,"options":{"n":7}}
{"id":3,"bundle":"$T/square","arg":3}
{"id":4,"limits":{"wall_time":"5s","memory":"4M"}}
END
    # -o holds for every bundle of the batch: square declares none
    batch 1 -o n=5 -o s=x -l wall_time=9s "$T/opts"
    results '[.id, .result]' '[1,{"n":5,"s":"x"}]' '[2,{"n":7,"s":"x"}]' '[3,null]' '[4,{"n":5,"s":"x"}]'
    results 'select(.id != 3) | [.id, .report.enforced.wall_time.asked, .report.enforced.memory.asked]' \
        '[1,9,67108864]' '[2,9,67108864]' '[4,5,4194304]'
    batch 1 # no bundle but where a job has one
    results '[.id, .status, .result]' '[1,"invalid",null]' '[2,"invalid",null]' '[3,"ok",9]' '[4,"invalid",null]'
    holds '.id == 1 and (.error | test("no bundle is named"))'
    echo '{"id":1,"bundel":"b"}' >"$T/jobs"
    batch 1
    holds '.error | test("unknown member \"bundel\"")'
}

@test "a bundle for each job: those that were used last are kept, the others are gone" {
    for i in $(seq 120); do
        bundle "b$i" <<<"function run() return $i end"
    done
    seq 1 240 | jq -c --arg t "$T" '{bundle: "\($t)/b\((. - 1) % 120 + 1)"}' >"$T/jobs"
    "$runbox" batch -q -j 2 -f "$T/jobs" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    local most=0 now
    while ! dead "$pid"; do
        now=$(find "/proc/$pid/fd" $(sed 's|[0-9]*|/proc/&/fd|g' "/proc/$pid/task/$pid/children") 2>/dev/null | wc -l)
        most=$((now > most ? now : most))
    done
    ended 0
    echo "# at most $most open files" >&3
    # some 420 were seen; a template and a box that waits cost 25, so those of all 120 bundles would be 3000
    [ "$most" -gt 50 ]
    [ "$most" -lt 600 ]
    diff <(jq -c '[.id, .result]' "$T/out" | sort) <(seq 1 240 | jq -c '[., (. - 1) % 120 + 1]' | sort)
    until_holds no_groups_of "$pid"
}

@test "the command's own bundle: exit 3 where it is none, 4 where it is not granted what it asks" {
    echo '{}' >"$T/jobs"
    batch 3 /nowhere
    [ ! -s "$T/out" ]
    bundle greedy '"keyring_access":["aws"]' <<<'function run() return #box.keyring("aws") end'
    batch 4 "$T/greedy"
    grep -q -- '--grant keyring:aws' "$T/err"
    echo '{"keyring":[{"namespace":"aws","access_key":"a","secret_key":"geheim"},{"namespace":"b","access_key":"c"}]}' >"$T/jobs"
    batch 0 -g keyring:aws "$T/greedy"
    results '.result' 1
    refute grep -q geheim "$T/out"
    batch 3 -f /nowhere "$T/square"
    batch 2 "$T/square" "$T/square"
    for bad in "-j 0" "-j x" "--memory 4X" "--cpus -1" "--timeout 0" "--shard 0/2" "--retries x" "-l memory" "--store x"; do
        batch 2 $bad "$T/square"
    done
}

@test "nobody answers: calls, input, artifacts and rate limits end at once" {
    bundle asks '"calls":["m"]' <<'END'
function run(what)
    if what == "read" then return io.read("a") == "" and io.read() == nil end
    if what == "call" then return box.call("m", 1) end
    if what == "artifact" then return box.artifact("a", "b") end
    if what == "ratelimit" then return box.ratelimit("k", 1, 1000) end
end
END
    for what in read call artifact ratelimit; do
        echo "{\"id\":\"$what\",\"arg\":\"$what\"}"
    done >"$T/jobs"
    batch 1 "$T/asks"
    holds '.id == "read" and (.result == true)'
    results 'select(.status == "error") | .id' call artifact ratelimit
    holds '.id == "call" and (.error | test("nobody is there to call: this is a batch"))'
}

@test "the log is bounded: its end is there, and how much is not" {
    bundle talks '"limits":{"output":"64M"}' <<'END'
function run(n)
    for i = 1, n do print(("%06d"):format(i) .. ("x"):rep(1000)) end
    return n
end
END
    echo '{"arg":20000}' >"$T/jobs"
    batch 0 "$T/talks"
    [ "$(stat -c %s "$T/out")" -lt 80000 ]
    jq -e '.log[-1].Stdio.Write | startswith("020000x")' "$T/out"
    jq -e '.log_cut > 20000000 and .log_cut + 70000 > .report.output_bytes' "$T/out"
}

@test "a budget: what runs at once is no more than it, in the order of the jobs" {
    bundle waits '"limits":{"memory":"16M"}' <<'END'
function run() local t = os.clock() while os.clock() < t + 0.03 do end end
END
    seq 1 12 | jq -c '{limits: {memory: (if . == 6 then "40M" elif . == 9 then "80M" else "16M" end)}}' >"$T/jobs"
    batch 1 --memory 48M -j 8 --html "$T/page" "$T/waits"
    results 'select(.status != "ok") | [.id, .status]' '[9,"refused"]'
    holds '.id == 9 and (.error | test("its limit of memory, 80M, is more than all jobs together may have \\(--memory 48M\\)"))'
    # lanes in the page: three of 16M at most at once
    [ "$(grep -o '<rect class="ok" x="[0-9.]*" y="[0-9.]*"' "$T/page" | sed 's/.* //' | sort -u | wc -l)" -eq 3 ]
    batch 0 --cpus 1 -j 8 --html "$T/page" "$T/waits"
    [ "$(grep -o '<rect class="ok" x="[0-9.]*" y="[0-9.]*"' "$T/page" | sed 's/.* //' | sort -u | wc -l)" -eq 1 ]
}

@test "stdin is read no further ahead than needed" {
    bundle holds <<<'function run() while true do end end'
    mkfifo "$T/in"
    "$runbox" batch -q -j 1 -l cpu_time=20s "$T/holds" <"$T/in" >"$T/out" 3>&- &
    pid=$!
    lives+=("$pid")
    (while printf '{"arg":"%01000d"}\n' 0; do echo >>"$T/written"; done >"$T/in") 2>/dev/null 3>&- &
    until_holds test -s "$T/written"
    sleep 0.5
    # one buffer of 64 KiB, and what a pipe holds
    [ "$(wc -l <"$T/written")" -le 140 ]
    kill -TERM "$pid"
    ended 143
}

@test "a slow reader holds up the batch, not its memory; one that goes away ends it" {
    bundle large <<<'function run() return ("x"):rep(100000) end'
    seq 1 600 | jq -c '{arg: .}' >"$T/jobs"
    mkfifo "$T/pipe"
    "$runbox" batch -q -f "$T/jobs" "$T/large" >"$T/pipe" 3>&- &
    pid=$!
    lives+=("$pid")
    exec {reader}<"$T/pipe"
    sleep 1
    # 60 MB of results; what ASan adds is its own
    grep VmRSS "/proc/$pid/status"
    [ "$(sed -n 's/VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")" -lt "${ASAN_OPTIONS:+8}16000" ]
    [ "$(head -n 600 <&$reader | wc -l)" -eq 600 ]
    ended 0
    exec {reader}<&-
    run bash -c "'$runbox' batch -f '$T/jobs' '$T/square' 2>'$T/err' | head -n 5 >/dev/null; exit \${PIPESTATUS[0]}"
    [ "$status" -eq 141 ]
    grep -q "the reader of the results has gone" "$T/err"
    ends 125 bash -c "exec '$runbox' batch -f '$T/jobs' '$T/square' >/dev/full"
    grep -q "No space left" "$T/err"
}

@test "an ordinary user's batch" {
    programs_for_all
    seq 1 100 | jq -c '{arg: .}' >"$T/jobs"
    chmod -R a+rX "$T/square"
    ends 0 "${ordinary[@]}" "$runbox" batch --best-effort -f "$T/jobs" "$T/square"
    diff <(jq -c '[.id, .result]' "$T/out" | sort) <(seq 1 100 | jq -c '[., . * .]' | sort)
    ends 0 "${ordinary[@]}" "$runbox" batch --best-effort --fresh -f "$T/jobs" "$T/square"
}

@test "keys of the store reach the jobs of a bundle that was granted them, and no result" {
    export XDG_CONFIG_HOME="$T/config"
    mkdir -m 700 "$T/config"
    "$runbox" keyring add example:key <<<'geheim'
    bundle reads '"keyring_access":["example"]' <<'END'
function run(n)
    local k = box.keyring("example")[1]
    return {k.access_key, #k.secret_key}
end
END
    printf '%s\n' '{"id":1}' '{"id":2,"keyring":[{"namespace":"example","access_key":"own","secret_key":"xy"}]}' '{"id":3}' >"$T/jobs"
    ends 0 "$runbox" batch -g keyring:example --retries 1 -f "$T/jobs" "$T/reads"
    results '[.id, .result]' '[1,["key",6]]' '[2,["own",2]]' '[3,["key",6]]'
    refute grep -q geheim "$T/out" "$T/err"
}

@test "--verbose names what failed; nothing of it can move a cursor" {
    printf '%s\n' '{"id":"a\u001b[2J","arg":"error"}' '{"id":"b","arg":"x"}' >"$T/jobs"
    batch 1 -v "$T/endings"
    grep -q '^runbox: job "a\\u001b\[2J": error: main.lua:[0-9]*: no luck$' "$T/err"
    refute grep -q $'\033' "$T/err"
    refute grep -q '"b"' "$T/err"
}

@test "a terminal shows progress: done, failed, rate and when it will be over" {
    seq 1 40 | jq -c '{arg: "cpu_time"}' >"$T/jobs"
    script -qec "'$runbox' batch -f '$T/jobs' '$T/endings' >'$T/out'" "$T/typescript" </dev/null >/dev/null || [ $? -eq 1 ]
    tr '\r' '\n' <"$T/typescript" >"$T/lines"
    clear=$'\033\\[K'
    grep -qE "^\[#+\.+\] +[0-9]+%  [0-9]+ done, [0-9]+ failed, [0-9]+ running, [0-9]+/s, ETA [0-9]+:[0-9]{2}$clear" "$T/lines"
    # none is longer than a line
    refute grep -qE "^.{80,}$clear" "$T/lines"
    grep -qE 'runbox: 40 jobs in .*: 40 cpu_time' "$T/lines"
}

@test "--help: exit 0, and every option is in the manual" {
    ends 0 "$runbox" batch --help
    sed -nE 's/^  (-., )?(--[a-z-]+).*/\2/p' "$T/out" >"$T/options"
    [ "$(wc -l <"$T/options")" -ge 20 ]
    while read -r option; do
        grep -qE "^\.It Fl (. , )?-${option#--}( |$)" man/runbox-batch.1 || {
            echo "not in the manual: $option"
            return 1
        }
    done <"$T/options"
}

@test "several faults in the bundle's manifest: the first, and where the rest is told" {
    bundle faulty '"limits":{"memory":"64X"},"main":7' <<<'return 1'
    ends 3 "$runbox" batch "$T/faulty" </dev/null
    grep -q "^runbox: $T/faulty/manifest.json:.* (and 1 more: runbox check $T/faulty)\$" "$T/err"
}
