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

@test "SCHEMA#/POINTER: a value in it, as of a manifest's export; its references are its own" {
    bundle b '"exports":{"a/b~":{},"add":{"arg":{"items":{"$ref":"#/$defs/n"},"$defs":{"n":{"type":"integer"}}}}},"x":[0,{"type":"null"}]' <<<''
    echo '[1,"2"]' >"$T/d"
    ends 3 "$runbox" validate "$T/b/manifest.json#/exports/add/arg" "$T/d"
    [ "$(cat "$T/out")" = "$T/d:1:4: /1: \"2\" is not of type integer" ]
    ends 0 "$runbox" validate "$T/b/manifest.json#/exports/a~1b~0" "$T/d"
    ends 3 "$runbox" validate "$T/b/manifest.json#/x/1" "$T/d"
    ends 3 "$runbox" validate "$T/b/manifest.json#/x/2" "$T/d"
    grep -q '^[^ ]*manifest.json:1:[0-9]*: /x: it has no "2"$' "$T/out"
    ends 3 "$runbox" validate "$T/b/manifest.json#/exports/ad/arg" "$T/d"
    grep -q ': /exports: it has no "ad"$' "$T/out"
    ends 3 "$runbox" validate "$T/b/manifest.json#/version" "$T/d"
    ends 0 "$runbox" validate "manifest#/properties/exports/propertyNames" <(echo '"add"')
    ends 3 "$runbox" validate "manifest#/\$defs/size" <(echo '"64X"')
    cp "$T/s" "$T/s#/x" 2>/dev/null || { mkdir "$T/s#" && cp "$T/s" "$T/s#/x"; } # a file of that name is one
    echo '{"n":1}' >"$T/d"
    ends 0 "$runbox" validate "$T/s#/x" "$T/d"
}

@test "what is no JSON, and what cannot be read" {
    echo '{"n":}' >"$T/d"
    ends 3 "$runbox" validate "$T/s" "$T/d"
    grep -q "^$T/d:1:6: " "$T/out"
    ends 3 "$runbox" validate "$T/s" "$T/none"
    grep -q 'No such file' "$T/err"
    refute grep -q 'runbox schema' "$T/err"
    cd "$T"
    ends 3 "$runbox" validate manifst "$T/d"
    [ "$(cat "$T/err")" = "runbox: manifst: no such file, and no schema of runbox's own ('runbox schema' lists them)" ]
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

@test "--json: one object for each document, with the standard's members" {
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

@test "five drafts: \$schema in its common spellings, each by its own rules" {
    for draft in draft-04 draft-06 draft-07 draft/2019-09 draft/2020-12; do
        for uri in "http://json-schema.org/$draft/schema" "https://json-schema.org/$draft/schema#"; do
            echo "{\"\$schema\":\"$uri\",\"type\":\"integer\",\"const\":1,\"not\":{\"\$ref\":\"#/x/0\"},\"x\":[{\"minimum\":9}]}" >"$T/s"
            ends 0 "$runbox" validate "$T/s" - <<<1
            ends 3 "$runbox" validate "$T/s" - <<<9
            case $draft in
            draft-04)
                ends 0 "$runbox" validate "$T/s" - <<<2
                ends 3 "$runbox" validate "$T/s" - <<<1.0
                ;;
            *)
                ends 3 "$runbox" validate "$T/s" - <<<2
                ends 0 "$runbox" validate "$T/s" - <<<1.0
                ;;
            esac
        done
    done
    echo '{"$schema":"http://json-schema.org/draft-05/schema"}' >"$T/s"
    ends 3 "$runbox" validate "$T/s" - <<<1
    grep -q '/$schema: must be "https://json-schema.org/draft/2020-12/schema", or' "$T/out"
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

kinds() {
    cat >"$T/s" <<'END'
{"oneOf": [
    {"type": "object", "required": ["kind"], "additionalProperties": false,
     "properties": {"kind": {"const": "file"}, "path": {"type": "string"}}},
    {"type": "object", "additionalProperties": false,
     "properties": {"kind": {"const": "net"},
                    "port": {"anyOf": [{"type": "null"}, {"type": "integer", "maximum": 65535}]}}},
    {"enum": ["stdin"]}]}
END
}

@test "anyOf, oneOf: why each alternative fails, the nearest first" {
    kinds
    printf '{"kind":"net",\n"prt":1,"port":70000}' >"$T/d"
    ends 3 "$runbox" validate "$T/s" "$T/d"
    cat >"$T/right" <<END
$T/d:1:1: an object matches none of the 3 alternatives
$T/d:2:1: /prt: alternative 2: unknown member "prt": did you mean "port"?
$T/d:2:16: /port: alternative 2: 70000 matches none of the 2 alternatives
$T/d:2:16: /port: alternative 2: alternative 2: 70000 is not at most 65535
$T/d:2:16: /port: alternative 2: alternative 1: 70000 is not of type null
$T/d:1:9: /kind: alternative 1: "net" is not "file"
$T/d:2:1: /prt: alternative 1: unknown member "prt"
$T/d:2:9: /port: alternative 1: unknown member "port"
$T/d:1:1: alternative 3: an object is not one of "stdin"
END
    cut -d: -f1,4- "$T/right" >"$T/right.texts"
    cut -d: -f1,4- "$T/out" | diff "$T/right.texts" -
    grep -q ":1:1: an object matches none" "$T/out"
    grep -q ":2:[0-9]*: /port: alternative 2: 70000" "$T/out"
}

@test "anyOf, oneOf: did you mean, across alternatives" {
    kinds
    echo '{"kind":"nte"}' >"$T/d"
    ends 3 "$runbox" validate "$T/s" "$T/d"
    head -n 1 "$T/out" | grep -q ': an object matches none of the 3 alternatives: did you mean "net" for "nte"?$'
    sed -n 2p "$T/out" | grep -q ': /kind: alternative 2: "nte" is not "net"$'
    echo '{"anyOf":[{"const":"first"},{"const":"second"}]}' >"$T/s"
    echo '"secnd"' >"$T/d"
    ends 3 "$runbox" validate "$T/s" "$T/d"
    head -n 1 "$T/out" | grep -q ': "secnd" matches none of the 2 alternatives: did you mean "second"?$'
    sed -n 2p "$T/out" | grep -q ': alternative 2: '
}

@test "anyOf, oneOf: --json nests why each alternative fails" {
    kinds
    echo '{"kind":"net","port":70000,"x":1}' >"$T/d"
    ends 3 "$runbox" validate --json "$T/s" "$T/d"
    python3 - "$T/out" <<'END'
import json, sys
[one] = json.load(open(sys.argv[1]))["errors"]
assert one["keywordLocation"] == "/oneOf", one
assert [e["keywordLocation"] for e in one["errors"]] == ["/oneOf/1", "/oneOf/0", "/oneOf/2/enum"], one
net = one["errors"][0]
assert "error" not in net and len(net["errors"]) == 2, net
port = [e for e in net["errors"] if e["instanceLocation"] == "/port"][0]
assert port["keywordLocation"] == "/oneOf/1/properties/port/anyOf", port
assert [e["keywordLocation"].rsplit("/", 2)[1] for e in port["errors"]] == ["1", "0"], port
assert port["errors"][0]["line"] == 1 and port["errors"][0]["column"] == 22, port
END
}

@test "oneOf: which of the alternatives match, where more than one does" {
    echo '{"oneOf":[{"type":"null"},{"minimum":1},{"maximum":2}]}' >"$T/s"
    echo '1.5' >"$T/d"
    ends 3 "$runbox" validate "$T/s" "$T/d"
    grep -q 'matches more than one of the 3 alternatives: 2 and 3 at least' "$T/out"
}

@test "anyOf: what is told is bounded, whatever schema and document are" {
    python3 - "$T" <<'END'
import json, sys
deep = {"type": "null"}
for _ in range(12):
    deep = {"anyOf": [deep, {"anyOf": [{"const": i} for i in range(30)]}]}
json.dump({"items": deep}, open(sys.argv[1] + "/s", "w"))
json.dump(["x"] * 150, open(sys.argv[1] + "/d", "w"))
END
    ends 3 "$runbox" validate "$T/s" "$T/d"
    [ "$(wc -l <"$T/out")" -le 501 ]
}

@test "--format: names in any script, IRIs and templates" {
    echo '{"properties":{"h":{"format":"idn-hostname"},"m":{"format":"idn-email"},"i":{"format":"iri"},"t":{"format":"uri-template"}}}' >"$T/s"
    echo '{"h":"bücher.example","m":"ü@bücher.example","i":"http://bücher.example/é","t":"/a/{b:3}"}' >"$T/d"
    ends 0 "$runbox" validate --format "$T/s" "$T/d"
    echo '{"h":"a·b","m":"ü","i":"/é","t":"{"}' >"$T/d"
    ends 3 "$runbox" validate --format "$T/s" "$T/d"
    [ "$(cut -d: -f4 "$T/out" | tr -d '\n')" = " /h /m /i /t" ]
    ends 0 "$runbox" validate "$T/s" "$T/d"
}

@test "anyOf: alternatives that are dropped leave room for what is told" {
    python3 - "$T" <<'END'
import json, sys
json.dump({"items": {"anyOf": [{"required": [f"{i:0300}"], "type": "object"} for i in range(4000)]}}, open(sys.argv[1] + "/s", "w"))
json.dump([{}] * 20, open(sys.argv[1] + "/d", "w"))
json.dump({"additionalProperties": {"anyOf": [{"const": "x"}, {"type": "null"}]}}, open(sys.argv[1] + "/long", "w"))
json.dump({"n" * 900000: 1}, open(sys.argv[1] + "/e", "w"))
END
    ends 3 "$runbox" validate "$T/s" "$T/d"
    [ "$(grep -c ': an object matches none of the 4000 alternatives (the nearest 8 follow)$' "$T/out")" -eq 20 ]
    ends 3 "$runbox" validate "$T/long" "$T/e"
    grep -q 'matches none of the 2 alternatives (the nearest follows)$' "$T/out"
}
