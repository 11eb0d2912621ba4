#!/usr/bin/env lua5.4
-- Adds up prices from standard input, in euros: example.lua < ../prices/sample.txt
local here = arg[0]:match("^(.*)/") or "."
package.path = here .. "/?.lua;" .. package.path
local runbox = require("runbox")

local rates = { ["EUR>EUR"] = 1, ["USD>EUR"] = 0.9 }

local function rate(params)
    local known = type(params) == "table" and rates[("%s>%s"):format(params.from, params.to)]

    if not known then
        return nil, "no rate for that"
    end
    return known
end

local done, failure = runbox.run(here .. "/../prices", {
    calls = { rate = rate }, stdin = runbox.stdin, limits = { memory = "32M" }, timeout = 10, program = os.getenv("RUNBOX"),
})

if not done then
    io.stderr:write(("%s: %s\n"):format(failure.status, runbox.visible(failure.message)))
    os.exit(1)
end
io.write(done.output)
print(("%.2f %s"):format(done.result.total, done.result.currency))
print(("%d bytes of prices.csv, %d calls"):format(#done.artifacts["prices.csv"], done.report.calls))
