#!/usr/bin/env bats
# An endless recursion is told as what it is: Lua's own error with its line where memory is enough for it, else in the
# message of the memory verdict. The box's word, which is told where it names a line of the bundle.

load lib
load wire

setup() {
    programs
    records
    inject="$bin/tests/tools/inject"
}

# deep LINE: the report's message ends with how deep the stack was, at that line of main.lua; $calls: that number.
deep() { # LINE [CALLS]
    says '.status == "memory" and .exit_code == 137 and .evidence.counter == "arena"'
    calls=$(jq -r '.message | capture("^memory limit: .*\\); the stack was (?<n>[0-9]+) calls deep at main.lua:'"$1"'$").n' "$T/report")
    [ "$calls" -gt "${2:-1000}" ]
}

@test "an endless recursion: Lua's error with its line where memory is enough" {
    bundle b <<'LUA'
local function f()
    return 1 + f()
end
return f()
LUA
    goes 1 -l memory=128M -g limit:memory=128M "$T/b"
    says '.status == "error" and (.message | startswith("main.lua:2: stack overflow"))'
}

@test "an endless recursion: where memory is too little for that, the message says how deep and where" {
    bundle b <<'LUA'
local function f()
    return 1 + f()
end
return f()
LUA
    goes 137 "$T/b"
    deep 2
    [ "$calls" -gt 300000 ]
    goes 137 -l memory=2M "$T/b"
    deep 2
    bundle b <<'LUA'
local function f(t)
    return {next = f({t})}
end
return f()
LUA
    goes 137 "$T/b"
    deep 2
}

@test "an endless recursion of a coroutine, or of one that another waits for" {
    bundle b <<'LUA'
local function f()
    return 1 + f()
end
return coroutine.wrap(f)()
LUA
    goes 137 "$T/b"
    deep 2
    goes 137 -l instructions=1000000000 "$T/b"
    deep 2
    bundle b <<'LUA'
local function f()
    return 1 + f()
end
local function resumes()
    local fine, text = coroutine.resume(coroutine.create(f))
    error(text, 0)
end
return coroutine.wrap(function() return 1 + coroutine.wrap(resumes)() end)()
LUA
    goes 137 "$T/b"
    deep 2
}

# Which of Lua's allocations fails is chance: of some sizes it is the one for the small stack that an unwound coroutine gets.
@test "an endless recursion of a coroutine, or with ever more arguments: with any memory" {
    bundle b <<<'local function f() return 1 + f() end coroutine.wrap(f)()'
    for ((size = 2048; size <= 6144; size += 256)); do
        goes 137 -l memory="${size}K" "$T/b"
        deep 1
    done
    # Its calls are few, and large.
    bundle b <<<'local function f(...) return 1 + f(1, ...) end f()'
    for ((size = 4096; size <= 6144; size += 512)); do
        goes 137 -l memory="${size}K" "$T/b"
        deep 1 200
    done
}

@test "a coroutine in a C function whose argument is the thread that waits for it: the look at the stack ends" {
    bundle b <<'LUA'
local main = coroutine.running()
coroutine.wrap(function()
    local t
    while true do t = table.pack(main, t) end
end)()
LUA
    goes 137 -l memory=4M "$T/b"
    says '.status == "memory" and (.message | endswith("changes it)"))'
}

@test "in a batch, and in a warm box" {
    bundle b <<'LUA'
local function f()
    return 1 + f()
end
return box.arg or f()
LUA
    ends 1 "$runbox" batch "$T/b" >"$T/out" <<<$'{"arg":1}\n{}'
    jq -se 'map(select(.status == "memory").error | test("; the stack was [0-9]+ calls deep at main.lua:2$")) == [true]' "$T/out"
}

@test "memory that is out elsewhere says nothing of the stack, though it was deep before" {
    bundle b <<'LUA'
local function f()
    return 1 + f()
end
print(pcall(f))
local t = {}
while true do t[#t + 1] = {} end
LUA
    goes 137 "$T/b"
    grep -qx $'false\tnot enough memory' "$T/out"
    says '.status == "memory" and (.message | endswith("changes it)"))'
}

@test "a box's word for it that fits no line of its bundle, or is more than that, is not told" {
    bundle b <<<'print("ready") while true do end'
    for text in 'the stack was 5000 calls deep at main.lua:3' 'the stack was 5000 calls deep at other.lua:1' \
        'the stack was 5000 calls deep at main.lua:01' 'the stack was x calls deep at main.lua:1' 'the stack was 5000 calls deep at' \
        'the stack was 5000 calls deep at main.lua:1 and more' 'the stack was 1234567890 calls deep at main.lua:1' 'forged' ''; do
        printf '{"Limit":{"name":"memory","text":"%s"}}\n' "$text" >"$T/bytes"
        spins
        run "$inject" "$box" pour "$T/bytes"
        run "$inject" "$box" exit_group 1
        over 137
        says '.status == "memory" and (.message | endswith("changes it)"))'
    done
    printf '{"Limit":{"name":"memory","text":"the stack was 5000 calls deep at main.lua:1"}}\n' >"$T/bytes"
    spins
    run "$inject" "$box" pour "$T/bytes"
    run "$inject" "$box" exit_group 1
    over 137
    says '.message | endswith("; the stack was 5000 calls deep at main.lua:1")'
}

# With the smallest stack that a manifest may ask for, and with the smallest that runbox itself may have.
@test "functions of C that call themselves through Lua: C stack overflow, whatever the stack" {
    bundle b '"options":{"type":"object","properties":{"k":{"type":"string"}}},"rlimits":{"stack":1048576}' <<'LUA'
local deep = {}
function deep.gsub(s) return (s or "x"):gsub(".", deep.gsub) end
function deep.gmatch(s) for w in string.gmatch(s or "x", ".") do s = w:gsub(".", deep.gmatch) end end
function deep.sort() table.sort({1, 2, 3}, function(a, b) deep.sort() return a < b end) end
function deep.format() return string.format("%s", setmetatable({}, {__tostring = deep.format})) end
function deep.concat()
    local o = setmetatable({}, {__index = function(t) return table.concat(t, "", 1, 1) end, __len = function() return 1 end})
    return table.concat(o, "", 1, 1)
end
function deep.wrap() return coroutine.wrap(deep.wrap)() end
function deep.pcall() return assert(pcall(deep.pcall)) end
local ok, why = pcall(deep[box.options.k])
assert(not ok and why:find("C stack overflow"), why)
LUA
    cp -r "$T/b" "$T/c"
    sed -i 's/,"rlimits":{"stack":1048576}//' "$T/c/manifest.json"
    for k in gsub gmatch sort format concat wrap pcall; do
        goes 0 -o "k=$k" "$T/b"
        (ulimit -s 1024 && goes 0 -o "k=$k" "$T/c")
    done
    (ulimit -s 1023 && ends 125 "$runbox" run "$T/c")
    grep -q 'rlimits: runbox itself is limited to stack=1047552 (ulimit -s), but a box needs at least 1048576' "$T/err"
}

@test "errors in what closes variables: one traceback, the last error's, however many there were" {
    bundle b <<<'local function f() local x <close> = setmetatable({}, {__close = function() f() end}) error("a") end f()'
    goes 137 "$T/b"
    bundle b <<<'local n = 0
local function f() n = n + 1 local x <close> = setmetatable({}, {__close = function() if n < 100 then f() else error("last") end end}) error("a") end f()'
    echo '{}' | ends 1 "$runbox" run --json "$T/b"
    [ "$(grep -c '"Log":{"Debug":"' "$T/out")" -eq 1 ]
    grep -q '"Log":{"Debug":"main.lua:2: last\\nstack traceback' "$T/out"
}

@test "C stack overflow is told with its place; of a source that nests too deeply, with its file" {
    bundle b <<<'local function f(s)
    return (s:gsub(".", f))
end
f("x")'
    goes 1 "$T/b"
    says '.status == "error" and .message == "main.lua:2: C stack overflow"'
    bundle b <<<'local o = setmetatable({}, {})
getmetatable(o).__tostring = function(s)
    return tostring(s)
end
tostring(o)'
    goes 1 "$T/b"
    says '.message == "main.lua:3: C stack overflow"'
    bundle b <<<'require("lib")'
    python3 -c 'print("\nreturn " + "(" * 205 + "1" + ")" * 205)' >"$T/b/lib.lua"
    goes 1 "$T/b"
    says '.message == "main.lua:1: error loading module \u0027lib\u0027: lib.lua: C stack overflow while it is compiled"'
    ends 3 "$runbox" check "$T/b"
    [ "$(cat "$T/out")" = "$T/b/lib.lua: error: C stack overflow while it is compiled" ]
}
