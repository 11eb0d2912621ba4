#!/usr/bin/env bats
# A live box, as /proc shows it from outside: the same questions for root and for an ordinary user.

load lib

setup() {
    programs_for_all
    as=()
    bundle live <<<'print("ready") io.read()'
}

field() {
    sed -n "s/^$1:[[:space:]]*//p" "/proc/$box/status"
}

confined() {
    local set ns id

    for id in $(field Uid) $(field Gid); do
        [ "$id" -ne 0 ]
    done
    for set in CapInh CapPrm CapEff CapBnd CapAmb; do
        [ "$(field $set)" = 0000000000000000 ]
    done
    [ "$(field NoNewPrivs)" = 1 ]
    [ "$(field Seccomp)" = 2 ]
    # Its broker's, and its own.
    [ "$(field Seccomp_filters)" = $(($(sed -n 's/^Seccomp_filters:[[:space:]]*//p' /proc/$$/status) + 2)) ]
    [ "$(field NSpid | awk '{ print NF ":" $NF }')" = 2:1 ]
    [ "$(field Threads)" = 1 ]
    for ns in user mnt pid net ipc uts cgroup time; do
        [ "$(readlink "/proc/$box/ns/$ns")" != "$(readlink "/proc/self/ns/$ns")" ]
    done
}

# Standard input and output are one socket, descriptor 0; the other descriptor is the listener.
few_descriptors() {
    [ "$(ls "/proc/$box/fd" | wc -l)" -eq 2 ]
    [[ "$(readlink "/proc/$box/fd/0")" == socket:* ]]
    [ "$(readlink "/proc/$box"/fd/* | grep -c 'seccomp notify')" -eq 1 ]
}

empty_root() {
    [ "$(wc -l <"/proc/$box/mountinfo")" -eq 1 ]
    grep -q ' / / ro,.* - tmpfs ' "/proc/$box/mountinfo"
    [ -z "$(ls -A "/proc/$box/root/")" ]
    [ "$(readlink "/proc/$box/cwd")" = / ]
}

# The 16 lines of /proc/PID/limits, as "soft:hard", against those of the plan, which has their order.
limits_as_planned() {
    "${as[@]}" "$runbox" explain --json "$T/live" |
        jq -r '.rlimits[] | [.soft, .hard] | map(. // "unlimited") | join(":")' >"$T/planned"
    sed 1d "/proc/$box/limits" | cut -c 27- | awk '{ print $1 ":" $2 }' >"$T/found"
    [ "$(wc -l <"$T/found")" -eq 16 ]
    diff "$T/planned" "$T/found"
}

knows_nothing() {
    [ "$(tr -d '\0' <"/proc/$box/environ")" = "" ]
    [ "$(tr '\0' ' ' <"/proc/$box/cmdline")" = "runbox-lua " ]
    [ "$(nsenter --uts -t "$box" uname -n)" = box ]
    # Session and process group are its own, and no terminal is.
    [ "$(cut -d ' ' -f 5-7 "/proc/$box/stat")" = "$box $box 0" ]
}

@test "root: status, namespaces, descriptors, root, limits" {
    live live "$T/live"
    confined
    [ "$(field Groups)" = "" ]
    few_descriptors
    empty_root
    limits_as_planned
    knows_nothing
}

@test "an ordinary user: the same" {
    as=("${ordinary[@]}")
    live live "$T/live"
    confined
    [ "$(field Uid | cut -f 1)" -eq 12345 ]
    few_descriptors
    empty_root
    limits_as_planned
    knows_nothing
}

@test "network none: no device but lo, which is down" {
    live live "$T/live"
    nsenter --net -t "$box" cat /proc/net/dev >"$T/devices"
    [ "$(sed 1,2d "$T/devices" | cut -d : -f 1 | tr -d ' ')" = lo ]
    refute nsenter --net -t "$box" grep -q 127.0.0.1 /proc/net/fib_trie
}

@test "root: its groups hold it alone, with the limits of the plan" {
    live live -l memory=32M "$T/live"
    groups_of "$pid" >"$T/groups"
    [ -s "$T/groups" ]
    while read -r group; do
        [ "$(cat "$group/cgroup.procs")" = "$box" ]
        grep -q "/${group##*/}\$" "/proc/$box/cgroup"
    done <"$T/groups"
    [ "$(in_group memory.limit_in_bytes memory.max)" -eq $((32 << 20)) ]
    [ "$(in_group pids.max)" -eq 1 ]
}

@test "root: a share of a processor is the group's quota" {
    live live -l processes=2 -l cpus=0.5 "$T/live"
    groups_of "$pid" >"$T/groups"
    [ "$(in_group cpu.max || echo "$(in_group cpu.cfs_quota_us) $(in_group cpu.cfs_period_us)")" = "50000 100000" ]
}

@test "root: two boxes at once are two users, in different namespaces" {
    live one "$T/live"
    uid=$(field Uid) first=$box
    live two "$T/live"
    [ "$(field Uid)" != "$uid" ]
    for ns in user mnt pid net ipc uts cgroup time; do
        [ "$(readlink "/proc/$box/ns/$ns")" != "$(readlink "/proc/$first/ns/$ns")" ]
    done
}

# places: the program's, of the script's objects and of the stack: all three.
places() {
    sed -n 's,^\([0-9a-f]*\)-.* r-xp .*runbox-lua.*,program \1,p; s,^\([0-9a-f]*0\{8\}\)-.*,objects \1,p
            s,^\([0-9a-f]*\)-.*\[stack\]$,stack \1,p' "/proc/$box/maps" | sort -u -k1,1
}

@test "its address space is another's in every run; where its objects lie is told by no low 32 bits" {
    live one "$T/live"
    places >"$T/places.one"
    [ "$(wc -l <"$T/places.one")" -eq 3 ]
    live two "$T/live"
    places >"$T/places.two"
    [ "$(wc -l <"$T/places.two")" -eq 3 ]
    refute grep -qFxf "$T/places.one" "$T/places.two"
}

# The order of texts among a table's keys tells a script the seed of Lua's hashes, which Lua makes of the addresses of its
# state, of a variable and of a function, and of the time: none of these may be learned from it.
@test "the seed of its hashes is not what its addresses and the time would make it" {
    # shellcheck disable=SC2154
    nm "$B/runbox-lua" >"$T/symbols"
    date +%s >"$T/before"
    live live "$T/live"
    python3 - "$box" "$T/symbols" "$(cat "$T/before")" <<'PY'
import struct, sys, time
box, symbols, before = sys.argv[1], sys.argv[2], int(sys.argv[3])
at = {name: int(value, 16) for value, _, name in (line.split() for line in open(symbols) if len(line.split()) == 3)}
maps = [line.split() for line in open(f"/proc/{box}/maps")]
ranges = [([int(x, 16) for x in m[0].split("-")], m[-1]) for m in maps]
stack = next(r for r, name in ranges if name == "[stack]")
memory = open(f"/proc/{box}/mem", "rb", 0)
# global_State of lstate.h begins with the allocator and its argument; the seed is behind nine words and two values; the
# lua_State lies before it.
states = []
for arena in [r[0] for r, _ in ranges if r[0] % (1 << 32) == 0]:
    memory.seek(arena)
    words = [word for word, in struct.iter_unpack("<Q", memory.read(1 << 20))]
    states += [(arena + 8 * i, words[i], words[i + 12] & 0xFFFFFFFF) for i in range(len(words) - 12)
               if words[i] & 0xFFF == at["arena_lua"] & 0xFFF and words[i + 1] == arena]
(state, function, seed), = states
newstate = function - at["arena_lua"] + at["lua_newstate"]
assert seed and any(r[0] <= newstate < r[1] for r, _ in ranges)
def step(h, bytes_):
    for byte in reversed(bytes_):
        h ^= ((h << 5) + (h >> 2) + byte) & 0xFFFFFFFF
    return h
for now in range(before - 1, int(time.time()) + 2):
    end = step(now ^ 24, struct.pack("<Q", newstate))
    for variable in range(*stack, 4):
        assert step(step(end, struct.pack("<Q", variable)), struct.pack("<Q", state - 0xC8)) != seed, hex(seed)
PY
}

@test "an ordinary user may not trace or read another's box, nor its own" {
    as=("${ordinary[@]}")
    live live "$T/live"
    refute "${as[@]}" head -c 1 "/proc/$box/environ"
    refute "${as[@]}" ls "/proc/$box/fd"
}

@test "the hostname that the manifest asks for" {
    bundle live '"namespaces":{"hostname":"jar"}' <<<'print("ready") io.read()'
    live live "$T/live"
    [ "$(nsenter --uts -t "$box" uname -n)" = jar ]
    [ "$(uname -n)" != jar ]
}

@test "rlimits that the manifest tightens" {
    bundle live '"rlimits":{"nofile":{"soft":5,"hard":7},"stack":1048576}' <<<'print("ready") io.read()'
    live live "$T/live"
    limits_as_planned
    [ "$(sed -n 's/^Max open files *//p' "/proc/$box/limits" | awk '{ print $1 ":" $2 }')" = 5:7 ]
}

@test "a caller with real-time I/O: neither the box nor its monitor has it, and what is less stays" {
    as=(ionice -c realtime -n 2)
    live real "$T/live"
    [ "$(ionice -p "$box")" = "none: prio 0" ]
    [ "$(ionice -p "$monitor")" = "none: prio 0" ]
    as=(ionice -c idle)
    live idle "$T/live"
    [ "$(ionice -p "$box")" = idle ]
}
