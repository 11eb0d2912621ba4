# sn0int's wire: the lines of its own documentation, byte for byte, and what a caller may get wrong.
load lib

setup() {
    programs
    records
}

# start CODE [MEMBERS]: sn0int's start line, as its documentation shows it.
start() {
    jq -cn --arg code "$1" '{arg: null,
        dns_config: {ns: ["1.1.1.1:53", "1.0.0.1:53"], tcp: false, timeout: {nanos: 0, secs: 3}},
        keyring: [], module: {author: "anonymous", description: "basic selftest", keyring_access: [],
        name: "selftest", script: {code: $code}, source: null, version: "0.1.0"},
        options: {}, proxy: null, verbose: 2} + '"${2:-{\}}"
}

# exits STATUS CODE [REPLY]...: the run of a module, its replies written ahead.
exits() {
    { start "$2" "${members:-}"; [ $# -lt 3 ] || printf '%s\n' "${@:3}"; } >"$T/start.json"
    ends "$1" timeout 120 "$runbox" sandbox foobar <"$T/start.json"
}

# talk COMMAND...: with its input and output at $to and $from, of which bash knows nothing: those of a
# coprocess are closed when it ends.
talk() {
    coproc WIRE { exec "$@" 2>"$T/err" 3>&-; }
    exec {from}<&"${WIRE[0]}" {to}>&"${WIRE[1]}"
}

# hears LINE: the next that it says.
hears() {
    read -r -t 10 -u "$from" line
    [ "$line" = "$1" ]
}

# lines LINE...: what it wrote, byte for byte.
lines() {
    diff <(printf '%s\n' "$@") "$T/out"
}

@test "the documented hello" {
    cat >"$T/start.json" <<'END'
{"arg":null,"dns_config":{"ns":["1.1.1.1:53","1.0.0.1:53"],"tcp":false,"timeout":{"nanos":0,"secs":3}},"keyring":[],"module":{"author":"anonymous","description":"basic selftest","keyring_access":[],"name":"selftest","script":{"code":"-- Description: basic selftest\n-- Version: 0.1.0\n-- License: GPL-3.0\n\nfunction run()\n    -- nothing to do here\nend\n"},"source":null,"version":"0.1.0"},"options":{},"proxy":null,"verbose":2}
END
    ends 0 "$runbox" sandbox foobar <"$T/start.json"
    lines '{"Exit":"Ok"}'
    sed -i "s|-- nothing to do here|info('ohai')|" "$T/start.json"
    ends 0 "$runbox" sandbox foobar <"$T/start.json"
    lines '{"Log":{"Info":"\"ohai\""}}' '{"Exit":"Ok"}'
}

@test "the documented db_add, and both forms of its reply" {
    code="function run() x = db_add('domain', {value=\"example.com\"}) info(x) end"
    for reply in '{"Ok":1337}' '{"Ok":{"Inserted":1337}}' '{"Ok":{"NoChange":1337}}'; do
        exits 0 "$code" "$reply"
        lines '{"Database":{"Insert":{"Domain":{"value":"example.com","unscoped":false}}}}' '{"Log":{"Info":"1337.0"}}' \
            '{"Exit":"Ok"}'
    done
    exits 0 "$code" '{"Ok":"None"}'
    grep -qxF '{"Log":{"Info":"null"}}' "$T/out"
    exits 1 "$code" '{"Err":"locked"}'
    tail -1 "$T/out" | grep -qF 'Failed to add to database: Database error: \"locked\"'
}

@test "run() returning a string is an error, and so is an error that was kept" {
    exits 1 "function run() return 'no luck' end"
    lines '{"Exit":{"Err":"Script returned error: \"no luck\""}}'
    exits 1 "function run() set_err('kept') end"
    lines '{"Exit":{"Err":"kept"}}'
    exits 1 "function run() http_fetch() end"
    tail -1 "$T/out" | grep -qF 'http_fetch: needs a network'
}

@test "every entry of the keyring, options, arg and blobs reach the module" {
    members='{keyring: [{namespace: "aws", access_key: "A", secret_key: "s"},
        {namespace: "other", access_key: "B", secret_key: null}], options: {o: "1"}, arg: {x: [1, null]},
        blobs: ["YXNkZg=="]}' \
        exits 0 "function run(arg)
            info(keyring('aws')) info(keyring('other:B')) info(getopt('o')) info(arg)
        end"
    lines '{"Log":{"Info":"{1.0: {\"access_key\": \"A\", \"namespace\": \"aws\", \"secret_key\": \"s\"}}"}}' \
        '{"Log":{"Info":"{1.0: {\"access_key\": \"B\", \"namespace\": \"other\"}}"}}' \
        '{"Log":{"Info":"\"1\""}}' '{"Log":{"Info":"{\"x\": {1.0: 1.0}}"}}' '{"Exit":"Ok"}'
}

@test "stdin, which the caller may not have" {
    code="function run() info(stdin_readline()) info(stdin_read_to_end()) info(stdin_readline()) clear_err() end"
    exits 0 "$code" '{"Ok":"a\n"}' '{"Ok":null}' '{"Err":"stdin is unavailable"}'
    lines '{"Stdio":"Readline"}' '{"Log":{"Info":"\"a\\n\""}}' '{"Stdio":"ToEnd"}' '{"Log":{"Info":"null"}}' \
        '{"Stdio":"Readline"}' '{"Log":{"Info":"null"}}' '{"Exit":"Ok"}'
}

@test "a reply that comes when it is asked for" {
    talk "$runbox" sandbox foobar
    start "function run() info(db_select('email', 'a')) end" >&"$to"
    hears '{"Database":{"Select":["Email","a"]}}'
    echo '{"Ok":{"Found":3}}' >&"$to"
    hears '{"Log":{"Info":"3.0"}}'
    hears '{"Exit":"Ok"}'
}

@test "print goes to stderr, where it moves no cursor" {
    exits 0 "function run() print('a\\27[31m') error('e') end"
    lines '{"Log":{"Error":"e"}}' '{"Exit":"Ok"}'
    refute grep -q $'\e' "$T/err"
    grep -qF 'a\u{1b}[31m' "$T/err"
}

@test "waits are the monitor's: sleep, a limit's retry; the clocks go on" {
    exits 0 "function run() local t = os and 0 or time_unix() sleep(1) assert(time_unix() > t) end"
    lines '{"Exit":"Ok"}'
    exits 0 "function run() ratelimit_throttle('k', 1, 250) end" \
        '{"Ok":{"Retry":{"secs":0,"nanos":50000000}}}' '{"Ok":"Pass"}'
    lines '{"Ratelimit":{"key":"k","passes":1,"time":250}}' '{"Ratelimit":{"key":"k","passes":1,"time":250}}' \
        '{"Exit":"Ok"}'
    start 'function run() sleep(100) end' >"$T/start.json"
    ends 124 timeout -s KILL 120 "$runbox" sandbox -l wall_time=300ms foobar <"$T/start.json"
    grep -qF '{"Exit":{"Err":"time limit' "$T/out"
}

@test "box.ratelimit: on the wire, and without anybody who keeps the limit" {
    bundle b <<<'box.ratelimit("k", 2, 1000) return 1'
    talk "$runbox" run --json "$T/b"
    echo '{}' >&"$to"
    hears '{"Ratelimit":{"key":"k","passes":2,"time":1000}}'
    echo '{"Ok":{"Retry":{"secs":0,"nanos":1}}}' >&"$to"
    hears '{"Ratelimit":{"key":"k","passes":2,"time":1000}}'
    echo '{"Ok":"Pass"}' >&"$to"
    hears '{"Result":1}'
    ends 1 "$runbox" "$T/b"
    grep -qF 'nobody is there to keep the limit' "$T/err"
}

@test "the limits of a run hold" {
    exits 137 "function run() local t = {} while true do t[#t + 1] = ('x'):rep(1 << 20) .. #t end end"
    exits 153 "function run() while true do info(('x'):rep(100000)) end end"
    refute grep -q Report "$T/out"
}

@test "wrong start lines and replies: status 3, and an Exit that says where" {
    for line in '' '[]' '{}' '{"module":{}}' '{"module":{"script":{"code":1}}}' '{' \
        "$(start '' '{verbose: -1}')" "$(start '' '{options: {a: 1}}')" "$(start '' '{keyring: [1]}')" \
        "$(start '' '{blobs: "x"}')"; do
        ends 3 "$runbox" sandbox foobar <<<"$line"
        jq -e '.Exit.SetupFailed | startswith("start line: ")' "$T/out"
    done
    ends 3 "$runbox" sandbox foobar </dev/null
    code="function run() db_add('domain', {value='a'}) end"
    for reply in '{"Ok":"x"}' '{"Ok":{"Deleted":1}}' '{"Ok":1.5}' '1337' '{"Ok":{"Inserted":1},"Err":"x"}' '{'; do
        exits 3 "$code" "$reply"
    done
    exits 3 "$code"
    grep -qF 'still owes a reply' "$T/out"
}

@test "what does not belong to a kind of run ends it" {
    local text n=0

    bundle b <<<'print("ready") while true do end'
    for text in '{"Database":{"Select":["Domain","a"]}}' '{"Blob":"Zg=="}' '{"Sleep":{"secs":1,"nanos":0,"x":1}}'; do
        n=$((n + 1))
        live "b$n" "$T/b"
        run "$bin/tests/tools/inject" "$box" write 0 "@$text\\n" $((${#text} + 1))
        ended 76
    done
    grep -qF 'an event that this kind of run does not have' "$T/b1.err"
}

@test "usage" {
    ends 2 "$runbox" sandbox
    ends 2 "$runbox" sandbox a b
    ends 2 "$runbox" sandbox -l memory=64X a
    ends 0 "$runbox" sandbox --help
    ends 0 "$runbox" --help
    grep -q '^  sandbox ' "$T/out"
}

@test "its box is a program of its own, and no other's" {
    programs_for_all
    echo 'return 1' | bundle b
    rm "$bin/runbox-sn0int"
    start 'function run() end' >"$T/start.json"
    ends 125 "$runbox" sandbox foobar <"$T/start.json"
    grep -q '^{"Exit":{"SetupFailed":"runbox-sn0int: it is neither beside runbox nor in .*}}$' "$T/out"
    ends 0 "$runbox" "$T/b"
    cp "$bin/runbox-lua" "$bin/runbox-sn0int"
    ends 125 "$runbox" sandbox foobar <"$T/start.json"
    lines '{"Exit":{"SetupFailed":"runbox-sn0int: this is the program of other boxes"}}'
    cp "${B:-build}/runbox-sn0int" "$bin/runbox-lua"
    ends 125 "$runbox" "$T/b"
    grep -qF 'runbox-lua: this is the program of other boxes' "$T/err"
}

@test "--version says whether it is here, and on which libraries" {
    ends 0 "$runbox" --version
    grep -qx sn0int "$T/out"
    ends 0 "$bin/runbox-sn0int" --version
    for library in PCRE2 expat gumbo nettle libsodium; do
        grep -q "^$library" "$T/out"
    done
}

@test "a build without it makes nothing of it, and wants none of its libraries" {
    make -n SN0INT=no B="$T/none" all install deps >"$T/made"
    grep -q 'RUNBOX_SN0INT=0.*-c runtime/cmd/sandbox.c' "$T/made"
    grep -q 'install .*runbox-lua' "$T/made"
    grep -q 'deps.sh .*libcgroup-dev' "$T/made"
    ends 2 make -n SN0INT=off B="$T/none" all
    grep -qF 'SN0INT=off: it is yes or no' "$T/err"
    refute grep -E 'runbox-sn0int|script/sn0int/|main_sn0int|gumbo|expat|pcre2|nettle|sodium' "$T/made"
}
