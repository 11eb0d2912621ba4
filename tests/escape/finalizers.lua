-- expect: instructions
-- manifest: "limits":{"instructions":20000000}
-- __gc that never ends, kept alive by itself: no limit is dodged in a finalizer.
local meta = {}
meta.__gc = function()
    setmetatable({}, meta)
    while true do
        pcall(error)
    end
end
for i = 1, 10 do setmetatable({}, meta) end
collectgarbage()
while true do
    pcall(collectgarbage)
end
