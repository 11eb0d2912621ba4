#!/usr/bin/env bats
# Grants say what they give, and to whom.

load lib

setup() {
    programs
    export XDG_CONFIG_HOME="$T/config"
    mkdir -p "$XDG_CONFIG_HOME/runbox"
    user="$XDG_CONFIG_HOME/runbox/policy.json"
}

# writer SOURCE: bundle b, which asks for SOURCE rw and writes to its file "kept".
writer() {
    bundle b "\"seccomp\":{\"profile\":\"files\"},\"filesystem\":{\"mounts\":[{\"source\":\"$1\",\"target\":\"/data\",\"mode\":\"rw\"}]}" <<'LUA'
local f = assert(io.open("/data/kept", "w"))
f:write("from the box")
f:close()
LUA
}

# kept: a directory of root's with a file that only root may write.
kept() {
    mkdir -p "$1"
    echo mine >"$1/kept"
    chmod 600 "$1/kept"
}

@test "a mount rw is refused under a grant that only reads; run and explain say which one writes" {
    kept "$T/data"
    writer "$T/data"
    for grant in "mount:$T/data" "mount:$T/data:ro" "mount:$T" mount:/; do
        goes 4 -g "$grant" "$T/b"
        grep -q -e "--grant mount:$T/data:rw\$" "$T/err"
        [ "$(cat "$T/data/kept")" = mine ]
        "$runbox" explain -g "$grant" "$T/b" | grep -q "MISSING        mount:$T/data:rw\$"
        "$runbox" explain --json -g "$grant" "$T/b" | jq -e --arg g "mount:$T/data:rw" '.grants.missing == [$g] and .filesystem.mounts == []'
    done
    goes 0 -g "mount:$T/data:rw" "$T/b"
    [ "$(cat "$T/data/kept")" = "from the box" ]
    "$runbox" explain -g "mount:$T:rw" "$T/b" | grep -q "granted        mount:$T/data:rw (option)\$"
    "$runbox" explain --json -g "mount:$T:rw" "$T/b" | jq -e '.filesystem.mounts[0].mode == "rw"'
}

@test "the policy's mounts have their modes, too" {
    kept "$T/data"
    writer "$T/data"
    for mode in "" :ro; do
        echo "{\"bundles\":[{\"name\":\"b\",\"grants\":[\"mount:$T/data$mode\"]}]}" >"$user"
        goes 4 "$T/b"
        [ "$(cat "$T/data/kept")" = mine ]
    done
    echo "{\"bundles\":[{\"name\":\"b\",\"grants\":[\"mount:$T/data:rw\"]}]}" >"$user"
    goes 0 "$T/b"
    [ "$(cat "$T/data/kept")" = "from the box" ]
    for wrong in "mount:$T/data:wr" "mount:$T/../data" "mount:/a:b"; do
        echo "{\"bundles\":[{\"name\":\"b\",\"grants\":[\"$wrong\"]}]}" >"$user"
        goes 3 "$T/b"
        grep -qF '/bundles/0/grants/0' "$T/err"
    done
}

@test "a path with a colon, or :rw at its end: its mode stands behind it" {
    for name in x:rw x: a:b; do
        kept "$T/$name"
        writer "$T/$name"
        goes 4 -g "mount:$T/$name:ro" "$T/b"
        grep -q -e "--grant mount:$T/$name:rw\$" "$T/err"
        goes 0 -g "mount:$T/$name:rw" "$T/b"
        [ "$(cat "$T/$name/kept")" = "from the box" ]
    done
    kept "$T/x"
    writer "$T/x:rw"
    goes 4 -g "mount:$T/x:rw" "$T/b"
}

# jobs LINE...: what `batch` reads.
jobs() {
    printf '%s\n' "$@" >"$T/jobs"
}

# reader DIRECTORY NAME: a bundle that asks for the keys of "aws" and tells how many it got.
reader() {
    bundle "$1" '"keyring_access":["aws"]' <<<'function run() return #box.keyring("aws") end'
    sed -i "s/\"name\":\"[^\"]*\"/\"name\":\"$2\"/" "$T/$1/manifest.json"
}

# came FILTER EXPECTED...: the results, sorted by id.
came() {
    local filter=$1

    shift
    jq -c -s "sort_by(.id) | .[] | $filter" "$T/out" >"$T/came"
    diff "$T/came" <(printf '%s\n' "$@")
}

@test "batch -g: a key for the command's bundle is not for one that a job names, not even its namesake" {
    "$runbox" keyring add aws:key <<<'geheim'
    reader good good
    reader evil evil
    reader namesake good
    echo '-- changed' >>"$T/namesake/main.lua"
    jobs '{"id":1}' "{\"id\":2,\"bundle\":\"$T/evil\"}" "{\"id\":3,\"bundle\":\"$T/namesake\"}" '{"id":4}' \
        "{\"id\":5,\"bundle\":\"$T/evil\",\"keyring\":[{\"namespace\":\"aws\",\"access_key\":\"a\",\"secret_key\":\"b\"}]}"
    ends 1 "$runbox" batch -g keyring:aws -f "$T/jobs" "$T/good"
    came '[.id,.status,.result]' '[1,"ok",1]' '[2,"refused",null]' '[3,"refused",null]' '[4,"ok",1]' '[5,"refused",null]'
    jq -e -s 'map(select(.id == 2)) | .[0].error | test("policy files grant it.*: keyring:aws$") and (test("--grant keyring") | not)' "$T/out"
}

@test "batch: what policy.json grants a job's bundle it has, and no more" {
    "$runbox" keyring add aws:key <<<'geheim'
    reader good good
    reader other other
    "$runbox" keyring grant aws "$T/other"
    jobs '{"id":1}' "{\"id\":2,\"bundle\":\"$T/other\"}"
    ends 0 "$runbox" batch -g keyring:aws -f "$T/jobs" "$T/good"
    came '[.id,.result]' '[1,1]' '[2,1]'
    echo '-- changed' >>"$T/other/main.lua"
    ends 1 "$runbox" batch -g keyring:aws -f "$T/jobs" "$T/good"
    came '[.id,.status]' '[1,"ok"]' '[2,"refused"]'
}

@test "batch: a path entry holds for what was read, whatever lies there since" {
    "$runbox" keyring add aws:key <<<'geheim'
    reader good good
    mkdir -p -m 700 "$XDG_CONFIG_HOME/runbox"
    echo "{\"bundles\":[{\"name\":\"good\",\"path\":\"$T/good\",\"grants\":[\"keyring:aws\"]}]}" >"$user"
    mkfifo "$T/fifo"
    "$runbox" batch -j 1 -f "$T/fifo" "$T/good" >"$T/out" 2>"$T/err" 3>&- &
    exec {input}>"$T/fifo"
    echo '{"id":1}' >&"$input"
    until_holds grep -q '"id":1' "$T/out"
    mv "$T/good" "$T/gone"
    cp -r "$T/gone" "$T/good"
    echo '{"id":2}' >&"$input"
    echo '{"id":3,"limits":{"wall_time":"3s"}}' >&"$input"
    exec {input}>&-
    wait $!
    came '[.id,.status,.result]' '[1,"ok",1]' '[2,"ok",1]' '[3,"ok",1]'
}

@test "batch -g: the command's bundle by another path, a link, a copy; not what has taken its place since" {
    "$runbox" keyring add aws:key <<<'geheim'
    reader good good
    ln -s good "$T/link"
    cp -r "$T/good" "$T/copy"
    reader evil good
    echo 'local steal' >>"$T/evil/main.lua"
    mkfifo "$T/fifo"
    "$runbox" batch -g keyring:aws -j 1 -f "$T/fifo" "$T/good" >"$T/out" 2>"$T/err" 3>&- &
    exec {input}>"$T/fifo"
    echo "{\"id\":1,\"bundle\":\"$T/./good\"}" >&"$input"
    echo "{\"id\":2,\"bundle\":\"$T/link\"}" >&"$input"
    echo "{\"id\":3,\"bundle\":\"$T/copy\"}" >&"$input"
    until_holds grep -q '"id":3' "$T/out"
    mv "$T/good" "$T/gone"
    mv "$T/evil" "$T/good"
    echo '{"id":4}' >&"$input"
    echo "{\"id\":5,\"bundle\":\"$T/good\"}" >&"$input"
    echo "{\"id\":6,\"bundle\":\"$T/../${T##*/}/good\"}" >&"$input"
    exec {input}>&-
    wait $! || true
    came '[.id,.status,.result]' '[1,"ok",1]' '[2,"ok",1]' '[3,"ok",1]' '[4,"ok",1]' '[5,"ok",1]' '[6,"refused",null]'
}

@test "batch -g mount, limit, capability: each is bound likewise" {
    kept "$T/data"
    writer "$T/data"
    bundle large '"limits":{"memory":"2G"}' <<<'return 1'
    bundle able '"capabilities":["CAP_NET_RAW"]' <<<'return 1'
    bundle plain <<<'return 1'
    jobs '{"id":0}' "{\"id\":1,\"bundle\":\"$T/b\"}" "{\"id\":2,\"bundle\":\"$T/large\"}" "{\"id\":3,\"bundle\":\"$T/able\"}" \
        "{\"id\":4,\"bundle\":\"$T/plain\",\"limits\":{\"memory\":\"2G\"}}"
    ends 1 "$runbox" batch -g "mount:/:rw" -g limit:memory=4G -g capability:CAP_NET_RAW -f "$T/jobs" "$T/able"
    came '[.id,.status]' '[0,"ok"]' '[1,"refused"]' '[2,"refused"]' '[3,"ok"]' '[4,"refused"]'
    [ "$(cat "$T/data/kept")" = mine ]
}

@test "batch -l: raises for the command's bundle alone, lowers for all; a job's own limits stay its own" {
    bundle mine <<<'return 1'
    bundle other '"limits":{"wall_time":"20s"}' <<<'return 1'
    jobs '{"id":1}' "{\"id\":2,\"bundle\":\"$T/other\"}" "{\"id\":3,\"bundle\":\"$T/other\",\"limits\":{\"cpu_time\":\"7s\"}}"
    ends 0 "$runbox" batch -l memory=128M -l cpu_time=3s -l wall_time=30s -f "$T/jobs" "$T/mine"
    came '[.id,(.report.enforced | .memory.effective / 1048576, .cpu_time.effective, .wall_time.effective)]' \
        '[1,128,3,30]' '[2,64,3,20]' '[3,64,7,20]'
}

@test "batch -g without a bundle would grant nothing to anybody: a usage error" {
    reader good good
    jobs "{\"bundle\":\"$T/good\"}"
    ends 2 "$runbox" batch -g keyring:aws -f "$T/jobs"
    grep -q 'runbox-policy(5)' "$T/err"
    [ ! -s "$T/out" ]
}
