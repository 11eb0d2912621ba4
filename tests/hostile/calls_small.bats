#!/usr/bin/env bats
# The Nth system call of check, keyring and sandbox fails, for every N and each error that this call plausibly has (calls.bats does
# the same to run). What each end has to be like: sweep.bash; the ends that differ, with reasons: calls.table and
# calls_small.table.

load setup

setup() {
    sweeps calls.table calls_small.table
}

@test "every system call of check fails: nothing of it is an error of the bundle's but a file that cannot be read" {
    private <<'SH'
. ./sweep.bash
bundle b <<<'x()'
form=check turns=1
want=('/mnt/b/main.lua:1: warning: global "x" does not exist in a box, and no source sets it')
: >in
sweep 100 monitor $runbox check /mnt/b
total=$calls
sweep 20 second $runbox check /mnt/b
summary "system calls failed in turn: $((total + calls)) calls of check × one of their errors"
SH
}

# Of what is stored there is always one state, the old or the new.
@test "every system call of keyring fails: the store is what it was, or what it should be" {
    private <<'SH'
. ./sweep.bash
export XDG_CONFIG_HOME=/mnt/config
store=/mnt/config/runbox/keyring.json
mkdir config
$runbox keyring add --store file aws:AK <<<one
cp -a config old
before() { rm -rf config && cp -a old config; }
after() { # WHAT STATUS: what a command that has failed may have done is all of it
    local files=(config/runbox/*)

    [ "${files[*]}" = config/runbox/keyring.json ] || is_wrong "$1" "beside the store: ${files[*]}"
    # A store that is not there, says the kernel: one with the new key alone.
    [[ $1 != *$'\topenat\tkeyring.json\tENOENT' ]] || return 0
    cmp -s "$store" new || { [ "$2" -ne 0 ] && cmp -s "$store" old/runbox/keyring.json; } ||
        is_wrong "$1" "exit $2, and the store is neither the old nor the new"
}
total=0
for words in 'add --store file aws:AK2' 'delete --store file aws:AK' 'list --store file' 'get --store file aws:AK'; do
    echo two >in
    before
    $runbox keyring $words <in >out
    mapfile -t want <out
    cp "$store" new
    sweep 20 monitor $runbox keyring $words
    total=$((total + calls))
done
summary "system calls failed in turn: $total calls of keyring × their errors"
SH
}

@test "every system call of sandbox fails: its Exit says so" {
    jq -cn '{arg: null, dns_config: {ns: [], tcp: false, timeout: {nanos: 0, secs: 3}}, keyring: [],
        module: {author: "a", description: "d", keyring_access: [], name: "m", source: null, version: "0.1.0",
            script: {code: "function run() info(\"hi\") end"}}, options: {}, proxy: null, verbose: 2}' >"$T/in"
    private <<'SH'
. ./sweep.bash
form=sandbox turns=1
want=('{"Log":{"Info":"\"hi\""}}')
sweep 120 monitor $runbox sandbox module
total=$calls
sweep 30 second $runbox sandbox module
summary "system calls failed in turn: $((total + calls)) calls of sandbox × one of their errors"
SH
}
