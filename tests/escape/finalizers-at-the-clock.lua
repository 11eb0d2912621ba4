-- expect: cpu_time
-- manifest: "limits":{"cpu_time":"200ms"}
-- A finalizer that runs for ever in one long C call after another: the clock is outside.
local subject, pattern = ("a"):rep(60), ("a?"):rep(60) .. ("a"):rep(60)
setmetatable({}, { __gc = function()
    while true do
        pcall(string.find, subject, pattern)
    end
end })
collectgarbage()
