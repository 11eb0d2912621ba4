-- expect: ok
-- Lua 5.4.4's collector: objects made by finalizers in a cycle without end, weak tables and ephemerons that are
-- cleared meanwhile, values resurrected in to-be-closed variables.
-- manifest: "limits":{"memory":"16M","cpu_time":"5s"}
local weak = setmetatable({}, { __mode = "kv" })
local ephemeron = setmetatable({}, { __mode = "k" })
for i = 1, 20000 do
    local k = setmetatable({ i }, { __gc = function(o)
        weak[o] = o
        ephemeron[o] = { o }
        weak[#weak + 1] = { o }
    end })
    ephemeron[k] = { k, weak }
    weak[i] = k
    if i % 500 == 0 then collectgarbage("step", 100) end
end
local function chain(n)
    local c <close> = setmetatable({}, { __close = function() weak[n] = {} collectgarbage("step") end })
    if n > 0 then return chain(n - 1) end
end
pcall(chain, 150)
collectgarbage()
collectgarbage()
