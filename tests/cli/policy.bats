#!/usr/bin/env bats
# Policy files: what they grant, to whom, how far, and when they are refused. The host's file is one of a
# private mount namespace, so that the machine's own stays what it is.

load lib

setup() {
    programs
    export XDG_CONFIG_HOME="$T/config"
    user="$T/config/runbox/policy.json"
    mkdir -p "$T/etc"
    bundle b '"keyring_access":["aws"]' <<'LUA'
local ok, keys = pcall(box.keyring, "aws")
return ok and #keys or 0
LUA
    digest=$("$runbox" explain "$T/b" | grep -o '[0-9a-f]\{64\}')
}

# host JSON, his JSON: the host's policy file, and the user's.
host() {
    echo "$1" >"$T/etc/policy.json"
}

his() {
    mkdir -p -m 700 "$T/config/runbox"
    echo "$1" >"$user"
}

# with_host COMMAND...: it sees $T/etc as /etc/runbox.
with_host() {
    unshare -m --propagation private sh -c '
        etc=$1; shift
        # The machine may have no such directory, and gets none from a test.
        if [ ! -d /etc/runbox ]; then
            mkdir -p "$etc.upper" "$etc.work"
            mount -t tmpfs tmpfs "$etc.upper" && mkdir "$etc.upper/u" "$etc.upper/w" &&
                mount -t overlay overlay -o "lowerdir=/etc,upperdir=$etc.upper/u,workdir=$etc.upper/w" /etc &&
                mkdir /etc/runbox || exit 99
        fi
        mount --bind "$etc" /etc/runbox || exit 99
        exec "$@"' sh "$T/etc" "$@"
}

entry() { # NAME GRANTS [DIGEST]
    echo "{\"bundles\":[{\"name\":\"$1\",\"grants\":[$2]${3:+,\"digest\":\"$3\"}}]}"
}

@test "keyring grant: for this digest; a changed bundle asks again, and the refusal says so" {
    ends 4 "$runbox" run "$T/b"
    ends 0 "$runbox" keyring grant aws "$T/b"
    jq -e --arg d "$digest" '.bundles == [{name:"b",digest:$d,grants:["keyring:aws"]}]' "$user"
    [ "$(stat -c %a "$user")" = 600 ]
    ends 0 "$runbox" run "$T/b"
    ends 0 "$runbox" keyring grant aws "$T/b"
    jq -e '.bundles | length == 1' "$user"
    echo '-- changed' >>"$T/b/main.lua"
    ends 4 "$runbox" run "$T/b"
    grep -q -e '--grant keyring:aws' "$T/err"
    grep -q 'the bundle has changed' "$T/err"
    ends 0 "$runbox" keyring grant aws "$T/b"
    ends 0 "$runbox" run "$T/b"
    jq -e '.bundles | length == 2' "$user"
    ends 0 "$runbox" keyring revoke aws "$T/b"
    jq -e '.bundles == []' "$user"
    ends 4 "$runbox" run "$T/b"
    ends 3 "$runbox" keyring revoke aws "$T/b"
}

@test "keyring grant --any-version: for what lies in the directory; revoke by name where the bundle is gone" {
    cd "$T"
    ends 0 "$runbox" keyring grant --any-version aws b/
    jq -e ".bundles == [{name:\"b\",path:\"$T/b\",grants:[\"keyring:aws\"]}]" "$user"
    echo '-- changed' >>"$T/b/main.lua"
    ends 0 "$runbox" run "$T/b"
    ln -s "$T/b" "$T/link"
    ends 0 "$runbox" run "$T/link"
    cp -r "$T/b" "$T/copy"
    ends 4 "$runbox" run "$T/copy"
    mv "$T/b" "$T/elsewhere"
    ends 4 "$runbox" run "$T/elsewhere"
    mv "$T/elsewhere" "$T/b"
    ends 0 "$runbox" run "$T/b"
    mv "$T/b" "$T/elsewhere"
    ends 0 "$runbox" keyring revoke aws b
    mv "$T/elsewhere" "$T/b"
    ends 4 "$runbox" run "$T/b"
    ends 3 "$runbox" keyring grant --any-version aws "$T/none"
    [ "$(wc -l <"$T/err")" -eq 1 ]
}

@test "a path entry is for the directory that was read, not for one that has its number since" {
    cp -r "$T/b" "$T/q"
    his "{\"bundles\":[{\"name\":\"b\",\"path\":\"$T/p\",\"grants\":[\"keyring:aws\"]}]}"
    mkfifo "$T/in"
    exec {input}<>"$T/in"
    "$runbox" run --arg-file "$T/in" "$T/q" >"$T/out" 2>"$T/err" 3>&- {input}>&- &
    pid=$!
    lives+=("$pid")
    until_holds eval 'kin "$pid" && [ -n "$monitor" ] && waits_in "$monitor" poll ppoll'
    mv "$T/q" "$T/p" # the very inode, and the worst case: it was not at the path when it was read
    echo 1 >&"$input"
    exec {input}>&-
    ended 4
}

@test "keyring grant and revoke: what they write can be read again; revoke is for the directory, whatever it calls itself" {
    local odd

    for odd in $'evil\tdir' $'caf\xe9'; do
        cp -r "$T/b" "$T/$odd"
        ends 3 "$runbox" keyring grant --any-version aws "$T/$odd"
        [ "$(wc -l <"$T/err")" -eq 1 ]
        refute test -s "$user"
    done
    his "$(entry b "$(seq -f '"keyring:n%g"' -s, 1000)" "$digest")"
    cp "$user" "$T/was"
    ends 3 "$runbox" keyring grant aws "$T/b"
    cmp "$user" "$T/was"
    rm "$user"
    ends 0 "$runbox" keyring grant --any-version aws "$T/b"
    sed -i 's/"name":"b"/"name":"other"/' "$T/b/manifest.json"
    ends 0 "$runbox" keyring revoke aws "$T/b"
    jq -e '.bundles == []' "$user"
}

@test "an entry with a name alone gives no keys, and it is said" {
    for name in b '*'; do
        his "$(entry "$name" '"keyring:aws"')"
        ends 4 "$runbox" run "$T/b"
        grep -q "grants keys by the bundle's name alone" "$T/err"
        ends 4 "$runbox" explain "$T/b"
        grep -q "grants keys by the bundle's name alone" "$T/out"
    done
    # What is no key it does give.
    bundle m '"limits":{"memory":"2G"}' <<<'return 1'
    his "$(entry m '"limit:memory=2G","keyring:aws"')"
    ends 0 "$runbox" explain "$T/m"
}

@test "keyring grant: what a bundle does not ask for, or no bundle, or no namespace" {
    ends 3 "$runbox" keyring grant gcp "$T/b"
    grep -q 'does not ask for keyring:gcp' "$T/err"
    ends 3 "$runbox" keyring grant aws "$T/none"
    ends 2 "$runbox" keyring grant 'a b' "$T/b"
    ends 2 "$runbox" keyring grant aws
    refute test -e "$user"
}

@test "grant keeps what else stands in the file, and leaves a broken one alone" {
    his '{"ceilings":{"memory":"128M","cpu_time":1.5},"cgroup_parent":"/x","bundles":[{"name":"*","grants":["keyring:gcp"]}]}'
    ends 0 "$runbox" keyring grant aws "$T/b"
    jq -e '.ceilings == {memory:"128M",cpu_time:1.5} and .cgroup_parent == "/x" and (.bundles|length) == 2' "$user"
    his '{"bundles":['
    ends 3 "$runbox" keyring grant aws "$T/b"
    [ "$(cat "$user")" = '{"bundles":[' ]
}

@test "the user's entries: exact name, *, digest" {
    for policy in "$(entry b '"keyring:aws"' "$digest")" "$(entry '*' '"keyring:aws"' "$digest")"; do
        his "$policy"
        ends 0 "$runbox" run "$T/b"
    done
    for policy in "$(entry c '"keyring:aws"')" "$(entry b '"keyring:gcp"')" "$(entry b '"keyring:aws"' "${digest//[0-9]/a}")" '{}'; do
        his "$policy"
        ends 4 "$runbox" run "$T/b"
    done
}

@test "explain: where each grant came from, as a table and as JSON" {
    bundle m '"keyring_access":["a","b","c","d"],"limits":{"memory":"2G"}' <<<'return 1'
    digest=$("$runbox" explain --json "$T/m" | jq -r .digest)
    host "$(entry m '"keyring:a"' "$digest")"
    his "$(entry m '"keyring:b","limit:memory=2G"' "$digest")"
    ends 4 with_host "$runbox" explain -g keyring:c "$T/m"
    grep -q 'granted        keyring:a (host policy)' "$T/out"
    grep -q 'granted        keyring:b (user policy)' "$T/out"
    grep -q 'granted        keyring:c (option)' "$T/out"
    grep -q 'granted        limit:memory=2G (user policy)' "$T/out"
    grep -q 'MISSING        keyring:d' "$T/out"
    ends 4 with_host "$runbox" explain --json -g keyring:c "$T/m"
    jq -e '.grants | [.given, .given_by] | transpose | map({(.[0]): .[1]}) | add |
           .["keyring:a"] == "host policy" and .["keyring:b"] == "user policy" and .["keyring:c"] == "option"' "$T/out"
}

@test "the host's ceiling holds for the user's file and for options; the host's own grants pass it" {
    bundle m '"limits":{"memory":"200M"}' <<<'return 1'
    host '{"ceilings":{"memory":"100M"}}'
    ends 4 with_host "$runbox" run "$T/m"
    grep -q 'limit:memory=200M\|memory=200M (the ceiling is 100M)' "$T/err"
    refute grep -q -e '--grant' "$T/err"
    ends 4 with_host "$runbox" run -g limit:memory=200M "$T/m"
    his '{"ceilings":{"memory":"1G"},"bundles":[{"name":"m","grants":["limit:memory=300M"]}]}'
    ends 4 with_host "$runbox" run "$T/m"
    ends 0 with_host "$runbox" run -l memory=90M "$T/m"
    ends 4 with_host "$runbox" run -l memory=101M "$T/m"
    host '{"ceilings":{"memory":"100M"},"bundles":[{"name":"m","grants":["limit:memory=200M"]}]}'
    ends 0 with_host "$runbox" run "$T/m"
    ends 4 with_host "$runbox" run -l memory=201M "$T/m"
}

@test "the user's ceiling holds where nothing is granted, below the host's" {
    bundle m '"limits":{"memory":"50M"}' <<<'return 1'
    his '{"ceilings":{"memory":"40M"}}'
    ends 4 "$runbox" run "$T/m"
    grep -q -e '--grant limit:memory=50M' "$T/err"
    ends 0 "$runbox" run -g limit:memory=50M "$T/m"
    his '{"ceilings":{"memory":"2G"}}'
    bundle m '"limits":{"memory":"1500M"}' <<<'return 1'
    ends 0 "$runbox" explain "$T/m"
    rm "$user"
    ends 4 "$runbox" explain "$T/m"
}

@test "a default above the ceiling is lowered, and the box is held to that" {
    host '{"ceilings":{"memory":"20M","instructions":100000}}'
    bundle m <<<'return 1'
    ends 0 with_host "$runbox" run --report "$T/report" "$T/m"
    says '.enforced.memory.effective == 20971520 and .enforced.memory.asked == 67108864'
    says '.enforced.instructions.effective == 100000'
    bundle m <<<'while true do end'
    ends 124 with_host "$runbox" run "$T/m"
}

@test "who may write a policy file: else it is refused, and nothing runs" {
    his "$(entry b '"keyring:aws"' "$digest")"
    chmod 620 "$user"
    ends 125 "$runbox" run "$T/b"
    grep -q "chmod go-w $user" "$T/err"
    chmod 644 "$user"
    ends 0 "$runbox" run "$T/b"
    chown 12345 "$user"
    ends 125 "$runbox" run "$T/b"
    rm "$user"
    host "$(entry b '"keyring:aws"' "$digest")"
    ends 0 with_host "$runbox" run "$T/b"
    chmod 606 "$T/etc/policy.json"
    ends 125 with_host "$runbox" run "$T/b"
    chmod 644 "$T/etc/policy.json"
    chown 12345 "$T/etc/policy.json"
    ends 125 with_host "$runbox" run "$T/b"
    grep -q '/etc/runbox/policy.json' "$T/err"
}

@test "a directory that others may write in: refused where a file is in it, else it says nothing" {
    bundle m <<<'return 1'
    mkdir -p "$T/config/runbox"
    chmod 777 "$T/config/runbox"
    ends 0 "$runbox" run "$T/m"
    echo '{}' >"$user"
    ends 125 "$runbox" run "$T/m"
    grep -q "chmod 700 $T/config/runbox" "$T/err"
    chmod 700 "$T/config/runbox"
    ends 0 "$runbox" run "$T/m"
    # HOME of somebody else, as su leaves it.
    rm "$user"
    chown 12345 "$T/config/runbox"
    ends 0 "$runbox" run "$T/m"
    ends 125 "$runbox" keyring add a:b <<<x
}

@test "an ordinary user: the host's file and his own, ceilings included" {
    programs_for_all
    as=("${ordinary[@]}")
    export XDG_CONFIG_HOME="$T/his"
    "${as[@]}" mkdir -m 700 "$T/his"
    host '{"ceilings":{"memory":"100M"}}'
    ends 4 with_host "${as[@]}" "$runbox" run "$T/b"
    ends 0 "${as[@]}" "$runbox" keyring grant aws "$T/b"
    [ "$(stat -c %u:%a "$T/his/runbox/policy.json")" = 12345:600 ]
    ends 0 with_host "${as[@]}" "$runbox" run "$T/b"
    ends 4 with_host "${as[@]}" "$runbox" run -g limit:memory=200M -l memory=200M "$T/b"
    # Somebody else's file is not taken for one's own.
    chown 0 "$T/his/runbox/policy.json"
    ends 125 with_host "${as[@]}" "$runbox" run "$T/b"
}

@test "every way a policy can be wrong: its place, and what would be right" {
    local -A wrong=(
        ['[]']='must be an object'
        ['{"ceiling":{}}']='did you mean "ceilings"'
        ['{"ceilings":{"memori":"1M"}}']='did you mean "memory"'
        ['{"ceilings":{"memory":"1X"}}']='is not a size'
        ['{"ceilings":{"processes":-1}}']='policy.json:1:'
        ['{"cgroup_parent":"x"}']="absolute path, as in"
        ['{"bundles":{}}']='must be a list'
        ['{"bundles":[{"name":"b"}]}']='missing member "grants"'
        ['{"bundles":[{"grants":[]}]}']='missing member "name"'
        ['{"bundles":[{"name":"x/*","grants":[]}]}']="is not a bundle's name"
        ['{"bundles":[{"name":"b","digest":"abc","grants":[]}]}']='64 hexadecimal digits'
        ['{"bundles":[{"name":"b","grants":["keyrin:aws"]}]}']='did you mean "keyring:'
        ['{"bundles":[{"name":"b","grants":[1]}]}']='must be a string'
        ['{"bundles":[],"bundles":[]}']='policy.json:1:'
        ['{']='policy.json:'
    )

    for text in "${!wrong[@]}"; do
        his "$text"
        ends 3 "$runbox" run "$T/b"
        grep -qF -- "${wrong[$text]}" "$T/err" || {
            echo "of $text:"
            cat "$T/err"
            return 1
        }
        grep -q 'policy.json:[0-9]*:[0-9]*: ' "$T/err"
        ends 3 "$runbox" validate policy "$user"
    done
}

@test "grants that no schema knows to be wrong are errors too" {
    for grant in syscall:ptrace syscall:no_such capability:CAP_NONE limit:memory=1X; do
        his "$(entry b "\"$grant\"")"
        ends 3 "$runbox" run "$T/b"
        grep -q 'policy.json:1:.*/bundles/0/grants/0: ' "$T/err"
    done
}

@test "cgroup_parent: the host's, the user's before it, the option before both" {
    host '{"cgroup_parent":"/runbox-no-such-group"}'
    bundle m '"limits":{"cpus":0.25}' <<<'return 1'
    ends 125 with_host "$runbox" run "$T/m"
    own=$(sed -n 's/^[0-9]*:\(.*,\)*cpu\(,.*\)*:\(.*\)$/\3/p' /proc/self/cgroup | head -1)
    ends 0 with_host "$runbox" run --cgroup-parent "${own:-/}" "$T/m"
}

@test "the example of runbox-policy(5) is one, and the schema takes it" {
    sed -n '/^\.Bd -literal/,/^\.Ed/p' man/runbox-policy.5 | grep -v '^\.' >"$T/example.json"
    jq -e .bundles "$T/example.json"
    his "$(cat "$T/example.json")"
    ends 0 "$runbox" validate policy "$user"
    ends 4 "$runbox" run "$T/b"
}
