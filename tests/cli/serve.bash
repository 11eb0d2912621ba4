# Shared by the tests of `runbox serve`: a server at $T/s, callers in Python, and the look behind it.
load lib

setup() {
    programs
    export SOCKET="$T/s" PYTHONPATH="$PWD/tests/cli" PYTHONDONTWRITEBYTECODE=1
}

# For servers or callers that are ordinary users: programs, client and Python where they may see them.
for_all() {
    programs_for_all
    cp tests/cli/serve_client.py "$T"
    PYTHONPATH=$T
}

# serves ARGUMENT...: a server at $SOCKET that is ready. Sets $pid, $front, its first child, and $monitor, that of its first bundle (the
# second child is that one's broker); its log is $T/log.
serves() {
    "${as[@]}" "$runbox" serve --socket "$SOCKET" "$@" >"$T/log" 2>&1 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds listening || {
        cat "$T/log"
        return 1
    }
    read -r front _ monitor _ <<<"$(<"/proc/$pid/task/$pid/children")"
}

listening() {
    "$runbox" stats --socket "$SOCKET"
}

# calls: the Python program on stdin, which talks to the server.
calls() {
    timeout 120 "${by[@]}" /usr/bin/python3 -c "from serve_client import *
$(cat)" "$@" 3>&-
}

# stats FILTER: the server's numbers hold it.
stats() {
    "$runbox" stats --json --socket "$SOCKET" >"$T/stats"
    jq -e "$1" "$T/stats" >"$T/jq" || {
        cat "$T/stats"
        return 1
    }
}

# The server's templates, and boxes that have none.
children() {
    made_by "$pid"
}

# stopped STATUS: the server, told to stop before, has ended so and has left nothing.
stopped() {
    ended "$1"
    [ ! -e "$SOCKET" ]
    [ ! -e "$SOCKET.lock" ]
    no_groups_of "$pid"
}

# stops: it is told to, with nothing under way.
stops() {
    kill -TERM "$pid"
    stopped 0
}
