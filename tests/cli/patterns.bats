#!/usr/bin/env bats
# Patterns of ECMA-262: runbox's engine beside node's, on patterns that are new each time; and as authors meet them.

load lib

setup() {
    programs
}

@test "2000 generated patterns, each on eight texts, say what node's RegExp says" {
    local seed=$((RANDOM * 32768 + RANDOM))

    echo "seed $seed: node tests/tools/patterns.mjs $seed 2000"
    node tests/tools/patterns.mjs "$seed" 2000 >"$T/corpus"
    [ "$(wc -l <"$T/corpus")" -eq 2000 ]
    "$bin/tests/unit/pattern" "$T/corpus" >"$T/out" || {
        grep -v '^ok' "$T/out"
        false
    }
    grep -E "^ok 1 - $T/corpus: 2000 patterns, [0-9]+ refused, [0-9]+ subjects, [0-9]+ matches; 0 wrong" "$T/out"
}

# takes PATTERN: the argument of bundle $T/b is a text that it matches.
takes() {
    mkdir -p "$T/b"
    echo 'function run() return 1 end' >"$T/b/main.lua"
    jq -nc --arg p "$1" '{runbox: 1, name: "b", version: "1.0.0", arg: {type: "string", pattern: $p}}' >"$T/b/manifest.json"
}

@test "check names the place of what is not ECMA-262" {
    takes '^[a-z]++$'
    ends 3 "$runbox" check "$T/b"
    grep -Eq 'manifest.json:1:[0-9]+: error: /arg/pattern: .*nothing to repeat: ECMA-262 has no possessive quantifiers \(at byte 7\)' "$T/out"
    takes '(?i)a'
    ends 3 "$runbox" check "$T/b"
    grep -Eq '/arg/pattern: "\(\?i\)a" is not a valid regular expression: ECMA-262 \(2024\) has no inline flags \(at byte 0\)' "$T/out"
    takes 'a\p{Greek}'
    ends 3 "$runbox" run --arg '"x"' "$T/b"
    grep -q 'no such property.*(at byte 1)' "$T/err"
}

@test "a run's argument: white space, ends of lines, surrogate pairs, look-behind, \\u0000" {
    takes '^\s\S.(?<=\u{1f4a9})\ud83d\udca9\p{Script=Greek}$'
    ends 0 "$runbox" run --arg '"\u3000a\ud83d\udca9\ud83d\udca9\u03b1"' "$T/b"
    ends 3 "$runbox" run --arg '"\u3000a\u2028\ud83d\udca9\u03b1"' "$T/b"
    takes '^a{2,}\0?$'
    ends 0 "$runbox" run --arg '"aaa"' "$T/b"
    takes '^(a+)+$'
    ends 3 "$runbox" run --arg '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"' "$T/b"
    grep -q 'does not match the pattern' "$T/err"
}
