-- expect: ok
-- Programs at the limits of the compiler: constants, upvalues, registers, jumps, labels, lines (Lua 5.4.4's wrong code
-- for many constants and for bitwise ones among them).
local function try(source, ...)
    local f = load(source)
    if f then pcall(f, ...) end
end
local constants = {}
for i = 1, 70000 do constants[i] = "x = " .. i .. ".5" end
try("local x; " .. table.concat(constants, " "))
try("local t = {" .. table.concat(constants, ","):gsub("x = ", "") .. "} return t[1] // 0.5")
for i, n in ipairs { 200, 201, 255, 256, 300 } do
    local names = {}
    for j = 1, n do names[j] = "v" .. j end
    try("local " .. table.concat(names, ",") .. " = ...")
    try("local function f(" .. table.concat(names, ",") .. ") return v1 end f(...)", 1)
    try("return " .. table.concat(names, ".."))
    try("f(" .. table.concat(names, ",") .. ")")
    try("local v1 return function() return " .. table.concat(names, "+") .. " end")
end
for _, e in ipairs { "1 & 2.0", "1 | 2^53", "1.5 << 1", "3 ~ 'x'", "~1.0", "'10' << 1", "1 >> 64", "1 << -64", "x & 3.0", "1 // 0", "1 % 0", "2^63 | 0" } do
    try("local x <const> = 7 return " .. e)
    try("local x = 7 return x & 1 | " .. e)
    try(("local x = " .. e .. " "):rep(300))
end
try("goto a " .. ("do "):rep(190) .. "::a:: " .. ("end "):rep(190))
try(("::l%d:: "):rep(3000):gsub("%%d", function() return tostring(math.random(1 << 30)) end) .. " goto none")
try("while true do " .. ("x = x + 1 "):rep(50000) .. " break end")
try(("\n"):rep(3000000) .. "error()")
try("return '" .. ("\\z \n"):rep(10000) .. "'")
try("return [" .. ("="):rep(100000) .. "[x]" .. ("="):rep(100000) .. "]")
try("return 0x" .. ("f"):rep(100000) .. "p99999999999")
try("return '\\u{7FFFFFFF}\\u{FFFFFFFFF}'")
try("local x <close>, y <const> = nil, 1; y = 2")
try("for i = math.maxinteger - 1, math.maxinteger do end for i = 1, 0, 0 do end")
