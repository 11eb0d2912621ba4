#!/usr/bin/env bats
# `runbox validate`: documents against a schema, every failure with its place.

load lib

setup() {
    programs
    echo '{"type":"object","properties":{"n":{"type":"integer","minimum":1}},"required":["n"]}' >"$T/s"
}

@test "a document that fits: exit 0, nothing printed" {
    echo '{"n":1}' >"$T/d"
    ends 0 "$runbox" validate "$T/s" "$T/d"
    [ ! -s "$T/out" ] && [ ! -s "$T/err" ]
}

@test "every failure of every document: FILE:LINE:COLUMN: POINTER: MESSAGE, exit 3" {
    printf '{\n  "n": 0.5\n}\n' >"$T/a"
    echo '{}' >"$T/b"
    ends 3 "$runbox" validate "$T/s" "$T/a" "$T/b"
    [ "$(wc -l <"$T/out")" -eq 3 ]
    grep -q "^$T/a:2:8: /n: 0.5 is not of type integer$" "$T/out"
    grep -q "^$T/a:2:8: /n: " "$T/out"
    grep -q "^$T/b:1:1: missing member \"n\"$" "$T/out"
}

@test "what is no JSON, and what cannot be read" {
    echo '{"n":}' >"$T/d"
    ends 3 "$runbox" validate "$T/s" "$T/d"
    grep -q "^$T/d:1:6: " "$T/out"
    ends 3 "$runbox" validate "$T/s" "$T/none"
    grep -q 'No such file' "$T/err"
}

@test "a schema that is none: its own faults, exit 3, and no document is looked at" {
    echo '{"type":"text"}' >"$T/s"
    ends 3 "$runbox" validate "$T/s" "$T/none"
    grep -q "^$T/s:1:9: /type: " "$T/out"
    [ ! -s "$T/err" ]
}

@test "stdin, and the name of one of runbox's own schemas" {
    ends 0 "$runbox" validate manifest - <bundles/examples/hello/manifest.json
    ends 3 "$runbox" validate start - <<<'{"args":1}'
    grep -q '^-:1:2: /args: .*did you mean "arg"' "$T/out"
}

@test "--lines: each line is a document, and says which it is" {
    printf '{"n":1}\n{"n":"x"}\n{"n":3}\n{"n":0}' >"$T/d"
    ends 3 "$runbox" validate --lines "$T/s" "$T/d"
    [ "$(cut -d: -f2 "$T/out" | tr '\n' ' ')" = "2 4 " ]
    printf '{"n":1}\n{"n":2}\n' >"$T/d"
    ends 0 "$runbox" validate --lines "$T/s" "$T/d"
    : >"$T/d"
    ends 0 "$runbox" validate --lines "$T/s" "$T/d"
    ends 3 "$runbox" validate "$T/s" "$T/d"
}

@test "--json: one object for each document, in the standard's basic form" {
    printf '{"n":1}\n{"n":0}\n' >"$T/d"
    ends 3 "$runbox" validate --json --lines "$T/s" "$T/d"
    jq -se '.[0].valid and .[0].errors == [] and (.[1].valid | not) and (.[1].errors[0] |
        .instanceLocation == "/n" and .keywordLocation == "/properties/n/minimum" and
        .line == 2 and .column == 6)' "$T/out"
}

@test "--format: an annotation becomes a rule" {
    echo '{"format":"date"}' >"$T/s"
    echo '"2026-02-30"' >"$T/d"
    ends 0 "$runbox" validate "$T/s" "$T/d"
    ends 3 "$runbox" validate --format "$T/s" "$T/d"
    grep -q "^$T/d:1:1: " "$T/out"
    echo '"2026-02-28"' >"$T/d"
    ends 0 "$runbox" validate --format "$T/s" "$T/d"
}

@test "a schema of draft-07 goes by its rules" {
    echo '{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"integer"}],"additionalItems":false}' >"$T/s"
    ends 0 "$runbox" validate "$T/s" - <<<'[1]'
    ends 3 "$runbox" validate "$T/s" - <<<'[1,2]'
}

@test "nothing in a document moves the cursor" {
    printf '{"type":"object","additionalProperties":false}' >"$T/s"
    printf '{"\\u001b[2J\\nx":1,"\xc2\x9b":2}' >"$T/d"
    ends 3 "$runbox" validate "$T/s" "$T/d"
    [ "$(wc -l <"$T/out")" -eq 2 ]
    refute grep -q "$(printf '[\033\302\233]')" "$T/out"
}

@test "usage: exit 2; --help: exit 0" {
    ends 2 "$runbox" validate
    ends 2 "$runbox" validate "$T/s"
    ends 2 "$runbox" validate --no-such "$T/s" "$T/s"
    ends 0 "$runbox" validate --help
}

@test "--json: the way to a keyword leads through references, its place does not" {
    echo '{"$id":"urn:x","properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"minimum":3}}}' >"$T/s"
    echo '{"a":1}' >"$T/d"
    ends 3 "$runbox" validate --json "$T/s" "$T/d"
    jq -e '.errors[0] | .keywordLocation == "/properties/a/$ref/minimum" and
        .absoluteKeywordLocation == "urn:x#/$defs/n/minimum"' "$T/out"
}
