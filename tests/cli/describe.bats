#!/usr/bin/env bats
# `runbox describe`: what a bundle takes and gives, for people and for tool catalogues.

load lib

setup() {
    programs
}

@test "--json: the schemas whole, every member there" {
    bundle b '"arg":{"type":"string"},"result":true,"options":{"properties":{"n":{"default":1}}},"calls":["a.b"],"keyring_access":["aws"]' <<<''
    ends 0 "$runbox" describe --json "$T/b"
    jq -e '. == {"name":"b","version":"1.0.0","description":"","inputSchema":{"type":"string"},
        "outputSchema":true,"options":{"properties":{"n":{"default":1}}},"calls":["a.b"],
        "keyring_access":["aws"]}' "$T/out"
}

@test "--json: a manifest that says nothing takes anything and has no options" {
    bundle b <<<''
    ends 0 "$runbox" describe --json "$T/b"
    jq -e '.inputSchema == {} and .outputSchema == {} and
        .options == {"type":"object","additionalProperties":false} and .calls == []' "$T/out"
}

@test "for people: types, defaults, what is required" {
    bundle b '"arg":{"type":"object","properties":{"a":{"type":["string","null"]},"b":{"enum":[1,"x"]}},"required":["a"]},"options":{"properties":{"top":{"type":"integer","default":5,"description":"How many"}}},"calls":["http.get"]' <<<''
    ends 0 "$runbox" describe "$T/b"
    grep -qE '^  a +string or null, required$' "$T/out"
    grep -qE '^  b +one of 1, "x"$' "$T/out"
    grep -qE '^  -o top +integer, default 5: How many$' "$T/out"
    grep -qx 'calls at the caller: http.get' "$T/out"
    grep -qx 'result: anything' "$T/out"
}

@test "every example is described" {
    for example in bundles/examples/*/; do
        ends 0 "$runbox" describe "$example"
        grep -qE '^ *argument: ' "$T/out"
        ends 0 "$runbox" describe --json "$example"
        jq -e '.name and .version and has("inputSchema")' "$T/out"
    done
}

@test "no text of a manifest begins a line or moves the cursor" {
    bundle b '"description":"x\nresult: forged\u001b[2J","options":{"properties":{"a\nb":{"default":"c\nd","description":"e\u009b\nf"}}}' <<<''
    ends 0 "$runbox" describe "$T/b"
    refute grep -q '^result: forged' "$T/out"
    refute grep -qP '\x1b|\xc2\x9b' "$T/out"
    [ "$(wc -l <"$T/out")" -eq 8 ]
}

@test "a bundle that does not validate: every error, exit 3" {
    bundle b '"calls":["a b"],"foo":1' <<<''
    ends 3 "$runbox" describe "$T/b"
    [ "$(wc -l <"$T/err")" -eq 2 ]
    [ ! -s "$T/out" ]
}

@test "usage: exit 2; --help: exit 0; a full disk: exit 125" {
    ends 2 "$runbox" describe
    ends 2 "$runbox" describe a b
    ends 2 "$runbox" describe --no-such
    ends 0 "$runbox" describe --help
    run bash -c "'$runbox' describe bundles/examples/hello >/dev/full"
    [ "$status" -eq 125 ]
}
