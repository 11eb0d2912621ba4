-- expect: ok error signal memory
-- Coroutines that are resumed and closed by finalizers of others, with to-be-closed variables pending.
for i = 1, 300 do
    local inner = coroutine.create(function()
        local c <close> = setmetatable({}, { __close = function() collectgarbage() error({}) end })
        coroutine.yield()
    end)
    coroutine.resume(inner)
    setmetatable({}, { __gc = function()
        coroutine.close(inner)
        coroutine.wrap(function()
            local d <close> = setmetatable({}, { __close = function() error("again") end })
            error("first")
        end)()
    end })
    if i % 10 == 0 then collectgarbage() end
end
