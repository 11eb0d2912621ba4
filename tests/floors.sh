#!/bin/bash
# The layering of the sources, as TAP: a directory ("room") includes headers only of rooms on a
# lower layer ("floor"), and a third-party library is used only in its own rooms. Only reads
# #include lines.
set -u
cd "$(dirname "$0")/.." || exit 1

# breaches DIR: print a line for each include that breaks a rule.
breaches() {
    (cd "$1" && grep -rHE '^[[:space:]]*#[[:space:]]*include' --include='*.[ch]' \
        schemas bundles cgroups runtime) | awk '
    BEGIN {
        split("runtime/base 0 runtime/arch 0 schemas 1 gen 1 runtime/json 2 runtime/json/schema 3 bundles 4 cgroups 4 " \
              "runtime/wire 4 runtime/plan 5 runtime/caller 5 runtime/jail 6 runtime/state 6 " \
              "runtime/host 7 runtime/broker 8 runtime/monitor 9 runtime/fleet 10 runtime/tenants 10 runtime/batch 11 " \
              "runtime/serve 11 runtime/cmd 12 runtime/main.c 13 " \
              "runtime/script/std 1 runtime/script/arena 3 runtime/script/core 4 runtime/script/lib 5 runtime/script/check 6 " \
              "runtime/script/sn0int 6 runtime/script/start 6 runtime/script/main.c 7 runtime/script/main_sn0int.c 7", word, " ")
        for (i = 1; i in word; i += 2)
            floor[word[i]] = word[i + 1]
        # Header, and the rooms that may use it. runtime/plan/stock generates gen/ at build time.
        rooms["libcgroup\\.h"] = "^cgroups/"
        rooms["sys/capability\\.h"] = "^runtime/host/"
        rooms["libmnl/"] = "^runtime/jail/"
        rooms["seccomp\\.h"] = "^runtime/(jail|plan)/"
        rooms["(lua|lauxlib|lualib|luaconf)\\.h"] = "^runtime/script/"
        rooms["json-c/"] = "^(runtime/json/|bundles/|runtime/wire/|runtime/plan/dump|runtime/state/)"
        rooms["(nettle/|sodium/|pcre2\\.h|(gumbo|expat)\\.h)"] = "^runtime/script/sn0int/"
        rooms["keyutils\\.h"] = "^runtime/state/"
        rooms["(sha256|sha2|sha1|md5)\\.h"] = "^(bundles/|runtime/script/lib/)"
    }
    # The innermost room of path: rooms are nested.
    function room(path) {
        while (!(path in floor) && sub(/\/[^\/]*$/, "", path))
            ;
        return path
    }
    function breach(why) {
        print file ": " text ": " why
    }
    {
        file = substr($0, 1, index($0, ":") - 1)
        text = substr($0, index($0, ":") + 1)
        name = text
        gsub(/^[^<"]*[<"]|[>"].*$/, "", name)
    }
    text ~ /include[[:space:]]*"/ {
        from = room(file)
        to = room(name)
        if (from == to)
            next
        if (!(from in floor) || !(to in floor))
            breach("no such room: includes are written from the top")
        else if (to ~ /^runtime\/script/ && from !~ /^runtime\/script/)
            breach("that is another program")
        else if (from ~ /^runtime\/script/ && to !~ /^(runtime\/(script|json$|base|arch)|schemas|gen)/)
            breach("the box program has nothing of that")
        else if (floor[to] >= floor[from])
            breach(to " is not below " from)
        next
    }
    {
        for (header in rooms)
            if (name ~ "^" header && file !~ rooms[header])
                breach("this library has its own room")
    }'
}

n=0 failed=0
ok() { # STATUS TEXT
    n=$((n + 1))
    [ "$1" -eq 0 ] && echo "ok $n - $2" || { echo "not ok $n - $2" && failed=1; }
}

found=$(breaches .)
[ -z "$found" ]
ok $? "every room includes only what is below it"
[ -z "$found" ] || sed 's/^/# /' <<<"$found"

# The privileged code can be read in an evening.
lines=$(cat runtime/broker/*.c | wc -l)
[ "$lines" -le 2500 ]
ok $? "runtime/broker has at most 2500 lines of C ($lines)"

# Only runtime/arch depends on the processor.
named=$(grep -rnE '(AUDIT|SCMP)_ARCH_(X86|X32|AARCH|ARM|RISCV)|__(x86_64|i386|aarch64)__' \
    --include='*.[ch]' runtime schemas bundles cgroups | grep -v '^runtime/arch/')
[ -z "$named" ]
ok $? "a processor is named in runtime/arch alone"
[ -z "$named" ] || sed 's/^/# /' <<<"$named"

# The checker itself: files that break one rule each, in a tree of their own.
house=$(mktemp -d) || exit 1
trap 'rm -rf "$house"' EXIT
mkdir -p "$house"/{schemas,bundles,cgroups,runtime/json/schema,runtime/plan,runtime/jail,runtime/caller,runtime/script/lib}
plant() { # FILE INCLUDE, then whether it must be found (0) or not (1)
    echo "#include $2" >"$house/$1"
    breaches "$house" | grep -qF "$1: "
    [ $? -eq "$3" ]
    ok $? "$1 with $2 is $([ "$3" -eq 0 ] && echo a breach || echo allowed)"
    rm "$house/$1"
}
plant schemas/a.c '"runtime/plan/plan.h"' 0
plant bundles/a.c '"cgroups/cgroups.h"' 0
plant runtime/json/a.c '"runtime/json/schema/schema.h"' 0
plant runtime/json/schema/a.c '"runtime/json/json.h"' 1
plant runtime/plan/a.c '"runtime/jail/jail.h"' 0
plant runtime/jail/a.c '"runtime/plan/plan.h"' 1
plant runtime/caller/a.c '"runtime/monitor/watch.h"' 0
plant runtime/plan/a.c '"plan.h"' 0
plant runtime/plan/a.c '<sys/capability.h>' 0
plant bundles/a.c '<seccomp.h>' 0
plant bundles/a.c '<linux/seccomp.h>' 1
plant runtime/jail/a.c '<lua.h>' 0
plant runtime/jail/a.c '"runtime/script/arena/arena.h"' 0
plant runtime/script/lib/a.c '"runtime/wire/lines.h"' 0
plant runtime/script/lib/a.c '"runtime/json/schema/schema.h"' 0
plant runtime/script/lib/a.c '"runtime/script/core/box.h"' 1
plant runtime/script/lib/a.c '"runtime/script/sn0int/sandbox.h"' 0
plant runtime/script/lib/a.c '"runtime/script/start/start.h"' 0
plant runtime/script/lib/a.c '<pcre2.h>' 0
plant runtime/json/a.c '<gumbo.h>' 0
plant runtime/json/a.c '<nettle/sha1.h>' 0
echo "1..$n"
exit $failed
