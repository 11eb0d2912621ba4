#!/usr/bin/env bats
# People in a hurry, and shells in odd states: one clear line, the right status, no surprise.

load lib

setup() {
    programs
    bundle b <<<'print("ran") return 1'
}

# One line on stderr that begins with "runbox: " and holds TEXT; nothing ran.
one_line() {
    [ "$(wc -l <"$T/err")" -eq 1 ]
    grep -q '^runbox: ' "$T/err"
    grep -qF -e "$1" "$T/err"
    refute grep -q '^ran' "$T/out"
}

@test "a directory that is not there, a file in its place" {
    ends 3 "$runbox" run "$T/nowhere"
    one_line "$T/nowhere"
    ends 3 "$runbox" run "$T/b/main.lua"
    one_line "$T/b/main.lua"
}

@test "no manifest, an empty one, one that is no object" {
    rm "$T/b/manifest.json"
    ends 3 "$runbox" run "$T/b"
    one_line manifest.json
    for text in '' ' ' '[]' '"x"' 'null' '{' '{}{}' '{"runbox":1,}' $'\xff'; do
        printf %s "$text" >"$T/b/manifest.json"
        ends 3 "$runbox" run "$T/b"
        grep -q '^runbox: .*manifest.json' "$T/err"
        [ ! -s "$T/out" ]
    done
}

@test "no main.lua, an empty one, one that is a directory" {
    rm "$T/b/main.lua"
    ends 3 "$runbox" run "$T/b"
    one_line main.lua
    mkdir "$T/b/main.lua"
    ends 3 "$runbox" run "$T/b"
    one_line main.lua
    rmdir "$T/b/main.lua"
    touch "$T/b/main.lua"
    ends 0 "$runbox" run "$T/b"
    [ ! -s "$T/out" ]
}

@test "a misspelt member, a wrong size, a wrong type: where each stands" {
    bundle b '"limit":{}' <<<'print("ran")'
    ends 3 "$runbox" run "$T/b"
    one_line limit
    bundle b '"limits":{"memory":"lots"}' <<<'print("ran")'
    ends 3 "$runbox" run "$T/b"
    one_line 'manifest.json:1:61: /limits/memory'
    bundle b '"main":7' <<<'print("ran")'
    ends 3 "$runbox" run "$T/b"
    one_line /main
}

@test "paths: relative, with slashes, with dots, the current directory, without the verb" {
    cd "$T"
    for path in b b/ ./b b/. b//; do
        ends 0 "$runbox" run "$path"
        [ "$(head -1 "$T/out")" = ran ]
        ends 0 "$runbox" "$path"
    done
    cd b
    ends 0 "$runbox" .
    ends 0 "$runbox" run .
    mkdir "$T/-odd" && cp "$T"/b/* "$T/-odd"
    cd "$T"
    ends 0 "$runbox" run -- -odd
}

@test "a symbolic link to the bundle, named by the person" {
    ln -s "$T/b" "$T/link"
    ends 0 "$runbox" run "$T/link/"
    [ "$(head -1 "$T/out")" = ran ]
}

@test "a bundle that this user may not read" {
    programs_for_all
    bundle secret <<<'print("ran")'
    chmod 700 "$T/secret"
    ends 3 "${ordinary[@]}" "$runbox" run "$T/secret"
    one_line "$T/secret"
    bundle part <<<'print("ran")'
    chmod 600 "$T/part/main.lua"
    ends 3 "${ordinary[@]}" "$runbox" run "$T/part"
    one_line main.lua
}

@test "standard streams closed: the run goes on, and nothing is written into its files" {
    "$runbox" run "$T/b" <&- >"$T/out" 2>"$T/err"
    [ "$(head -1 "$T/out")" = ran ]
    "$runbox" run "$T/b" >&- 2>"$T/err" </dev/null
    "$runbox" run "$T/b" 2>&- >"$T/out" </dev/null
    "$runbox" run --report "$T/report" "$T/b" <&- >&- 2>&-
    says '.status == "ok"'
    bundle b <<<'return io.read()'
    "$runbox" run "$T/b" <&-
}

@test "stdout on a full disk is no success" {
    got=0
    "$runbox" run "$T/b" >/dev/full 2>"$T/err" </dev/null || got=$?
    [ "$got" -eq 125 ]
    one_line 'stdout: writing: No space left on device'
}

@test "a report that cannot be written is said" {
    got=0
    "$runbox" run --report "$T/none/report" "$T/b" >"$T/out" 2>"$T/err" || got=$?
    grep -q "$T/none/report" "$T/err"
    got=0
    "$runbox" run --report /dev/full "$T/b" >"$T/out" 2>"$T/err" || got=$?
    grep -q "/dev/full" "$T/err"
}

@test "a reader that has enough: head" {
    bundle b <<<'while true do print("line") end'
    timeout 120 "$runbox" run --report "$T/report" -l output=1G "$T/b" 2>"$T/err" 3>&- | head -2 >"$T/out"
    [ "$(cat "$T/out")" = $'line\nline' ]
    until_holds test -s "$T/report"
    says '.exit_code == 141'
}

@test "an option twice: said, or the last one holds; never both half" {
    bundle b '"options":{"type":"object","properties":{"n":{"type":"integer"}}}' <<<'return box.options.n'
    got=0
    "$runbox" run -o n=1 -o n=2 "$T/b" >"$T/out" 2>"$T/err" || got=$?
    case $got in
    0) [ "$(cat "$T/out")" = 2 ] ;;
    2 | 3) grep -q '"\?n"\?' "$T/err" && [ ! -s "$T/out" ] ;;
    *) false ;;
    esac
}

@test "a huge argument: what fits a line arrives, what does not is refused" {
    bundle b <<<'return #box.arg'
    { printf '"'; head -c 1000000 /dev/zero | tr '\0' x; printf '"'; } >"$T/arg.json"
    ends 0 "$runbox" run --arg-file "$T/arg.json" "$T/b"
    [ "$(cat "$T/out")" = 1000000 ]
    ends 0 "$runbox" run --arg-file - "$T/b" <"$T/arg.json"
    [ "$(cat "$T/out")" = 1000000 ]
    { printf '"'; head -c 2000000 /dev/zero | tr '\0' x; printf '"'; } >"$T/arg.json"
    ends 3 "$runbox" run --arg-file "$T/arg.json" "$T/b"
    one_line "$T/arg.json"
    ends 3 "$runbox" run --arg-file "$T/none.json" "$T/b"
    one_line "$T/none.json"
    ends 0 "$runbox" run --arg "\"$(head -c 100000 /dev/zero | tr '\0' x)\"" "$T/b"
    [ "$(cat "$T/out")" = 100000 ]
}

@test "an argument without its quotes: what to do about it" {
    ends 3 "$runbox" run --arg hello "$T/b"
    one_line 'a string needs quotes'
    ends 3 "$runbox" run --arg '5 apples' "$T/b"
    one_line 'a string needs quotes'
    for text in '{"a":1,"a":2}' '[1,]' '"x' $'\xef\xbb\xbf1' 01 1e400 +1 ''; do
        printf %s "$text" >"$T/arg.json"
        ends 3 "$runbox" run --arg "$text" "$T/b"
        one_line '--arg: 1:'
        refute grep -q 'needs quotes' "$T/err"
        ends 3 "$runbox" run --arg-file - "$T/b" <"$T/arg.json"
        one_line 'stdin: 1:'
        refute grep -q 'needs quotes' "$T/err"
    done
}

@test "a value that is empty, and one with an equals sign in it" {
    bundle b '"options":{"type":"object","properties":{"s":{"type":"string"}}}' <<<'return box.options.s'
    ends 0 "$runbox" run -o s= "$T/b"
    [ "$(cat "$T/out")" = '""' ]
    ends 0 "$runbox" run -o s=a=b "$T/b"
    [ "$(cat "$T/out")" = '"a=b"' ]
}

@test "an option that is not there, or lacks its value: what it is, and where help is" {
    local verb

    for verb in run batch explain keyring check describe new schema validate sandbox serve stats doctor; do
        ends 2 "$runbox" $verb --no-such
        diff "$T/err" - <<<"runbox: $verb: unrecognized option '--no-such'
Try 'runbox $verb --help'."
    done
    ends 2 "$runbox" run --arg
    [ "$(head -1 "$T/err")" = "runbox: run: option '--arg' requires an argument" ]
    ends 2 "$runbox" --no-such
    [ "$(head -1 "$T/err")" = "runbox: run: unrecognized option '--no-such'" ]
}

@test "help COMMAND is COMMAND --help" {
    ends 0 "$runbox" help check
    diff "$T/out" <("$runbox" check --help)
    ends 2 "$runbox" help no-such
    one_line 'no-such: no such command'
}

@test "--help and --version: stdout, 0" {
    for words in --help help "run --help" "explain --help" --version; do
        ends 0 "$runbox" $words
        [ -s "$T/out" ]
        [ ! -s "$T/err" ]
    done
}

@test "every option of the help is one that run takes" {
    "$runbox" run --help | grep -oE -- '--[a-z-]+' | sort -u >"$T/options"
    [ "$(wc -l <"$T/options")" -ge 12 ]
    while read -r option; do
        run "$runbox" run "$option"
        [[ "$output" != *"unrecognized option"* ]]
    done <"$T/options"
}

@test "a limit below what a box needs to start is an error, not a hang" {
    got=0
    timeout 120 "$runbox" run -l memory=64K "$T/b" >"$T/out" 2>"$T/err" 3>&- || got=$?
    [ "$got" -ne 0 ]
    [ "$got" -ne 124 ]
    grep -q '^runbox: ' "$T/err"
}

@test "many file descriptors open in the shell: none reaches the box" {
    bundle b <<<'print("ready") io.read()'
    exec 20</etc/passwd 21</etc/group 22<>/dev/null
    live b "$T/b"
    [ "$(ls "/proc/$box/fd" | wc -l)" -eq 2 ]
    exec 20<&- 21<&- 22<&-
}

@test "a name too long for a message: where it is and how it begins, in one line" {
    bundle b <<<'return 1'
    for name in é '\u0007'; do
        python3 -c 'import sys; print("{\"runbox\":1,\"name\":\"b\",\"version\":\"1.0.0\",\"" + sys.argv[1] * 150000 + "\":1}")' "$name" \
            >"$T/b/manifest.json"
        for verb in run batch describe explain; do
            ends 3 "$runbox" "$verb" "$T/b" </dev/null
            [ "$(wc -l <"$T/err")" -eq 1 ]
            [ "$(wc -c <"$T/err")" -lt 80000 ]
            iconv -f UTF-8 -t UTF-8 "$T/err" >"$T/valid"
            grep -qE "^runbox: $T/b/manifest.json:1:[0-9]+: /(é|<U\+0007>|\\\\u0007)" "$T/err"
            [ "$verb" = batch ] || grep -q '…: unknown member "' "$T/err"
        done
    done
}

@test "a hint: where the argument is missing, --arg and --arg-file" {
    bundle asks '"arg":{"type":"string"}' <<<'function run(arg) return arg end'
    goes 3 "$T/asks"
    grep -q 'arg: null is not of type string: no argument was given: --arg JSON or --arg-file FILE gives one' "$T/err"
    goes 3 --arg null "$T/asks"
    refute grep -q 'no argument' "$T/err"
    echo "{\"bundle\":\"$T/asks\"}" >"$T/jobs"
    "$runbox" batch -f "$T/jobs" >"$T/out" 2>"$T/err" 3>&- || true
    grep -q 'arg: null is not of type string: the line has no' "$T/out"
    records
    ends 3 "$runbox" run --json "$T/asks" <<<'{}'
    grep -q 'arg: null is not of type string: the start line has no' "$T/out"
}

@test "a hint: a function that a box does not have, and runbox check" {
    local call

    for call in 'os.exit(1)' 'loadstring("x")'; do
        bundle b <<<"$call"
        ends 1 "$runbox" run "$T/b"
        one_line '; runbox check names what a box does not have'
    done
    for call in '("x"):nosuch()' 'local f f()' 'local t = nil t.x = 1' 'error("attempt to call a nil value")'; do
        bundle b <<<"$call"
        ends 1 "$runbox" run "$T/b"
        refute grep -q 'runbox check' "$T/err"
    done
}

@test "a hint: a file's name behind --arg" {
    bundle asks '"arg":{"type":"string"}' <<<'function run(arg) return arg end'
    echo '"x"' >"$T/it is data"
    goes 3 --arg "$T/it is data" "$T/asks"
    grep -q "; there is a file of this name, which --arg-file '.*/it is data' reads" "$T/err"
    goes 3 --arg "$T/none.json" "$T/asks"
    refute grep -q 'arg-file' "$T/err"
}

@test "a hint: a string needs quotes, where nothing else is wrong with it" {
    bundle asks <<<'return 1'
    for word in hello True ./x "'x'"; do
        goes 3 --arg "$word" "$T/asks"
        grep -q '(the argument is JSON: a string needs quotes)$' "$T/err"
    done
    echo '{"a":1,"a":2}' >"$T/twice"
    goes 3 --arg-file "$T/twice" "$T/asks"
    grep -q 'duplicate member "a" (the first is at column 2)$' "$T/err"
    for text in '' '[1,]' 01 '"x' 1e999; do
        goes 3 --arg "$text" "$T/asks"
        refute grep -q 'needs quotes' "$T/err"
    done
}

@test "a hint: an empty table where the manifest wants an array" {
    bundle list '"result":{"properties":{"a":{"anyOf":[{"type":"null"},{"type":"array"}]}}}' \
        <<<'function run(arg) return {a = {}, b = arg} end'
    goes 3 "$T/list"
    grep -q 'box.json.array() makes it \[\]' "$T/err"
    kinds=$(printf '{"required":["k%d"]},' 1 2 3 4 5 6 7 8)
    bundle list '"result":{"properties":{"a":{"anyOf":['"$kinds"'{"type":"array"}]}}}' \
        <<<'function run(arg) return {a = {}, b = arg} end'
    goes 3 "$T/list"
    grep -q 'alternatives (the nearest 8 follow); alternative 9: an object is not of type array; .*box.json.array() makes it \[\]' "$T/err"
    bundle list '"result":{"properties":{"a":{"type":"array"}}}' <<<'function run() return {a = {b = 1}} end'
    goes 3 "$T/list"
    refute grep -q 'box.json.array' "$T/err"
}

@test "anyOf: a person is told, too, why no alternative of an argument or an option fits" {
    bundle kinds '"arg":{"anyOf":[{"type":"null"},{"properties":{"name":{},"size":{"minimum":0}},"additionalProperties":false}]},"options":{"properties":{"list":{"anyOf":[{"type":"array"},{"type":"null"}]}}}' \
        <<<'return 1'
    goes 3 --arg '{"nme":1,"size":-1}' "$T/kinds"
    cat >"$T/right" <<END
runbox: arg: an object matches none of the 2 alternatives
runbox: arg: /size: alternative 2: -1 is not at least 0
runbox: arg: /nme: alternative 2: unknown member "nme": did you mean "name"?
runbox: arg: alternative 1: an object is not of type null
END
    diff "$T/right" "$T/err"
    goes 3 -o list=a "$T/kinds"
    grep -qx 'runbox: options: /list: alternative 1: "a" is not of type array' "$T/err"
    ends 3 "$runbox" batch -o list=a -f /dev/null "$T/kinds"
    grep -q 'alternatives; alternative 1: "a" is not of type array; alternative 2: ' "$T/err"
}

@test "a hint: an option whose value is JSON" {
    bundle opts '"options":{"properties":{"columns":{"type":"array"}}}' <<<'function run() end'
    goes 3 -o columns=a,b "$T/opts"
    grep -qF 'JSON is wanted, such as -o '"'"'columns=["a","b"]'"'" "$T/err"
    goes 0 -o 'columns=["a","b"]' "$T/opts"
}
