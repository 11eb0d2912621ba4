#!/usr/bin/env bats
# `runbox serve` below a service manager: the socket that is handed over, what the manager hears, its units.

load serve

@test "a socket of the service manager's, and READY, RELOADING, STOPPING" {
    bundle b <<<'return 1'
    timeout 120 python3 - "$runbox" "$SOCKET" "$T/b" <<'PY' 3>&-
import os, signal, socket, subprocess, sys
sys.path.insert(0, os.environ["PYTHONPATH"])
from serve_client import *
program, path, bundle = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
null = os.open("/dev/null", os.O_RDWR)
def start(*arguments, fd=listener.fileno(), **how):
    """As the service manager does: the socket is descriptor 3."""
    return subprocess.Popen(["sh", "-c", f'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&{fd}', "sh", program, "serve",
                             *arguments, bundle], pass_fds=[fd], **how)
for name in path + ".notify", "\0runbox-test-" + str(os.getpid()):
    said = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    said.bind(name)
    said.settimeout(10)
    server = start(env={**os.environ, "NOTIFY_SOCKET": name.replace("\0", "@")})
    assert said.recv(100) == b"READY=1"
    assert Talk(path).ok() == 1
    server.send_signal(signal.SIGHUP)
    reloading = said.recv(100).decode().split("\n")
    assert reloading[0] == "RELOADING=1" and int(reloading[1].removeprefix("MONOTONIC_USEC=")) > 0
    assert said.recv(100) == b"READY=1"
    server.send_signal(signal.SIGTERM)
    assert said.recv(100) == b"STOPPING=1"
    assert server.wait(10) == 0
    assert os.path.exists(path)  # it is not ours to remove
for bad, text in (start("--socket", path, stderr=-1), b"leave this out"), (start(fd=null, stderr=-1), b"no listening"):
    assert text in bad.communicate(timeout=10)[1] and bad.returncode == 2
PY
}

@test "systemd-socket-activate starts it" {
    bundle b <<<'return 1'
    systemd-socket-activate -l "$SOCKET" "$runbox" serve "$T/b" >"$T/log" 2>&1 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds test -S "$SOCKET"
    calls <<<'assert Talk().ok() == 1'
    kill -TERM "$pid"
    ended 0
}

@test "systemd reads the units without a word" {
    cp contrib/systemd/runbox.{socket,service} "$T"
    # The programs they name are an administrator's to install; the same ones are looked for here.
    sed -i "s,/usr/local/bin/runbox,$runbox,; s,/usr/local/share/runbox,$PWD/cgroups," "$T/runbox.service"
    timeout 120 systemd-analyze --man=no verify "$T"/runbox.socket "$T"/runbox.service >"$T/said" 2>&1 || { cat "$T/said"; false; }
    [ ! -s "$T/said" ] || { cat "$T/said"; false; }
    echo 'ProtectHomes=yes' >>"$T/runbox.service"
    timeout 120 systemd-analyze --man=no verify "$T"/runbox.service 2>&1 | grep -q ProtectHomes
}

@test "an ordinary user serves as contrib/systemd confines it: no capability to gain, a filter from outside" {
    for_all
    cp "$(realpath "${B:-build}")/tests/tools/filtered" "$bin"
    bundle b <<<'return 1'
    as=("${ordinary[@]}" --no-new-privs --bounding-set -all "$bin/filtered")
    for how in "" --fresh; do
        serves --best-effort $how "$T/b"
        by=("${ordinary[@]}")
        calls <<'PY'
t = Talk()
for _ in range(10):
    assert t.ok() == 1
PY
        stops
    done
}
