#!/usr/bin/env bats
# What a person sees. Nothing that a box says moves a terminal's cursor, hides or turns text.

load lib

setup() {
    programs
}

# Escapes, C0 and C1 controls, DEL, bidirectional marks, line separators, and a title change.
hostile='local bad = "A\27[2J\27]0;title\7B\8C\rD\127E\194\155F\226\128\174G\226\129\166H\226\128\168I\226\128\143J\0K"'

# on_terminal ARGUMENT...: `runbox run` under a pty; what reached the terminal in $T/seen, with the
# pty's own CR before LF taken out.
on_terminal() {
    script -qec "'$runbox' run $*" /dev/null </dev/null 3>&- | sed 's/\r$//' >"$T/seen"
}

# No control byte but LF, no C1 control, no bidirectional or separator character in FILE.
harmless() {
    [ -s "$1" ]
    refute env LC_ALL=C grep -aqP '[\x00-\x09\x0b-\x1f\x7f]' "$1"
    refute env LC_ALL=C grep -aqP '\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$1"
}

@test "printed, in a colourless terminal" {
    bundle b <<<"$hostile print(bad) io.write(bad, '\\n')"
    on_terminal "$T/b"
    harmless "$T/seen"
    grep -q '^A<U+001B>\[2J<U+001B>\]0;title<U+0007>B<U+0008>C<U+000D>D<U+007F>E<U+009B>F<U+202E>G' "$T/seen"
}

@test "logged, at every level" {
    bundle b <<<"$hostile for _, level in ipairs{'debug','info','success','warn','error','status'} do box.log[level](bad) end"
    on_terminal -v --no-color "$T/b"
    harmless "$T/seen"
    [ "$(grep -c 'A<U+001B>\[2J' "$T/seen")" -eq 6 ]
}

@test "in an error, a result, a member's name" {
    bundle b <<<"$hostile error(bad)"
    on_terminal "$T/b" || true
    harmless "$T/seen"
    grep -q 'A<U+001B>' "$T/seen"
    bundle b <<<"$hostile return {[bad:gsub('\\0', '')] = bad:gsub('\\0', '')}"
    on_terminal "$T/b" || true
    harmless "$T/seen"
}

@test "a character cut in two writes is put together, or replaced, not passed raw" {
    bundle b <<'LUA'
io.write("\226\128") io.write("\174x\n")
io.write("\194") io.write("\155y\n")
io.write("\27") io.write("[2Jz\n")
LUA
    on_terminal "$T/b"
    harmless "$T/seen"
}

@test "in a manifest's errors, a bundle's name, an option's value, a file's name" {
    bundle b $'"limits":{"memory":"6\\u001b[2J4X"},"bad\\u009b":1' <<<'return 1'
    on_terminal "$T/b" || true
    harmless "$T/seen"
    bundle b <<<'return 1'
    on_terminal "-o \$'a\\e[2J=1' '$T/b'" || true
    harmless "$T/seen"
    on_terminal "\$'/nowhere\\e[2J\\x9b'" || true
    harmless "$T/seen"
    on_terminal "-l \$'memory=\\e[2J' '$T/b'" || true
    harmless "$T/seen"
    on_terminal "-g \$'keyring:\\e[2J' '$T/b'" || true
    harmless "$T/seen"
    touch "$T/b"/$'name\e[2J.lua'
    on_terminal "$T/b" || true
    harmless "$T/seen"
}

@test "in a pipe: what was printed, byte for byte" {
    bundle b <<<'io.write("A\27[2J\rB\226\128\174C\tD\n", "x\255y\n")'
    "$runbox" run "$T/b" >"$T/out"
    printf 'A\e[2J\rB\xe2\x80\xaeC\tD\nx\xffy\n' | cmp - "$T/out"
}

@test "a result is one line of JSON after what was printed" {
    bundle b <<<'io.write("no newline") return {a = {1, 2.5, "x\ny"}}'
    ends 0 "$runbox" run "$T/b"
    [ "$(wc -l <"$T/out")" -eq 2 ]
    [ "$(head -1 "$T/out")" = "no newline" ]
    tail -1 "$T/out" | jq -e '. == {"a": [1, 2.5, "x\ny"]}'
    bundle b <<<'return nil'
    ends 0 "$runbox" run "$T/b"
    [ ! -s "$T/out" ]
}

@test "colours: on a terminal, not with --no-color, not in a pipe" {
    bundle b <<<'box.log.info("hello")'
    on_terminal "$T/b"
    LC_ALL=C grep -q $'\e\\[34minfo: \e\\[0mhello' "$T/seen"
    on_terminal --no-color "$T/b"
    [ "$(cat "$T/seen")" = "info: hello" ]
    ends 0 "$runbox" run "$T/b"
    [ "$(cat "$T/err")" = "info: hello" ]
    [ ! -s "$T/out" ]
}

@test "-q shows errors alone, -v debug lines and what was used" {
    bundle b <<<'box.log.debug("d") box.log.info("i") box.log.warn("w") box.log.error("e") print("p")'
    ends 0 "$runbox" run -q "$T/b"
    [ "$(cat "$T/err")" = "error: e" ]
    [ "$(cat "$T/out")" = p ]
    ends 0 "$runbox" run "$T/b"
    [ "$(cut -d : -f 1 <"$T/err" | tr '\n' ' ')" = "info warning error " ]
    ends 0 "$runbox" run -v "$T/b"
    grep -q '^debug: d$' "$T/err"
    grep -q '^ok in [0-9.]* ms: cpu ' "$T/err"
}

@test "events on a terminal: the same JSON, with nothing that a terminal obeys" {
    records
    bundle b <<<"$hostile print(bad) return 1"
    script -qec "echo '{}' | '$runbox' run --json '$T/b'" /dev/null </dev/null 3>&- | sed 's/\r$//' >"$T/seen"
    harmless "$T/seen"
    echo '{}' | "$runbox" run --json "$T/b" >"$T/piped"
    settled
    [ "$(jq -c 'select(.Stdio)' "$T/seen")" = "$(jq -c 'select(.Stdio)' "$T/piped")" ]
}

@test "no line of a box passes for one of runbox's" {
    bundle b <<<'box.log.info("fine\nrunbox: forged") error("boom\nrunbox: forged", 0)'
    ends 1 "$runbox" run "$T/b"
    [ "$(grep -c '^runbox: ' "$T/err")" -eq 1 ]
    [ "$(grep -c '^    runbox: forged$' "$T/err")" -eq 2 ]
}
