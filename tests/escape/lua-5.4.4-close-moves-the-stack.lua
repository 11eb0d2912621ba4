-- expect: ok error signal
-- Lua 5.4.4: closing a variable could move the stack under a caller's pointer (lua_settop); here from generic for,
-- errors, breaks, returns and coroutines, each with a __close that grows the stack.
local function grow(n)
    if n > 0 then return 1 + grow(n - 1) end
    return 1
end
local function closing(n)
    return setmetatable({}, { __close = function() grow(n) end })
end
for n = 1, 1500, 50 do
    pcall(function()
        for a, b in function(_, i) if (i or 0) < 3 then return (i or 0) + 1, { i } end end, nil, nil, closing(n) do
            local x <close> = closing(n)
            if a == 2 then break end
        end
    end)
    pcall(function()
        local x <close>, y = closing(n)
        error(setmetatable({}, { __tostring = function() return grow(n) .. "" end }))
    end)
    local co = coroutine.wrap(function(...)
        local x <close> = closing(n)
        local y <close> = closing(n * 2)
        return coroutine.yield(...), select("#", ...), grow(n)
    end)
    co(table.unpack({}, 1, 100))
    pcall(co, n)
    pcall(select, -1, table.unpack({}, 1, 200))
end
