#!/usr/bin/env bats
# Keys of a store in a run: which reach the box, and where they are not found: in the memory of whoever
# must not have them, as their core would be, and in what is written.

load lib

setup() {
    programs
    records
    export XDG_CONFIG_HOME="$T/config"
    printf 'canary-aws' | "$runbox" keyring add aws:AK1
    printf 'canary-gcp' | "$runbox" keyring add gcp:AK2
    bundle b '"keyring_access":["aws"]' <<'LUA'
local k = box.keyring("aws")
print(#k > 0 and k[1].access_key .. "=" .. #k[1].secret_key or "none")
print("ready")
io.read()
LUA
}

# memory_of PID: every mapping of it to stdout, whatever its mode says: the kernel reads for root what the process
# itself may not. Fails where one could not be read whole; only vdso and vvar, the kernel's own, are left out, and
# a sanitizer's shadow, terabytes that hold no byte of the program's.
memory_of() {
    python3 - "$1" <<'PY'
import os, sys

memory = os.open(f"/proc/{sys.argv[1]}/mem", os.O_RDONLY)
with open(f"/proc/{sys.argv[1]}/maps") as maps:
    for line in maps:
        where, *rest = line.split()
        at, end = (int(text, 16) for text in where.split("-"))
        if "[v" in line or end - at >= 1 << 30:
            continue
        while at < end:
            got = os.pread(memory, min(end - at, 1 << 20), at)
            assert got, f"unread: {line}"
            sys.stdout.buffer.write(got)
            at += len(got)
PY
}

# The run of `live` waits in io.read: the box has the one key, its monitor and the broker none.
only_in_box() {
    local process

    memory_of "$box" >"$T/box.memory"
    grep -aq canary-aws "$T/box.memory"
    # Without their first letter, which may be escaped.
    refute grep -aq anary-gcp "$T/box.memory"
    for process in "$pid" $monitor; do
        memory_of "$process" >"$T/memory"
        [ "$(stat -c %s "$T/memory")" -gt 100000 ]
        refute grep -aq 'anary-aws\|anary-gcp' "$T/memory"
    done
    for process in "$pid" $monitor "$box"; do
        refute grep -aq canary "/proc/$process/cmdline" "/proc/$process/environ"
    done
}

@test "from the store: what is asked and granted, and nothing without a grant" {
    ends 0 "$runbox" run -g keyring:aws "$T/b" </dev/null
    grep -qx 'AK1=10' "$T/out"
    ends 4 "$runbox" run "$T/b" </dev/null
    refute grep -q canary "$T/out" "$T/err"
    rm -r "$T/config"
    ends 1 "$runbox" run -g keyring:aws "$T/b" </dev/null
    grep -q 'no key for namespace "aws"' "$T/err"
}

@test "after the start line the key is in the box alone, and nowhere else" {
    live b --report "$T/report" -v -g keyring:aws "$T/b"
    only_in_box
    # No other program of its user may look into the monitor, nor make a core of it.
    grep -qE '^Max core file size +1 ' "/proc/$pid/limits"
    echo >&"$input"
    ended 0
    refute grep -aq canary "$T/report" "$T/b.out" "$T/b.err"
}

@test "the same with a key file, escapes in it, and keys beside it that fill a megabyte" {
    jq -n '[{namespace:"aws",access_key:"AK1",secret_key:"canary-aws"},
            {namespace:"gcp",access_key:"AK2",secret_key:"canary-gcp"},
            {namespace:"big",access_key:"x",secret_key:("x"*300000)}]' |
        sed 's/canary-gcp/\\u0063anary-gcp/' >"$T/keys.json"
    live b --keyring "$T/keys.json" -g keyring:aws "$T/b"
    only_in_box
    echo >&"$input"
    ended 0
}

@test "the same from a caller's start line" {
    line='{"keyring":[{"namespace":"aws","access_key":"AK1","secret_key":"canary-aws"},{"namespace":"gcp","access_key":"AK2","secret_key":"canary-gcp"}],"arg":"'
    for size in 10 100000; do
        mkfifo "$T/in.$size"
        exec {input}<>"$T/in.$size"
        "$runbox" run --json -g keyring:aws "$T/b" <"$T/in.$size" >"$T/out.$size" 3>&- &
        pid=$!
        lives+=("$pid")
        printf '%s%*s"}\n' "$line" "$size" "" >&"$input"
        until_holds grep -q Readline "$T/out.$size"
        kin "$pid"
        only_in_box
        echo '{"Ok":"x\n"}' >&"$input"
        ended 0
        exec {input}>&-
        refute grep -aq canary "$T/out.$size"
    done
}

# in_a_box: a box of the batch's template has the key; others of it wait.
in_a_box() {
    local template box

    template=$(made_by "$pid")
    for box in $(cat "/proc/${template% }/task/${template% }/children"); do
        memory_of "$box" | grep -aq canary-aws && return
    done
    return 1
}

@test "batch: a job's keys are not in its memory while the job runs" {
    bundle b '"keyring_access":["aws"],"limits":{"cpu_time":"5m","wall_time":"5m"}' <<<'local keys = box.keyring("aws") while keys do end'
    printf '%s\n' '{"keyring":[{"namespace":"aws","access_key":"A","secret_key":"canary-aws"}]}' >"$T/jobs"
    "$runbox" batch -g keyring:aws -f "$T/jobs" "$T/b" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds in_a_box
    until_holds eval '! memory_of "$pid" | grep -aq anary-aws'
    kill -TERM "$pid"
    ended 143
}

@test "a caller that brings a keyring, an empty one too, brings all there is" {
    ends 1 "$runbox" run --json -g keyring:aws "$T/b" <<<'{"keyring":[]}'
    grep -q 'no key for namespace' "$T/out"
    ends 0 "$runbox" run --json -g keyring:aws "$T/b" < <(
        echo '{}'
        until_holds grep -q Readline "$T/out"
        echo '{"Ok":null}'
    )
    grep -q 'AK1=10' "$T/out"
}

@test "a store that may not be looked into: who asks for what is in it is told; a run finds no key" {
    programs_for_all
    bundle b '"keyring_access":["aws"]' <<<'return select("#", pcall(box.keyring, "aws"))'
    mkdir -m 755 "$T/home"
    mkdir -m 700 "$T/home/.config"
    for words in list 'get aws:AK' 'delete aws:AK'; do
        ends 125 env -u XDG_CONFIG_HOME HOME="$T/home" "${ordinary[@]}" "$runbox" keyring $words
        grep -Eqx "runbox: $T/home/.config/runbox: (opening it|making the directory): Permission denied" "$T/err"
    done
    ends 0 env -u XDG_CONFIG_HOME HOME="$T/home" "${ordinary[@]}" "$runbox" run -g keyring:aws "$T/b"
    [ "$(cat "$T/out")" = 2 ]
}

@test "an ordinary user: his own store, and nobody else of his looks into the monitor" {
    programs_for_all
    as=("${ordinary[@]}")
    export XDG_CONFIG_HOME="$T/his"
    "${as[@]}" mkdir -m 700 "$T/his"
    printf 'canary-aws' | "${as[@]}" "$runbox" keyring add aws:AK1
    live b -g keyring:aws --store file "$T/b"
    only_in_box
    for process in "$pid" "$monitor"; do
        refute "${as[@]}" cat "/proc/$process/environ"
        refute "${as[@]}" head -c 1 "/proc/$process/mem"
    done
    echo >&"$input"
    ended 0
}

@test "without a key granted nothing changes: the store is not even looked at" {
    chmod 644 "$T/config/runbox/keyring.json"
    bundle c <<<'return 1'
    goes 0 "$T/c"
    ends 125 "$runbox" run -g keyring:aws "$T/b" </dev/null
    grep -q 'chmod 600' "$T/err"
}

@test "--store: the kernel's keys only where asked for, credentials where there are some" {
    name="bats:AK-$$-$RANDOM"
    bundle k '"keyring_access":["bats"]' <<<'local ok, k = pcall(box.keyring, "bats")
        for i = 1, ok and #k or 0 do print(k[i].access_key) end'
    printf 'canary-kernel' | "$runbox" keyring add --store kernel "$name"
    "$runbox" run -g keyring:bats --store kernel "$T/k" >"$T/asked" || true
    strace -f -o "$T/trace" "$runbox" run -g keyring:bats "$T/k" >"$T/unasked" || true
    "$runbox" keyring delete --store kernel "$name"
    grep -qx "${name#bats:}" "$T/asked"
    [ ! -s "$T/unasked" ]
    # The jail joins a keyring of the box's own; nothing is read.
    grep -q 'keyctl(KEYCTL_JOIN_SESSION_KEYRING' "$T/trace"
    refute grep -E 'keyctl\((KEYCTL_READ|KEYCTL_SEARCH|KEYCTL_DESCRIBE)' "$T/trace"

    mkdir "$T/credentials"
    echo '[{"namespace":"bats","access_key":"1"},{"namespace":"bats","access_key":"2"}]' >"$T/credentials/runbox.keyring"
    chmod 400 "$T/credentials/runbox.keyring"
    ends 0 env CREDENTIALS_DIRECTORY="$T/credentials" "$runbox" run -g keyring:bats "$T/k"
    [ "$(cat "$T/out")" = $'1\n2' ]
    ends 2 "$runbox" run --store disk "$T/k"
    ends 2 "$runbox" run --store file --keyring "$T/credentials/runbox.keyring" "$T/k"
}

@test "a core, of the box or of runbox itself, holds no key" {
    mkdir "$T/cores"
    # As if the host made cores here for everybody: a name without a slash is a file of the working directory.
    [[ "$(cat /proc/sys/kernel/core_pattern)" == [!/\|]* ]] && here=yes
    ulimit -c unlimited
    cd "$T/cores"
    bash -c 'key=canary-control; kill -SEGV $$' || true
    [ -z "$here" ] || grep -raq canary-control .
    rm -f -- *
    for whom in box broker monitor; do
        rm -f "$T"/b.*
        live b -l wall_time=60s -g keyring:aws "$T/b"
        # What the kernel would ask before it made one: 0 or 1 bytes are none, 1 for a pipe too.
        for process in "$box" "$pid" "$monitor"; do
            [ "$(sed -n 's/^Max core file size *\([0-9]*\) .*/\1/p' "/proc/$process/limits")" -le 1 ]
        done
        if [ "$whom" = broker ]; then
            kill -SEGV "$pid"
            ended 139
        elif [ "$whom" = monitor ]; then
            kill -SEGV "$monitor"
            ended 125
            until_holds dead "$box"
        else # the first of its pid namespace: no signal from outside but KILL ends it, a fault of its own does
            read -r -a call <"/proc/$box/syscall"
            case $(uname -m) in # an instruction that does not exist
            x86_64) ud='\x0f\x0b' ;;
            aarch64) ud='\0\0\0\0' ;;
            esac
            printf "$ud" | dd of="/proc/$box/mem" bs=1 seek=$((call[-1])) conv=notrunc 2>"$T/dd"
            echo >&"$input"
            ended 132
        fi
        refute grep -raq canary .
    done
}

@test "sn0int's caller: the keys that its start line brings are in the box alone" {
    jq -cn '{arg: null, dns_config: {ns: [], tcp: false, timeout: {nanos: 0, secs: 3}},
        keyring: [{namespace: "aws", access_key: "AK1", secret_key: "canary-aws"}], options: {}, proxy: null, verbose: 0,
        module: {author: "a", description: "b", keyring_access: ["aws"], name: "c", version: "0.1.0", source: null,
            script: {code: "function run() k = keyring(\"aws\") stdin_readline() end"}}}' >"$T/line"
    mkfifo "$T/in"
    exec {input}<>"$T/in"
    "$runbox" sandbox c <"$T/in" >"$T/out" 2>"$T/err" 3>&- &
    pid=$! monitor=''
    lives+=("$pid")
    cat "$T/line" >&"$input"
    until_holds grep -q Readline "$T/out"
    kin "$pid"
    only_in_box
    echo '{"Ok":null}' >&"$input"
    ended 0
    refute grep -aq canary "$T/out" "$T/err"
}
