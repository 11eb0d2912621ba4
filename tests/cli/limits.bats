#!/usr/bin/env bats
# Each limit strikes, and no script talks its way round it; how close to its number: limits_precision.bats.

load lib

setup() {
    programs
}

# between LOW HIGH FILTER: a number of the report.
between() {
    says "($3) >= $1 and ($3) <= $2"
}

@test "memory: 64M without a word, what -l says with one" {
    # A string and the buffer that it is copied from: 48M.
    bundle b <<<'local ok, e = pcall(string.rep, "x", 24 << 20) print(ok)'
    goes 0 "$T/b"
    [ "$(cat "$T/out")" = true ]
    says '.enforced.memory.effective == 67108864'
    goes 0 -l memory=32M "$T/b"
    [ "$(cat "$T/out")" = false ]
    says '.enforced.memory.effective == 33554432 and .memory_peak <= 33554432'
}

@test "memory: caught where one allocation fails, the script goes on" {
    bundle b <<<'local ok, e = pcall(string.rep, "x", 1 << 40) return e'
    goes 0 "$T/b"
    grep -q 'not enough memory\|too large' "$T/out"
}

@test "memory: the group holds what the arena does not" {
    # Pages of the page tables and of the kernel are charged to the group alone: the peak counts them.
    bundle b <<<'local t = {} pcall(function() for i = 1, 1e9 do t[i] = {} end end) t = nil return 1'
    goes 0 -l memory=24M "$T/b"
    between 12582912 25165824 .memory_peak
}

@test "memory: a group that does not count its peak, as v2's before Linux 5.19: the process does, and the report says which" {
    bundle b <<<'local t = {} for i = 1, box.arg do t[i] = ("x"):rep(100000) .. i end return 1'
    goes 0 --arg 100 "$T/b"
    says '.enforced.memory.layer == .memory_peak_source'
    between 10000000 40000000 .memory_peak
    without=(lacking memory.peak memory.max_usage_in_bytes --)
    ends 0 "${without[@]}" "$runbox" run --report "$T/report" --arg 100 "$T/b"
    says '(.enforced.memory.layer | startswith("cgroup")) and .memory_peak_source == "process"'
    between 10000000 40000000 .memory_peak
    jq -nc 'range(10) | {id: ., arg: (if . == 9 then 100 else 0 end)}' |
        ends 0 "${without[@]}" "$runbox" batch -q --keep-order "$T/b"
    jq -se 'all(.report | (.enforced.memory.layer | startswith("cgroup")) and .memory_peak_source == "process") and
        all(.report.memory_peak | . > 200000 and . < 40000000) and .[9].report.memory_peak > 10000000' "$T/out"
}

@test "cpu_time: a loop ends by it, and what a starting box takes counts" {
    bundle b <<<'while true do end'
    goes 124 -l cpu_time=200ms "$T/b"
    says '.status == "cpu_time"'
    between 200 1000 '.cpu_user_ms + .cpu_system_ms'
}

@test "cpu_time: not dodged by pcall, coroutines, metamethods, long C calls or finalizers" {
    scripts=(
        'while true do pcall(function() while true do end end) end'
        'local function f() while true do coroutine.wrap(f)() end end while true do pcall(f) end'
        'local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) while true do pcall(function() return t[1] end) end'
        'local s = ("a"):rep(60) while true do s:find(("a?"):rep(30) .. ("a"):rep(60) .. "b") end'
        'while true do pcall(string.rep, "x", 16 << 20) end'
        'setmetatable({}, {__gc = function() while true do end end}) while true do collectgarbage() end'
        'local t = {} while true do pcall(table.move, t, 1, 1 << 40, 2) end'
        'xpcall(function() while true do end end, function() while true do end end)'
        'local function deep() return deep() end deep()'
    )
    for script in "${scripts[@]}"; do
        bundle b <<<"$script"
        goes 124 -l cpu_time=100ms "$T/b"
        says '.status == "cpu_time"'
        between 100 1000 '.cpu_user_ms + .cpu_system_ms'
    done
}

@test "cpu_time: a box that waits uses none of it" {
    bundle b <<<'print("ready") io.read() return 1'
    live b -l cpu_time=50ms --report "$T/report" "$T/b"
    sleep 0.3
    echo >&"$input"
    ended 0
    between 300 60000 .wall_ms
}

@test "wall_time: a box that waits for stdin, and one that works" {
    bundle b <<<'io.read()'
    mkfifo "$T/in"
    exec {input}<>"$T/in"
    goes 124 -l wall_time=200ms "$T/b" <"$T/in"
    says '.status == "wall_time"'
    between 200 10000 .wall_ms
    bundle b <<<'while true do end'
    goes 124 -l wall_time=200ms "$T/b"
    between 200 10000 .wall_ms
}

@test "wall_time: a reader that has stopped is no way to live longer" {
    bundle b <<<'while true do print(("x"):rep(4096)) end'
    mkfifo "$T/stuck"
    exec {stuck}<>"$T/stuck"
    "$runbox" run -l wall_time=200ms --report "$T/report" "$T/b" >"$T/stuck" 2>/dev/null 3>&- &
    pid=$!
    until_holds test -s "$T/report"
    says '.status == "wall_time"'
    cat <"$T/stuck" >/dev/null 3>&- &
    reader=$!
    ended 124
    kill "$reader"
}

@test "instructions: counted, in coroutines too, and not caught" {
    for script in 'while true do end' 'while true do pcall(function() while true do end end) end' \
        'while true do coroutine.wrap(function() for i = 1, 100 do end end)() end'; do
        bundle b <<<"$script"
        goes 124 -l instructions=1000000 "$T/b"
        says '.status == "instructions"'
    done
    bundle b <<<'for i = 1, 1000 do end'
    goes 0 -l instructions=1000000 "$T/b"
}

@test "output: in all, with log lines; nothing beyond it is passed on" {
    for script in 'while true do print(("x"):rep(100)) end' 'while true do box.log.info(("x"):rep(100)) end' \
        'while true do pcall(io.write, ("x"):rep(100000)) end' 'return ("x"):rep(200000)'; do
        bundle b <<<"$script"
        goes 153 -l output=100K "$T/b"
        says '.status == "output"'
        [ "$(cat "$T/out" "$T/err" | wc -c)" -le 103000 ]
    done
    bundle b <<<'print(("x"):rep(90000))'
    goes 0 -l output=100K "$T/b"
    between 90000 102400 .output_bytes
}

@test "artifacts: as many files as it says, 1024 by default, and no piece of one more" {
    bundle b <<'LUA'
local n = box.arg
for i = 1, n do box.artifact("a" .. i, "x") end
print(n)
LUA
    mkdir "$T/kept"
    goes 0 --artifacts "$T/kept" --arg 1024 "$T/b"
    says '.enforced.artifacts == {"asked": 1024, "effective": 1024, "layer": "monitor"}'
    [ "$(ls "$T/kept" | wc -l)" -eq 1024 ]
    rm -r "$T/kept"
    mkdir "$T/kept"
    goes 153 --artifacts "$T/kept" --arg 1025 "$T/b"
    says '.status == "output" and .evidence == {"counter": "artifacts", "value": 1025}'
    grep -q 'artifact limit: 1024 (artifacts; -l artifacts=... changes it)' "$T/err"
    [ "$(ls "$T/kept" | wc -l)" -eq 1024 ]
    goes 153 -l artifacts=1 --artifacts "$(mktemp -d "$T/kept.XXX")" --arg 2 "$T/b"
    goes 4 -l artifacts=65537 --artifacts "$T/kept" --arg 1 "$T/b"
    grep -q -e '--grant limit:artifacts=65537' "$T/err"
}

@test "artifacts: pieces of one file are one; files that are begun and left, or that nobody takes, count" {
    bundle b '"limits":{"artifacts":2}' <<<'box.artifact("a", ("x"):rep(3000000)) box.artifact("b", ("y"):rep(500000)) return 1'
    mkdir "$T/kept"
    goes 0 --artifacts "$T/kept" "$T/b"
    [ "$(stat -c %s "$T/kept/a")" -eq 3000000 ]
    bundle b '"limits":{"artifacts":2}' <<<'for i = 1, 3 do pcall(box.artifact, "a" .. i, "x") end'
    goes 153 "$T/b"
}

@test "artifacts: no name that a command takes for an option, a hidden file or a directory" {
    bundle b <<'LUA'
local made = {}
for _, name in ipairs{"-rf", "-", "--", ".", "..", ".profile", "a/b", "/a", "", "a b", "a\n", "a\27[2J", "\u{202e}txt", "ok-1.txt"} do
    if pcall(box.artifact, name, "") then made[#made + 1] = name end
end
return made
LUA
    mkdir "$T/kept"
    goes 0 --artifacts "$T/kept" "$T/b"
    [ "$(cat "$T/out")" = '["ok-1.txt"]' ]
    [ "$(ls -A "$T/kept")" = ok-1.txt ]
}

@test "open_files: as many as it says, the wire and the listener among them" {
    bundle b '"seccomp":{"profile":"files"},"filesystem":{"scratch":"1M"}' <<'LUA'
local open, why = {}, nil
for i = 1, 100 do
    local f, e = io.open("/tmp/" .. i, "w")
    if not f then why = e break end
    open[i] = f
end
return { #open, why }
LUA
    goes 0 "$T/b"
    jq -e '.[0] <= 14 and .[0] >= 10 and (.[1] | test("Too many open files"))' "$T/out"
    goes 0 -l open_files=6 "$T/b"
    jq -e '.[0] <= 4 and .[0] >= 1' "$T/out"
}

@test "processes: its group lets nothing in it fork, and no grant lets the box try" {
    bundle b <<<'print("ready") io.read()'
    live one "$T/b"
    group=$(groups_of "$pid" | grep /pids/)
    run sh -c "echo 0 >'$group/tasks' && (exit 0)"
    [ "$status" -ne 0 ]
    [[ "$output" == *"ork"* ]]
    bundle b '"seccomp":{"profile":"compute","allow":["fork"]}' <<<'return 1'
    ends 2 "$runbox" run -g syscall:fork "$T/b"
}

@test "a limit's number on a wrong scale is no limit passed over in silence" {
    bundle b <<<'return 1'
    for value in memory=0 memory=-1 memory=1KB cpu_time=-1s cpu_time=10 wall_time=0 output=1.5K memory=99999999999999999999; do
        got=0
        "$runbox" run -l "$value" "$T/b" >"$T/out" 2>"$T/err" || got=$?
        case $value in
        cpu_time=10) [ "$got" -eq 0 ] ;;
        *) [ "$got" -eq 2 ] || [ "$got" -eq 3 ] || [ "$got" -eq 125 ] ;;
        esac
    done
}
