#!/usr/bin/env bats
# /proc as it may be: another PID namespace's, where the box's number is another process; with subset=pid; with hidepid; without
# /proc/sys; not there.

load lib

setup() {
    programs_for_all
    bundle b <<<'print("ready") return io.read()'
    bundle files '"seccomp":{"profile":"files"},"filesystem":{"scratch":"1M"}' <<<'return 1'
    bundle warm <<<'return 1'
    chmod -R a+rX "$T/b" "$T/files" "$T/warm"
}

# shown MOUNT COMMAND...: in a mount namespace of its own where that was done to /proc.
shown() {
    unshare --mount sh -c 'eval "$1" || exit 99; shift; exec "$@"' sh "$@"
}

# runs COMMAND...: before each verb; nothing is wanting.
runs() {
    ends 0 "$@" "$runbox" run "$T/b" <<<x
    ends 0 "$@" "$runbox" run "$T/files"
    echo '{}' | ends 0 "$@" "$runbox" batch "$T/files"
    printf '{}\n{}\n' | ends 0 "$@" "$runbox" batch "$T/warm"
    ends 0 "$@" "$runbox" doctor
}

@test "another PID namespace's: the box is found in it, as root, and no other process is written to" {
    runs unshare --pid --fork --kill-child
    # What runbox opens in /proc is the box's and its own: compared with the numbers that it has there.
    as=(unshare --pid --fork --kill-child)
    mkfifo "$T/in"
    exec {input}<>"$T/in"
    "${as[@]}" strace -f -qq -o "$T/trace" -e trace=openat,newfstatat "$runbox" run "$T/b" <"$T/in" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds grep -q ready "$T/out"
    children=$(pgrep -P "$(pgrep -P "$(pgrep -P "$pid")")" | tr '\n' ' ')
    echo x >&"$input"
    wait "$pid"
    grep -oE '/proc/[0-9]+/(uid_map|gid_map|status|cgroup)' "$T/trace" | cut -d/ -f3 | sort -u >"$T/written"
    [ "$(wc -l <"$T/written")" -eq 1 ]
    [[ " $children" == *" $(cat "$T/written") "* ]]
}

@test "another PID namespace's: as an ordinary user, who bubblewrap put there" {
    runs "${ordinary[@]}" bwrap --dev-bind / / --unshare-pid --die-with-parent
}

@test "one with subset=pid, as root and as a user; one with hidepid; one without /proc/sys" {
    for how in 'mount -t proc -o subset=pid proc /proc' 'mount -t proc -o hidepid=invisible proc /proc' 'mount -t tmpfs none /proc/sys'; do
        runs shown "$how"
        runs shown "$how" "${ordinary[@]}"
    done
}

@test "none: it is asked for, in one line" {
    ends 125 shown 'mount -t tmpfs none /proc' "$runbox" run "$T/b"
    [ "$(cat "$T/err")" = "runbox: /proc/self/cgroup: reading it (runbox needs /proc: mount -t proc proc /proc): No such file or directory" ]
}

@test "a file in /proc that cannot be read shows nothing: a limit of namespaces that is not seen is not zero" {
    ends 0 shown 'mount -t tmpfs none /proc/sys/user' "${ordinary[@]}" "$runbox" run "$T/b" <<<x
}
