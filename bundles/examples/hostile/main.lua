-- Tries to get out, in the ways that Lua offers, and reports each as blocked. An attempt that gets
-- through is an error, so that the run fails.
local attempts = require("attempts")

-- What stopped it, on one line and not too long.
local function reason(ok, value, why)
    local text = ok and (why or "nothing there") or value

    return (tostring(text):gsub("^[^:]*:%d+: ", ""):gsub("%c", "?"):sub(1, 100))
end

function run()
    local blocked, through = box.json.array(), {}

    for _, attempt in ipairs(attempts) do
        local ok, value, why = pcall(attempt.try)

        if ok and value then
            through[#through + 1] = attempt.name
            box.log.error("got through: " .. attempt.name)
        else
            blocked[#blocked + 1] = attempt.name
            print(("blocked: %s (%s)"):format(attempt.name, reason(ok, value, why)))
        end
    end
    if #through > 0 then
        error("got through: " .. table.concat(through, ", "), 0)
    end
    box.log.success(("all %d attempts were blocked"):format(#blocked))
    return { blocked = blocked }
end
