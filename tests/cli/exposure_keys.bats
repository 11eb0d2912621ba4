#!/usr/bin/env bats
# Every box has a session keyring of its own and empty, also where its user's quota of keys is used up.

load lib

setup() {
    programs_for_all
    bundle b <<<'return 1'
    bundle waits <<<'print("ready") io.read()'
    # A login session with as many keys as its user may have; the command is given after it.
    cat >"$T/full" <<'SH'
#!/bin/sh
while keyctl add user "k$i" x @s >/dev/null 2>&1; do i=$((i + 1)); done
keyctl newring more @s 2>&1 | grep -q 'quota exceeded' || exit 99
exec "$@"
SH
    chmod 755 "$T/full"
    full=("${ordinary[@]}" keyctl session full "$T/full")
    until_holds few_keys
}

# The kernel takes away what a session had some time after its end: until then that is its user's still.
few_keys() {
    awk '$1 == "12345:" { split($4, keys, "/"); exit keys[1] > 50 }' /proc/key-users
}

@test "a user whose quota of keys is used up runs as before" {
    ends 0 "${full[@]}" "$runbox" run "$T/b"
    [ "$(tail -n 1 "$T/out")" = 1 ]
    seq 30 | jq -c '{id: .}' >"$T/jobs"
    until_holds few_keys
    ends 0 "${full[@]}" "$runbox" batch -j 4 -f "$T/jobs" --output "$T/results" "$T/b"
    [ "$(jq -c 'select(.status == "ok")' "$T/results" | wc -l)" = 30 ]
}

@test "then too the box's session keyring is its own: without a key, and in no other process" {
    ends 0 "${full[@]}" strace -f -qq -e trace=keyctl -o "$T/trace" "$runbox" run "$T/b"
    # The step of the jail: refused, then its own process keyring joined by name.
    grep -q 'keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL) = -1 EDQUOT' "$T/trace"
    id=$(sed -n 's/.*keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1) = \([0-9]*\)/\1/p' "$T/trace")
    grep -q "keyctl(KEYCTL_JOIN_SESSION_KEYRING, \"_pid\") = $id\$" "$T/trace"
}

@test "without that: a new and anonymous one" {
    ends 0 "${ordinary[@]}" strace -f -qq -e trace=keyctl -o "$T/trace" "$runbox" run "$T/b"
    [ "$(sed 's/^[0-9]* *//' "$T/trace" | grep -c 'keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL) = [1-9]')" = 1 ]
    [ "$(grep -c keyctl "$T/trace")" = 1 ]
}
