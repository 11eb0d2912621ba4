#!/usr/bin/env bats
# The system calls of a box once its filter is loaded, as the kernel saw them.

load lib

setup() {
    programs
}

# after_filter FILE: the calls of each box in FILE after it has loaded its filter, one name a line. (Its monitor
# loads one too, which has no listener.)
after_filter() {
    awk '{ pid = $1 }
         filtered[pid] && match($0, /[a-z_0-9]+\(/) { print substr($0, RSTART, RLENGTH - 1) }
         /seccomp\(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER/ { filtered[pid] = 1; found = 1 }
         END { exit !found }' "$1" | sort -u
}

@test "a compute box makes the five calls, whatever its script does" {
    bundle b '"options":{}' <<'LUA'
local t = {}
for i = 1, 200000 do t[i] = (i * 7919) % 1000003 end
table.sort(t)
print(os.time(), os.clock(), os.date(), os.getenv("HOME"), math.random())
io.write("x", "\n")
for line in io.lines() do print(line) end
box.log.info("a log line")
collectgarbage()
pcall(string.rep, "x", 1 << 30)
local co = coroutine.wrap(function() coroutine.yield(("x"):rep(1 << 20):find("y")) end)
co()
return { done = true }
LUA
    strace -f -o "$T/trace" "$runbox" run "$T/b" >"$T/out" <<<$'one\ntwo'
    grep -q '{"done":true}' "$T/out"
    after_filter "$T/trace" >"$T/calls"
    grep -qx read "$T/calls"
    grep -qx write "$T/calls"
    refute grep -vxE 'read|write|exit_group|rt_sigreturn|clock_gettime' "$T/calls"
}

@test "no byte of the bundle is read by Lua before the filter: the start line comes after it" {
    bundle b <<<'return 1'
    strace -f -s 200 -o "$T/trace" "$runbox" run --arg '"needle"' "$T/b"
    filter=$(grep -n 'seccomp(SECCOMP_SET_MODE_FILTER' "$T/trace" | head -1 | cut -d : -f 1)
    needle=$(grep -n 'read.*needle' "$T/trace" | head -1 | cut -d : -f 1)
    [ "$filter" -lt "$needle" ]
}
