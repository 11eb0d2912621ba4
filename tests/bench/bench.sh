#!/bin/bash
# The numbers of the README, measured side by side: cold start against bwrap and bare lua5.4, CPU-bound Lua
# and filters between pipes against stock lua5.4; many runs (batch, serve) against as many of lua5.4; and what it costs to validate an
# argument. A table on stdout, the same as JSON in tests/bench/result.json. ROUNDS (cold start), LUA_ROUNDS and
# FLEET_ROUNDS set how often each command runs; MILLION=1 has a batch of a million jobs too.
set -eu -o pipefail
cd "$(dirname "$0")"
top=$(realpath ../..)
bin=$(cd "$top" && realpath "${B:-build}")
compare="$bin/tests/bench/compare"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The same words from the same script; bwrap and lua5.4 have no argument to look at.
hello="$scratch/hello.lua"
echo 'print("hello, world")' >"$hello"

cold() { # PAUSE_MS
    "$compare" -n "${ROUNDS:-400}" -p "$1" \
        runbox "$bin/runbox" "$top/bundles/examples/hello/" -- \
        bwrap bwrap --unshare-all --ro-bind / / lua5.4 "$hello" -- \
        lua5.4 lua5.4 "$hello" |
        jq --argjson pause "$1" '{row: "cold start", pause_ms: $pause, runs: .}'
}

# First of all: thousands of boxes leave the kernel work for seconds, and these runs are short.
cold=$({
    cold 0
    cold 3
} | jq -s .)

# A benchmark script becomes a bundle, in $bundle, called $name: it is the main file, and nothing else is in it.
bundle() { # SCRIPT
    name=$(basename "$1" .lua)
    bundle="$scratch/bundle-$name"
    mkdir "$bundle"
    cp "$1" "$bundle/main.lua"
    jq -n --arg name "$name" '{runbox: 1, name: $name, version: "1.0.0",
        limits: {memory: "512M", output: "1G", cpu_time: "5m", wall_time: "10m"}}' >"$bundle/manifest.json"
}

cpu() { # SCRIPT
    local name bundle

    bundle "$1"
    "$compare" -n "${LUA_ROUNDS:-7}" -w 1 runbox "$bin/runbox" "$bundle" -- lua5.4 lua5.4 "$1" |
        jq --arg name "$name" '{row: "CPU-bound Lua", script: $name, runs: .}'
}

# A filter between two pipes, as text flows in a shell.
stream() { # SCRIPT
    local name bundle

    bundle "$1"
    "$compare" -n "${LUA_ROUNDS:-7}" -w 1 -i "$scratch/$name" \
        runbox sh -c 'cat | "$@" | cat' sh "$bin/runbox" "$bundle" -- lua5.4 sh -c 'cat | "$@" | cat' sh lua5.4 "$1" |
        jq --arg name "$name" '{row: "stream", script: $name, runs: .}'
}
seq -w 1 11111111 >"$scratch/lines" # 100 MB less a byte
head -c $((16 << 20)) "$scratch/lines" >"$scratch/whole"
: >"$scratch/pieces"

# What a message costs through the monitor, against the same bytes without one: call or log.
message() { # KIND MEMBERS SCRIPT
    mkdir "$scratch/$1"
    echo "{\"runbox\":1,\"name\":\"bench/$1\",\"version\":\"1.0.0\"$2}" >"$scratch/$1/manifest.json"
    echo "$3" >"$scratch/$1/main.lua"
    "$bin/tests/bench/wire" "$1" "$bin/runbox" "$scratch/$1"
}
wire=$({
    message call ',"calls":["m"]' 'for i = 1, 5001 do box.call("m", 1) end'
    message log '' 'for i = 1, 5001 do box.log.info("a line of a log, as long as such lines are") end'
} | jq -s .)

# What a monitor takes before any box, at worst: a promise, so that breaking it ends the bench.
worst=$(./worst.py "$bin/runbox") || {
    jq . <<<"$worst"
    exit 1
}

# Many runs. The server's boxes are counted while they wait: those that have a template for a parent.
hello_bundle="$top/bundles/examples/hello"
fleet="$bin/tests/bench/fleet"
jobs() { # COUNT
    seq "$1" | sed 's/.*/{}/' >"$scratch/jobs"
}
cpus=$(nproc)
batch() {
    jobs 10000
    "$compare" -n "${FLEET_ROUNDS:-5}" -w 1 \
        runbox "$bin/runbox" batch -q --jobs "$cpus" -f "$scratch/jobs" --output /dev/null "$hello_bundle" -- \
        lua5.4 "$fleet" spawn "$cpus" 10000 lua5.4 "$hello" |
        jq --argjson cpus "$cpus" '{row: "batch", jobs: 10000, at_once: $cpus, runs: .}'
}
growth() {
    local count
    for count in 100 1000 10000 100000 ${MILLION:+1000000}; do
        jobs "$count"
        "$fleet" once "$bin/runbox" batch -q --jobs "$cpus" -f "$scratch/jobs" --output /dev/null "$hello_bundle" |
            jq --argjson jobs "$count" '{jobs: $jobs, us_a_job: (.seconds * 1e6 / $jobs | round), memory_kib}'
    done | jq -s .
}
idle() { # SERVER
    local template pss=0 boxes=0 pid
    for template in $(pgrep -P "$(pgrep -d, -P "$1")" -x runbox-lua); do # the children of its brokers
        for pid in $(pgrep -P "$template" -x runbox-lua); do
            pss=$((pss + $(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")))
            boxes=$((boxes + 1))
        done
    done
    jq -n --argjson boxes "$boxes" --argjson pss "$pss" '{boxes: $boxes, pss_kib_each: ($pss / $boxes | round)}'
}
serve() {
    local socket="$scratch/socket" server connections
    "$bin/runbox" serve --socket "$socket" --warm 4 --max 64 "$hello_bundle" 2>/dev/null &
    server=$!
    until [ -S "$socket" ]; do sleep 0.05; done
    {
        "$fleet" warm "$socket" examples/hello "${ROUNDS:-400}" lua5.4 "$hello"
        sleep 1
        idle "$server"
        for connections in 1 8 64; do
            "$fleet" latency "$socket" examples/hello "$connections" 5000
        done | jq -s .
    } | jq -s '{warm: .[0], idle: .[1], latency: .[2]}'
    kill "$server"
    wait "$server" || true
}
many=$(jq -n --argjson batch "$(batch)" --argjson growth "$(growth)" --argjson serve "$(serve)" '
    ([$batch.runs[] | {(.name): .median}] | add) as $m |
    {batch: ($batch + {ratio_to_lua: ($m["lua5.4"] / $m.runbox * 100 | round / 100)}), growth: $growth} + $serve')

{
    jq '.[]' <<<"$cold"
    for script in lua/*.lua; do
        cpu "$script"
    done
    for script in streams/*.lua; do
        stream "$script"
    done
} | jq -s --argjson wire "$wire" --argjson many "$many" --argjson worst "$worst" --argjson schema "$("$bin/tests/bench/schema")" --arg cpu "$(sed -n 's/^model name\t*: //p' /proc/cpuinfo | head -1)" --arg kernel "$(uname -r)" '
    def ratio($a; $b): ([.runs[] | {(.name): .median}] | add) as $m | $m[$a] / $m[$b] * 1000 | round / 1000;
    map(if .row == "cold start"
        then . + {ratio_to_bwrap: ratio("runbox"; "bwrap"), ratio_to_lua: ratio("runbox"; "lua5.4")}
        else . + {ratio_to_lua: ratio("runbox"; "lua5.4")} end) |
    {unit: "ms", cpu: $cpu, kernel: $kernel, rows: ., many: $many, wire: $wire, json_schema: $schema, worst_manifest: ($worst | del(.manifests)),
     cpu_bound_geometric_mean: ([.[] | select(.row == "CPU-bound Lua") | .ratio_to_lua | log] | add / length | exp
                                | . * 1000 | round / 1000)}' >"$scratch/result.json"
cp "$scratch/result.json" result.json

jq -r '
    def pad($n): tostring | . + " " * ([$n - length, 0] | max);
    def left($n): tostring | " " * ([$n - length, 0] | max) + .;
    def line($a; $b; $c; $d; $e; $f): "\($a | pad(34)) \($b | pad(8)) \($c | left(9)) \($d | left(9)) \($e | left(9))  \($f)";
    line("milliseconds"; ""; "p10"; "median"; "p90"; "ratio"),
    (.rows[] | . as $row | .runs[] | line(
        (if $row.script then $row.row + ": " + $row.script
         elif $row.pause_ms == 0 then "cold start, back to back"
         else "cold start, \($row.pause_ms) ms between runs" end);
        .name; .p10; .median; .p90;
        if .name != "runbox" then ""
        elif $row.script then "\($row.ratio_to_lua) x lua5.4"
        else "\($row.ratio_to_bwrap) x bwrap, \($row.ratio_to_lua) x lua5.4" end)),
    "CPU-bound Lua, geometric mean: \(.cpu_bound_geometric_mean) x lua5.4",
    (.many | "batch of \(.batch.jobs), \(.batch.at_once) at once: \(.batch.ratio_to_lua) x the jobs a second of lua5.4",
        (.growth[] | "batch of \(.jobs): \(.us_a_job) us a job, \(.memory_kib) KiB"),
        "warm run: \(.warm.runbox_us.median) us, lua5.4 \(.warm.bare_us.median) us: \(.warm.ratio) x",
        "idle warm box: \(.idle.pss_kib_each) KiB each, \(.idle.boxes) waiting",
        (.latency[] | "serve, \(.connections) connections: p50 \(.p50_us) us, p99 \(.p99_us) us, p99.9 \(.p999_us) us, \(.runs_per_second) a second")),
    (.wire[] | "\(.row): \(.runbox_us) us through the monitor, \(.raw_us) us raw: \(.ratio) x"),
    (.worst_manifest | "worst manifest: \(.slowest.seconds) s of processor time (\(.slowest.manifest)), \(.largest.mib) MiB (\(.largest.manifest))"),
    (.json_schema | "JSON Schema: \(.validate_us) us for an argument of \(.bytes) bytes,",
        "\(.validations_per_second) validations a second; \(.compile_us) us to compile the schema")' result.json
