#!/usr/bin/env bats
# `runbox keyring`: where keys are kept, who may read them there, and how they get in.

load lib

setup() {
    programs
    export XDG_CONFIG_HOME="$T/config"
    file="$T/config/runbox/keyring.json"
}

# put NAME SECRET [OPTION]...
put() {
    printf '%s' "$2" | "$runbox" keyring add "${@:3}" "$1"
}

@test "add, list, get, delete" {
    put aws:AK1 'qu"ote\ and ümlaut'
    put gcp:AK:with:colons two
    ends 0 "$runbox" keyring list
    [ "$(cat "$T/out")" = $'aws:AK1\ngcp:AK:with:colons' ]
    ends 0 "$runbox" keyring get aws:AK1
    [ "$(cat "$T/out")" = 'qu"ote\ and ümlaut' ]
    ends 0 "$runbox" keyring delete aws:AK1
    ends 3 "$runbox" keyring get aws:AK1
    ends 3 "$runbox" keyring delete aws:AK1
    ends 0 "$runbox" keyring list
    [ "$(cat "$T/out")" = gcp:AK:with:colons ]
}

@test "the file is the format of --keyring; it is 0600 in a directory of 0700" {
    put aws:AK1 s3cret
    [ "$(stat -c %a "$file")" = 600 ]
    [ "$(stat -c %a "$T/config/runbox")" = 700 ]
    jq -e '. == [{"namespace":"aws","access_key":"AK1","secret_key":"s3cret"}]' "$file"
    bundle b '"keyring_access":["aws"]' <<<'return box.keyring("aws")[1].secret_key'
    goes 0 --keyring "$file" -g keyring:aws "$T/b"
    grep -q s3cret "$T/out"
}

@test "one newline at the end of a secret is not part of it; NUL, nothing and too much are refused" {
    put a:one $'x\n\n'
    [ "$("$runbox" keyring get a:one | od -An -c | tr -d ' \n')" = 'x\n\n' ]
    ends 3 "$runbox" keyring add a:b < <(printf 'x\0y')
    ends 3 "$runbox" keyring add a:b < <(printf '\xff')
    ends 3 "$runbox" keyring add a:b </dev/null
    ends 3 "$runbox" keyring add a:b < <(head -c 40000 /dev/zero | tr '\0' x)
    ends 0 "$runbox" keyring add a:b < <(head -c 32767 /dev/zero | tr '\0' x)
    ends 0 "$runbox" keyring add --no-secret a:c </dev/null
    jq -e '.[2].secret_key == null' "$file"
    ends 3 "$runbox" keyring get a:c
}

@test "a key that is there is replaced only when told to" {
    put aws:AK1 old
    ends 3 "$runbox" keyring add aws:AK1 <<<new
    [ "$("$runbox" keyring get aws:AK1)" = old ]
    put aws:AK1 new --replace
    [ "$("$runbox" keyring get aws:AK1)" = new ]
    [ "$("$runbox" keyring list | wc -l)" -eq 1 ]
}

@test "a file that others can read, or somebody else's, is refused, and it says what to do" {
    put aws:AK1 s3cret
    for mode in 640 604 620; do
        chmod "$mode" "$file"
        for words in list "get aws:AK1" "delete aws:AK1"; do
            ends 125 "$runbox" keyring $words
            grep -q "chmod 600 $file" "$T/err"
            refute grep -q s3cret "$T/err" "$T/out"
        done
    done
    chmod 600 "$file"
    chown 12345 "$file"
    ends 125 "$runbox" keyring list
    grep -q "belongs to uid 12345" "$T/err"
    chown 0 "$file"
    chmod 770 "$T/config/runbox"
    ends 125 "$runbox" keyring list
    grep -q "chmod 700" "$T/err"
}

@test "a file that is no keyring: its place, never its content; it stays as it is" {
    mkdir -p "$T/config/runbox"
    chmod 700 "$T/config/runbox"
    for text in '[{"namespace":"a","access_key":"b","secret_key":"s3cret",}]' '{"s3cret":1}' '[' ''; do
        printf '%s' "$text" >"$file"
        chmod 600 "$file"
        ends 3 "$runbox" keyring add a:b <<<x
        grep -q "keyring.json:1:" "$T/err"
        refute grep -q s3cret "$T/err"
        [ "$(cat "$file")" = "$text" ]
    done
    rm "$file"
    mkfifo "$file"
    ends 125 timeout 120 "$runbox" keyring list
}

@test "many writers at once: no key is lost" {
    for i in {1..20}; do
        put "n:k$i" "secret $i" &
    done
    wait
    [ "$("$runbox" keyring list | sort -u | wc -l)" -eq 20 ]
    [ -z "$(find "$T/config" -name '*.new')" ]
}

@test "at a terminal: a prompt, no echo, and echo again afterwards" {
    printf 's3cret-typed\n' >"$T/typed"
    # Typed when the prompt is there; the terminal stays until the last command has spoken.
    : >"$T/screen"
    (until_holds grep -q 'Secret of' "$T/screen"; cat "$T/typed"; until_holds grep -Eq '(^|[ ;])echo ' "$T/screen") |
        timeout 120 script -qec "'$runbox' keyring add aws:AK1; stty -a" /dev/null >>"$T/screen"
    grep -q 'Secret of aws:AK1:' "$T/screen"
    refute grep -q s3cret-typed "$T/screen"
    grep -Eq '(^|[ ;])echo ' "$T/screen"
    [ "$("$runbox" keyring get aws:AK1)" = s3cret-typed ]
}

@test "a secret never comes from argv" {
    ends 2 "$runbox" keyring add aws:AK1 s3cret
    ends 2 "$runbox" keyring add aws:AK1=s3cret:x extra
    refute test -e "$file"
}

@test "names that are none, verbs that are none: 2" {
    for words in "" "ad" "add" "add foo" "add :x" "add x:" "add a/b:c" "get" "list more" "--store disk list"; do
        ends 2 "$runbox" keyring $words </dev/null
    done
    ends 2 "$runbox" keyring add $'a:b\nc' <<<x
    ends 0 "$runbox" keyring --help
    grep -q '^usage: runbox keyring add' "$T/out"
    ends 2 "$runbox" keyring list aws
    grep -qxF "runbox: keyring: usage: runbox keyring list" "$T/err"
}

@test "neither HOME nor XDG_CONFIG_HOME: reading finds nothing, writing says so" {
    ends 0 env -u HOME -u XDG_CONFIG_HOME "$runbox" keyring list
    ends 125 env -u HOME -u XDG_CONFIG_HOME "$runbox" keyring add a:b <<<x
    ends 0 env -u XDG_CONFIG_HOME HOME="$T/home" "$runbox" keyring add a:b <<<x
    [ -f "$T/home/.config/runbox/keyring.json" ]
}

@test "the kernel's store: the same verbs, nothing on the disk" {
    name="AK-$$-$RANDOM"
    put "bats:$name" s3cret --store kernel
    "$runbox" keyring list --store kernel | grep -qx "bats:$name"
    [ "$("$runbox" keyring get --store kernel "bats:$name")" = s3cret ]
    ends 3 "$runbox" keyring add --store kernel "bats:$name" <<<other
    put "bats:$name" other --store kernel --replace
    [ "$("$runbox" keyring get --store kernel "bats:$name")" = other ]
    # Another namespace's key that may not be read: of it nobody asked.
    id=$(keyctl add user "runbox:other:$name" x @u)
    keyctl setperm "$id" 0x01010000 # view, no more
    [ "$("$runbox" keyring get --store kernel "bats:$name")" = other ]
    ends 125 "$runbox" keyring get --store kernel "other:$name"
    keyctl unlink "$id" @u
    ends 0 "$runbox" keyring delete --store kernel "bats:$name"
    ends 3 "$runbox" keyring get --store kernel "bats:$name"
    refute test -e "$T/config"
}

@test "the kernel's store of an ordinary user is his own" {
    programs_for_all
    name="AK-$$-$RANDOM"
    as=("${ordinary[@]}")
    printf s3cret | "${as[@]}" "$runbox" keyring add --store kernel "bats:$name"
    [ "$("${as[@]}" "$runbox" keyring get --store kernel "bats:$name")" = s3cret ]
    ends 3 "$runbox" keyring get --store kernel "bats:$name"
    ends 0 "${as[@]}" "$runbox" keyring delete --store kernel "bats:$name"
}

@test "a service's credentials: read only, all files of the name" {
    export CREDENTIALS_DIRECTORY="$T/credentials"
    mkdir "$CREDENTIALS_DIRECTORY"
    echo '[{"namespace":"aws","access_key":"AK1","secret_key":"one"}]' >"$CREDENTIALS_DIRECTORY/runbox.keyring"
    echo '[{"namespace":"gcp","access_key":"AK2","secret_key":"two"}]' >"$CREDENTIALS_DIRECTORY/runbox.keyring.gcp"
    echo 'something else' >"$CREDENTIALS_DIRECTORY/tls.key"
    chmod 440 "$CREDENTIALS_DIRECTORY"/*
    ends 0 "$runbox" keyring list --store credentials
    [ "$(sort "$T/out")" = $'aws:AK1\ngcp:AK2' ]
    [ "$("$runbox" keyring get --store credentials gcp:AK2)" = two ]
    ends 2 "$runbox" keyring add --store credentials a:b <<<x
    ends 2 "$runbox" keyring delete --store credentials gcp:AK2
    unset CREDENTIALS_DIRECTORY
    ends 125 "$runbox" keyring list --store credentials
}
