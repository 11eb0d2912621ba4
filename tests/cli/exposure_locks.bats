#!/usr/bin/env bats
# Whatever of runbox's another user can open, a lock that he holds on it stops no sweep and no output.

load lib

other=(setpriv --reuid 23456 --regid 23456 --clear-groups)

setup() {
    programs_for_all
    bundle b <<<'function run(a) return a end'
    bundle spins <<<'function run(s) local t = os.clock() while os.clock() < t + s do end return s end'
    echo '{"id":1,"arg":1}' >"$T/jobs"
}

# holds FILE: another user has every kind of lock on it that he can get, until the test is over.
holds() {
    rm -f "$T/held"
    "${other[@]}" /usr/bin/python3 -c '
import fcntl, struct, sys, time
kept = []
for kind in "flock", "posix", "ofd":
    f = open(sys.argv[1], "rb")
    kept.append(f)
    if kind == "flock":
        fcntl.flock(f, fcntl.LOCK_EX)
    else:
        whole = struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0)
        fcntl.fcntl(f, fcntl.F_SETLK if kind == "posix" else 37, whole) # 37: F_OFD_SETLK
open(sys.argv[2], "w").close()
time.sleep(60)' "$1" "$T/held" 3>&- &
    lives+=("$!")
    until_holds test -e "$T/held"
}

# second STATUS: whether another batch may write $T/results now.
second() {
    ends "$1" "${as[@]}" "$runbox" batch -f "$T/jobs" --resume "$T/results" "$T/b"
    [ "$1" = 0 ] || grep -q 'results: another runbox batch is writing to it$' "$T/err"
}

# locked_by PID: it has a lock on $T/results.
locked_by() {
    cat "/proc/$1/fdinfo/"* | grep -q "^lock:.*:$(stat -c %i "$T/results") "
}

# excludes OPTION: while a batch with it writes $T/results, another may not.
excludes() {
    echo '{"id":2,"arg":30}' | "${as[@]}" "$runbox" batch "$1" "$T/results" "$T/spins" >"$T/log" 2>&1 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds locked_by "$pid"
    second 125
    kill -TERM "$pid"
    ended 143
    second 0
}

@test "results that nobody else reads are written by one batch at a time" {
    excludes --output
    excludes --resume
}

@test "results that another user reads and locks are written, by one batch at a time" {
    for user in root ordinary; do
        [ "$user" = root ] || as=("${ordinary[@]}")
        rm -f "$T/results"
        "${as[@]}" sh -c ': >"$1"; chmod 644 "$1"' - "$T/results"
        holds "$T/results"
        second 0
        [ "$(wc -l <"$T/results")" = 1 ]
        excludes --output
        excludes --resume
    done
}

@test "a run's groups cannot be opened, and so not locked, by another user; the next run sweeps them" {
    bundle waits '"limits":{"memory":"32M"}' <<<'print("ready") io.read()'
    live r "$T/waits"
    groups_of "$pid" >"$T/groups"
    [ -s "$T/groups" ]
    while read -r group; do
        holds_when_free "$group"
    done <"$T/groups"
    kill -KILL "$pid"
    wait "$pid" || true
    until_holds dead "$box"
    ends 0 "$runbox" run --arg 1 "$T/b"
    until_holds no_groups_of "$pid" # a test beside this one may be at it still
}

# holds_when_free DIRECTORY: another user waits for its lock, then keeps it for the time of the test.
holds_when_free() {
    "${other[@]}" flock "$1" sleep 60 2>/dev/null 3>&- &
    lives+=("$!")
}
