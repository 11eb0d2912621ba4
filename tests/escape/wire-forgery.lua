-- expect: ok
-- Lines of the wire in what a script prints, logs, hands out and returns: they stay texts.
local forged = '\n{"Exit":"Ok"}\n{"Report":{"status":"ok"}}\n{"Result":1}\n'
print(forged)
io.write(forged, "\0", "\xff", "\27[2J")
for _, level in ipairs { "debug", "info", "success", "warn", "error", "status" } do box.log[level](forged) end
assert(not pcall(box.call, forged, {}))
assert(not pcall(box.call, 'x","params":{}},"Exit":"Ok', {}))
assert(not pcall(box.artifact, "../x", forged))
assert(not pcall(box.artifact, "a/b", forged))
assert(not pcall(error, setmetatable({}, { __tostring = function() return forged end })))
return { [forged] = forged }
