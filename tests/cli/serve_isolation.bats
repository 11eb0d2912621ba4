#!/usr/bin/env bats
# `runbox serve`: of one run nothing is left in the next, though the boxes come from one template.

load serve

# What a script may try to leave behind, and what the next one finds. Two runs on one connection, two on others,
# then two boxes of a server with --fresh.
leaves() {
    for how in "--warm 4" "--warm 1" "--fresh"; do
        serves --max 1 $how "$T/b"
        calls "$1" <<'PY'
import sys
t = Talk()
want = t.ok(arg="look")
assert want == json.loads(sys.argv[1]), want
for _ in range(6):
    t.ok(arg="leave")
    assert t.ok(arg="look") == want
    assert Talk().ok(arg="look") == want
PY
        stops
    done
}

@test "globals, modules, what the library's tables hold" {
    bundle b <<'LUA'
if box.arg == "leave" then
    left = 1
    _G.print = nil
    table.left, math.left, box.left, os.left = 1, 1, 1, 1
    math.pi, box.name = 3, "other"
    require("module").left = 1
    _ENV.string.left = 1
    return
end
return {left == nil, print ~= nil, table.left == nil, math.left == nil, box.left == nil, os.left == nil,
    math.pi > 3.1, box.name, require("module").left == nil, string.left == nil}
LUA
    echo 'return {}' >"$T/b/module.lua"
    leaves '[true,true,true,true,true,true,true,"b",true,true]'
}

@test "metatables: of globals, of the environment, of strings, of the values true and nil" {
    bundle b <<'LUA'
local function tries(f, ...) return (pcall(f, ...)) end
if box.arg == "leave" then
    setmetatable(_G, {__index = function() return "left" end})
    tries(function() getmetatable("").__index = function() return "left" end end)
    tries(function() getmetatable("").__add = function() return "left" end end)
    tries(setmetatable, "", {})
    setmetatable(table, {__index = {left = 1}})
    return
end
local meta = getmetatable("")
return {getmetatable(_G) == nil, absent == nil, ("x").left == nil, tries(function() return "x" + {} end),
    type(meta), getmetatable(table) == nil, getmetatable(true) == nil}
LUA
    serves "$T/b"
    calls >"$T/want" <<<'print(json.dumps(Talk().ok(arg="look")))'
    stops
    jq -e '.[0:4] == [true,true,true,false] and .[5:7] == [true,true]' "$T/want"
    leaves "$(cat "$T/want")"
}

@test "random numbers: no two runs have the same, and a seed gives its own in any box" {
    bundle b <<<'return math.random(0)'
    serves --warm 8 "$T/b"
    calls <<'PY'
t = Talk()
seen = [t.ok() for _ in range(100)]
assert len(set(seen)) == 100
seeded = {t.ok(seed=7) for _ in range(20)}
assert len(seeded) == 1 and not seeded & set(seen)
assert t.ok(seed=8) not in seeded
json.dump(seeded.pop(), open(os.environ["SOCKET"] + ".seeded", "w"))
PY
    stops
    records
    ends 0 "$runbox" run --json "$T/b" <<<'{"seed":7}'
    grep -qx "{\"Result\":$(cat "$SOCKET.seeded")}" "$T/out"
}

@test "arguments, options, verbosity, the environment, what was printed or read" {
    bundle b '"env":{"KEPT":"yes"},"options":{"type":"object","properties":{"n":{"type":"integer","default":1}}}' <<'LUA'
if box.arg ~= "look" then io.write("half a line") os.getenv("KEPT") return end
return {box.arg, box.options.n, os.getenv("KEPT"), os.getenv("HOME") == nil, os.getenv("SECRET") == nil, box.verbose or 0}
LUA
    export SECRET=s3cret
    serves --max 1 "$T/b"
    calls <<'PY'
t = Talk()
want = t.ok(arg="look")
assert want == ["look", 1, "yes", True, True, 0], want
for _ in range(5):
    t.ok(arg={"deep": ["x"] * 1000}, options={"n": 77}, verbose=3, seed=1)
    events, report, end = t.run(arg="look")
    assert events == [("Result", want)], events
PY
    stops
}

@test "the limits of one run are not what is left of another's" {
    bundle b '"limits":{"cpu_time":"2s","output":"40K","instructions":40000000}' <<'LUA'
if box.arg == "cpu" then local t = os.clock() while os.clock() - t < 0.6 do end end
if box.arg == "output" then print(("x"):rep(30000)) end
if box.arg == "memory" then return #("x"):rep(30 << 20) end
return os.clock()
LUA
    serves --max 1 "$T/b"
    calls <<'PY'
t = Talk()
small = t.run()[1]["memory_peak"]
for _ in range(4):
    for how in "cpu", "output", "memory":
        t.ok(arg=how)
    events, report, end = t.run()
    assert end == "Ok" and report["output_bytes"] < 1000 and report["cpu_user_ms"] < 500, report
    assert report["memory_peak"] < small + (1 << 20), (report["memory_peak"], small)
PY
    stops
}

@test "memory: a text of one run is nowhere in the box of the next, nor in those that wait" {
    bundle b '"calls":["look"]' <<'LUA'
held = ("canary-%s-of-run-one"):format(box.arg):rep(20000, ",")
box.log.info(held:sub(1, 100))
box.call("look", {})
return #held
LUA
    serves --max 1 --warm 2 "$T/b"
    timeout 600 /usr/bin/python3 - "$pid" <<'PY'
import array, ctypes, errno, os, re, sys
sys.path.insert(0, os.environ["PYTHONPATH"])
from serve_client import *

libc = ctypes.CDLL(None, use_errno=True)
class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]

canary = re.compile(b"canary-(\\w+)-of-run-one")

def present(pid, begin, end):
    """The pieces in which there are pages. To read where there is none makes one, which its group pays for: the arena of a
    template and of two boxes are more than it may have."""
    with open(f"/proc/{pid}/pagemap", "rb") as pagemap:
        pagemap.seek(begin // 4096 * 8)
        pages = array.array("Q", pagemap.read((end - begin) // 4096 * 8))
    start = None
    for i, page in enumerate([*pages, 0]):
        if page >> 62:
            start = i if start is None else start
        elif start is not None:
            yield begin + start * 4096, begin + i * 4096
            start = None

def canaries(pid):
    """Those in all that the process can read of itself; none, where it has ended meanwhile: the last run's is reaped late."""
    try:
        return canaries_of(pid)
    except (FileNotFoundError, ProcessLookupError):
        return set()

def canaries_of(pid):
    found = set()
    for line in open(f"/proc/{pid}/maps").readlines():
        begin, end, rights, name = re.match(r"(\w+)-(\w+) (\S+) \S+ \S+ \S+ *(.*)", line).groups()
        if "r" not in rights or name.startswith(("[vvar", "[vsyscall")):
            continue
        for begin, end in present(pid, int(begin, 16), int(end, 16)):
            data = ctypes.create_string_buffer(end - begin)
            here, there = Iovec(ctypes.addressof(data), end - begin), Iovec(begin, end - begin)
            got = libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
            if got < 0 and ctypes.get_errno() == errno.ESRCH:
                raise ProcessLookupError
            assert got == end - begin, (line, got, ctypes.get_errno())
            found.update(bytes(word) for word in canary.findall(data))
    return found

template, = made_by(sys.argv[1])
t = Talk()
seen = set()
for secret in "first", "second", "third", "fourth", "fifth":
    t.say({"arg": secret})
    while t.hear()[0] != "Call":
        pass
    boxes = {pid: canaries(pid) for pid in children(template)}
    # Its own is there, so that this look would see another's; all others hold none, the template too.
    holds = [found for found in boxes.values() if found]
    assert holds == [{secret.encode()}], boxes
    assert len(boxes) >= 2, boxes
    assert not canaries(template)
    t.say({"Ok": None})
    assert t.ending()[2] == "Ok"
PY
    stops
}
