#!/usr/bin/env bats
# Where everybody may make files, another user's links, FIFOs and files lead runbox to write nothing, and hand
# nothing on (runtime/base/path.c), whatever fs.protected_* of this host say.

load serve

# Another user, and the directory that he shares with us.
other=(setpriv --reuid 23456 --regid 23456 --clear-groups)

setup() {
    programs_for_all
    cp tests/cli/serve_client.py "$T"
    export SOCKET="$T/s"
    bundle b <<<'function run(a) return a end'
    bundle art '"arg":true' <<<'box.artifact("a.txt", "text")'
    bundle k '"keyring_access":["aws"]' <<<'return 1'
    echo '{"id":1,"arg":1}' >"$T/jobs"
    shared="$T/shared"
    mkdir -m 1777 "$shared"
    echo untouched >"$T/victim"
    mkdir "$T/dir"
}

# refused COMMAND...: exit status 125 and why, and nothing written.
refused() {
    ends 125 "$@"
    grep -qE "^runbox: .*(another user's|of more than one name).* in a directory where (all|others) may write" "$T/err" || {
        cat "$T/err"
        return 1
    }
    [ "$(cat "$T/victim")" = untouched ]
    [ -z "$(ls -A "$T/dir")" ]
}

@test "every path that runbox writes to: another user's link is not followed, of either kind" {
    "${other[@]}" ln -s "$T/victim" "$shared/link"
    "${other[@]}" ln -s "$T/dir" "$shared/to"
    "${other[@]}" ln -s "$T/new" "$shared/none"
    for name in link none to/report; do
        refused "$runbox" batch -f "$T/jobs" --html "$shared/$name" "$T/b"
        refused "$runbox" batch -f "$T/jobs" --output "$shared/$name" "$T/b"
        refused "$runbox" batch -f "$T/jobs" --resume "$shared/$name" "$T/b"
        refused "$runbox" run --arg 1 --report "$shared/$name" "$T/b"
    done
    refused "$runbox" run --artifacts "$shared/to" "$T/b"
    refused "$runbox" run --artifacts "$shared/to/." "$T/b"
    refused "$runbox" new "$shared/to/bundle"
    refused "$runbox" serve --socket "$shared/to/socket" "$T/b"
    refused env XDG_CONFIG_HOME="$shared/to" "$runbox" keyring add aws:k <<<secret
    refused env XDG_CONFIG_HOME="$shared/to" "$runbox" keyring grant aws "$T/k"
    [ ! -e "$T/new" ]
}

@test "an ordinary user is as safe from others as root" {
    chown 12345 "$T/victim" "$T/dir" "$T"
    "${other[@]}" ln -s "$T/victim" "$shared/link"
    "${other[@]}" ln -s "$T/dir" "$shared/to"
    refused "${ordinary[@]}" "$runbox" batch -f "$T/jobs" --output "$shared/link" "$T/b"
    refused "${ordinary[@]}" "$runbox" run --artifacts "$shared/to" "$T/b"
    refused "${ordinary[@]}" "$runbox" new "$shared/to/bundle"
}

@test "another user's file and FIFO get no results, nor does a second name of a file of ours" {
    "${other[@]}" sh -c 'umask 0; echo >"$1/file"; mkfifo "$1/fifo"; exec sleep 60 <>"$1/fifo"' - "$shared" 3>&- &
    lives+=("$!")
    until_holds test -p "$shared/fifo"
    ln "$T/victim" "$shared/name" # as another user can where fs.protected_hardlinks is 0
    for name in file fifo name; do
        refused "$runbox" batch -f "$T/jobs" --html "$shared/$name" "$T/b"
        refused "$runbox" batch -f "$T/jobs" --output "$shared/$name" "$T/b"
        refused "$runbox" batch -f "$T/jobs" --resume "$shared/$name" "$T/b"
        refused "$runbox" run --arg 1 --report "$shared/$name" "$T/b"
    done
    [ "$(cat "$shared/file")" = "" ]
}

@test "what is ours there, root's links, and links anywhere else are followed as ever" {
    ln -s "$T/dir/own" "$shared/own"
    ends 0 "$runbox" batch -f "$T/jobs" --output "$shared/own" "$T/b"
    [ -s "$T/dir/own" ]
    ends 0 "$runbox" batch -f "$T/jobs" --output "$shared/file" "$T/b"
    ends 0 "$runbox" batch -f "$T/jobs" --output "$shared/file" "$T/b"
    [ "$(wc -l <"$shared/file")" = 2 ]
    chown 23456 "$T/dir" && "${other[@]}" ln -s ../victim "$T/dir/theirs"
    ends 3 "$runbox" batch -f "$T/jobs" --resume "$T/dir/theirs" "$T/b"
    grep -q 'is no result of runbox batch' "$T/err"
    ends 0 "$runbox" run --arg 1 --report "$shared/own-report" "$T/b"
    ends 0 "$runbox" run --arg 1 --report "$shared/own-report" "$T/b"
    ends 0 "$runbox" run --arg 1 --report "$T/dir/theirs" "$T/b"
    jq -e '.status == "ok"' "$shared/own-report" "$T/victim"
    mkdir "$shared/real"
    ln -s real "$shared/a" && ln -s a/../a/./ "$shared/b"
    ends 0 "$runbox" run --artifacts "$shared/b//" "$T/art"
    [ "$(cat "$shared/real/a.txt")" = text ]
    ends 0 "$runbox" batch -f "$T/jobs" --output /dev/stdout "$T/b"
    jq -e .id "$T/out"
    "$runbox" batch -f "$T/jobs" --output /dev/stdout "$T/b" | jq -e .id
    "$runbox" batch -f "$T/jobs" --output >(cat >"$T/sub") "$T/b"
    until_holds test -s "$T/sub"
    ln -s round "$T/round"
    ends 125 "$runbox" batch -f "$T/jobs" --output "$T/round" "$T/b"
    grep -q 'Too many levels of symbolic links' "$T/err"
}

@test "a socket in a shared directory: made there, found there, gone at the end" {
    SOCKET="$shared/socket"
    serves "$T/b"
    [ -S "$SOCKET" ]
    ends 125 "$runbox" serve --socket "$SOCKET" "$T/b"
    grep -q "another server has this socket" "$T/err"
    kill "$pid"
    stopped 0
    "${other[@]}" sh -c 'umask 0; echo >"$1.lock"' - "$SOCKET"
    ends 125 "$runbox" serve --socket "$SOCKET" "$T/b"
    grep -q "socket.lock: can be locked by others (uid 23456" "$T/err"
}
