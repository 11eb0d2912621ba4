#!/usr/bin/env bats
# contrib/clients against a server: the same functions, with a socket in place of a program.

load serve

# client: the Python program on stdin, with the client of contrib as `runbox`.
client() {
    PYTHONPATH="$PYTHONPATH:contrib/clients/python" timeout 120 python3 -c "import os, sys, threading, time, runbox
at = os.environ['SOCKET']
$(cat)" 3>&-
}

@test "Python: a result, output, calls and functions lent, standard input, artifacts, objects that stay" {
    bundle b '"calls":["twice","Thing:name"]' <<'LUA'
print("read " .. io.read("l"))
local there = box.call("twice", {f = function(x) return x * 2 end, x = 21})
box.artifact("a.txt", "bytes")
return {there, box.arg.thing:name(), box.options}
LUA
    serves "$T/b"
    client <<'PY'
for i in range(5):
    thing = runbox.KeptObject("Thing", {"name": lambda _: f"thing {i}"})
    done = runbox.run("b", socket=at, arg={"thing": thing}, calls={"twice": lambda p: p["f"](p["x"])},
                      stdin="a line\nmore")
    assert done.result == [42, f"thing {i}", {}], done.result
    assert done.output == "read a line\n" and done.artifacts == {"a.txt": b"bytes"}
    assert done.report["status"] == "ok" and done.report["calls"] == 2
PY
    stops
}

@test "Python: errors, a refusal that says busy, a timeout, a stop, what a server does not take" {
    bundle b '"calls":["wait"]' <<'LUA'
if box.arg == "error" then error("broke", 0) end
if box.arg == "spin" then while true do end end
return box.call("wait", {})
LUA
    serves --max 1 --queue 0 -l wall_time=30s "$T/b"
    client <<'PY'
def fails(kind=runbox.Error, **how):
    try:
        runbox.run("b", socket=at, **how)
    except kind as error:
        return error
    assert False, "ended well"
error = fails(arg="error")
assert (str(error), error.status, error.exit_code) == ("broke", "error", 1), error
assert fails(calls={}).status == "error"
def waits(_):
    busy = fails()
    assert busy.status == "refused" and busy.report["evidence"]["counter"] == "queue"
    return "waited"
assert runbox.run("b", socket=at, calls={"wait": waits}).result == "waited"
began = time.monotonic()
fails(runbox.Timeout, arg="spin", timeout=0.5)
while (error := fails(arg="error")).status == "refused":  # until that one's box is gone
    time.sleep(0.01)
with runbox.start("b", socket=at, arg="spin") as run:
    threading.Timer(0.5, run.stop).start()
    try:
        run.wait()
        assert False, "ended well"
    except runbox.Error as error:
        assert error.report == {} and not isinstance(error, runbox.Timeout), error
assert time.monotonic() - began < 30
for more in {"limits": {"memory": "1M"}}, {"grants": ["network:host"]}, {"arguments": ["-v"]}, {"artifacts": "."}:
    fails(TypeError, **more)
try:
    runbox.run("b", socket=at + ".none")
    assert False, "connected"
except FileNotFoundError:
    pass
PY
    until_holds stats '.running == 0 and .connections == 1'
    stats '.bundles[0].runs.cancelled == 2'
    stops
}

@test "the caller in runbox-serve(1) runs" {
    sed -n '/^import json, socket/,/^\.Ed/p' man/runbox-serve.1 | sed "/^\.Ed/d; s/\\\\e/\\\\/g; s,/run/user/1000/boxes,$SOCKET," >"$T/caller.py"
    [ "$(wc -l <"$T/caller.py")" -gt 8 ]
    serves bundles/examples/hello
    timeout 120 python3 "$T/caller.py" >"$T/said" 3>&-
    [ "$(grep -c '^Exit Ok$' "$T/said")" -eq 2 ]
    grep -qF "Stdio {'Write': 'hello, Ada\\n'}" "$T/said"
    grep -qF "Stdio {'Write': 'hello, Grace\\n'}" "$T/said"
    stops
}
