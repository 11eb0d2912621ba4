-- expect: ok
-- Coroutines: nested, closed while they run, yielding where they may not, a hundred thousand at once.
local function nest(n)
    return coroutine.wrap(function() return nest(n + 1)() end)
end
pcall(nest(1))
local co
co = coroutine.create(function() return coroutine.close(co) end)
pcall(coroutine.resume, co)
co = coroutine.create(function() return coroutine.resume(co) end)
pcall(coroutine.resume, co)
pcall(coroutine.close, coroutine.running())
pcall(coroutine.yield)
pcall(table.sort, { 3, 2, 1 }, coroutine.yield)
pcall(string.gsub, "x", "x", coroutine.yield)
pcall(coroutine.wrap(function() table.sort({ 3, 2, 1 }, coroutine.yield) end))
local dead = coroutine.wrap(error)
pcall(dead)
pcall(dead)
local many = {}
for i = 1, 20000 do
    many[i] = coroutine.create(function(...) coroutine.yield(...) error(i) end)
    coroutine.resume(many[i], i)
end
for i = 1, 20000, 2 do coroutine.close(many[i]) end
many = nil
collectgarbage()
for i = 1, 100 do
    local c = coroutine.wrap(function()
        local x <close> = setmetatable({}, { __close = function() coroutine.yield(1) error(2) end })
        local y <close> = setmetatable({}, { __close = function() coroutine.yield(3) error(4) end })
        error(5)
    end)
    pcall(c) pcall(c) pcall(c) pcall(c)
end
