#!/usr/bin/env bats
# Lua's io library on real files: as it is elsewhere, and on files alone.

load lib

setup() {
    programs
    files='"seccomp":{"profile":"files"}'
}

@test "reading, writing, appending and seeking are Lua's own" {
    bundle b "$files,\"filesystem\":{\"scratch\":\"4M\"}" <<'LUA'
local function put(text, mode) local f = assert(io.open("/tmp/f", mode or "w")) assert(f:write(text)) assert(f:close()) end
local function get() local f = assert(io.open("/tmp/f")) local text = f:read("a") f:close() return text end
put("one\ntwo\n") put("3", "a")
assert(get() == "one\ntwo\n3")
local f = assert(io.open("/tmp/f", "r+"))
assert(f:read("l") == "one" and f:seek() == 4)
assert(f:seek("cur", 0) and f:write("TWO") and f:seek() == 7)
assert(f:seek("set", 0) == 0 and f:read("a") == "one\nTWO\n3")
assert(f:seek("end", -1) == 8 and f:read(1) == "3" and f:read(1) == nil and f:read("a") == "")
local ok, why, number = f:seek("set", -1)
assert(not ok and why == "Invalid argument" and number == 22 and f:seek() == 9)
assert(f:seek("set", 20) == 20 and f:write("far") and f:close())
assert(get() == "one\nTWO\n3" .. ("\0"):rep(11) .. "far")
f = assert(io.open("/tmp/f", "a+"))
assert(f:read(3) == "one" and f:seek("set", 0) and f:write("!") and f:seek() == 24 and f:seek("set", 0) and #f:read("a") == 24)
assert(f:close())
f = assert(io.open("/tmp/f", "a"))
assert(f:seek("cur") == 24 and f:read(1) == nil and f:close())
f = assert(io.open("/tmp/f", "w+"))
assert(f:write("12 0x1p4 x") and f:seek("set") and f:read("n") == 12 and f:read("n") == 16.0 and f:read("n") == nil)
assert(f:close() and not pcall(f.read, f))
put("a\nb\n\nc")
local seen = {}
for line in io.lines("/tmp/f") do seen[#seen + 1] = line end
assert(table.concat(seen, "|") == "a|b||c")
for a, b in io.lines("/tmp/f", 1, "L") do assert(a == "a" and b == "\n") break end
for _, how in ipairs{"no", "line", "full"} do
    f = assert(io.open("/tmp/f", "w"))
    assert(f:setvbuf(how, 100))
    for i = 1, 1000 do f:write(i, "\n") end
    f:close()
    assert(#get() == 3893, how)
end
put(("x"):rep(1000003)) assert(#get() == 1000003)
f = assert(io.open("/tmp/f")) local again = assert(io.open("/tmp/f"))
assert(f:read(1) == "x" and again:seek() == 0) f:close() again:close()
io.output("/tmp/f") io.write("current") io.close() io.input("/tmp/f") assert(io.read("a") == "current")
ok, why, number = io.open("/tmp/none")
assert(ok == nil and why == "/tmp/none: No such file or directory" and number == 2)
assert(not io.open("/tmp/none/x", "w") and not pcall(io.open, "/tmp/f", "x") and not pcall(io.lines, "/tmp/none"))
ok, why, number = io.open("/tmp"):read(1)
assert(ok == nil and number == 21, why)
ok, why, number = io.open("/tmp", "w")
assert(ok == nil and number == 21, why)
f = assert(io.open("/tmp/f")) ok, why, number = f:write("x")
assert(ok == nil and number == 9, why)
for i = 1, 2000 do assert(io.open("/tmp/f")):close() end
for i = 1, 100 do if i % 8 == 0 then collectgarbage() end assert(io.open("/tmp/f")) end
return true
LUA
    goes 0 "$T/b"
    [ "$(cat "$T/out")" = true ]
}

@test "a full scratch is an error with its number, and what was written before is there" {
    bundle b "$files,\"filesystem\":{\"scratch\":\"64K\"}" <<'LUA'
local f = assert(io.open("/tmp/f", "w"))
f:setvbuf("full", 65536)
local ok, why, number = f:write(("x"):rep(200000))
f:close()
return {ok == nil, number, #io.open("/tmp/f"):read("a")}
LUA
    goes 0 "$T/b"
    [ "$(cat "$T/out")" = '[true,27,65536]' ]
}

@test "a FIFO or a socket of a mount is no file: not opened, not waited for, nobody outside is woken" {
    mkdir "$T/data"
    mkfifo -m 666 "$T/data/fifo"
    python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$T/data/socket"
    chmod 777 "$T/data" "$T/data/socket"
    bundle b "$files,\"filesystem\":{\"mounts\":[{\"source\":\"$T/data\",\"target\":\"/data\",\"mode\":\"rw\"}]}" <<'LUA'
local why = {}
for _, name in ipairs{"fifo", "socket"} do
    for _, mode in ipairs{"r", "w", "a", "r+", "w+", "a+"} do
        local f, _, number = io.open("/data/" .. name, mode)
        if f then f:write("from the box") f:close() end
        why[#why + 1] = f and "opened" or number
    end
    why[#why + 1] = pcall(io.lines, "/data/" .. name)
end
return why
LUA
    cat "$T/data/fifo" >"$T/heard" 3>&- &
    lives+=($!)
    goes 0 -l wall_time=10s -g "mount:$T/data:rw" "$T/b"
    [ "$(cat "$T/out")" = '[13,13,13,13,13,13,false,13,13,13,13,13,13,false]' ]
    kill -0 "${lives[0]}"
    [ ! -s "$T/heard" ]
}
