#!/usr/bin/env bats
# A box's id is no other box's, wherever the runbox that made it runs (runtime/jail/idmap.c).

load lib

setup() {
    programs
    bundle waits <<<'print("ready") io.read()'
}

# inside NAME: a run in a pid namespace of its own, whose box is $box.
inside() {
    mkfifo "$T/$1.in"
    exec {input}<>"$T/$1.in"
    unshare --pid --fork --kill-child --mount-proc "$runbox" run "$T/waits" <"$T/$1.in" >"$T/$1.out" 2>"$T/$1.err" 3>&- &
    lives+=("$!")
    until_holds grep -q ready "$T/$1.out" || {
        cat "$T/$1.err"
        return 1
    }
    kin "$(pgrep -P "$!")" # unshare(1) has the broker alone
}

# number: the box's own in the pid namespace of its monitor; ids: what it is outside.
number() {
    awk '/^NSpid:/ {print $(NF - 1)}' "/proc/$box/status"
}

ids() {
    awk '/^(Uid|Gid):/ {print $2}' "/proc/$box/status"
}

@test "boxes of two pid namespaces, with one number in both, are two users" {
    inside one
    first=$(ids) is=$(number)
    inside two
    [ "$(number)" = "$is" ]
    [ "$(ids | sort -u | wc -l)" = 1 ]
    [ "$(ids)" != "$first" ]
    # Both of the range that doctor tells.
    for id in $first $(ids); do
        "$runbox" doctor --json | jq -e --argjson id "$id" \
            '.kernel["box ids"].found | capture("^(?<from>[0-9]+) to (?<to>[0-9]+)") | (.from | tonumber) <= $id and $id <= (.to | tonumber)'
    done
    kill -KILL "${lives[@]}" # unshare(1) leaves SIGTERM to its child
}
