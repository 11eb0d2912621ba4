#!/usr/bin/env bats
# Each example bundle, by the commands of its README.

load lib

setup() {
    programs
    examples=$(realpath bundles/examples)
    # The READMEs say "runbox" or "build/runbox": a directory where both are this build's.
    mkdir "$T/bin" "$T/here"
    ln -s "$runbox" "$T/bin/runbox"
    ln -s "$bin" "$T/here/build"
    ln -s "$(realpath bundles)" "$T/here/bundles"
    PATH="$T/bin:$PATH"
    cd "$T/here"
}

# The commands of NAME's README: its indented lines, run in one shell.
readme() {
    sed -n 's/^    //p' "$examples/$1/README.md" >"$T/commands"
    [ -s "$T/commands" ]
    ends "${2:-0}" bash -e "$T/commands"
}

@test "every example has a README, a manifest that explain accepts, and a test here" {
    for example in "$examples"/*/; do
        name=$(basename "$example")
        [ -s "$example/README.md" ]
        got=0
        "$runbox" explain "$example" >"$T/out" || got=$?
        [ "$got" -eq 0 ] || [ "$got" -eq 4 ]
        grep -q "^@test \"$name:" "$BATS_TEST_FILENAME"
    done
}

@test "hello: a greeting, for the world and for one" {
    readme hello
    [ "$(cat "$T/out")" = $'hello, world\nhello, Ada' ]
    [ ! -s "$T/err" ]
}

@test "csv-report: groups and sums, of quoted fields too, and says what was no number" {
    readme csv-report
    jq -e '[.groups[] | [.key, .rows, .sum]] == [["North", 3, 1374], ["South", 2, 340.5], ["West", 1, 75]]' "$T/out"
    jq -e '.rows == 6 and .not_numbers == 1' "$T/out"
    [ "$(cat "$T/err")" = "warning: 1 rows have no number in column amount" ]
}

@test "template: the letter, word for word" {
    readme template
    cat >"$T/letter" <<'LETTER'
Dear Ada O'Neil <ada@example.org>,

we have sent you:
  1. Lamp & shade, 2 pieces
  2. Chair, 4 pieces

Your code is {{ 4711 }}.
LETTER
    diff <(cat "$T/out"; echo) "$T/letter"
}

@test "log-triage: rules that an administrator could take, and no line's own words" {
    readme log-triage
    jq -e '.lines > 0 and .denials > 0 and (.firewall | length) > 0 and (.apparmor | length) > 0' "$T/out"
    jq -e 'all(.firewall[].rule; test("^-A (INPUT|OUTPUT|FORWARD) [A-Za-z0-9 ./:_-]+ -j ACCEPT$"))' "$T/out"
    lines=$(wc -l <"$examples/log-triage/sample.log")
    jq -e ".lines == $lines" "$T/out"
}

@test "api-keys: the caller sees the signature, never the secret" {
    readme api-keys
    secret=$(jq -r '.[0].secret_key' "$examples/api-keys/keyring.json")
    [ -n "$secret" ]
    refute grep -qF "$secret" "$T/out" "$T/err"
    grep -q '^asked for: {"Call":{"method":"http.get"' "$T/err"
    jq -se 'map(select(has("Result")))[0].Result | .response.status == 200 and (.signed_at | type == "number")' "$T/out"
    [ "$(tail -1 "$T/out")" = '{"Exit":"Ok"}' ]
}

@test "api-keys: refused without its grant" {
    ends 4 "$runbox" run --keyring "$examples/api-keys/keyring.json" --arg '{"path":"/v1"}' "$examples/api-keys"
    grep -q -e '--grant keyring:example-api' "$T/err"
}

@test "rules: four functions, each by name" {
    readme rules
    diff "$T/out" - <<'END'
export discount: What an order costs after its discount
export shipping: What it costs to send a parcel
export fraud: How suspicious an order is, from 0 to 100, and why
export greeting: The first line of a letter
{"cents":1650,"days":5}
"Bonjour Ada,"
{"reasons":["10 % for 100 of lamp","5 % for members"],"to_pay":170914,"total":199900}
{"reasons":["more than 1000 euros","an address that anybody gets at once","an address of digits"],"score":50}
END
    [ ! -s "$T/err" ]
    ends 0 "$runbox" check "$examples/rules"
    ends 2 "$runbox" run "$examples/rules"
    grep -q 'it has discount, shipping, fraud, greeting' "$T/err"
    ends 3 "$runbox" run --export shipping --arg '{"country":"at","grams":1}' "$examples/rules"
}

@test "hostile: every attempt is blocked" {
    readme hostile
    [ "$(grep -c '^blocked: ' "$T/out")" -ge 30 ]
    refute grep -q 'got through' "$T/out" "$T/err"
    grep -qE 'success: all [0-9]+ attempts were blocked' "$T/err"
    [ "$(tail -1 "$T/out" | jq '.blocked | length')" -eq "$(grep -c '^blocked: ' "$T/out")" ]
}

@test "all of them, as an ordinary user" {
    cd "$OLDPWD"
    programs_for_all
    cp -r "$examples" "$T/examples"
    chmod -R a+rX "$T/examples"
    ends 0 "${ordinary[@]}" "$runbox" run "$T/examples/hello"
    ends 0 "${ordinary[@]}" "$runbox" run "$T/examples/hostile"
    ends 0 "${ordinary[@]}" "$runbox" run -o column=region "$T/examples/csv-report" <"$examples/csv-report/sample.csv"
    ends 0 "${ordinary[@]}" "$runbox" run "$T/examples/log-triage" <"$examples/log-triage/sample.log"
}
