# Shared by the tests of this directory: programs, small bundles, a live box to look at.
# Programs come from $B (build). A test fails by the status of a command: `refute` is for what must
# not hold, since bash lets a failing `! command` pass.

# What tools print and read is the same in every locale, and where none is set.
export LC_ALL=C.UTF-8
unset LANGUAGE

# A terminal that shows colours, unless a test has another.
export TERM=xterm
unset NO_COLOR CLICOLOR

# How long a test waits for what must come: only what never comes is late, on any machine.
patience=60

programs() {
    bin=$(realpath "${B:-build}")
    attack="$bin/tests/tools/attack"
    runbox="$bin/runbox"
    T=$BATS_TEST_TMPDIR
}

# The same for an ordinary user, who may not see the checkout: copies, in a place open to all.
programs_for_all() {
    chmod 711 "$BATS_RUN_TMPDIR"
    T=$BATS_TEST_TMPDIR
    chmod 777 "$T"
    local built

    built=$(realpath "${B:-build}")
    attack="$built/tests/tools/attack"
    bin="$T/programs"
    mkdir -p "$bin/tests/tools"
    cp "$built"/runbox{,-lua,-sn0int,-loopback} "$bin"
    cp "$built/tests/tools/record" "$bin/tests/tools"
    runbox="$bin/runbox"
}

# records: from here on, what either side says in a run on JSON lines is written down, and held against the
# schemas when the test is over (wire_lines.py). Where the output is a file, `settled` waits until it is whole.
records() {
    export RECORD_PROGRAM="$bin/runbox" RECORD_DIR="$T/wire"
    mkdir -p -m 1777 "$RECORD_DIR"
    runbox="$bin/tests/tools/record"
}

settled() {
    [ -z "${RECORD_DIR:-}" ] || until_holds eval '! compgen -G "$RECORD_DIR/*.busy"'
}

# Set by a test that wants an ordinary user: `"${as[@]}" command`.
ordinary=(setpriv --reuid 12345 --regid 12345 --clear-groups)

# bundle NAME [MEMBERS]: $T/NAME, its main.lua from stdin, MEMBERS added to its manifest.
bundle() {
    mkdir -p "$T/$1"
    cat >"$T/$1/main.lua"
    echo "{\"runbox\":1,\"name\":\"$1\",\"version\":\"1.0.0\"${2:+,$2}}" >"$T/$1/manifest.json"
}

# fewer N: how often, where the number is the point; a tenth of it where sanitizers look at every access, or the processor
# is emulated.
fewer() {
    local slow=${SANITIZED:-}${EMULATED:-}

    echo $(($1 / (${slow:+9 +} 1)))
}

# jq: with -e, nothing to look at is a failure, too (1.6 says 0 of it).
jq() {
    local word said status=0

    for word; do
        [[ $word =~ ^-[a-zA-Z]*e[a-zA-Z]*$ ]] || continue
        said=$(command jq "$@") || status=$?
        [ -z "$said" ] || printf '%s\n' "$said"
        [ "$status" -ne 0 ] || [ -n "$said" ] || status=4
        return "$status"
    done
    command jq "$@"
}

refute() {
    if "$@"; then
        echo "should not hold: $*"
        return 1
    fi
}

# ends STATUS COMMAND...: its exit status; stdout in $T/out, stderr in $T/err.
ends() {
    local want=$1 got=0

    shift
    "$@" >"$T/out" 2>"$T/err" 3>&- || got=$?
    settled
    [ "$got" -eq "$want" ] && return
    echo "exit status $got, not $want, of: $*"
    head -c 2000 "$T/out" "$T/err"
    return 1
}

# goes STATUS ARGUMENT...: `runbox run` ends so, and its report and schema agree with that.
goes() {
    ends "$1" "$runbox" run --report "$T/report" "${@:2}"
    says ".exit_code == $1"
}

# lacking FILE... -- COMMAND...: as on a host whose groups do not have these files.
lacking() {
    local parent paths=() calls=openat,faccessat,faccessat2

    while [ "$1" != -- ]; do
        paths+=(-P "$1")
        for parent in $(group_parents); do
            paths+=(-P "$parent/$1")
        done
        shift
    done
    strace -f -qq -o /dev/null "${paths[@]}" -e "trace=$calls" -e "inject=$calls:error=ENOENT" "${@:2}"
}

# says FILTER: the report holds it.
says() {
    jq -e "$1" "$T/report" >"$T/jq" || {
        echo "the report does not hold: $1"
        cat "$T/report"
        return 1
    }
}

# until_holds COMMAND...: within the test's patience.
until_holds() {
    local end=$((SECONDS + patience))

    while [ "$SECONDS" -lt "$end" ]; do
        "$@" >/dev/null 2>&1 && return
        sleep 0.01
    done
    echo "did not come to hold: $*"
    return 1
}

# heeds PID: SIGTERM is no longer the end of it: it has begun to handle signals.
heeds() {
    local mask

    for mask in $(sed -n 's/^Sig\(Blk\|Cgt\):\t*//p' "/proc/$1/status"); do
        ((0x$mask & 1 << 14)) && return
    done
    return 1
}

# heard PID: no signal waits for it.
heard() {
    [ "$(sed -n 's/^\(Sig\|Shd\)Pnd:\t0*//p' "/proc/$1/status" | tr -d '\n')" = "" ]
}

# live NAME ARGUMENT...: start a run and wait until it has printed "ready". Its stdin is the pipe
# $T/NAME.in, kept open by the test in $input. Sets $pid (runbox) and $box (the box).
live() {
    local name=$1

    shift
    mkfifo "$T/$name.in"
    : >"$T/$name.out" # before, not beside: what one of this name said earlier is not its word
    exec {input}<>"$T/$name.in"
    "${as[@]}" "$runbox" run "$@" <"$T/$name.in" >"$T/$name.out" 2>"$T/$name.err" 3>&- &
    pid=$!
    until_holds grep -q ready "$T/$name.out" || {
        cat "$T/$name.err"
        return 1
    }
    lives+=("$pid")
    kin "$pid"
    [ -n "$box" ] && [ -n "$monitor" ]
}

# made_by PID: what the brokers of a server or batch have made. Its children are a broker for each bundle, and theirs are
# templates, and boxes that have none.
made_by() {
    local broker

    for broker in $(cat "/proc/$1/task/$1/children"); do
        cat "/proc/$broker/task/$broker/children" 2>/dev/null || true
    done
}

# kin PID: $box and $monitor are the children of this run, as far as they are there: a box has a user namespace of its own.
kin() {
    local child own

    box='' monitor=''
    own=$(readlink "/proc/$1/ns/user")
    for child in $(cat "/proc/$1/task/$1/children"); do
        if [ "$(readlink "/proc/$child/ns/user")" = "$own" ]; then
            monitor=$child
        else
            box=$child
        fi
    done
}

# waits_in PID CALL...: it is in one of these system calls, of those that the processor has (poll and ppoll, or ppoll alone).
declare -gA call_numbers
waits_in() {
    local now call

    { read -r now _ <"/proc/$1/syscall"; } 2>/dev/null || return
    for call in "${@:2}"; do
        [ -n "${call_numbers[$call]}" ] || call_numbers[$call]=$("$attack" knows "$call") || call_numbers[$call]=none
        [ "$now" != "${call_numbers[$call]}" ] || return 0
    done
    return 1
}

# A run that a failed test has left waiting is ended; what was recorded is checked.
teardown() {
    local left

    for left in "${lives[@]}"; do
        kill -TERM "$left" 2>/dev/null || continue
        until_holds dead "$left" || kill -KILL "$left"
        wait "$left" 2>/dev/null || true
    done
    [ -z "$RECORD_DIR" ] || python3 "$BATS_TEST_DIRNAME/wire_lines.py" "$RECORD_PROGRAM" "$RECORD_DIR"
}

# ended STATUS: the run of `live` ends so.
ended() {
    local got=0

    wait "$pid" || got=$?
    settled
    [ "$got" -eq "$1" ] || {
        echo "exit status $got, not $1"
        cat "$T"/*.err
        return 1
    }
}

# dead PID: no such process, or one that nobody has reaped yet.
dead() {
    local state

    state=$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) || return 0
    [ -z "$state" ] || [ "$state" = Z ]
}

# The directories in which runbox makes its groups: below our own, controller by controller. On v2 that may
# be one further up, since a group with processes has no limited children.
group_parents() {
    local controller path point

    for controller in memory pids cpu; do
        path=$(sed -n "s/^[0-9]*:\([^:]*,\)*$controller\(,[^:]*\)*:\(.*\)/\3/p" /proc/self/cgroup)
        [ -z "$path" ] || echo "/sys/fs/cgroup/$controller${path%/}"
    done
    for point in /sys/fs/cgroup /sys/fs/cgroup/unified; do
        [ -f "$point/cgroup.procs" ] || continue
        path=$(sed -n 's/^0:://p' /proc/self/cgroup)
        for (( ; ; )); do
            path=${path%/}
            echo "$point$path"
            [ -n "$path" ] || break
            path=${path%/*}
        done
    done
}

# groups_of PID: the groups that the runbox of this pid has made.
groups_of() {
    local parent

    group_parents | while read -r parent; do
        find "$parent" -maxdepth 1 -name "runbox.$1.*"
    done
}

# in_group FILE...: the first of these files (v1's name, v2's) that one of the groups in $T/groups has.
in_group() {
    local file group

    for file; do
        while read -r group; do
            [ -f "$group/$file" ] || continue
            cat "$group/$file"
            return
        done <"$T/groups"
    done
    return 1
}

no_groups_of() {
    [ -z "$(groups_of "$1")" ]
}

# calls_getpid_in FUNCTION: $bin/runbox-lua is one that begins this function with a call of getpid(2), which no profile allows.
calls_getpid_in() {
    /usr/bin/python3 - "$bin/runbox-lua" "$1" <<'PY'
import os, struct, subprocess, sys

path, function = sys.argv[1:]
code = {"x86_64": "b8270000000f05", "aarch64": "881580d2010000d4"}[os.uname().machine]
symbols = (line.split() for line in subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout.splitlines())
address, = {int(words[0], 16) for words in symbols if words[-1] == function}
with open(path, "r+b") as file:
    header = file.read(64)
    at, size, count = struct.unpack_from("<Q", header, 32)[0], *struct.unpack_from("<HH", header, 54)
    for i in range(count):
        file.seek(at + i * size)
        kind, _, offset, start, _, length = struct.unpack("<IIQQQQ", file.read(40))
        if kind == 1 and start <= address < start + length:
            file.seek(offset + address - start)
            file.write(bytes.fromhex(code))
            sys.exit(0)
sys.exit(f"{function} is nowhere")
PY
}
