#!/usr/bin/env bats
# The network of a box: none, loopback, or the host's with a grant.

load lib

setup() {
    programs
}

network() {
    bundle b "\"seccomp\":{\"profile\":\"network\"},\"namespaces\":{\"network\":\"$1\"}" <<<'print("ready") io.read()'
}

@test "loopback: lo is up, nothing else is there" {
    network loopback
    live b "$T/b"
    [ "$(readlink "/proc/$box/ns/net")" != "$(readlink /proc/self/ns/net)" ]
    nsenter --net -t "$box" cat /proc/net/dev >"$T/devices"
    [ "$(sed 1,2d "$T/devices" | cut -d : -f 1 | tr -d ' ')" = lo ]
    nsenter --net -t "$box" grep -q 127.0.0.1 /proc/net/fib_trie
}

@test "loopback: the box's socket calls work, and reach nobody outside" {
    network loopback
    live b "$T/b"
    socket=$("$bin/tests/tools/inject" "$box" socket 2 1 0)
    [ "$socket" -gt 0 ]
    # A connection to 127.0.0.1:1, where nobody listens in there: refused. To 192.0.2.1: unreachable.
    [ "$("$bin/tests/tools/inject" "$box" connect "$socket" "$(address 7f000001)" 16)" = -111 ]
    [ "$("$bin/tests/tools/inject" "$box" connect "$socket" "$(address c0000201)" 16)" = -101 ]
}

# A sockaddr_in of port 1 for inject: the bytes in hexadecimal.
address() {
    echo "%02000001${1}0000000000000000"
}

@test "loopback as an ordinary user" {
    programs_for_all
    as=("${ordinary[@]}")
    network loopback
    live b "$T/b"
    nsenter --net -t "$box" grep -q 127.0.0.1 /proc/net/fib_trie
}

@test "loopback where there is no /dev/null" {
    bundle l '"seccomp":{"profile":"network"},"namespaces":{"network":"loopback"}' <<<'return 1'
    # shellcheck disable=SC2016
    ends 0 unshare --mount sh -c 'mount -t tmpfs none /dev && exec "$@"' sh "$runbox" run "$T/l"
}

@test "host: refused without its grant, the host's namespace with it" {
    network host
    goes 4 "$T/b"
    grep -q -e '--grant network:host' "$T/err"
    live b -g network:host "$T/b"
    [ "$(readlink "/proc/$box/ns/net")" = "$(readlink /proc/self/ns/net)" ]
    for ns in user mnt pid ipc uts cgroup time; do
        [ "$(readlink "/proc/$box/ns/$ns")" != "$(readlink "/proc/self/ns/$ns")" ]
    done
}

@test "no Unix sockets in any profile: they would carry the listener away" {
    network loopback
    live b --report "$T/report" "$T/b"
    run "$bin/tests/tools/inject" "$box" socket 1 1 0
    ended 159
    says '.syscall == "socket"'
}
