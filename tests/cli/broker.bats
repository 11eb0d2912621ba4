#!/usr/bin/env bats
# What a monitor that was taken over can have of its broker: within the grants its one box; for anything else it is ended. The orders
# are real ones (tests/tools/order), sent by a live monitor over its own socket (tests/tools/inject), while another run goes on.

load lib

setup() {
    programs
    inject=$bin/tests/tools/inject order=$bin/tests/tools/order tried=0 nth=0
    export XDG_CONFIG_HOME="$T/config"
    bundle good <<<'print("ready") print(io.read())'
    live good -l wall_time=15m "$T/good"
    good=$pid told=$input
    bundle b <<<'print("ready") print(io.read())'
}

# The other run has not noticed anything.
unharmed() {
    echo fine >&"$told"
    pid=$good
    ended 0
    [ "$(cat "$T/good.out")" = $'ready\nfine' ]
    echo "# $tried" >&3
}

# asking [OPTION]...: a run whose monitor waits for its caller's first line.
asking() {
    rm -f "$T"/in "$T"/out "$T"/err
    mkfifo "$T/in"
    exec {input}<>"$T/in"
    "$runbox" run --json "$@" "$T/b" <"$T/in" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds eval 'kin "$pid" && [ -n "$monitor" ] && grep -qs "^Seccomp:.2" "/proc/$monitor/status" && waits_in "$monitor" poll ppoll'
}

# running [OPTION]...: one whose box is made, and reads.
running() {
    rm -f "$T"/b.*
    live b "$@" "$T/b"
    ln -sf "$T/b.err" "$T/err"
}

# sends ORDER...: the monitor of $pid sends it.
sends() {
    local fd bytes socket

    for fd in "/proc/$monitor/fd/"*; do
        socket=$(readlink "$fd") socket=${socket//[!0-9]/}
        # Of its sockets the one that keeps messages apart: type 5, SOCK_SEQPACKET.
        [ -z "$socket" ] || ! grep -q " 0005 .* $socket\b" /proc/net/unix || break
    done
    bytes=$("$order" "$@")
    timeout 60 "$inject" "$monitor" sendto "${fd##*/}" "%$bytes" $((${#bytes} / 2)) 0x4000 0 0 >"$T/injected" 2>&1 || true
}

# refused WHY: the monitor was ended for it, and nothing is left.
refused() {
    local got=0

    wait "$pid" || got=$?
    tried=$((tried + 1))
    [ "$got" -eq 125 ] && grep -qxF "runbox: monitor: was ended: it ordered $1" "$T/err" || {
        echo "exit status $got: $(cat "$T/err" "$T/injected")"
        return 1
    }
    until_holds dead "$monitor"
    [ -z "$box" ] || until_holds dead "$box"
    no_groups_of "$pid"
}

# showing VERB PATH: the monitor of a verb that runs nothing, which waits to write what it has to say.
showing() {
    rm -f "$T/full" "$T/err"
    mkfifo "$T/full"
    exec {full}<>"$T/full"
    head -c 65536 /dev/zero >&"$full"
    "$runbox" "$@" >"$T/full" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds eval 'kin "$pid" && [ -n "$monitor" ] && waits_in "$monitor" write'
}

# one_in_three: whether it is this one's turn. Orders are the same on every processor: where that is emulated, a third is tried.
one_in_three() {
    [ -z "${EMULATED:-}" ] || [ $((nth++ % 3)) -eq 0 ]
}

# beyond WHY [ORDER...] -- ...: all of these, one after the other.
beyond() {
    local why=$1 words=()

    one_in_three || return 0
    shift
    asking
    while [ $# -gt 0 ]; do
        while [ $# -gt 0 ] && [ "$1" != -- ]; do
            words+=("$1")
            shift
        done
        [ $# -eq 0 ] || shift
        sends "${words[@]}"
        words=()
    done
    refused "$why"
}

@test "an order beyond what was granted: nothing is made, and its sender is ended" {
    local over='a box beyond what was granted' ask='what no manifest can ask for' mount='a mount that no manifest can ask for'
    local name='what no bundle is called'

    beyond "$over" ask what=0 ask.name=aws -- box
    beyond "$over" ask what=1 ask.name=ptrace -- box
    beyond "$over" ask what=1 ask.name=socket -- box
    beyond "$over" ask what=2 ask.name=CAP_SYS_ADMIN -- box
    beyond "$over" ask what=2 ask.name=CAP_NONE -- box
    beyond "$over" mount -- box profile=1
    beyond "$over" mount rw=1 source=/tmp -- box profile=1
    beyond "$over" mount inside=1 source=main.lua -- box profile=0
    beyond "$over" box network=2
    beyond "$over" box profile=2 network=2
    beyond "$over" box memory=0x10000000000
    beyond "$over" box memory=0
    beyond "$over" box memory=0x8000000000000000
    beyond "$over" box processes=100000
    beyond "$over" box profile=3
    beyond "$over" box network=3
    beyond "$over" box entry_named=2
    beyond "$over" box keys=2
    beyond "$over" box files=1
    beyond "$over" box texts=0
    beyond "$over" box texts=0xffffffffffff
    beyond "$over" box scratch=0x1000
    beyond "$over" box name=../b
    beyond "$over" box name=
    beyond "$over" box name=full
    beyond "$over" box hostname=full
    beyond "$over" box hostname=a_b
    beyond "$over" box rlimit.set=1 rlimit.soft=9 rlimit.hard=3
    beyond "$over" box rlimit.set=2
    beyond "$ask" ask what=3
    beyond "$ask" ask what=0xffffffff
    beyond "$ask" ask ask.name=full
    beyond "$ask" ask ask.name=a/b
    beyond "$name" name name.name=full
    beyond "$name" name name.name=../b
    beyond "$name" name name.name=
    beyond "$name" name -- name
    beyond "$over" name -- box name=c
    beyond "$mount" mount target=/proc/x
    beyond "$mount" mount target=/bundle
    beyond "$mount" mount target=../etc
    beyond "$mount" mount target=/a/../etc
    beyond "$mount" mount source=etc
    beyond "$mount" mount source=/etc/../root
    beyond "$mount" mount source=full
    beyond "$mount" mount inside=1 source=not/there
    beyond "$mount" mount inside=1 rw=1 source=main.lua
    beyond "$mount" mount inside=2
    beyond "$mount" mount -- mount source=/usr target=/data/x
    unharmed
}

@test "of a verb that runs nothing no box can be had, and of check none but the one that compiles" {
    showing describe "$T/b"
    sends box
    refused 'a box beyond what was granted'
    showing explain -g network:host "$T/b"
    sends box
    refused 'a box beyond what was granted'
    showing explain "$T/b"
    sends box files=1
    refused 'a box beyond what was granted'
    echo '{' >"$T/manifest.json"
    showing check "$T/manifest.json"
    sends box
    refused 'a box beyond what was granted'
    echo 'x = y' >>"$T/b/main.lua"
    for words in box 'file index=2' 'file index=0xffffffff'; do
        showing validate --json manifest "$T/b/manifest.json"
        sends $words
        case $words in
        box) refused 'a box beyond what was granted' ;;
        *) refused 'a file that the command line does not name' ;;
        esac
    done
    showing describe "$T/b"
    sends file index=0
    refused 'a file that the command line does not name'
    showing check "$T/b"
    sends box
    refused 'something out of its turn'
    unharmed
}

@test "the user's policy: one change, where the command line asks for it" {
    for words in "describe $T/b" "explain $T/b"; do
        showing $words
        sends grant
        refused 'a grant that nobody asked for'
    done
    asking
    sends grant
    refused 'a grant that nobody asked for'
    refute test -e "$T/config/runbox/policy.json"
    # The broker waits for the file's lock, and the monitor for its answer: what that orders then comes behind.
    bundle b '"keyring_access":["aws"]' <<<'return 1'
    mkdir -p -m 700 "$T/config/runbox"
    for words in 'grant name.name=c' 'grant name.name=../b' 'grant name.name=' 'grant name.name=full' box; do
        exec {lock}>>"$T/config/runbox/.policy.json.lock"
        chmod 600 "$T/config/runbox/.policy.json.lock"
        flock "$lock"
        "$runbox" keyring grant aws "$T/b" >"$T/out" 2>"$T/err" 3>&- {lock}>&- &
        pid=$!
        lives+=("$pid")
        until_holds eval 'kin "$pid" && [ -n "$monitor" ] && waits_in "$monitor" recvmsg && waits_in "$pid" clock_nanosleep'
        sends $words
        exec {lock}>&-
        case $words in
        box) refused 'a box beyond what was granted' ;;
        *) refused 'a grant that nobody asked for' ;;
        esac
        jq -e '.bundles | length == 1 and .[0].name == "b" and .[0].grants == ["keyring:aws"]' "$T/config/runbox/policy.json"
    done
    unharmed
}

@test "of sandbox: no name but its own, and nothing for its module but what every one has" {
    local words

    for words in 'name name.name=victim' 'ask what=0 ask.name=aws -- box name=sandbox' mount \
        'box name=b' 'box name=sandbox memory=0x1000000' 'box name=sandbox network=1 profile=2'; do
        rm -f "$T"/in "$T"/err
        mkfifo "$T/in"
        exec {input}<>"$T/in"
        "$runbox" sandbox m <"$T/in" >"$T/out" 2>"$T/err" 3>&- &
        pid=$!
        lives+=("$pid")
        until_holds eval 'kin "$pid" && [ -n "$monitor" ] && waits_in "$monitor" poll ppoll'
        if [ "${words##* -- }" != "$words" ]; then
            sends ${words%% -- *}
            sends ${words##* -- }
        else
            sends $words
        fi
        case $words in
        name*) refused 'what no bundle is called' ;;
        mount*) refused 'a mount that no manifest can ask for' ;;
        *) refused 'a box beyond what was granted' ;;
        esac
    done
    unharmed
}

@test "orders of no shape, out of turn, or twice: the sender is ended" {
    local shape='what is no order' turn='something out of its turn' words

    for words in 'clock kind=0' 'clock kind=14' 'clock kind=0xffffffff' 'clock size=3' 'clock size=0x100' 'box size=8' 'ask size=9000' \
        'mount size=4' 'clock kind=3' 'report size=100'; do
        one_in_three || continue
        asking
        sends $words
        refused "$shape"
        running
        sends $words
        refused "$shape"
    done
    asking
    sends module
    refused 'a module that nobody waits for'
    for words in clock kill artifact artifact-done; do
        one_in_three || continue
        asking
        sends $words
        refused "$turn"
    done
    for words in box ask mount name module; do
        one_in_three || continue
        running
        sends $words
        refused "$turn"
    done
    # A fleet's: of these, a run's broker knows none.
    asking
    sends plan
    refused 'boxes beyond what was granted'
    asking
    sends bundle
    refused 'a bundle that it may not name'
    asking
    sends listen
    refused 'a socket that it may not have'
    asking
    sends ready
    refused 'that it is ready, which nobody waits for'
    asking
    sends page
    refused 'a page that nobody asked for'
    for words in cold fork start exit end; do
        one_in_three || continue
        asking
        sends $words
        refused "$turn"
    done
    for words in plan cold fork start exit end bundle listen ready page; do
        one_in_three || continue
        running
        sends $words
        refused "$turn"
    done
    unharmed
}

@test "no report and no artifact where none was asked for, and no other name or number of them" {
    local artifact='an artifact that it may not make' report='a report that nobody asked for'

    for words in artifact artifact-done; do
        running
        sends $words
        refused "$artifact"
    done
    mkdir "$T/out.d"
    for words in artifact.name=../x artifact.name=.x artifact.name=-x artifact.name=a/b artifact.name= artifact.name=full; do
        running --artifacts "$T/out.d"
        sends artifact $words
        refused "$artifact"
    done
    running --artifacts "$T/out.d" -l artifacts=2
    for words in a b c; do
        sends artifact artifact.name=$words
        sends artifact-done
    done
    refused "$artifact"
    [ "$(ls -A "$T/out.d" | tr '\n' ' ')" = "a b " ]
    asking
    sends report
    refused "$report"
    for words in report.status=99 report.message=full report.signal=-1 'report.counter=a"b' report.layer=x,y; do
        asking --report "$T/report"
        sends report "$words"
        refused "$report"
        jq -e '.status == "setup" and (.message | test("was ended"))' "$T/report"
    done
    running --report "$T/report"
    sends report
    refused 'something out of its turn'
    unharmed
}

@test "what it may order: what the clock shows, as often as it likes, and its box's end" {
    running
    for words in clock clock clock kill; do
        sends $words
    done
    ended 137
    no_groups_of "$pid"
    unharmed
}

@test "keys of the store where the caller brings its own: refused" {
    echo '[]' >"$T/keys"
    bundle b '"keyring_access":["aws"]' <<<'print("ready") print(io.read())'
    mkfifo "$T/arg"
    exec {input}<>"$T/arg"
    "$runbox" run -g keyring:aws --keyring "$T/keys" --arg-file "$T/arg" "$T/b" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds eval 'kin "$pid" && [ -n "$monitor" ] && grep -qs "^Seccomp:.2" "/proc/$monitor/status" && waits_in "$monitor" poll ppoll'
    sends ask what=0 ask.name=aws
    sends box keys=1
    refused 'a box beyond what was granted'
    unharmed
}

# stays WHY: the monitor, which is stopped, was ended for it, and its box.
stays() {
    timeout 90 tail --pid "$pid" -f /dev/null
    ended 125
    grep -qxF "runbox: monitor: was ended: $1" "$T/b.err"
    until_holds dead "$monitor"
    until_holds dead "$box"
    no_groups_of "$pid"
}

@test "a wire that is shut, and a signal that is not heard, end the monitor and its box" {
    running
    kill -STOP "$monitor"
    # What it would do itself: the open file is one, whoever shuts it.
    python3 - "$monitor" <<'PY'
import ctypes, os, socket, sys
monitor = int(sys.argv[1])
libc, pidfd = ctypes.CDLL(None), os.pidfd_open(monitor)
for fd in os.listdir(f"/proc/{monitor}/fd"):
    if os.readlink(f"/proc/{monitor}/fd/{fd}").startswith("socket:"):
        socket.socket(fileno=libc.syscall(438, pidfd, int(fd), 0)).shutdown(socket.SHUT_RDWR) # pidfd_getfd(2)
PY
    stays 'it has shut its wire and stayed'
    running
    kill -STOP "$monitor"
    kill -TERM "$pid"
    stays 'it did not stop when it was told to'
    unharmed
}
