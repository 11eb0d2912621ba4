-- expect: ok
-- profile: files network
-- as: root ordinary
-- manifest: "filesystem":{"scratch":"1M"}
-- The file library: its own streams are the wire, which it never hands out; names lead nowhere.
for _, path in ipairs { "/etc/passwd", "/proc/self/exe", "/proc/self/fd/0", "/dev/stdin", "/dev/fd/1", "/dev/tty", "../../etc/passwd",
    "/bundle/../../etc/passwd", "/tmp/../etc/passwd", "/mnt/canary/open", "", "/", ("/tmp/"):rep(2000) } do
    assert(not io.open(path), path)
    assert(not pcall(io.lines, path), path)
    assert(not pcall(io.input, path), path)
end
for _, mode in ipairs { "r", "w", "a", "r+", "w+", "a+b" } do
    assert(not io.open("/evil", mode) and not io.open("/bundle/main.lua", "w"))
end
assert(io.popen == nil and io.tmpfile == nil)
local f = assert(io.open("/tmp/x", "w+"))
for _, size in ipairs { 0, 1, -1, 1 << 20, 1 << 40, math.mininteger } do
    pcall(f.setvbuf, f, "full", size)
    pcall(f.read, f, size)
    pcall(f.seek, f, "set", size)
end
pcall(f.read, f, "n", "l", "L", "a", "x", "*n")
f:close()
assert(not pcall(f.write, f, "x"))
pcall(getmetatable(f) and getmetatable(f).__gc or print, f)
pcall(io.close)
pcall(io.close, io.stdout)
print("still there")
local many = {}
for i = 1, 100 do many[i] = io.open("/tmp/n" .. i, "w") end
