#!/usr/bin/env bats
# `runbox new`: the bundle it writes is whole, runs, and replaces nothing.

load lib

setup() {
    programs
}

@test "the new bundle runs, with its argument and its option" {
    ends 0 "$runbox" new "$T/b"
    ends 0 "$runbox" "$T/b"
    [ "$(cat "$T/out")" = '{"greeting":"hello, world"}' ]
    ends 0 "$runbox" run --arg '{"name":"Ada"}' -o word=hi "$T/b"
    [ "$(cat "$T/out")" = '{"greeting":"hi, Ada"}' ]
}

@test "its manifest fits the schema that it names, which is runbox's own" {
    ends 0 "$runbox" new "$T/b"
    file="$T/b/$(jq -r '."$schema"' "$T/b/manifest.json")"
    cmp "$file" schemas/manifest.schema.json
    ends 0 "$runbox" validate "$file" "$T/b/manifest.json"
}

@test "an empty directory is filled, with or without a slash at the end" {
    mkdir "$T/a" "$T/b"
    ends 0 "$runbox" new "$T/a"
    ends 0 "$runbox" new "$T/b/"
    [ -f "$T/a/main.lua" ] && [ -f "$T/b/manifest.json" ]
}

@test "a directory that holds something, a file, a link: refused, unchanged, nothing left over" {
    mkdir "$T/in"
    mkdir "$T/in/full" "$T/in/empty"
    touch "$T/in/full/.hidden" "$T/in/file"
    ln -s empty "$T/in/link"
    ends 2 "$runbox" new "$T/in/full"
    grep -q 'is not empty' "$T/err"
    ends 125 "$runbox" new "$T/in/file"
    ends 125 "$runbox" new "$T/in/link"
    [ "$(find "$T/in" | wc -l)" -eq 6 ]
}

@test "no place to write: exit 125 and the reason" {
    ends 125 "$runbox" new "$T/no/such"
    grep -q 'No such file' "$T/err"
}

@test "whatever the directory is called, the bundle's name is one" {
    for dir in "Größe 7" "UPPER" "-dash" "..x" "$(printf 'n%.0s' {1..200})"; do
        ends 0 "$runbox" new "$T/$dir"
        ends 0 "$runbox" run "$T/$dir"
    done
}

@test "the umask holds" {
    (umask 027 && "$runbox" new "$T/b")
    [ "$(stat -c %a "$T/b" "$T/b/main.lua" | tr '\n' ' ')" = "750 640 " ]
}

@test "usage: exit 2" {
    ends 2 "$runbox" new
    ends 2 "$runbox" new "$T/a" "$T/b"
    ends 2 "$runbox" new .
    ends 2 "$runbox" new ''
    ends 0 "$runbox" new --help
}
