#!/usr/bin/env bats
# What the front of `runbox batch` or `runbox serve`, and the monitor of a bundle, that were taken over can have of their brokers
# (runtime/broker/order.h), and that monitor of the front (runtime/wire/message.h). Beyond their grants, out of turn, in no shape: an
# order to the fleet's broker ends the front, one to a bundle's broker ends that broker; all that it has made goes with it, and
# another server does not notice. The orders are real ones (tests/tools/order), on the processes' own sockets
# (taken_over.py). Not under ASan: there, they have no filter.

load serve

setup() {
    programs
    inject=$bin/tests/tools/inject tried=0
    export ORDER=$bin/tests/tools/order MESSAGE=$bin/tests/tools/message XDG_CONFIG_HOME="$T/config" SOCKET="$T/good.s" PYTHONPATH="$PWD/tests/cli" PYTHONDONTWRITEBYTECODE=1
    GROUPS_AT=$(group_parents | tr '\n' ' ')
    export GROUPS_AT
    bundle good <<<'return box.arg'
    serves --warm 1 "$T/good"
    good=$pid
    made=$(all_of "$good")
    SOCKET="$T/s"
    bundle b '"keyring_access":["aws"]' <<<'return box.arg'
    bundle c <<<'return 1'
}

# all_of PID: its children and theirs.
all_of() {
    local pid

    for pid in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
        echo "$pid"
        all_of "$pid"
    done
}

# The other server has not noticed anything: its processes are those that it had, and it serves.
unharmed() {
    [ "$(all_of "$good")" = "$made" ]
    SOCKET="$T/good.s"
    calls <<<'assert Talk().ok(arg=7) == 7'
    stats '.bundles[0] | .boxes_lost == 0 and .template_restarts == 0 and .runs == {ok: 1}'
    pid=$good
    stops
    [ "$tried" -eq 0 ] || echo "# $tried" >&3
}

# A monitor that is left stopped hears no signal to stop, and its broker ends it only after a while.
eval "ends_lives_$(declare -f teardown)"
teardown() {
    pkill -CONT -s "$(IFS=,; echo "${lives[*]}")" 2>/dev/null || true
    ends_lives_teardown
}

# server ARGUMENT..., batch ARGUMENT...: one in a session of its own, that has a template and nothing under way; its words are $T/err.
server() {
    as=(setsid)
    serves --warm 1 -g keyring:aws "$@"
    as=()
    ln -sf "$T/log" "$T/err"
}

batch() {
    [ -z "$jobs" ] || exec {jobs}>&-
    rm -f "$T"/in "$T"/err "$T"/out
    mkfifo "$T/in"
    exec {jobs}<>"$T/in"
    setsid "$runbox" batch -q "$@" <"$T/in" >"$T/out" 2>"$T/err" 3>&- {jobs}>&- &
    pid=$!
    lives+=("$pid")
    if [ $# -gt 0 ]; then echo '{}'; else echo "{\"bundle\":\"$T/c\"}"; fi >&"$jobs"
    until_holds grep -q '"status":"ok"' "$T/out"
}

# taken: the Python program on stdin has the front of $pid, m.
taken() {
    calls "$pid" "$@" < <(printf '%s\n' 'import sys' 'from taken_over import *' 'm = Front(sys.argv[1])'; cat)
}

# over WHY ORDERS: to the fleet's broker. The front is ended for it, and nothing is left.
over() {
    local got=0 one all

    all=$(all_of "$pid")
    taken "$2" <<<'m.broker.order(sys.argv[2])'
    wait "$pid" || got=$?
    tried=$((tried + 1))
    [ "$got" -eq 125 ] && [ "$(wc -l <"$T/err")" -eq 1 ] &&
        grep -qxF "runbox: monitor: was ended: it ordered $1" "$T/err" || {
        echo "exit status $got of $2: $(cat "$T/err")"
        return 1
    }
    for one in $all; do
        until_holds dead "$one"
        no_groups_of "$one"
    done
    refute pgrep -s "$pid"
}

bundle='a bundle that it may not name' turn='something out of its turn' shape='what is no order'

@test "the fleet's broker of a server: no bundle but those of its command line, and nothing that is another broker's" {
    over_server() {
        server "$T/b"
        over "$@"
        [ ! -e "$SOCKET" ]
    }

    for words in named=2 named=0xffffffff index=1 index=0xffffffff named=0 "named=0 bundle.path=$T/b" "named=0 bundle.path=full"; do
        over_server "$bundle" "bundle bundle.$words"
    done
    for words in clock kill artifact artifact-done cold fork start exit end 'remove;bundle'; do
        over_server "$turn" "$words"
    done
    for words in 'clock kind=0' 'clock kind=25' 'clock kind=0xffffffff' 'clock size=3' 'clock size=0x100' 'bundle size=8' 'dismiss size=4' \
        'bundle size=9000' 'listen size=8' 'ready size=3' 'page size=8'; do
        over_server "$shape" "$words"
    done
    over_server 'what no bundle is called' name
    over_server 'a mount that no manifest can ask for' mount
    over_server 'a module that nobody waits for' module
    over_server 'a file that the command line does not name' file
    over_server 'a box beyond what was granted' 'ask;box'
    over_server 'boxes beyond what was granted' plan
    over_server 'a grant that nobody asked for' grant
    over_server 'a report that nobody asked for' report
    over_server 'a page that nobody asked for' page
    unharmed
}

@test "the fleet's broker of a batch: no socket, no page that nobody wants or a second one" {
    for words in named=2 index=1 named=0 'named=0 bundle.path=full'; do
        batch -g keyring:aws "$T/b"
        over "$bundle" "bundle bundle.$words"
    done
    batch
    over "$bundle" bundle
    batch -g keyring:aws "$T/b"
    over 'a socket that it may not have' listen
    batch -g keyring:aws "$T/b"
    over 'that it is ready, which nobody waits for' ready
    batch -g keyring:aws "$T/b"
    over 'a page that nobody asked for' page
    batch -g keyring:aws --html "$T/page" "$T/b"
    over 'a page that nobody asked for' 'page;page'
    for words in 'clock kind=0' 'clock kind=25' 'bundle size=8'; do
        batch -g keyring:aws "$T/b"
        over "$shape" "$words"
    done
    for words in clock fork; do
        batch -g keyring:aws "$T/b"
        over "$turn" "$words"
    done
    unharmed
}

@test "a bundle's broker of a server: each order in each state of its boxes" {
    mkdir -p -m 700 "$T/config/runbox"
    echo '{"ceilings":{"memory":"32M"}}' >"$T/config/runbox/policy.json"
    server "$T/b"
    taken "$T/tried" <<'PY'
import time
tried = 0

def ends(state, *hostile, plan="plan"):
    """Each of these ends a broker of its own."""
    global tried
    for text in hostile:
        maker = m.maker(plan=plan)
        state(maker)
        maker.order(text)
        try:
            assert maker.left()
        except BaseException:
            print(state.__name__, text, file=sys.stderr)
            raise
        tried += 1

def none(maker): pass
def template(maker): maker.make("fork", 3)
def ready(maker): maker.make("fork", 0)
def cold(maker): maker.make("cold", 0)
def started(maker): ready(maker), maker.order("start pool.box=0")
def cold_started(maker): cold(maker), maker.order("start pool.box=0")
def exiting(maker): started(maker), time.sleep(0.02), maker.order("exit pool.box=0") # old enough to be waited for

shapes = ["clock kind=0", "clock kind=25", "clock kind=0xffffffff", "clock size=3", "fork size=8", "plan size=100", "end size=9000",
          "plan size=2080", "fork size=111", "fork size=224", "end;fork kind=0", "end;fork kind=6", "end;fork kind=20", "end;fork kind=25"]
others = ["kill", "clock", "artifact", "artifact-done", "bundle", "dismiss", "listen", "ready", "page", "module", "file", "box", "grant", "report"]

# Before there is a plan: no box, and nothing but what its bundle may have.
ends(none, *shapes, *others, "cold", "fork", "start", "exit", "end", "name;name", "name name.name=../b", "ask what=3", "mount target=/proc/x",
     "ask what=0 ask.name=gcp;plan", "ask what=1 ask.name=socket;plan", "ask what=2 ask.name=CAP_NONE;plan", "mount source=/etc;plan profile=1",
     "plan keys=1", "ask;plan keys=1", "plan network=2", "plan profile=2 network=2", "plan profile=3", "plan memory=0", "plan memory=64000000",
     "plan memory=0x10000000000", "plan processes=100000", "plan scratch=0x1000", "plan texts=0", "plan files=1", "plan kind=6", "plan name=../b",
     "name;plan name=c", "plan hostname=full", "plan rlimit.set=1 rlimit.soft=9 rlimit.hard=3", "remove;plan", plan=None)
# Behind it: no second one, and no more than a command line's -l could have.
ends(template, "plan", *shapes, *others, "ask", "mount", "name", "remove")
ends(none, *(f"{kind} pool.box={number}" for kind in ("fork", "cold", "start", "exit", "end") for number in (1000, 0xffffffff)))
for kind, value in ("memory", 0), ("memory", 64000000), ("memory", 0x10000000000), ("processes", 0), ("processes", 100000):
    ends(none, f"cold pool.lowers=1 pool.{kind}={value}")
    ends(ready, f"start pool.lowers=1 pool.{kind}={value}")
ends(ready, "start pool.lowers=1 pool.memory=20000000", "start pool.lowers=1 pool.processes=2", plan="plan memory=16777216") # a fork's go down
ends(cold, "start pool.lowers=1 pool.wall_time=1000000000") # it has its own
# A number has one box, and that its turns.
ends(none, "fork;fork", "fork;cold", "fork;start", "fork;exit")
ends(ready, "fork", "cold", "exit")
ends(cold, "fork", "cold", "exit")
ends(started, "fork", "cold", "start", "start pool.keys=1")
ends(cold_started, "fork", "cold", "start", "exit")
ends(exiting, "fork", "cold", "start", "exit")
# A box of its own mounts is none that a template forks.
ends(none, "fork", plan="plan profile=1")

# What it may: say of a number that is free what it likes, and end a box in any state, as often as it likes.
maker = m.maker()
for i in range(3):
    maker.order("start;exit;end")
    maker.order("fork;end")
    assert maker.failed(MADE)
    for state in ready, cold, started, cold_started, exiting:
        state(maker)
        maker.order("end;end")
        maker.answer(ENDED)
        until(lambda: dead(maker.box))
maker.order("plan")
assert maker.left()
m.goes_on()
print(tried, file=open(sys.argv[2], "w"))
PY
    tried=$(cat "$T/tried")
    stops
    unharmed
}

@test "a batch's bundle: the command's grants are for the bytes that it names, and one that is none is only said to be" {
    cp -r "$T/b" "$T/same"
    bundle other '"keyring_access":["aws"]' <<<'return 2'
    mkdir "$T/empty"
    batch -g keyring:aws "$T/b"
    taken "$T" <<'PY'
def job(name, plan=None):
    return m.maker(f"bundle bundle.named=0 bundle.path={sys.argv[2]}/{name}", plan)
for name in "other", "c":
    maker = job(name)
    maker.order("ask;plan")
    assert maker.left(), name
for maker in m.maker(plan=None), job("same"):
    maker.order("ask;plan")
    assert not maker.failed(DONE)
    maker.order("plan")
    assert maker.left()
maker = job("empty") # bytes, if none: that it has no manifest is for who parses it
assert not maker.failed(BUNDLE)
maker.order("fork")
assert maker.left()
for name in "nowhere", "b/main.lua":
    maker = job(name)
    assert maker.failed(BUNDLE)
    maker.ended()
    until(lambda: dead(maker.pid))
    maker.dismiss()
m.goes_on()
PY
    echo '{}' >&"$jobs"
    until_holds eval '[ "$(grep -c "\"status\":\"ok\"" "$T/out")" -eq 2 ]'
    kill -TERM "$pid"
    ended 143
    unharmed
}

@test "keys of the store: into a box that was granted some, and into no other" {
    head -c 3000 /dev/zero | tr '\0' k | "$runbox" keyring add aws:AK1
    server "$T/b"
    taken <<'PY'
import fcntl
# None was asked for.
maker = m.maker()
assert maker.make("fork", 0) >= 0
maker.order("start pool.keys=1")
assert maker.left()
# Whoever may have some has no wire before they are in it, wanted or not: so many bytes for a box that reads nothing.
def sent(keys):
    maker = m.maker(plan="ask;plan")
    assert maker.make("fork", 0) == -1
    stop(maker.box)
    maker.order(f"start pool.keys={keys}")
    assert not maker.failed(PREPARED)
    unread = struct.unpack("i", fcntl.ioctl(maker.fd, 0x5411, bytes(4)))[0] # SIOCOUTQ
    maker.order("plan")
    assert maker.left()
    return unread
none, some = sent(0), sent(1)
assert 0 < none < some, (none, some)
m.goes_on()
PY
    stops
    unharmed
}

# What is a run's end is the front's word alone, and so is whose run it is: what follows on a connection may be another bundle's.
@test "a taken-over monitor that says what it must not: its own callers are told so, and another bundle's run goes on" {
    bundle reads <<<'local line = io.read() while line == "spin" do end return line'
    bundle other <<<'return io.read()'
    server "$T/other" "$T/reads"
    timeout 250 python3 - "$pid" "$T/tried" <<'PY'
from serve_client import *
from taken_over import *
import sys
fleet, tried = int(sys.argv[1]), 0
other = Talk()
other.say({"bundle": "other"})
assert other.hear() == ("Stdio", "Readline")

def cut_off(text, says, shown=[]):
    """Said while a run of its bundle waits for its caller, who has number 1."""
    global tried
    t = Talk()
    t.say({"bundle": "reads"})
    assert t.hear() == ("Stdio", "Readline")
    if "event" in text: # no request is open any more
        t.say({"Ok": "spin\n"})
        time.sleep(0.05)
    m = Member(fleet)
    m.say(text) if isinstance(text, str) else m.channel.sendall(message(*text))
    assert m.is_cut_off()
    events, report, end = t.ending()
    assert events == shown and report["status"] == "setup" and report["message"] == "monitor: was ended: it said " + says, (text, events, report)
    assert t.hear() is None # what else it says can be matched to no request
    again = Talk()
    again.say({"bundle": "reads"})
    assert again.hear() == ("Stdio", "Readline")
    again.say({"Ok": "here\n"})
    assert again.ending()[0] == [("Result", "here")]
    tried += 1

line = "a line that no box may send now"
for text in ('{"Exit":"Ok"}', '{"Exit":{"Err":"e"}}', '{"Limit":{"name":"memory","text":"t"}}', '{"Sleep":{"secs":0,"nanos":1}}', '{"Blob":"AAAA"}'):
    cut_off(f"event run=1 text={text}", "a line that is not for callers")
for text in ('{"Report":{}}', '{"Stats":{}}', '{"Log":{"Info":"a"},"Exit":"Ok"}', '{"Result":1}{"Exit":"Ok"}', '{"Exit":"Ok"', "x", ""):
    cut_off(f"event run=1 text={text}", line)
for run in 0, 2, 1000000, 0xffffffff: # the other bundle's, nobody's
    cut_off(f"event run={run} text={{\"Result\":1}}", line)
    cut_off(f"ended run={run}", "that a run has ended, in no way that one can")
    cut_off(f"begun run={run}", "that a run has begun which has not")
for words in "status=99", "status=0xffffffff", "signal=65", "message=full", "counter=full", "layer=full", 'layer=a"b':
    cut_off(f"ended run=1 {words}", "that a run has ended, in no way that one can")
cut_off("ended run=1", "that a run has ended, in no way that one can") # ok, without a box
cut_off('event run=1 text={"Result":1};event run=1 text={"Result":2}', line, [("Result", 1)])
cut_off('event run=1 text={"Result":1};event run=1 text={"Log":{"Info":"a"}}', line, [("Result", 1)])
for text in ('{"Result":[\n{"Report":{}}\n,\n{"Exit":"Ok"}\n]}', '{"Log":{"Info":"a"}}\n', '{"Result":1\r}'): # lines of their own
    cut_off(("event", "run=1", "text=" + text), line)
for words in "status=14", "ran=1 lack=12", "status=9 lack=1": # cancelled by nobody; a lack that is none
    cut_off(f"ended run=1 {words}", "that a run has ended, in no way that one can")
cut_off("loaded name=reads", "that it has read its bundle, out of turn")
cut_off("finding", "a fault that is none")
cut_off("priced ticket=1", "a price that nobody asked for")
for words in "fault.status=99", "fault.what=full":
    cut_off(f"fault {words}", "a fault that is none")
for words in "numbers fixed=8", "ended run=1 fixed=8", "ended run=1 fixed=0", "fault fixed=8", "begun run=1 fixed=8", "start", "stop", "begun kind=0", "begun kind=99", "begun kind=0xffffffff":
    cut_off(words, "what is no message")
cut_off("priced", "a price that nobody asked for")
# More than a caller reads, though the front has said that it does not: that run is over, and not the front's memory.
deaf = Talk()
deaf.say({"bundle": "reads"})
assert deaf.hear() == ("Stdio", "Readline")
deaf.say({"Ok": "spin\n"})
time.sleep(0.05)
m, log = Member(fleet), message("event", "run=1", 'text={"Log":{"Info":"' + "x" * 60000 + '"}}')
for _ in range(1000): m.channel.sendall(log)
os.kill(m.pid, signal.SIGCONT)
events, report, end = deaf.ending()
assert report["status"] == "cancelled" and "reads too little" in report["message"], report
most = int(field(children(fleet)[0], "VmHWM"))
assert most < 30000, most
other.say({"Ok": "unharmed\n"})
assert other.ending()[0] == [("Result", "unharmed")]
print(tried, file=open(sys.argv[2], "w"))
PY
    tried=$(cat "$T/tried")
    [ "$(grep -c '^runbox: monitor: was ended: it said ' "$T/log")" -eq "$tried" ]
    stats '.bundles[0].runs == {ok: 1}'
    stops
    unharmed
}

@test "a monitor that says nothing more: its caller's hanging up is heard, and it is ended with its broker" {
    bundle reads <<<'return io.read()'
    server "$T/reads"
    calls "$pid" <<'PY'
import sys
from taken_over import *
m = Member(int(sys.argv[1]))
m.say("begun size=0x900000") # that is no head of a message
while m.channel.recv(65536):
    pass
until(lambda: dead(m.pid) and dead(m.broker)) # though it is stopped
PY
    stops
    unharmed
}

# finds front|monitor: that process of $pid, and of its first bundle.
finds() {
    read -r front _ monitor _ <<<"$(<"/proc/$pid/task/$pid/children")"
    taken=${!1}
}

# has front|monitor DESCRIPTORS: it has no right, and of descriptors beyond 0, 1, 2 these.
has() {
    local set

    finds "$1"
    for set in CapPrm CapEff CapInh CapAmb; do
        grep -q "^$set:.0000000000000000$" "/proc/$taken/status"
    done
    grep -q '^NoNewPrivs:.1' "/proc/$taken/status"
    grep -q '^Seccomp:.2' "/proc/$taken/status"
    refute grep ' rw-s ' "/proc/$taken/maps" # no memory is shared with a broker
    find "/proc/$taken/fd" -type l ! -name '[012]' -printf '%l\n' | sed 's/:.*//; s|.*/||' | LC_ALL=C sort | tr '\n' ' ' >"$T/has"
    [ "$(cat "$T/has")" = "$2 " ] || {
        ls -l "/proc/$taken/fd"
        return 1
    }
}

@test "the front of a server: no right; its orders, the signals, where it listens, a channel for each bundle. A monitor: its orders, its channel, and the wires of warm boxes that cannot have keys" {
    server "$T/b" "$T/c"
    has front 'pipe socket socket socket socket'
    has monitor 'socket socket'
    stops
    server "$T/c" "$T/b"
    has monitor 'socket socket socket'
    calls <<'PY'
assert Talk().ok(bundle="c") == 1
PY
    stops
    unharmed
}

@test "the front of a batch: no right; its orders, the signals, its bundle's channel, and its files. A monitor: no file, no wire of a box that may have keys" {
    batch -g keyring:aws "$T/b"
    has front 'pipe socket socket'
    has monitor 'socket socket'
    kill -TERM "$pid"
    ended 143
    batch --html "$T/page" -f "$T/in" -g keyring:aws --output "$T/out" "$T/b"
    has front 'in memfd out out pipe socket socket' # $T/out twice: one to be locked, one to be written
    has monitor 'socket socket'
    kill -TERM "$pid"
    ended 143
    unharmed
}

# lost_by CALL [ARGUMENT]...: the first bundle's monitor of the server is killed by it, its broker and boxes with it; the front and the
# other bundle are as before, and so is this one, by another monitor.
lost_by() {
    local status=0 lost

    finds monitor
    read -r _ lost _ <<<"$(<"/proc/$pid/task/$pid/children")"
    timeout 60 "$inject" "$monitor" "$@" >"$T/injected" 2>&1 || status=$?
    [ "$status" -ne 1 ] && until_holds dead "$monitor" && until_holds dead "$lost" || {
        echo "inject $*: status $status: $(cat "$T/injected")"
        return 1
    }
    no_groups_of "$lost"
    calls <<<'assert Talk().ok(bundle="c") == 1 and Talk().ok(bundle="b", arg=3) == 3'
    tried=$((tried + 1))
}

# dies_of CALL [ARGUMENT]...: the front of what "${starts[@]}" starts is killed by it, and all the others end.
dies_of() {
    local status=0 all one

    "${starts[@]}"
    finds front
    all=$(all_of "$pid")
    timeout 60 "$inject" "$front" "$@" >"$T/injected" 2>&1 || status=$?
    [ "$status" -ne 1 ] && until_holds dead "$front" || {
        echo "inject $*: status $status: $(cat "$T/injected")"
        return 1
    }
    ended 125
    grep -qxF 'runbox: monitor: was killed by signal 31 (Bad system call)' "$T/err"
    for one in $all; do
        until_holds dead "$one"
        no_groups_of "$one"
    done
    refute pgrep -s "$pid"
    tried=$((tried + 1))
}

# further EACH: what neither may do.
further() {
    "$1" execve @/bin/sh 0 0
    "$1" clone 17 0 0 0 0
    "$1" socket 1 1 0
    "$1" connect 3 "@$T" 2
    "$1" bind 3 "@$T" 2
    "$1" ptrace 16 1
    "$1" mount @none @/mnt @tmpfs 0 0
    "$1" process_vm_readv 1 0 0 0 0 0
    "$1" setuid 0
    "$1" prctl 22 0
    "$1" unshare 0x10000000
    "$1" renameat -100 "@$T/a" -100 "@$T/b"
    "$1" unlinkat -100 "@$T/b/main.lua" 0
    "$1" openat -100 "@$T/new" 0x41 0644 # O_WRONLY | O_CREAT
    "$1" openat -100 @/etc/passwd 0      # O_RDONLY
    "$1" mmap 0 4096 7 0x22 -1 0         # code
    "$1" pidfd_send_signal 0 9 0 0
    "$1" sendmsg 0 0 0 # descriptors go nowhere
    "$1" kill "$other" 15
    "$1" kill "$good" 9
}

@test "a taken-over front that wants further is killed, and all that was made for it; a bundle's monitor, and what was made for that alone" {
    sleep 600 3>&- &
    other=$!
    for words in "server $T/b" "batch -g keyring:aws $T/b"; do
        starts=($words)
        further dies_of
    done
    server "$T/b" "$T/c"
    further lost_by
    stats '.bundles | map(.runs) == [{ok: 20}, {ok: 20}]'
    stops
    kill "$other"
    [ -f "$T/b/main.lua" ]
    [ ! -e "$T/new" ]
    unharmed
}

@test "every system call that a table of theirs does not have kills the front of a server, and a bundle's monitor, which no other bundle notices" {
    bundle c <<<'return "other"'
    timeout 900 /usr/bin/python3 - "$runbox" "$inject" "$T" <<'PY' >"$T/count"
import json, os, signal, socket, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor
from own_calls import others

runbox, inject, scratch = sys.argv[1:]
def call(path, bundle):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(30)
        s.connect(path)
        s.sendall(json.dumps({"bundle": bundle}).encode() + b"\n")
        said = b""
        while b'"Exit"' not in said:
            more = s.recv(65536)
            if not more:
                return False
            said += more
        return b'{"Exit":"Ok"}' in said

def until(what):
    for wait in range(3000):
        if what():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come to that")

def listens(path):
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
        return True
    except (FileNotFoundError, ConnectionRefusedError):
        return False

def gone(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True

def dies_of(nr, whose):
    path = f"{scratch}/s.{nr}.{whose}"
    server = subprocess.Popen([runbox, "serve", "--socket", path, f"{scratch}/good", f"{scratch}/c"], stderr=subprocess.PIPE)
    until(lambda: listens(path))
    assert call(path, "c")
    children = open(f"/proc/{server.pid}/task/{server.pid}/children").read().split()
    # The front, then for each bundle its broker and its monitor.
    victim = children[0] if whose == "front" else children[2]
    subprocess.run([inject, victim, str(nr), "0", "0", "0", "0", "0", "0"], capture_output=True, timeout=60)
    until(lambda: gone(victim))
    if whose == "monitor":
        assert call(path, "c") and open(f"/proc/{server.pid}/task/{server.pid}/children").read().split()[0] == children[0], nr
        server.send_signal(signal.SIGTERM)
    _, err = server.communicate(timeout=60)
    assert server.returncode == (125 if whose == "front" else 0), (nr, whose, server.returncode, err)
    if whose == "front":
        assert b"killed by signal 31" in err, (nr, err)

with ThreadPoolExecutor(4) as pool:
    for whose in "front", "monitor":
        list(pool.map(lambda nr: dies_of(nr, whose), others))
print(f"# {len(others)} calls of a front, {len(others)} of a bundle's monitor: each killed it")
PY
    cat "$T/count" >&3
    unharmed
}
