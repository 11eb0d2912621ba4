-- expect: memory
-- manifest: "limits":{"memory":"16M"}
-- All memory, again and again, in every shape; the error of each is caught. At the end none is left for the result.
local function fill(f)
    local t, i = {}, 0
    local ok = pcall(function()
        while true do
            i = i + 1
            t[i] = f(i)
        end
    end)
    assert(not ok)
    return i
end
fill(function(i) return ("x"):rep(i) end)
fill(function() return {} end)
fill(function(i) return { i, tostring(i), [i * 1.5] = true } end)
fill(function() return coroutine.create(print) end)
fill(function(i) return load("return " .. i) end)
fill(function() return setmetatable({}, { __gc = function() error("no") end }) end)
for i = 0, 62 do pcall(string.rep, "x", 1 << i) pcall(string.rep, "xyz", 1 << i, "ab") end
pcall(table.concat, { ("x"):rep(1 << 20), ("y"):rep(1 << 20) }, ("z"):rep(1 << 22), 1, 1000000)
local grown = "x"
pcall(function() while true do grown = grown .. grown end end)
pcall(function() while true do grown = grown:gsub(".", "%0%0") end end)
