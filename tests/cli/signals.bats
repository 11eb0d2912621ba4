#!/usr/bin/env bats
# Verbs that wait: for input that does not come, or for somebody to read what they say. SIGTERM, SIGINT and SIGHUP end
# each at once, with the signal's status, and nothing is left. (run, batch and serve: their own files.)

load lib

setup() {
    programs
    export XDG_CONFIG_HOME="$T/config"
    bundle b <<<'return 1'
    bundle bad <<<'x('
    mkfifo "$T/silent" "$T/full"
    exec {silent}<>"$T/silent" {full}<>"$T/full"
    head -c 65536 /dev/zero >&"$full" # as much as a pipe holds
}

# waits: the program is in a call that waits, and so would be for ever.
waits() {
    waits_in "$pid" read write openat poll ppoll recvfrom && grep -q '^State:.S' "/proc/$pid/status"
}

# hears ARGUMENT...: runbox, with stdin $T/silent and stdout $out, by each of the signals. Job control is off, so that
# the shell has SIGINT ignored in the background.
hears() {
    local signal status

    for signal in TERM:143 INT:130 HUP:129; do
        status=${signal#*:}
        env --default-signal "$runbox" "$@" <"$T/silent" >"$out" 2>"$T/err" 3>&- {silent}>&- {full}>&- &
        pid=$!
        until_holds waits
        kill -"${signal%:*}" "$pid"
        ended "$status" || {
            echo "of: $*, by SIG${signal%:*}"
            return 1
        }
        [ ! -s "$T/err" ]
    done
}

@test "input that does not come: validate, keyring add, sandbox" {
    out="$T/out"
    hears validate manifest -
    hears validate - "$T/b/manifest.json"
    hears validate manifest "$T/silent"
    hears keyring add --store file aws:AK
    [ ! -s "$T/out" ]
    hears sandbox module
    [ -z "$(find "$T/config" -name '*keyring.json*' ! -name '*.lock' 2>/dev/null)" ]
}

@test "output that nobody reads: check, describe, explain, schema, validate, keyring, doctor, a help" {
    "$runbox" keyring add --store file aws:AK <<<secret
    out="$T/full"
    hears check "$T/bad"
    hears check --json "$T/bad"
    hears describe "$T/b"
    hears describe --json "$T/b"
    hears explain "$T/b"
    hears explain --json "$T/b"
    hears schema manifest
    hears validate --json manifest "$T/bad/main.lua"
    hears keyring list --store file
    hears keyring get --store file aws:AK
    hears doctor
    hears run --help
    [ "$("$runbox" keyring get --store file aws:AK)" = secret ]
}
