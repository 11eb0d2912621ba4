#!/usr/bin/env bats
# No text that a script can make or cause shows an address: a number of the run's own, the same in every run.

load lib

setup() {
    programs
    bundle b '"seccomp":{"profile":"files"}' <<'END'
local t, f, c = {}, function() end, coroutine.create(print)
print(t, f, c, print, string.format("%s %s", t, f))
assert(tostring(t) == tostring(t) and tostring(t) ~= tostring({}))
assert(string.format("%p", t) == tostring(t):match("0x%x+"))
assert(string.format("%p %p %p", 1, true, nil) == "(null) (null) (null)")
assert(string.format("%p", "text") == string.format("%p", "te" .. "xt"))
print(string.format("%p %p %p %p %p", t, f, c, print, "text"))
print(setmetatable({}, {__name = "Named"}), box.null, io.stdout, box)
local file = io.open("/bundle/main.lua")
print(file, string.format("%p", file))
file:close()
print(file)
box.log.error(t, f)
print(pcall(error, t))
print(select(2, pcall(string.rep, t)), select(2, pcall(function() return t + 1 end)))
print(select(2, pcall(function() return t < f end)), select(2, pcall(function() return #f end)))
print(xpcall(function() local x = nil; x() end, function(m) return m end))
-- Distinct among what lives, however many have gone.
local seen, kept = {}, {}
for i = 1, 20000 do
    local o = {}
    local name = tostring(o)
    assert(not seen[name])
    seen[name] = true
    if i % 100 == 0 then kept[#kept + 1] = {o, name} end
end
collectgarbage()
for _, k in ipairs(kept) do assert(tostring(k[1]) == k[2]) end
print(tostring({}))
warn("@on") warn(tostring(t))
error(setmetatable({}, {__tostring = function(s) return "failed: " .. tostring(t) .. " " .. string.format("%p", s) end}))
END
}

# free FILE: no number of it is an address: of more than ten digits, or hexadecimal of more than seven.
free() {
    refute grep -E '0x[0-9a-f]{8,}|0x[0-9A-F]{8,}' "$1"
    refute grep -E '\b(9[34]|1[34])[0-9]{13}\b' "$1" # 0x55..., 0x7f... in decimal
}

@test "tostring, %p, print, box.log, errors, files and io: numbers, and the same ones in every run" {
    for run in 1 2 3; do
        ends 1 "$runbox" run --report "$T/report" "$T/b"
        cat "$T/out" "$T/err" "$T/report" >"$T/all"
        free "$T/all"
        grep -q '^table: 0x[0-9a-f]*	function: 0x[0-9a-f]*	thread: 0x' "$T/out"
        grep -q 'failed: table: 0x1 0x' "$T/err"
        cat "$T/out" "$T/err" >"$T/said.$run"
    done
    cmp "$T/said.1" "$T/said.2"
    cmp "$T/said.1" "$T/said.3"
}

# drawn SEED: what the script of the next test gets.
drawn() {
    echo "{\"seed\":$1}" | "$runbox" run --json "$T/r" | head -1
}

@test "math.randomseed() without a number goes on from the run's own seed" {
    records
    bundle r <<<'local a, b = math.randomseed() return {a, b, math.random(1 << 40)}'
    first=$(drawn 7)
    [[ "$first" = *Result* ]]
    [ "$(drawn 7)" = "$first" ]
    [ "$(drawn 8)" != "$first" ]
}

# Where a key is met says where it is kept, which of an object is its address by the size of the table (ltable.c).
@test "next: objects and functions of C among numbers are met in the same places in every run, warm ones too" {
    bundle places '"limits":{"memory":"64M"}' <<'END'
local iter, _, _ = ipairs({})
local std = {}
for i, name in ipairs {"base64", "csv", "date", "hash", "json", "text"} do std[i] = require("box.std." .. name) end
local keys = {print, next, debug.traceback, loadfile, std[4], std[4].md5, std[4].sha512, std[5].decode, std[6].hex, string.format, table.sort, coroutine.wrap, math.sin, utf8.char, box.log.info, box.null, box, iter,
              utf8.codes("x"), {}, function() end, coroutine.create(print), setmetatable({}, {})}
local lines = {}
for _, bits in ipairs {8, 11, 13, 14} do
    local t, met, n = {}, {}, 0
    for i = 1, (1 << bits) - #keys - 1 do t[i * 7919 + (1 << 40)] = 0 end
    for i, key in ipairs(keys) do t[key] = i end
    for _, which in next, t do
        n = n + 1
        if which > 0 then met[#met + 1] = which .. "@" .. n end
    end
    lines[#lines + 1] = table.concat(met, " ")
end
assert(pairs({}) == next and ipairs({}) == iter and utf8.codes("") == utf8.codes("x"))
return lines
END
    for run in 1 2 3; do
        echo "{}" | "$runbox" run --json "$T/places" | jq -c '.Result // empty' >"$T/met.$run"
        [ "$(jq 'map(split(" ") | length) | add' "$T/met.$run")" -eq $((4 * 23)) ]
        cmp "$T/met.1" "$T/met.$run"
    done
    for run in 1 2 3; do
        yes '{}' | head -3 | "$runbox" batch "$T/places" 2>/dev/null | jq -c .result | sort -u >"$T/warm.$run"
        [ "$(jq 'map(split(" ") | length) | add' "$T/warm.$run")" -eq $((4 * 23)) ]
        cmp "$T/warm.1" "$T/warm.$run"
    done
}
