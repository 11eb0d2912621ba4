#!/usr/bin/env bats
# Keys: only those asked for and granted reach a box, and no key stands where others look.

load lib

setup() {
    programs
    records
    keys='[{"namespace":"aws","access_key":"AKAWS","secret_key":"s3cret-aws"},{"namespace":"gcp","access_key":"AKGCP","secret_key":"s3cret-gcp"},{"namespace":"aws","access_key":"AKTWO"}]'
    echo "$keys" >"$T/keys.json"
    bundle b '"keyring_access":["aws"]' <<'LUA'
local ok, why = pcall(box.keyring, "gcp")
return {box.keyring("aws"), ok, why}
LUA
}

@test "granted and asked for: all keys of that namespace, none of another" {
    goes 0 --keyring "$T/keys.json" -g keyring:aws "$T/b"
    jq -e '.[0] | length == 2 and .[0].access_key == "AKAWS" and .[0].secret_key == "s3cret-aws" and .[1].access_key == "AKTWO"' "$T/out"
    jq -e '.[1] == false or .[2] == null' "$T/out"
    refute grep -q "AKGCP\|s3cret-gcp" "$T/out"
}

@test "a grant that the manifest does not ask for gives nothing" {
    goes 0 --keyring "$T/keys.json" -g keyring:aws -g keyring:gcp "$T/b"
    refute grep -q s3cret-gcp "$T/out"
}

@test "asked for and not granted: 4, the option, and nothing of the keys is said" {
    goes 4 --keyring "$T/keys.json" "$T/b"
    grep -q -e '--grant keyring:aws' "$T/err"
    refute grep -q s3cret "$T/out" "$T/err" "$T/report"
}

@test "on the wire: the same, the start line offers, runbox chooses" {
    ends 4 "$runbox" run --json "$T/b" <<<"{\"keyring\":$keys}"
    refute grep -q s3cret "$T/out"
    ends 0 "$runbox" run --json -g keyring:aws "$T/b" <<<"{\"keyring\":$keys}"
    jq -se 'map(select(has("Result")))[0].Result[0][0].secret_key == "s3cret-aws"' "$T/out"
    refute grep -q s3cret-gcp "$T/out"
}

@test "the box never holds a key that it did not get, and no file of /proc shows the others" {
    bundle b '"keyring_access":["aws"]' <<<'print("ready") io.read()'
    live b -v --keyring "$T/keys.json" -g keyring:aws --report "$T/report" "$T/b"
    for file in "/proc/$box/cmdline" "/proc/$box/environ" "/proc/$pid/cmdline" "/proc/$pid/environ"; do
        refute grep -aq s3cret "$file"
    done
    # The whole of its memory, as its core would be: the granted key is found, so the search can find.
    memory_of_box >"$T/memory"
    grep -aq s3cret-aws "$T/memory"
    refute grep -aq s3cret-gcp "$T/memory"
    echo >&"$input"
    ended 0
    refute grep -q s3cret "$T/report" "$T/b.err" "$T/b.out"
}

# Every readable mapping of the box.
memory_of_box() {
    local from to mode rest

    while IFS='- ' read -r from to mode rest; do
        [[ "$mode" == r* && "$rest" != *'[v'* ]] || continue
        dd if="/proc/$box/mem" bs=4096 skip=$((16#$from / 4096)) count=$(((16#$to - 16#$from) / 4096)) 2>/dev/null || true
    done <"/proc/$box/maps"
}

@test "a keyring file that is none: 3, its place, not its content" {
    for text in 's3cret' '{"namespace":"aws"}' '[{"namespace":"aws"}]' '[{"namespace":"aws","access_key":"s3cret","secret":1}]' '[{}]'; do
        echo "$text" >"$T/bad.json"
        goes 3 --keyring "$T/bad.json" -g keyring:aws "$T/b"
        grep -q "bad.json" "$T/err"
    done
    goes 3 --keyring "$T/none.json" -g keyring:aws "$T/b"
}
