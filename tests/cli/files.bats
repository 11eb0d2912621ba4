#!/usr/bin/env bats
# Profile files: the bundle, scratch space and mounts; and what none of them opens.

load lib

setup() {
    programs
}

files='"seccomp":{"profile":"files"}'

# mounts SOURCE MODE: members of a manifest that asks for it at /data.
mounts() {
    echo "$files,\"filesystem\":{\"mounts\":[{\"source\":\"$1\",\"target\":\"/data\",\"mode\":\"$2\"}]}"
}

@test "the bundle is at /bundle: its bytes, read-only, without the host's owner" {
    bundle b "$files" <<'LUA'
local f = assert(io.open("/bundle/data.txt"))
local text = f:read("a")
f:close()
local w, why = io.open("/bundle/data.txt", "w")
local n, why_new = io.open("/bundle/new", "w")
return {text, w == nil, why, n == nil, why_new}
LUA
    echo content >"$T/b/data.txt"
    goes 0 "$T/b"
    jq -e '.[0] == "content\n" and .[1] and .[3] and (.[2] | test("ermission|Read-only")) and (.[4] | test("ermission|Read-only"))' "$T/out"
    [ "$(cat "$T/b/data.txt")" = content ]
}

@test "/bundle is a copy: what changes on the host afterwards does not show" {
    bundle b "$files" <<<'print("ready") io.read() return io.open("/bundle/data.txt"):read("a")'
    echo before >"$T/b/data.txt"
    live b "$T/b"
    echo after >"$T/b/data.txt"
    echo >&"$input"
    ended 0
    tail -1 "$T/b.out" | jq -e '. == "before\n"'
}

@test "scratch is writable up to its size, and gone afterwards" {
    bundle b "$files,\"filesystem\":{\"scratch\":\"1M\"}" <<'LUA'
local f = assert(io.open("/tmp/x", "w"))
f:setvbuf("no")
local written = 0
local piece = ("x"):rep(65536)
while true do
    local ok, why = f:write(piece)
    if not ok then return {written, why} end
    written = written + #piece
end
LUA
    goes 0 "$T/b"
    jq -e '.[0] <= 1048576 and .[0] >= 900000' "$T/out"
    bundle b "$files,\"filesystem\":{\"scratch\":\"1M\"}" <<<'return io.open("/tmp/x") == nil'
    goes 0 "$T/b"
    [ "$(cat "$T/out")" = true ]
}

@test "without scratch there is no /tmp, and / is not writable" {
    bundle b "$files" <<<'return {io.open("/tmp/x", "w") == nil, io.open("/x", "w") == nil}'
    goes 0 "$T/b"
    [ "$(cat "$T/out")" = '[true,true]' ]
}

@test "nothing of the host is there" {
    bundle b "$files" <<'LUA'
local seen = {}
for _, path in ipairs{"/etc/passwd", "/proc/self/status", "/proc/1/environ", "/dev/null", "/sys/kernel", "/bin/sh",
    "/bundle/../etc/passwd", "/bundle/../../etc/passwd", "/.old", "/oldroot"} do
    if io.open(path) then seen[#seen + 1] = path end
end
return seen
LUA
    goes 0 "$T/b"
    [ "$(cat "$T/out")" = '{}' ] || [ "$(cat "$T/out")" = '[]' ]
}

@test "a mount ro: refused without its grant, read and not written with it" {
    mkdir "$T/data"
    echo outside >"$T/data/file"
    bundle b "$(mounts "$T/data" ro)" \
        <<<'return {io.open("/data/file"):read("l"), io.open("/data/file", "w") == nil, io.open("/data/new", "w") == nil}'
    goes 4 "$T/b"
    grep -q -e "--grant mount:$T/data" "$T/err"
    goes 0 -g "mount:$T/data" "$T/b"
    [ "$(cat "$T/out")" = '["outside",true,true]' ]
    [ "$(cat "$T/data/file")" = outside ]
    goes 4 -g "mount:$T/dat" "$T/b"
}

@test "a mount rw as root: what the box makes belongs to the directory's owner" {
    mkdir "$T/data"
    chown 12345:23456 "$T/data"
    bundle b "$(mounts "$T/data" rw)" \
        <<<'local f = assert(io.open("/data/new", "w")) f:write("made inside") f:close()'
    goes 0 -g "mount:$T/data:rw" "$T/b"
    [ "$(cat "$T/data/new")" = "made inside" ]
    [ "$(stat -c %u:%g "$T/data/new")" = 12345:23456 ]
}

@test "a mount rw as root is bounded by the file's own mode: what is root's stays closed" {
    mkdir "$T/data"
    chown 12345 "$T/data"
    echo secret >"$T/data/root-only"
    chmod 600 "$T/data/root-only"
    bundle b "$(mounts "$T/data" rw)" <<<'return {io.open("/data/root-only") == nil, io.open("/data/root-only", "w") == nil}'
    goes 0 -g "mount:$T/data:rw" "$T/b"
    [ "$(cat "$T/out")" = '[true,true]' ]
    [ "$(cat "$T/data/root-only")" = secret ]
}

@test "an ordinary user's mounts: ro and rw of what is theirs" {
    programs_for_all
    mkdir "$T/data"
    chown 12345:12345 "$T/data"
    bundle b "$(mounts "$T/data" rw)" \
        <<<'local f = assert(io.open("/data/new", "w")) f:write("made inside") f:close() return io.open("/data/new"):read("a")'
    ends 0 "${ordinary[@]}" "$runbox" run -g "mount:$T/data:rw" "$T/b"
    [ "$(stat -c %u "$T/data/new")" = 12345 ]
    bundle b "$(mounts "$T/data" ro)" <<<'return io.open("/data/new", "a") == nil'
    ends 0 "${ordinary[@]}" "$runbox" run -g "mount:$T/data" "$T/b"
    [ "$(cat "$T/out")" = true ]
}

@test "a source behind a symbolic link is refused: the grant was for a path, not for what it leads to" {
    mkdir "$T/real"
    ln -s "$T/real" "$T/link"
    bundle b "$(mounts "$T/link" ro)" <<<'return 1'
    goes 125 -g "mount:$T/link" "$T/b"
    grep -q "$T/link" "$T/err"
    mkdir "$T/real/below"
    bundle b "$(mounts "$T/link/below" ro)" <<<'return 1'
    goes 125 -g "mount:$T/link/below" "$T/b"
}

@test "a source that is not there: said, and nothing runs" {
    bundle b "$(mounts "$T/none" ro)" <<<'print("ran")'
    goes 125 -g "mount:$T/none" "$T/b"
    [ ! -s "$T/out" ]
    grep -q "$T/none" "$T/err"
}

@test "a path of the bundle itself needs no grant" {
    bundle b "$(mounts words ro)" <<<'return io.open("/data/list"):read("l")'
    mkdir "$T/b/words"
    echo first >"$T/b/words/list"
    goes 0 "$T/b"
    [ "$(cat "$T/out")" = '"first"' ]
}

@test "symbolic links, FIFOs and devices in a bundle are errors, and never opened" {
    bundle b "$files" <<<'return 1'
    ln -s /etc/passwd "$T/b/link"
    goes 3 "$T/b"
    rm "$T/b/link"
    mkfifo "$T/b/fifo"
    goes 3 "$T/b"
    rm "$T/b/fifo"
    mknod "$T/b/null" c 1 3
    goes 3 "$T/b"
    rm "$T/b/null"
    goes 0 "$T/b"
}

@test "a live box of profile files: its mounts and nothing else, read-only but for scratch" {
    bundle b "$files,\"filesystem\":{\"scratch\":\"1M\"}" <<<'print("ready") io.read()'
    live b "$T/b"
    [ "$(awk '{ print $5 }' "/proc/$box/mountinfo" | sort | tr '\n' ' ')" = "/ /tmp " ]
    awk '$5 != "/tmp" && $6 !~ /^ro/ { exit 1 }' "/proc/$box/mountinfo"
    awk '$6 !~ /nosuid/ || $6 !~ /nodev/ || $6 !~ /noexec/ { exit 1 }' "/proc/$box/mountinfo"
}

@test "the files' box makes no other system calls: it cannot map code or go to the network" {
    bundle b "$files" <<<'print("ready") io.read()'
    for call in "mmap 0 4096 7 0x22" "socket 2 1 0" "execve @/bin/sh" "ioctl 3 0xc0182101"; do
        rm -f "$T"/b.*
        live b --report "$T/report" "$T/b"
        run "$bin/tests/tools/inject" "$box" $call
        ended 159
        says ".syscall == \"${call%% *}\""
    done
}
