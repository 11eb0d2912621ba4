#!/usr/bin/env bats
# The life of a run (runtime/monitor/life.c): each cell of its table that can be, reached by real processes. Which are, is read by a
# breakpoint on life_next() in every process of runbox. Not under ASan: the addresses are those of the program as it is shipped.

load lib

setup() {
    programs
    inject=$bin/tests/tools/inject
    nm "$bin/runbox" | awk '$3 == "life_next" {print $1}' >"$T/at"
    [ "$(wc -l <"$T/at")" -eq 1 ]
    printf '%s\n' '#!/bin/bash' "exec '$bin/tests/tools/touched' --arguments '$bin/runbox' '$T/at' -- '$bin/runbox' \"\$@\" 3>>'$T/cells'" \
        >"$T/watched"
    chmod +x "$T/watched"
}

# starts ARGUMENT...: a run whose script has printed "ready": $pid is the tracer's, $box the box's.
starts() {
    "$T/watched" run "$@" >"$T/out" 2>"$T/err" </dev/null 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds grep -q ready "$T/out"
    kin $(cat "/proc/$pid/task/$pid/children")
    [ -n "$box" ]
}

# A box that computes, and says LINE as whoever had taken it over could.
box_says() {
    [ "$("$inject" "$box" write 0 "@$1\n" $((${#1} + 1)))" -eq $((${#1} + 1)) ]
}

# A run to a reader that takes nothing yet: $read is its end.
starts_unread() {
    rm -f "$T/pipe"
    mkfifo "$T/pipe"
    exec {read}<>"$T/pipe"
    "$T/watched" run "$@" >"$T/pipe" 2>"$T/err" </dev/null 3>&- {read}>&- &
    pid=$!
    lives+=("$pid")
}

has_box() {
    kin $(cat "/proc/$pid/task/$pid/children")
    [ "$(cat "/proc/$box/comm")" = runbox-lua ]
}

# It has written all that it had to, and computes.
has_computed() {
    [ "$(cut -d' ' -f14 "/proc/$box/stat")" -ge 30 ]
}

read_all() {
    cat <&"$read" >"$T/out" {read}>&- &
    reader=$!
    wait "$pid" || true
    exec {read}>&-
    kill "$reader" 2>/dev/null || true
}

# What the unit test (tests/unit/monitor_life.c) says can be.
cells=('ready start' 'running result' 'running exit' 'running decide' 'running die' 'answered exit' 'answered decide' 'answered die'
    'exiting decide' 'exiting die' 'exiting detach' 'stopped die' 'dead result' 'dead exit' 'dead decide' 'dead_answered exit'
    'dead_answered decide' 'dead_exited decide')

# met: cells that were, by the numbers that runtime/monitor/life.h gives states and events.
met() {
    local state event
    local states=(ready running answered exiting stopped dead dead_answered dead_exited over)
    local events=(start result exit decide die detach)

    sort -u "$T/cells" | while read -r state event; do
        echo "${states[state]} ${events[event]}"
    done | sort
}

@test "the life of a run: each cell of the table, reached by real processes" {
    bundle value <<<'return 1'
    bundle nothing <<<'local x = 1'
    bundle loops <<<'print("ready") while true do end'
    # As much as a pipe, and what runbox itself keeps for a slow reader, and something more: that waits in the wire.
    much='for _ = 1, 105 do io.write(("x"):rep(4000)) end '
    bundle much-value <<<"$much return 1"
    bundle much-nothing <<<"$much"
    bundle much-loops <<<"$much while true do end"

    "$T/watched" run "$T/value" </dev/null >"$T/out"
    "$T/watched" run "$T/nothing" </dev/null >"$T/out"
    # Stopped by a limit, and killed behind runbox's back: while it runs, behind its Result, behind its Exit.
    for line in '' '{"Result":1}' '{"Exit":"Ok"}'; do
        starts -l wall_time=4s "$T/loops"
        [ -z "$line" ] || box_says "$line"
        ended 124
        starts "$T/loops"
        [ -z "$line" ] || box_says "$line"
        kill -KILL "$box"
        wait "$pid" || true
    done
    # Dead before its last lines are read: whole, without a Result, killed, and killed behind its Result.
    for name in much-value much-nothing; do
        before=$(wc -l <"$T/cells")
        starts_unread "$T/$name"
        until_holds eval 'tail -n "+$((before + 1))" "$T/cells" | grep -qx "1 4"' # running, die
        read_all
    done
    for line in '' '{"Result":1}'; do
        starts_unread "$T/much-loops"
        until_holds has_box
        until_holds has_computed
        [ -z "$line" ] || box_says "$line"
        kill -KILL "$box"
        until_holds dead "$box"
        read_all
    done
    # Warm: over with its Exit, where its broker has not seen its process end by then.
    seq 300 | sed 's|.*|{"id":&}|' | "$T/watched" batch -j 1 "$T/value" >"$T/out" 2>"$T/err"
    diff <(printf '%s\n' "${cells[@]}" | sort) <(met)
}
