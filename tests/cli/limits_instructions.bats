#!/usr/bin/env bats
# instructions: exact to 1000, wherever they are spent.

load lib

setup() {
    programs
}

# passes LIMIT: bundle b ends well under it; where not, that the limit was the cause.
passes() {
    local got=0

    "$runbox" run -l "instructions=$1" --report "$T/report" "$T/b" >"$T/out" 2>"$T/err" 3>&- || got=$?
    [ "$got" -eq 0 ] && return
    [ "$got" -eq 124 ] && jq -e '.status == "instructions"' "$T/report" >/dev/null && return 1
    echo "exit status $got under instructions=$1" >>"$T/wrong"
    return 1
}

# The least limit, between LOW and HIGH, under which bundle b ends well; in $least.
find_least() {
    local low=$1 high=$2 middle

    while [ $((high - low)) -gt 1 ]; do
        middle=$(((low + high) / 2))
        if passes "$middle"; then
            high=$middle
        else
            low=$middle
        fi
    done
    least=$high
}

# spends TIMES BODY: bundle b does BODY so often.
spends() {
    bundle b <<<"for i = 1, $1 do $2 end"
}

# exact EACH BODY: BODY takes at least EACH instructions. What one time costs is found with few; many cost
# as much each: 1000 less than that is not enough, 1000 more is.
exact() {
    local few each want

    spends 20 "$2"
    find_least 1 100000
    few=$least
    spends 70 "$2"
    find_least 1 300000
    each=$(((least - few) / 50))
    echo "# $2: $each each" >&3
    [ "$each" -ge "$1" ]
    [ "$each" -le $(($1 + 100)) ]
    want=$((few + 1980 * each))
    spends 2000 "$2"
    refute passes $((want - 1000))
    passes $((want + 1000))
    refute test -e "$T/wrong"
}

@test "instructions: a plain loop, to the instruction" {
    spends 1000 ''
    find_least 1 100000
    few=$least
    spends 1000000 ''
    find_least 900000 1100000
    [ "$((least - few))" -eq 999000 ]
}

@test "instructions: 900 at a time in fresh coroutines" {
    exact 900 'coroutine.wrap(function() for j = 1, 900 do end end)()'
}

@test "instructions: 900 at a time in coroutines that yield and are left" {
    exact 900 'local c = coroutine.create(function() for j = 1, 900 do end coroutine.yield() end) coroutine.resume(c)'
}

@test "instructions: in finalizers" {
    exact 900 'setmetatable({}, {__gc = function() for j = 1, 900 do end end}) collectgarbage()'
}

@test "instructions: in protected calls that fail" {
    exact 900 'pcall(function() for j = 1, 900 do end error("x") end)'
}
