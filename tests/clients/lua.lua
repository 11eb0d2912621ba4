-- Driver of contrib/clients/lua: see README.md.
package.path = arg[0]:match("^(.*)/") .. "/../../contrib/clients/lua/?.lua;" .. package.path
local json = require("runbox_json")
local runbox = require("runbox")

local logs = json.array()
local spec = json.decode(io.read("a"))
local how = spec.start or {}

for _, name in ipairs({ "limits", "grants", "artifacts", "timeout" }) do
    how[name] = spec[name]
end
how.program = os.getenv("RUNBOX")
how.stdin = spec.stdin and assert(io.open(spec.stdin, "rb"))
local door = runbox.keep("door", {
    open = function(how_far)
        return "open " .. how_far
    end,
    slam = function(f)
        return f("bang")
    end,
})
local kept
how.calls = {
    map = function(params)
        local answers = json.array()

        for i, value in ipairs(params.list) do
            answers[i] = assert(params.f(value))
        end
        return answers
    end,
    try = function(f)
        local answer, why = f()

        return answer or "caught: " .. why
    end,
    keep = function(f)
        kept = f
        f("now")
    end,
    late = function()
        return kept()
    end,
    door = function()
        return door
    end,
    same = function(params)
        return params[1] == door
    end,
    add = function(params)
        return params[1] + params[2]
    end,
    echo = function(params)
        return params
    end,
    fail = function()
        return nil, "no such host: é"
    end,
    bug = function()
        error("a bug of the caller's")
    end,
    long = function()
        return ("x"):rep(2000000)
    end,
}
function how.log(level, text)
    logs[#logs + 1] = json.array({ level, text })
end

local done, failure = runbox.run(spec.bundle, how)

if done then
    for name, bytes in pairs(done.artifacts) do
        done.artifacts[name] = #bytes
    end
    done.logs = logs
else
    done = { error = failure.message, exit_code = failure.exit_code, timeout = failure.timeout, status = failure.status,
        output = failure.output, logs = logs, report = failure.report }
end
print(json.encode(done))
