#!/usr/bin/env bats
# --audit: what the broker has made, for whom, what it refused, what it killed (runtime/broker/audit.c).

load lib

setup() {
    programs
    inject=$bin/tests/tools/inject order=$bin/tests/tools/order
    bundle b <<<'print("ready") io.read()'
    digest=$("$runbox" explain --json "$T/b" | jq -r .digest)
}

# says FILTER: it holds of the lines of the log, and each has its shape.
says() {
    "$runbox" validate --lines audit "$T/log"
    jq -se "$1" "$T/log" || {
        cat "$T/log"
        return 1
    }
}

@test "a run: its box and its end, with user, bundle, digest and grants; a second one is appended" {
    echo '{"runbox":1,"name":"b","version":"1.0.0","keyring_access":["aws"]}' >"$T/b/manifest.json"
    digest=$("$runbox" explain --json -g keyring:aws "$T/b" | jq -r .digest)
    "$runbox" run --audit "$T/log" -g keyring:aws "$T/b" </dev/null
    says ".[0].event == \"box\" and .[1].event == \"ended\" and .[1].exit == 0 and length == 2 and
        (map(.bundle == \"b\" and .digest == \"$digest\" and .uid == $UID and .runbox == $(jq -s '.[0].runbox' "$T/log")) | all) and
        .[0].grants == [{grant: \"keyring:aws\", by: .[0].grants[0].by}] and .[0].pid != .[0].runbox"
    [ "$(stat -c %a "$T/log")" = 600 ]
    bundle c <<<'error("x")'
    ends 1 "$runbox" run --audit "$T/log" "$T/c"
    says 'length == 4 and .[2].bundle == "c" and .[3].bundle == "c"'
}

@test "a box that is killed: why" {
    bundle loops <<<'while true do end'
    ends 124 "$runbox" run --audit "$T/log" -l wall_time=100ms "$T/loops"
    says 'map(.event) == ["box", "killed", "ended"] and .[1].reason == "the monitor ordered it" and .[2].signal == 9'
    rm "$T/log"
    live b --audit "$T/log" "$T/b"
    timeout 60 "$inject" "$box" socket 1 1 0 >"$T/injected" || true
    ended 159
    says 'map(.event) == ["box", "killed", "ended"] and .[1].reason == "a system call outside its filter"'
}

# made N: so many boxes were made, each has ended, and each line is of that bundle.
made() {
    says "(map(select(.event == \"box\")) | length) == $1 and
        (map(select(.event == \"box\").pid) | sort) == (map(select(.event == \"ended\").pid) | sort) and
        (map(.bundle == \"b\" and .digest != null) | all)"
}

@test "a batch: each box that is made, and its end; a kill, and why" {
    seq 5 | sed 's/.*/{"id":&}/' | "$runbox" batch -q -j 1 --fresh --audit "$T/log" "$T/b" >"$T/out"
    made 5
    says 'map(select(.event == "ended").exit == 0) | all'
    rm "$T/log"
    seq 5 | sed 's/.*/{"id":&}/' | "$runbox" batch -q -j 1 --audit "$T/log" "$T/b" >"$T/out"
    boxes=$(grep -c '"event":"box"' "$T/log")
    [ "$boxes" -ge 5 ]
    made "$boxes"
    rm "$T/log"
    bundle b <<<'while true do end'
    ends 1 "$runbox" batch -q --fresh -j 1 --audit "$T/log" -l wall_time=100ms "$T/b" <<<'{}'
    says 'map(.event) == ["box", "killed", "ended"] and .[1].reason == "the monitor ordered it" and .[2].signal == 9 and
        (map(.pid) | unique | length) == 1'
    ends 2 "$runbox" batch --audit "$T/both" --output "$T/both" "$T/b" <<<'{}'
    ends 2 "$runbox" batch --audit '' "$T/b" <<<'{}'
}

@test "a batch: where no line can be written, no job is run" {
    for log in "$T/no/where" /dev/full; do
        "$runbox" batch -q -j 1 --audit "$log" "$T/b" <<<'{}' >"$T/out" 2>"$T/err" && return 1
        grep -q -e '--audit: ' "$T/out" "$T/err"
        refute grep -q '"status":"ok"' "$T/out"
    done
}

@test "a server: the boxes that wait, too" {
    "$runbox" serve --socket "$T/s" --warm 2 --audit "$T/log" "$T/b" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds eval '"$runbox" stats --json --socket "$T/s" | jq -e ".bundles[0].warm == 2"'
    kill -TERM "$pid"
    ended 0
    made 2
}

@test "a monitor that asks for more: refused" {
    live b --audit "$T/log" "$T/b"
    for fd in "/proc/$monitor/fd/"*; do
        socket=$(readlink "$fd") socket=${socket//[!0-9]/}
        [ -z "$socket" ] || ! grep -q " 0005 .* $socket\b" /proc/net/unix || break
    done
    bytes=$("$order" box)
    timeout 60 "$inject" "$monitor" sendto "${fd##*/}" "%$bytes" $((${#bytes} / 2)) 0x4000 0 0 >"$T/injected" 2>&1 || true
    ended 125
    says 'map(.event) == ["box", "refused"] and .[1].reason == "was ended: it ordered something out of its turn"'
}

@test "sandbox: its module's digest" {
    records
    jq -cn '{arg: null, dns_config: {ns: [], tcp: false, timeout: {nanos: 0, secs: 3}}, keyring: [],
        module: {author: "a", description: "d", keyring_access: [], name: "m", script: {code: "function run() end"}, source: null,
            version: "0.1.0"}, options: {}, proxy: null, verbose: 0}' >"$T/line"
    "$runbox" sandbox --audit "$T/log" m <"$T/line"
    says 'map(.event) == ["box", "ended"] and (.[0].digest | length) == 64'
}

@test "a log that cannot be opened or written: nothing is run, and it is said" {
    for log in "$T/none/log" "$T" /dev/full; do
        ends 125 "$runbox" run --audit "$log" "$T/b" </dev/null
        refute grep -q ready "$T/out"
        grep -q '^runbox: --audit: ' "$T/err"
        [ "$(wc -l <"$T/err")" -eq 1 ]
    done
    ends 2 "$runbox" run --audit '' "$T/b"
}

@test "syslog: one message a line, and none where nobody listens" {
    cat >"$T/listen.py" <<'PY'
import json, os, re, socket, subprocess, sys

runbox, bundle = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "none", "/mnt"], check=True)
for name in "null", "full", "urandom":
    open(f"/mnt/{name}", "w").close()
    subprocess.run(["mount", "--bind", f"/dev/{name}", f"/mnt/{name}"], check=True)
subprocess.run(["mount", "--move", "/mnt", "/dev"], check=True)
absent = subprocess.run([runbox, "run", "--audit", "syslog", bundle], capture_output=True, text=True, stdin=subprocess.DEVNULL)
assert absent.returncode == 125 and absent.stdout == "", absent
assert absent.stderr == "runbox: --audit: opening /dev/log: No such file or directory\n", absent.stderr
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
subprocess.run([runbox, "run", "--audit", "syslog", bundle], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
for event in "box", "ended":
    line = re.fullmatch(rb"<85>runbox\[\d+\]: (\{.*\})", log.recv(65536))
    assert json.loads(line[1])["event"] == event, line
PY
    unshare --mount --propagation private python3 "$T/listen.py" "$runbox" "$T/b"
}
