#!/usr/bin/env bats
# `runbox serve` below callers that do anything in any order, while templates die and bundles change: it serves on,
# every conversation has a right shape, and nothing is left.

load serve

@test "a storm of callers, kills and reloads" {
    bundle a '"calls":["m"]' <<'LUA'
local how = box.arg
if how == "call" then return box.call("m", {1}) end
if how == "read" then return io.read("a") end
if how == "print" then for i = 1, 300 do print(("x"):rep(1000)) end end
if how == "spin" then while true do end end
if how == "error" then error("broke") end
return how
LUA
    cp -r "$T/a" "$T/b"
    sed -i 's/"name":"a"/"name":"b"/' "$T/b/manifest.json"
    serves --max 4 --queue 3 --connections 20 --idle 3s -l wall_time=200ms "$T/a" "$T/b"
    calls "$pid" "$front" "$T" "${STORM:-4}" <<'PY'
import random, signal, sys, threading, traceback
pid, front, place, seconds = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
end, wrong, seen = time.monotonic() + seconds, [], {}
wanted = {"ok", "error", "invalid", "wall_time", "refused"}

# So many seconds, and until each of them has been seen.
def storming():
    return time.monotonic() < (end if wanted <= set(seen) else end + 60)
seed = random.randrange(1 << 32)
print("# seed", seed, file=sys.stderr)

def start_of(r):
    line = {"bundle": r.choice("ab"), "arg": r.choice(["call", "read", "print", "spin", "error", 1, ["x" * 10000]])}
    if r.random() < .1:
        line["keyring"] = [{"namespace": "n", "access_key": "k"}]
    return r.choice([json.dumps(line).encode()] * 12 + [b"{}", b"[", b"", b'{"bundle":"c"}', b"\xff", b'{"stats":{}}'])

def converse(r):
    t = Talk(timeout=60)
    for _ in range(r.randrange(1, 8)):
        line = start_of(r) + b"\n"
        if r.random() < .05:
            return t.say(line + start_of(r) + b"\n")
        if r.random() < .05:
            return t.say(line[:r.randrange(len(line))])
        t.say(line)
        if r.random() < .1:
            return t.socket.shutdown(socket.SHUT_WR) or t.ending()
        if b"stats" in line:
            # A reply that came when its run was over was the next start line, and none.
            while (event := t.hear())[0] != "Stats":
                assert event[0] in ("Report", "Exit"), event
            continue
        while True:
            if r.random() < .02:
                return
            event = t.hear()
            if event is None:
                return
            if event[0] == "Report":
                seen[event[1]["status"]] = seen.get(event[1]["status"], 0) + 1
            if event[0] == "Exit":
                break
            if event[0] == "Call" or event[1] in ("Readline", "ToEnd"):
                t.say(r.choice([b'{"Ok":null}\n'] * 8 + [b'{"Ok":\n', b'{"Ok":null}\n{"Ok":null}\n', b'{"Err":"e"}\n']))

def caller(i):
    r = random.Random(seed + i)
    while storming():
        try:
            converse(r)
        except (EOFError, ConnectionResetError, BrokenPipeError):
            pass  # the server has closed: after a line that it could not place
        except BaseException as error:
            wrong.append("".join(traceback.format_exception(error)))

threads = [threading.Thread(target=caller, args=(i,)) for i in range(16)]
for one in threads: one.start()
r = random.Random(seed - 1)
while storming():
    time.sleep(r.random() * .2)
    try:
        victims = [one for one in children(pid) if one != front] + made_by(pid)
        if victims and r.random() < .3:
            os.kill(r.choice(victims), signal.SIGKILL)
        elif r.random() < .3:
            with open(f"{place}/b/main.lua", "a") as main: main.write(f"-- {r.random()}\n")
            os.kill(pid, signal.SIGHUP)
    except ProcessLookupError:
        pass
for one in threads: one.join()
assert not wrong, wrong[0]
assert wanted <= set(seen), seen
until(lambda: (lambda now: now["connections"] == 1 and now["running"] == 0)(Talk().stats()))
t = Talk()
assert t.ok(bundle="a", arg=1) == 1 and t.ok(bundle="b", arg=1) == 1
now = t.stats()
assert sum(b["template_restarts"] + b["reloads"] for b in now["bundles"]) > 0
print("#", seen, file=sys.stderr)
PY
    stops
}
