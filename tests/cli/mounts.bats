#!/usr/bin/env bats
# What a mount from outside shows, to the end of the run: all that was mounted below it when the box was made, nothing
# that came later, nothing that a mount hides, and no more than its mode says.

load lib

setup() {
    programs_for_all
}

# A mount namespace of the test's own, in which $T/data is a mount that hands on what is mounted below it.
spaced() {
    unshare --mount --propagation private sleep 600 3>&- &
    space=$!
    lives+=("$space")
    until_holds eval '[ "$(readlink /proc/$space/ns/mnt)" != "$(readlink /proc/self/ns/mnt)" ]'
    until_holds grep -q sleep "/proc/$space/comm"
    within=(nsenter -t "$space" -m)
    mkdir "$T/data"
    "${within[@]}" bash -eu -c '
        mount -t tmpfs -o mode=755 none "$1"
        mount --make-shared "$1"
        mkdir "$1/later" "$1/covered"
        echo underneath >"$1/covered/secret"
        mount -t tmpfs -o mode=777 none "$1/covered"
        echo above >"$1/covered/file"
        chmod 666 "$1/covered/file"
        mknod -m 666 "$1/covered/null" c 1 3
        mknod -m 666 "$1/null" c 1 3' - "$T/data"
}

# asks MODE: bundle b, whose script comes from stdin.
asks() {
    bundle b "\"seccomp\":{\"profile\":\"files\"},\"filesystem\":{\"mounts\":[{\"source\":\"$T/data\",\"target\":\"/data\",\"mode\":\"$1\"}]}"
}

each_user() {
    as=("${within[@]}")
    "$@"
    as=("${within[@]}" "${ordinary[@]}")
    "$@"
}

hides() {
    ends 0 "${as[@]}" "$runbox" run -g "mount:$T/data:rw" "$T/b"
    [ "$(cat "$T/out")" = '["above",true]' ]
}

@test "what a mount hides stays hidden, and what it shows is there: root and an ordinary user" {
    spaced
    for mode in ro rw; do
        asks "$mode" <<<'return {io.open("/data/covered/file"):read("l"), io.open("/data/covered/secret") == nil}'
        each_user hides
    done
}

unbindable() { # POINT [AS A SHELL'S WORD]
    ends 125 "${as[@]}" "$runbox" run -g "mount:$T/data" "$T/b"
    grep -qF "the mount at $1 is unbindable: no box can be shown it, nor what it hides (mount --make-private ${2:-$1})" "$T/err"
    [ ! -s "$T/out" ]
}

sees_above() {
    ends 0 "${as[@]}" "$runbox" run -g "mount:$T/data" "$T/b"
    [ "$(cat "$T/out")" = '"above"' ]
}

@test "what an unbindable mount hides stays hidden: its source is refused, to root too, and others are not" {
    spaced
    asks ro <<<'return io.open("/data/covered/file"):read("l")'
    "${within[@]}" mount --make-unbindable "$T/data/covered"
    each_user unbindable "$T/data/covered"
    "${within[@]}" mount --make-private "$T/data/covered"
    each_user sees_above
    # Further down; beside it; of a name that begins alike; on one that another mount hides.
    "${within[@]}" bash -eu -c '
        mkdir "$1/covered/a b" "$1-beside"
        mount -t tmpfs none "$1/covered/a b"
        mount --make-unbindable "$1/covered/a b"
        mount -t tmpfs none "$1-beside"
        mount --make-unbindable "$1-beside"' - "$T/data"
    each_user unbindable "$T/data/covered/a b" "'$T/data/covered/a b'"
    "${within[@]}" mount --make-private "$T/data/covered/a b"
    each_user sees_above
    "${within[@]}" bash -eu -c '
        mount --make-unbindable "$1/covered/a b"
        mount -t tmpfs -o mode=755 none "$1"
        mkdir "$1/covered"
        echo above >"$1/covered/file"' - "$T/data"
    each_user sees_above
    "${within[@]}" mount --make-unbindable "$T/data"
    each_user unbindable "$T/data"
}

stays_out() {
    rm -f "$T"/b.*
    live b -g "mount:$T/data" "$T/b"
    "${within[@]}" mount -t tmpfs none "$T/data/later"
    "${within[@]}" touch "$T/data/later/new"
    refute grep -q later "/proc/$box/mountinfo"
    refute grep -q -e shared: -e master: "/proc/$box/mountinfo"
    echo >&"$input"
    ended 0
    "${within[@]}" umount "$T/data/later"
    [ "$(tail -1 "$T/b.out")" = true ]
}

@test "targets as deep as a manifest may have them: what is too much of them is the memory of the run" {
    bundle deep '"seccomp":{"profile":"files"}' <<<'return 1'
    echo text >"$T/deep/file"
    python3 - "$T/deep" <<'END'
import json, sys
path = sys.argv[1] + "/manifest.json"
manifest = json.load(open(path))
manifest["filesystem"] = {"mounts": [{"source": "file", "target": f"/m{i}" + "/q" * 500} for i in range(64)]}
json.dump(manifest, open(path, "w"))
END
    ends 0 "$runbox" run "$T/deep"
    ends 137 "$runbox" run -l memory=4M "$T/deep"
    grep -q "memory limit: 4M" "$T/err"
}

@test "what is mounted on the host afterwards does not appear in a live box" {
    spaced
    asks ro <<<'print("ready") io.read() return io.open("/data/later/new") == nil'
    each_user stays_out
}

keeps_mode() {
    ends 0 "${as[@]}" "$runbox" run -g "mount:$T/data:rw" "$T/b"
    [ "$(cat "$T/out")" = "$expected" ]
}

@test "the mode and nodev hold for every mount below: none is written through ro, no device opens" {
    script='return {io.open("/data/covered/file", "r+") == nil, io.open("/data/null") == nil, io.open("/data/covered/null") == nil}'
    spaced
    asks ro <<<"$script"
    expected='[true,true,true]' each_user keeps_mode
    asks rw <<<"$script"
    expected='[false,true,true]' each_user keeps_mode
}

@test "a mount below that is read-only on the host is so in a box that has its parent rw" {
    spaced
    "${within[@]}" mount -o remount,ro "$T/data/covered"
    asks rw <<<'return {io.open("/data/covered/file", "r+") == nil}'
    expected='[true]' each_user keeps_mode
}

# remounted STRACE-OPTION...: a run on a kernel without mount_setattr, in a PID namespace of its own, where its child has the
# same number each time.
remounted() {
    unshare --pid --fork --mount-proc "$(realpath "${B:-build}")/tests/tools/refusing" ENOSYS mount_setattr \
        strace -f -qq -o "$T/trace" "$@" "$runbox" run -g "mount:$T/data" "$T/b"
}

# unconfined ERROR STRACE-OPTION...: it is refused for that.
unconfined() {
    ends 125 remounted "${@:2}"
    grep -q INJECTED "$T/trace"
    grep -qF "jail: mounts: $1" "$T/err"
    [ ! -s "$T/out" ]
}

@test "before mount_setattr (Linux 5.12), what cannot be seen to be confined is refused" {
    mkdir "$T/data"
    asks ro <<<'return io.open("/data/new", "w") == nil'
    ends 0 remounted -y -e trace=openat,mount
    [ "$(cat "$T/out")" = true ]
    list=$(sed -n 's/.*self\/mountinfo.*<\(\/[0-9]*\/mountinfo\)>$/\1/p' "$T/trace" | uniq)
    [[ "$list" =~ ^/[0-9]+/mountinfo$ ]]
    mount=$(sed -n 's/.*mount(NULL, "\(self\/fd\/[0-9]*\)", NULL, MS_RDONLY.*/\1/p' "$T/trace" | uniq)
    [[ "$mount" =~ ^self/fd/[0-9]+$ ]]
    # A list that cannot be read; one that is empty; a kernel that says that it has remounted, and has not.
    unconfined "Input/output error" -P "$list" -e trace=read -e inject=read:error=EIO
    unconfined "Stale file handle" -P "$list" -e trace=read -e inject=read:retval=0
    unconfined "Stale file handle" -P "$mount" -e trace=mount -e inject=mount:retval=0
}
