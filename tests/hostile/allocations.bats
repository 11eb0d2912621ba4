#!/usr/bin/env bats
# The Nth allocation of a run fails, for every N, alone or with all behind it: of the monitor's malloc, for each
# verb that works with bundles or keys, and of the box's arena. The programs are hostile builds: the same
# objects, linked with an allocator that fails on purpose. What each end has to be like: sweep.bash.

load ../cli/lib
load ../cli/private

setup() {
    programs
    cp "$BATS_TEST_DIRNAME/allocations.table" "$T/table"
    cp "$BATS_TEST_DIRNAME/sweep.bash" "$T"
    jq -cn '{arg: null, dns_config: {ns: [], tcp: false, timeout: {nanos: 0, secs: 3}}, keyring: [],
        module: {author: "a", description: "d", keyring_access: [], name: "m", source: null, version: "0.1.0",
            script: {code: "function run() info(\"hi\") end"}}, options: {}, proxy: null, verbose: 2}' >"$T/start"
    cat >"$T/bundles" <<'SH'
. ./sweep.bash
hostile=/srv/hostile/monitor/runbox
# No second run with all of a bundle's documents: one of each kind.
bundle b <<'LUA'
print("hello " .. box.options.name .. box.arg[1])
return {n = #box.options.name}
LUA
echo 'return {}' >b/helper.lua
echo '{"runbox":1,"name":"b","version":"1.0.0","description":"d","env":{"A":"b"},"calls":["m"],"keyring_access":["aws","gcp"],
    "arg":{"type":"array","items":{"type":"integer"}},"result":{"type":"object","properties":{"n":{"minimum":1}}},
    "options":{"type":"object","properties":{"name":{"type":"string","pattern":"^[a-z]+$","default":"me"}}},
    "limits":{"memory":"32M","wall_time":"20s"},"rlimits":{"nofile":8}}' >b/manifest.json
: >in
wants() { # the lines that a run without failures prints
    "$@" >out <in
    mapfile -t want <out
}
SH
}

@test "every allocation of a run fails, for a person" {
    private <<'SH'
. ./bundles
run=(run --report /mnt/report --arg '[1]' -o name=you -g keyring:aws -g keyring:gcp /mnt/b)
wants $runbox "${run[@]}"
starve '' $hostile "${run[@]}"
starve + $hostile "${run[@]}"
summary "allocations failed in turn: $allocations of run"
SH
}

@test "every allocation of a run fails, with --json" {
    private <<'SH'
. ./bundles
form=json
want=('{"Stdio":{"Write":"hello you1\n"}}' '{"Result":{"n":3}}')
echo '{"arg":[1],"options":{"name":"you"},"keyring":[{"namespace":"aws","access_key":"AK","secret_key":"s"}]}' >in
starve '' $hostile run --json -g keyring:aws -g keyring:gcp /mnt/b
starve + $hostile run --json -g keyring:aws -g keyring:gcp /mnt/b
summary "allocations failed in turn: $allocations of run --json"
SH
}

@test "every allocation of explain, describe, schema and validate fails" {
    private <<'SH'
. ./bundles
echo '{"items":{"$ref":"#/$defs/a"},"$defs":{"a":{"type":"string"}}}' >refers
echo '["x"]' >texts
for words in 'explain -g keyring:aws -g keyring:gcp b' 'explain --json -g keyring:aws -g keyring:gcp b' 'describe b' 'schema manifest' \
    'validate refers texts'; do
    wants $runbox $words
    starve '' $hostile $words
    starve + $hostile $words
done
summary "allocations failed in turn: $allocations of explain, describe, schema, validate"
SH
}

@test "every allocation of check fails: nothing of it is an error of the bundle's" {
    private <<'SH'
. ./bundles
form=check
sed -i '1i x()' b/main.lua
wants $runbox check /mnt/b
[ ${#want[@]} -gt 0 ]
starve '' $hostile check /mnt/b
starve + $hostile check /mnt/b
summary "allocations failed in turn: $allocations of check"
SH
}

# Of what is stored there is always one state, the old or the new.
@test "every allocation of keyring fails: the store is what it was, or what it should be" {
    private <<'SH'
. ./bundles
export XDG_CONFIG_HOME=/mnt/config
mkdir config
$runbox keyring add aws:AK <<<one
$runbox keyring grant aws b
cp -a config old
state() { (cd config/runbox && grep -H '' -- *.json .[!.]*) || true; } # all there is, with names
before() { rm -rf config && cp -a old config; }
after() { # WHAT STATUS
    local now

    now=$(state)
    [ "$now" = "$new" ] || { [ "$2" -ne 0 ] && [ "$now" = "$old" ]; } ||
        is_wrong "$1" "exit $2, and the store is neither the old nor the new: $now"
}
old=$(state)
echo two >in
for words in list 'get aws:AK' 'add aws:AK2' 'add --replace aws:AK' 'delete aws:AK' 'grant gcp b' 'revoke aws b'; do
    before
    wants $runbox keyring $words
    new=$(state)
    starve '' $hostile keyring $words
    starve + $hostile keyring $words
done
summary "allocations failed in turn: $allocations of keyring"
SH
}

@test "every allocation of sandbox fails: its Exit says so" {
    private <<'SH'
. ./bundles
form=sandbox
want=('{"Log":{"Info":"\"hi\""}}')
cp start in
starve '' $hostile sandbox module
starve + $hostile sandbox module
summary "allocations failed in turn: $allocations of sandbox"
SH
}

# A single failure is survived: Lua collects its garbage and asks again. All from the Nth on is the end, or an
# error that the script may catch.
@test "every allocation of the box fails" {
    private <<'SH'
. ./bundles
box=/srv/hostile/box/runbox
tight() { # ALLOCATION: what fails, as hostile/programs/arena.c reads it
    echo '{"runbox":1,"name":"b","version":"1.0.0","env":{"HOSTILE_ALLOCATION":"'"$1"'"}}' >b/manifest.json
}
cat >b/main.lua <<'LUA'
-- Behind a result there is no error that could tell the count: fifty more are tried than it says.
local helper = require("helper")
local words = {}
for word in ("the quick brown fox"):gmatch("%a+") do words[#words + 1] = word:upper() end
local ok, why = pcall(string.rep, "x", 100, ",")
local co = coroutine.wrap(function(a) coroutine.yield(a .. "1") end)
print(table.concat(words, "-"), ok, co("c"), select("#", helper.many()))
local result = {words = words, text = box.json.encode({a = 1.5, b = {}})}
if os.getenv("HOSTILE_ALLOCATION") ~= "count" then return result end
LUA
echo 'local t = {} function t.many() return 1, 2, 3 end return t' >b/helper.lua
tight 0
wants $runbox run b
tight count
! $box run b >out 2>err
read -r line <err
total=${line##* }
for mode in '' +; do
    for ((n = 1; n <= total + 50; n++)); do
        tight $n$mode
        status=0
        timeout -k 1 60 $box run --report /mnt/report b >out 2>err <in || status=$?
        runs=$((runs + 1))
        judge "arena"$'\t'"one$mode"$'\t'run$'\t'memory $status
        clean "arena $n$mode"
    done
done
[ "$total" -gt 300 ]
summary "allocations failed in turn: $total of the box, one or all from it on"
SH
}
