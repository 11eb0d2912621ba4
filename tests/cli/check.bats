#!/usr/bin/env bats
# `runbox check`: what is wrong with a bundle, each thing with its file and place, and nothing run.

load lib

setup() {
    programs
}

# checks STATUS [OPTION]: of $T/b.
checks() {
    ends "$1" timeout 120 "$runbox" check "${@:2}" "$T/b"
}

# has TEXT: a line of what was said, $T/b/ left out.
has() {
    grep -qxF "$T/b/$1" "$T/out" || {
        echo "not said: $1"
        cat "$T/out"
        return 1
    }
}

@test "nothing to say: exit 0, and no output" {
    bundle b '"calls":["a.b"],"keyring_access":["aws"],"options":{"properties":{"n":{"default":1}}}' <<'EOS'
local util = require("lib.util")
counter = 0
function run(arg)
    counter = counter + box.options.n
    return {util, box.call("a.b", arg), box.keyring("aws"), box.arg, _G.counter, string.format("%d", 1)}
end
EOS
    mkdir "$T/b/lib"
    echo 'return {}' >"$T/b/lib/util.lua"
    checks 0
    [ ! -s "$T/out" ] && [ ! -s "$T/err" ]
    checks 0 --json
    jq -e '.valid and .errors == [] and .warnings == [] and .more == 0' "$T/out"
}

@test "a new bundle and the examples pass; hostile's attempts do not" {
    ends 0 "$runbox" new "$T/b"
    checks 0
    [ ! -s "$T/out" ]
    for example in bundles/examples/*/; do
        want=0
        [ "$(basename "$example")" = hostile ] && want=3
        ends $want "$runbox" check "$example"
    done
}

@test "ten mistakes and more, as schemas/README.md shows them" {
    mkdir "$T/show"
    awk -v dir="$T/show" '/^<!-- file: /{file = dir "/" $3; next} /^<!-- end -->/{file = ""}
        file && /^```/{next} file{print > file}' schemas/README.md
    mkdir "$T/show/broken"
    mv "$T/show"/{manifest.json,main.lua,util.lua} "$T/show/broken"
    cd "$T/show"
    ends 3 "$runbox" check broken/
    diff check.txt "$T/out"
    [ "$(grep -c . check.txt)" -ge 10 ]
}

@test "sources that do not parse: each, with its line; the others are still looked at" {
    bundle b <<<'x = = 1'
    printf 'local a\n\nlocal function f( end\n' >"$T/b/a.lua"
    printf '\x1bLua binary' >"$T/b/c.lua"
    echo 'y()' >"$T/b/d.lua"
    checks 3
    has "main.lua:1: error: unexpected symbol near '='"
    has "a.lua:3: error: <name> or '...' expected near 'end'"
    grep -q "^$T/b/c.lua: error: attempt to load a binary chunk" "$T/out"
    has 'd.lua:1: warning: global "y" does not exist in a box, and no source sets it'
    [ "$(wc -l <"$T/out")" -eq 4 ]
}

@test "nothing is run: not main, not a module, not a metamethod" {
    bundle b <<<'while true do end'
    echo 'error("run")' >"$T/b/m.lua"
    checks 0
}

@test "what a box does not have: warnings, exit 0" {
    bundle b <<<'os.execute(setfenv) io.open("x") debug.sethook() string.absent()'
    checks 0
    has "main.lua:1: warning: os.execute does not exist in a box: a box starts no process; box.call asks the caller (known to use it: Penlight's pl.utils)"
    has 'main.lua:1: warning: global "setfenv" does not exist in a box, and no source sets it: Lua 5.1'"'"'s: load, with an environment (known to use it: Markdown; Penlight, which defines it)'
    has 'main.lua:1: warning: io.open opens no file without "seccomp": {"profile": "files"} in manifest.json'
    has "main.lua:1: warning: debug.sethook does not exist in a box: limits are the manifest's (known to use it: LuaCov, LuaUnit's coverage)"
    has 'main.lua:1: warning: string.absent does not exist in a box'
    [ "$(wc -l <"$T/out")" -eq 5 ]
}

@test "a misspelt member of a library, at either depth: did you mean" {
    bundle b <<'END'
box.log.inf("x") box.jsn.encode(1) string.fromat("x")
local l = box.log
l.wran("x")
box.log.mine = print box.log.mine(box.json.array, box.log.info, box.arg.of, box.options)
END
    checks 0
    has 'main.lua:1: warning: box.log.inf does not exist in a box: did you mean box.log.info?'
    has 'main.lua:1: warning: box.jsn does not exist in a box: did you mean box.json?'
    has 'main.lua:1: warning: string.fromat does not exist in a box: did you mean string.format?'
    has 'main.lua:3: warning: box.log.wran does not exist in a box: did you mean box.log.warn?'
    [ "$(wc -l <"$T/out")" -eq 4 ]
    echo 'box.log = {inf = print} box.log.inf()' >"$T/b/main.lua"
    checks 0
    [ ! -s "$T/out" ]
}

@test "schemas that let pass what they hardly mean: warnings" {
    bundle b '"options":{"columns":{"type":"array"}},"arg":{"propertys":{"a":{}}}' <<<'return 1'
    checks 0
    grep -q ': warning: /options/columns: "columns" is no keyword of JSON Schema: did you mean to put it in "properties"?$' "$T/out"
    grep -q ': warning: /arg/propertys: "propertys" is no keyword of JSON Schema: did you mean "properties"?$' "$T/out"
    [ "$(wc -l <"$T/out")" -eq 2 ]
    bundle b '"options":{"type":"object"}' <<<'return 1'
    checks 0
    grep -q ': warning: /options: no "properties": ' "$T/out"
    for right in '{"additionalProperties":false}' '{"$ref":"#/$defs/o","$defs":{"o":{"properties":{"a":{}}}}}' \
        '{"properties":{"columns":{}}}' '{"patternProperties":{"^x":{}}}' \
        '{"unevaluatedProperties":false}' '{"properties":{"columns":{}},"x-ui":{"a":1}}'; do
        bundle b "\"options\":$right" <<<'return 1'
        checks 0
        [ ! -s "$T/out" ]
    done
}

@test "schemas: what a draft ignores and another does not, at any depth: warnings" {
    draft='"$schema":"http://json-schema.org/draft-07/schema#"'
    bundle b '"arg":{'"$draft"',"items":{"dependentRequired":{"a":["b"]}},"unevaluatedProperties":false,"$comment":"x","$defs":{"prefixItems":{}}},
        "result":{'"$draft"',"definitions":{"a":{}},"properties":{"n":{"$ref":"#/definitions/a","title":"n","minLength":3}}},
        "options":{"properties":{"additionalItems":{}},"additionalProperties":false}' <<<'return 1'
    checks 0
    grep -q ': warning: /arg/items/dependentRequired: "dependentRequired" is ignored: it is a keyword of draft 2020-12, and this schema is of draft-07$' "$T/out"
    grep -q ':1:[0-9]*: warning: /arg/unevaluatedProperties: "unevaluatedProperties" is ignored: ' "$T/out"
    grep -q ':2:[0-9]*: warning: /result/properties/n/minLength: "minLength" is ignored: it stands beside "$ref", and this schema is of draft-07$' "$T/out"
    [ "$(wc -l <"$T/out")" -eq 3 ]
    bundle b '"arg":{"columns":{},"rows":{}}' <<<'return 1'
    checks 0
    [ "$(grep -c 'did you mean to put it in "properties"?$' "$T/out")" -eq 2 ]
}

@test "a directory above bundles: they are named, and nothing is said of their modules" {
    mkdir -p "$T/all/deep"
    bundle all/one <<<'return require("own")'
    echo 'return 1' >"$T/all/one/own.lua"
    cp -r "$T/all/one" "$T/all/deep/two"
    ends 3 "$runbox" check "$T/all"
    echo "$T/all: error: there is no manifest.json in it, but in 2 directories below: check deep/two, one by name" |
        diff - "$T/out"
    cd "$T/all/one"
    ends 3 "$runbox" check ..
    grep -q '^..: error: .* check deep/two, one by name$' "$T/out"
    [ "$(wc -l <"$T/out")" -eq 1 ]
}

@test "a limit that no run accepts: exit 3 of check and of run, with the least" {
    for limit in memory:64 memory:0 open_files:1 wall_time:'"0ms"' processes:0; do
        bundle b "\"limits\":{\"${limit%%:*}\":${limit#*:}}" <<<'return 1'
        checks 3
        grep -q "error: /limits/${limit%%:*}: " "$T/out"
        ends 3 "$runbox" run "$T/b"
    done
}

@test "what a box has of debug, package and the like: nothing to say" {
    bundle b <<<'print(debug.traceback(), debug.getinfo(1), package.path, package.config, loadfile, dofile, io.open)'
    echo 'function io.open() end' >"$T/b/other.lua"
    checks 0
    [ ! -s "$T/out" ]
}

@test "package.path and package.cpath: set in vain" {
    bundle b <<<'package.path = "./lib/?.lua;" .. package.path package.cpath = "" package.loaded.x = 1 package.preload.y = print'
    checks 0
    has 'main.lua:1: warning: package.path is set, but require looks in the bundle alone: a.b is a/b.lua or a/b/init.lua'
    has 'main.lua:1: warning: package.cpath is set, but require looks in the bundle alone: a.b is a/b.lua or a/b/init.lua'
    [ "$(wc -l <"$T/out")" -eq 2 ]
}

@test "modules in C: what to use instead; box.std: what there is" {
    bundle b <<<'require("cjson") require("lfs") require("own") require("box.std.json") require("box.std.jsn") require("box.std") require("box")'
    checks 3
    has 'main.lua:1: error: module "box" is not in the bundle: box is a global, box.std.json and the like are modules'
    has 'main.lua:1: error: module "cjson" is not in the bundle: it is in C: box.std.json'
    has "main.lua:1: error: module \"lfs\" is not in the bundle: it is in C, and looks at directories (known to use it: Penlight's pl.path and pl.dir, luacheck)"
    has 'main.lua:1: error: module "own" is not in the bundle'
    has "main.lua:1: error: module 'box.std.jsn' not found: box.std has base64, csv, date, hash, json, text"
    has "main.lua:1: error: module 'box.std' not found: box.std has base64, csv, date, hash, json, text"
    [ "$(wc -l <"$T/out")" -eq 6 ]
}

@test "with profile files there is io.open" {
    bundle b '"seccomp":{"profile":"files"}' <<<'io.open("x")'
    checks 0
    [ ! -s "$T/out" ]
    bundle b <<<'io = {open = print} io.open("x") print(box.std.json)'
    checks 0
    has 'main.lua:1: warning: box.std does not exist in a box: require "box.std.json", or another of its modules'
    [ "$(wc -l <"$T/out")" -eq 1 ]
}

@test "globals that another source sets exist; locals and fields are none" {
    bundle b <<<'shared() local t = {} t.nothing = t.anything'
    echo 'function shared() end' >"$T/b/z.lua"
    checks 0
    [ ! -s "$T/out" ]
}

@test "methods, namespaces, modules, options, entry" {
    bundle b '"calls":["a.get"],"keyring_access":["aws"],"options":{"properties":{"top":{}}},"entry":"go"' <<'EOS'
box.call("a.gte")
box.keyring("awz")
require("none")
print(box.options.topp)
pcall(require, "optional")
EOS
    checks 3
    has 'main.lua:1: error: box.call of "a.gte", which "calls" in manifest.json does not list: did you mean "a.get"?'
    has 'main.lua:2: error: box.keyring of "awz", which "keyring_access" in manifest.json does not list: did you mean "aws"?'
    has 'main.lua:3: error: module "none" is not in the bundle'
    has 'main.lua:4: warning: option "topp": "options" in manifest.json has no such property'
    has 'manifest.json: error: /entry: no source sets a global function "go"'
    [ "$(wc -l <"$T/out")" -eq 5 ]
}

@test "defaults that their own schema refuses, at any depth; a property called default is none" {
    bundle b '"options":{"properties":{"n":{"type":"integer","default":"x"},"default":{"type":"string"}}},"arg":{"items":{"properties":{"deep":{"enum":[1],"default":2}}}}' <<<''
    checks 3
    [ "$(wc -l <"$T/out")" -eq 2 ]
    grep -q 'error: /options/properties/n/default: ' "$T/out"
    grep -q 'error: /arg/items/properties/deep/default: ' "$T/out"
}

@test "many paths: each is checked, the worst decides; a manifest alone has no sources" {
    bundle b <<<'return 1'
    bundle c '"foo":1' <<<'return 1'
    echo '{"runbox":1,"name":"x","version":"1.0.0","main":"none.lua"}' >"$T/m.json"
    ends 3 "$runbox" check --json "$T/b" "$T/c" "$T/m.json" "$T/none"
    jq -se 'map(.valid) == [true, false, true, false] and (.[1].errors[0] | .line == 1 and .pointer == "/foo")' "$T/out"
    ends 0 "$runbox" check "$T/m.json"
    ends 3 "$runbox" check "$T/b/main.lua"
    grep -qx "$T/b/main.lua:1:1: error: not a JSON value[^:]*: a file is read as a manifest; a bundle is checked by its directory" "$T/out"
    echo x >"$T/wrong.json"
    ends 3 "$runbox" check "$T/wrong.json"
    refute grep -q 'read as a manifest' "$T/out"
}

@test "no manifest: said, and the sources are looked at all the same" {
    bundle b <<<'x ='
    rm "$T/b/manifest.json"
    checks 3
    [ "$(wc -l <"$T/out")" -eq 2 ]
    grep -q 'no manifest.json in it' "$T/out"
}

@test "hostile sources: the compiler is in a box, and the box ends" {
    bundle b <<<"$(printf 'x=%.0s' {1..5})1"
    printf 'return %s1%s' "$(printf '(%.0s' {1..5000})" "$(printf ')%.0s' {1..5000})" >"$T/b/deep.lua"
    perl -e 'print "local t = {", "{}," x 1000000, "}"' >"$T/b/wide.lua"
    checks 3
    grep -q "^$T/b/deep.lua: error: C stack overflow while it is compiled$" "$T/out"
}

@test "no text of a bundle begins a line or moves the cursor" {
    bundle b <<<'return 1'
    printf 'return _ENV["a\\nb\\27[2J"]\n' >"$T/b/m.lua"
    checks 0
    [ "$(wc -l <"$T/out")" -eq 1 ]
    refute grep -q "$(printf '\033')" "$T/out"
}

@test "an ordinary user may check" {
    programs_for_all
    bundle b <<<'x()'
    ends 0 "${ordinary[@]}" "$runbox" check "$T/b"
    grep -q 'global "x"' "$T/out"
}

@test "usage: exit 2; --help: exit 0; a full disk: exit 125" {
    ends 2 "$runbox" check
    ends 2 "$runbox" check --no-such
    ends 0 "$runbox" check --help
    bundle b <<<'x()'
    run bash -c "'$runbox' check '$T/b' >/dev/full"
    [ "$status" -eq 125 ]
}

# hostly ERROR STRACE-OPTION...: check ends by that error of the host, in one line on stderr and none on stdout.
hostly() {
    local line=$1 form

    shift
    for form in "" --json; do
        # shellcheck disable=SC2086
        ends 125 strace -qq -o "$T/trace" "$@" "$runbox" check $form "$T/b"
        [ ! -s "$T/out" ]
        [ "$(grep -v '^strace: ' "$T/err")" = "runbox: $line" ]
    done
}

@test "what the host cannot do is no error of the bundle: exit 125, one line that says where, no verdict" {
    bundle b <<<'x()'
    hostly "clone3: making the box's namespaces: Resource temporarily unavailable; there are as many processes as may be: raise pids.max of runbox's group, or ulimit -u (cgroups(7), getrlimit(2))" -e inject=clone3:error=EAGAIN
    hostly "$T/b/main.lua: reading it: Input/output error" -P "$T/b/main.lua" -e inject=read:error=EIO
    hostly "/proc/self/uid_map: opening it: Cannot allocate memory" -P /proc/self/uid_map -e inject=openat:error=ENOMEM
    # What is an error of the bundle stays one, whatever else is there.
    bundle bad <<<'x('
    ends 3 "$runbox" check "$T/bad" "$T/b"
    grep -q 'error: ' "$T/out"
}

# unfit MEMBERS VALUE MESSAGE: a manifest that no run accepts for that value is said to be so by all, with its place.
unfit() {
    local before place

    bundle b "$1" <<<'return 1'
    before=$(<"$T/b/manifest.json")
    before=${before%%"$2"*}
    place=$((${#before} + 1))
    checks 3
    has "manifest.json:1:$place: error: $3"
    checks 3 --json
    jq -e --arg p "${3%%: *}" '.valid == false and .errors[0].pointer == $p' "$T/out"
    for verb in describe run explain; do
        ends 3 "$runbox" "$verb" "$T/b"
        [ "$(cat "$T/err")" = "runbox: $T/b/manifest.json:1:$place: $3" ]
    done
    yes '{}' | head -3 >"$T/jobs"
    ends 3 "$runbox" batch -f "$T/jobs" "$T/b"
    grep -qF "$T/b/manifest.json:1:$place: $3" "$T/err"
}

@test "what no run accepts is an error of the manifest, with its place" {
    unfit '"limits":{"memory":1024}' '1024' "/limits/memory: 1K is too small: the minimum is 1M"
    unfit '"limits":{"open_files":1}' '1}' "/limits/open_files: 1 is too low: a box needs at least 3"
    unfit '"rlimits":{"nofile":2}' '2}' "/rlimits/nofile: 2 is too low: a box needs at least 3"
    unfit '"rlimits":{"stack":524288}' '524288' "/rlimits/stack: 524288 is too low: a box needs at least 1048576"
    unfit '"rlimits":{"nproc":0}' '0}' "/rlimits/nproc: 0 is too low: a box needs at least 1"
    unfit '"rlimits":{"cpu":0}' '0}' "/rlimits/cpu: 0 is too low: a box needs at least 1"
    unfit '"rlimits":{"rttime":1}' '1}}' "/rlimits/rttime: 1 is looser than runbox's own 0; a manifest may only tighten it"
    unfit '"rlimits":{"as":1000}' '{"as"' '/rlimits: no room for Lua: "as" must be 17301504 or more, "data" 983040'
    unfit '"rlimits":{"data":1000}' '{"data"' '/rlimits: no room for Lua: "as" must be 17301504 or more, "data" 983040'
    unfit '"seccomp":{"allow":["read","ptrace"]}' '"ptrace"' '/seccomp/allow/1: "ptrace" cannot be allowed: it reads and controls other processes'
    unfit '"seccomp":{"allow":["nonesuch"]}' '"nonesuch"' '/seccomp/allow/0: "nonesuch" cannot be allowed: there is no such system call'
    unfit '"seccomp":{"profile":"files"},"filesystem":{"scratch":"1000T"}' '"1000T"' \
        "/filesystem/scratch: too large for memory=64M: the minimum is memory=1075843081024K, scratch included"
}

@test "a number of 300 digits is told as it was given" {
    for limit in cpus wall_time memory instructions; do
        bundle b "\"limits\":{\"$limit\":-1e300}" <<<'return 1'
        checks 3
        grep -qE "manifest.json:1:[0-9]+: error: /limits/$limit: -1e\\+?300 is out of range$" "$T/out"
        [ "$(wc -c <"$T/out")" -lt 300 ]
    done
}

@test "a fault of the compiler that has no line is told without one, in its own words; of all sources before warnings" {
    bundle b <<<'return 1'
    python3 - "$T/b" <<'END'
import sys
for i in range(4):
    with open(f"{sys.argv[1]}/a{i}.lua", "w") as f:
        f.write("".join(f"print(g{n})\n" for n in range(50000)))
with open(f"{sys.argv[1]}/goto.lua", "w") as f: f.write("\n\n" + "goto x\n" * 40000)
with open(f"{sys.argv[1]}/many.lua", "w") as f: f.write("x=function() end\n" * 140000)
with open(f"{sys.argv[1]}/z.lua", "w") as f: f.write("\nx x")
END
    checks 3
    grep -qFx "$T/b/goto.lua: error: too many labels/gotos (limit is 32767)" "$T/out"
    grep -qFx "$T/b/many.lua: error: too many functions (limit is 131071)" "$T/out"
    grep -qF "$T/b/z.lua:2: error: syntax error near" "$T/out"
    grep -qE "^$T/b/a[0-3]\.lua: error: too much to tell of: " "$T/out"
    bundle b <<<'local function deep(n) if n > 0 then return (("x"):gsub(".", function() return deep(n - 1) end)) end return require("lib") end
for n = 150, 199 do print(select(2, pcall(deep, n))) package.loaded.lib = nil end'
    echo 'return ((((((((((((((((((((1))))))))))))))))))))' >"$T/b/lib.lua"
    ends 0 "$runbox" run "$T/b"
    grep -q "lib.lua: C stack overflow while it is compiled" "$T/out"
    refute grep -q "nested too deeply" "$T/out"
}

# No option raises what check has: none is named.
@test "sources that take the compiler too long: an error of the one where its time was over" {
    mkdir -p "$T/b"
    bundle b <<<'return 1'
    python3 - "$T/b" <<'END'
import sys
jumps = "do local function f() " + "goto z " * 32000 + "".join(f"::l{n:x}::x=1 " for n in range(0x7d00)) + "::z:: end end\n"
for name in "two", "three", "four":
    with open(f"{sys.argv[1]}/{name}.lua", "w") as f: f.write(jumps * 6)
END
    checks 3
    grep -qE "^$T/b/(two|three|four).lua: error: too much to compile: 20s of CPU time are over, and what comes after was not looked at$" "$T/out"
    [ "$(wc -l <"$T/out")" -eq 1 ]
}

@test "sources with more to tell of than the budget: an error of the file where it ran out, in little time" {
    mkdir -p "$T/b"
    python3 - "$T/b" <<'END'
import sys
for i in range(1000):
    with open(f"{sys.argv[1]}/s{i:04}.lua", "w") as f:
        f.write("".join(f"x{n}()\n" for n in range(400)))
END
    bundle b <<<'return 1'
    checks 3
    grep -qE "^$T/b/s0[0-9]{3}\.lua: error: too much to tell of: what comes after was not looked at$" "$T/out"
    [ "$(grep -c ': warning: global' "$T/out")" -gt 900 ]
    # Against what looks at as many sources without a word to say of them.
    cp -r "$T/b" "$T/quiet"
    sed -i 's/^x\([0-9]*\)()$/y = \1/' "$T"/quiet/s*.lua
    python3 - "$runbox" "$T/b" "$T/quiet" <<'END'
import resource, subprocess, sys
def spent(path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.argv[1], "check", path], stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
loud, quiet = min(spent(sys.argv[2]) for _ in range(3)), min(spent(sys.argv[3]) for _ in range(3))
print(f"loud {loud:.2f} s, quiet {quiet:.2f} s")
sys.exit(loud > 4 * quiet + 0.5)
END
}
