#!/usr/bin/env bats
# `runbox stats`: a server's numbers, as a table, as JSON, as Prometheus reads them.

load serve

busy_server() {
    bundle a '"calls":["wait"]' <<<'if box.arg == "wait" then box.call("wait", {}) elseif box.arg then error("no") end'
    bundle b <<<'return 1'
    serves --max 8 "$T/a" "$T/b"
    calls <<'PY'
t = Talk()
for _ in range(30): t.ok(bundle="a")
for _ in range(5): t.fails("error", bundle="a", arg=1)
t.fails("invalid", bundle="x")
PY
}

@test "the table: a line for each bundle, one for each status but ok" {
    busy_server
    ends 0 "$runbox" stats --socket "$SOCKET"
    sed -n 1p "$T/out" | grep -qxE 'up [0-9]+s, 0 of 8 runs, queues of 64, [12] of 256 connections'
    sed -n 2p "$T/out" | grep -qx 'turned away: 0 as too many, 0 as not allowed; 1 start lines named no bundle'
    sed -n 3p "$T/out" | grep -qE '^BUNDLE +RUNS +OK +BUSY +RUNNING +QUEUED +WARM +LOST +RESTARTS +RELOADS +P50 ms +P99 ms +P99.9 ms$'
    sed -n 4p "$T/out" | grep -qE '^a +35 +30 +0 +0 +0 +[0-9] +0 +0 +0( +[0-9]+\.[0-9]{3}){3}$'
    sed -n 5p "$T/out" | grep -qE '^  error +5$'
    sed -n 6p "$T/out" | grep -qE '^b +0 +0 +0 +0 +0 +4 +0 +0 +0( +0\.000){3}$'
    [ "$(wc -l <"$T/out")" -eq 6 ]
    stops
}

@test "JSON: fits its schema, what runs shows, and quantiles are those of the buckets" {
    busy_server
    calls <<'PY'
t = Talk()
t.say({"bundle": "a", "arg": "wait"})
assert t.hear()[0] == "Call"
now = of(Talk().stats(), "a")
assert now["running"] == 1 and now["runs"] == {"ok": 30, "error": 5}
latency = now["latency"]
assert latency["count"] == 35 == sum(n for _, n in latency["buckets"])
assert latency["sum_us"] <= sum(edge * n for edge, n in latency["buckets"]) <= latency["sum_us"] * 9 / 8 + 35
assert 0 < latency["p50_us"] <= latency["p99_us"] <= latency["p999_us"] == latency["buckets"][-1][0]
PY
    ends 0 "$runbox" stats --json --socket "$SOCKET"
    cp "$T/out" "$T/numbers"
    [ "$(wc -l <"$T/numbers")" -eq 1 ]
    ends 0 "$runbox" validate stats "$T/numbers"
    jq -c '.bundles[0].runs.fine = 1' "$T/numbers" >"$T/wrong"
    ends 3 "$runbox" validate stats "$T/wrong"
    stops
}

# The text format 0.0.4, read strictly: names, HELP and TYPE before the samples of a family, which stand together,
# labels quoted, numbers, and of a histogram the rules of its own.
@test "Prometheus' text format" {
    busy_server
    ends 0 "$runbox" stats --prometheus --socket "$SOCKET"
    python3 - "$T/out" <<'PY'
import re, sys
families, current, samples = {}, None, {}
for line in open(sys.argv[1]):
    line = line.removesuffix("\n")
    if found := re.fullmatch(r"# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)", line):
        assert found[1] not in families, line
        current, families[found[1]] = found[1], None
    elif found := re.fullmatch(r"# TYPE (\S+) (counter|gauge|histogram)", line):
        assert found[1] == current and families[current] is None, line
        families[current] = found[2]
    else:
        found = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? ([0-9.]+)', line)
        assert found, line
        suffixes = "_bucket|_sum|_count" if families[current] == "histogram" else ""
        assert re.fullmatch(f"{current}({suffixes})", found[1]), line
        assert families[current] != "counter" or current.endswith("_total"), line
        labels = dict(re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', found[2] or ""))
        key = found[1], tuple(sorted(labels.items()))
        assert key not in samples, line
        samples[key] = float(found[3])
assert len(families) > 10 and all(families.values())
value = lambda name, **labels: samples[name, tuple(sorted(labels.items()))]
assert value("runbox_runs_total", bundle="a", status="ok") == 30
assert value("runbox_runs_total", bundle="a", status="error") == 5
assert value("runbox_runs_total", bundle="b", status="ok") == 0
assert value("runbox_unnamed_total") == 1 and value("runbox_warm_boxes", bundle="b") == 4
name = "runbox_run_duration_seconds"
for bundle, count in ("a", 35), ("b", 0):
    buckets = [(float(dict(labels)["le"].replace("+Inf", "inf")), v) for (n, labels), v in samples.items()
               if n == name + "_bucket" and dict(labels)["bundle"] == bundle]
    assert buckets == sorted(buckets) and [v for _, v in buckets] == sorted(v for _, v in buckets)
    assert len(buckets) > 10 and buckets[-1] == (float("inf"), count) == (float("inf"), value(name + "_count", bundle=bundle))
assert 0 < value(name + "_sum", bundle="a") < 60
PY
    stops
}

@test "no server, no answer, another answer, wrong usage" {
    ends 125 "$runbox" stats --socket "$T/none"
    ends 2 "$runbox" stats
    ends 2 "$runbox" stats --socket "$T/none" more
    ends 2 "$runbox" stats --json --prometheus --socket "$T/none"
    ends 0 "$runbox" stats --help
    timeout 120 python3 - "$runbox" "$SOCKET" <<'PY' 3>&-
import socket, subprocess, sys
at = socket.socket(socket.AF_UNIX)
at.bind(sys.argv[2])
at.listen()
for answer, status in (b"", 76), (b"{}\n", 76), (b"x" * 1000, 76), (b'{"Stats":{}}\n', 76), \
        (b'{"Stats":{"bundles":[{"name":"\\u001b[31m"}]}}\n', 0):
    asks = subprocess.Popen([sys.argv[1], "stats", "--socket", sys.argv[2]], stdout=-1, stderr=-1)
    peer, _ = at.accept()
    assert peer.recv(100) == b'{"stats":{}}\n'
    peer.sendall(answer)
    peer.close()
    out, err = asks.communicate(timeout=20)
    assert asks.returncode == status and b"\x1b" not in out + err, (answer, asks.returncode, out, err)
    assert status == 0 or err.startswith(b"runbox: ")
    assert answer != b"{}\n" or b"another program?" in err, err
PY
    bundle b <<<'return 1'
    serves "$T/b"
    run bash -c "'$runbox' stats --socket '$SOCKET' >/dev/full"
    [ "$status" -eq 125 ]
}
