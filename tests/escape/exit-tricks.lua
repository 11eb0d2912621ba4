-- expect: error
-- Ends of its own making: no exit, no abort, and an error object that is itself hostile.
assert(os.exit == nil and os.execute == nil and os.remove == nil and os.tmpname == nil)
error(setmetatable({}, { __tostring = function()
    return setmetatable({}, { __tostring = function() error("again") end })
end, __name = "\27]0;evil\7" }))
