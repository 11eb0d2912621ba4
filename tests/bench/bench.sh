#!/bin/bash
# The numbers of the README, measured side by side: cold start against bwrap and bare lua5.4, and CPU-bound
# Lua against stock lua5.4; and what it costs to validate an argument. A table on stdout, the same as JSON in
# tests/bench/result.json. ROUNDS (cold start) and LUA_ROUNDS set how often each command runs.
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

# A benchmark script becomes a bundle: it is the main file, and nothing else is in it.
cpu() { # SCRIPT
    local name bundle
    name=$(basename "$1" .lua)
    bundle="$scratch/$name"
    mkdir "$bundle"
    cp "$1" "$bundle/main.lua"
    jq -n --arg name "$name" '{runbox: 1, name: $name, version: "1.0.0",
        limits: {memory: "512M", cpu_time: "5m", wall_time: "10m"}}' >"$bundle/manifest.json"
    "$compare" -n "${LUA_ROUNDS:-7}" -w 1 runbox "$bin/runbox" "$bundle" -- lua5.4 lua5.4 "$1" |
        jq --arg name "$name" '{row: "CPU-bound Lua", script: $name, runs: .}'
}

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

{
    cold 0
    cold 3
    for script in lua/*.lua; do
        cpu "$script"
    done
} | jq -s --argjson wire "$wire" --argjson schema "$("$bin/tests/bench/schema")" --arg cpu "$(sed -n 's/^model name\t*: //p' /proc/cpuinfo | head -1)" --arg kernel "$(uname -r)" '
    def ratio($a; $b): ([.runs[] | {(.name): .median}] | add) as $m | $m[$a] / $m[$b] * 1000 | round / 1000;
    map(if .row == "cold start"
        then . + {ratio_to_bwrap: ratio("runbox"; "bwrap"), ratio_to_lua: ratio("runbox"; "lua5.4")}
        else . + {ratio_to_lua: ratio("runbox"; "lua5.4")} end) |
    {unit: "ms", cpu: $cpu, kernel: $kernel, rows: ., wire: $wire, json_schema: $schema,
     cpu_bound_geometric_mean: ([.[] | select(.script) | .ratio_to_lua | log] | add / length | exp
                                | . * 1000 | round / 1000)}' >"$scratch/result.json"
cp "$scratch/result.json" result.json

jq -r '
    def pad($n): tostring | . + " " * ([$n - length, 0] | max);
    def left($n): tostring | " " * ([$n - length, 0] | max) + .;
    def line($a; $b; $c; $d; $e; $f): "\($a | pad(34)) \($b | pad(8)) \($c | left(9)) \($d | left(9)) \($e | left(9))  \($f)";
    line("milliseconds"; ""; "p10"; "median"; "p90"; "ratio"),
    (.rows[] | . as $row | .runs[] | line(
        (if $row.script then "CPU-bound Lua: " + $row.script
         elif $row.pause_ms == 0 then "cold start, back to back"
         else "cold start, \($row.pause_ms) ms between runs" end);
        .name; .p10; .median; .p90;
        if .name != "runbox" then ""
        elif $row.script then "\($row.ratio_to_lua) x lua5.4"
        else "\($row.ratio_to_bwrap) x bwrap, \($row.ratio_to_lua) x lua5.4" end)),
    "CPU-bound Lua, geometric mean: \(.cpu_bound_geometric_mean) x lua5.4",
    (.wire[] | "\(.row): \(.runbox_us) us through the monitor, \(.raw_us) us raw: \(.ratio) x"),
    (.json_schema | "JSON Schema: \(.validate_us) us for an argument of \(.bytes) bytes,",
        "\(.validations_per_second) validations a second; \(.compile_us) us to compile the schema")' result.json
