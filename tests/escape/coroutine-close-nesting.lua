-- expect: ok error signal
-- Lua 5.4.4's bug 9: coroutines that each close the one before overflow the C stack. The box may crash; it may do
-- nothing else.
local previous = false
for i = 1, 30000 do
    local before = previous
    previous = coroutine.create(function()
        local c <close> = setmetatable({}, { __close = function()
            if before then assert(coroutine.close(before)) end
        end })
        coroutine.yield()
    end)
    assert(coroutine.resume(previous))
end
print(coroutine.close(previous))
