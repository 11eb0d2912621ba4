-- JSON for runbox.lua, and base64. Integers stay 64-bit integers; null inside a value is json.null; an array that is empty
-- is marked by json.array. Decodes lines of runbox's, which are strictly JSON; encodes what a caller made, and
-- names what has no JSON form.
local json = {}

local DEPTH_MAX = 127

json.null = setmetatable({}, {
    __tostring = function()
        return "null"
    end,
})

local array_meta = { __name = "array" }

function json.array(values)
    return setmetatable(values or {}, array_meta)
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function encode_string(value)
    if not utf8.len(value) then
        error("a string that is not UTF-8 has no JSON form", 0)
    end
    return '"' .. value:gsub('[%c"\\]', function(c)
        return escapes[c] or ("\\u%04x"):format(c:byte())
    end) .. '"'
end

local function encode_number(value)
    if math.type(value) == "integer" then
        return ("%d"):format(value)
    end
    if value ~= value or value == math.huge or value == -math.huge then
        error(("%s has no JSON form"):format(value), 0)
    end
    local text = ("%.17g"):format(value)

    return text:find("[.e]") and text or text .. ".0"
end

local encode

local function encode_array(value, depth, give)
    local items, count = {}, #value

    for i in pairs(value) do
        if math.type(i) ~= "integer" or i < 1 or i > count then
            error(("a list that also has %s has no JSON form"):format(tostring(i)), 0)
        end
    end
    for i = 1, count do
        items[i] = encode(value[i], depth, give)
    end
    return "[" .. table.concat(items, ",") .. "]"
end

local function encode_object(value, depth, give)
    local items = {}

    for name, item in pairs(value) do
        if type(name) ~= "string" then
            error(("a table with a member that is called %s has no JSON form"):format(tostring(name)), 0)
        end
        items[#items + 1] = encode_string(name) .. ":" .. encode(item, depth, give)
    end
    return "{" .. table.concat(items, ",") .. "}"
end

function encode(value, depth, give)
    local kind = type(value)

    if depth > DEPTH_MAX then
        error("more than 127 levels have no place on the wire", 0)
    elseif value == json.null then
        return "null"
    elseif kind == "boolean" then
        return tostring(value)
    elseif kind == "number" then
        return encode_number(value)
    elseif kind == "string" then
        return encode_string(value)
    elseif kind ~= "table" then
        error(("a %s has no JSON form"):format(kind), 0)
    end
    value = give and give(value) or value
    if getmetatable(value) == array_meta or #value > 0 then
        return encode_array(value, depth + 1, give)
    end
    return encode_object(value, depth + 1, give)
end

-- GIVE, where it is there, is asked of every table what stands in its place; nil is itself.
function json.encode(value, give)
    return encode(value, 0, give)
end

local unescapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- Each decoder takes the place of its value's first byte, and returns the value and the place after it.
local function decode_string(text, at)
    local parts, from = {}, at + 1

    while true do
        local stop = text:find('["\\]', from)

        parts[#parts + 1] = text:sub(from, stop - 1)
        if text:byte(stop) == 0x22 then
            return table.concat(parts), stop + 1
        end
        local escape = text:sub(stop + 1, stop + 1)

        from = stop + 2
        if escape == "u" then
            local code = tonumber(text:sub(from, from + 3), 16)

            from = from + 4
            if code >= 0xd800 and code < 0xe000 then -- the other half follows
                code = 0x10000 + ((code - 0xd800) << 10) + tonumber(text:sub(from + 2, from + 5), 16) - 0xdc00
                from = from + 6
            end
            parts[#parts + 1] = utf8.char(code)
        else
            parts[#parts + 1] = unescapes[escape] or escape
        end
    end
end

local function skip(text, at)
    return text:find("[^ \t\r\n]", at)
end

local decode

local function decode_array(text, at)
    local items = json.array()

    at = skip(text, at + 1)
    while text:byte(at) ~= 0x5d do
        items[#items + 1], at = decode(text, at)
        at = skip(text, at)
        at = text:byte(at) == 0x2c and skip(text, at + 1) or at
    end
    return items, at + 1
end

local function decode_object(text, at)
    local members = {}

    at = skip(text, at + 1)
    while text:byte(at) ~= 0x7d do
        local name

        name, at = decode_string(text, at)
        at = skip(text, skip(text, at) + 1)
        members[name], at = decode(text, at)
        at = skip(text, at)
        at = text:byte(at) == 0x2c and skip(text, at + 1) or at
    end
    return members, at + 1
end

function decode(text, at)
    local first = text:sub(at, at)

    if first == '"' then
        return decode_string(text, at)
    elseif first == "{" then
        return decode_object(text, at)
    elseif first == "[" then
        return decode_array(text, at)
    elseif first == "t" then
        return true, at + 4
    elseif first == "f" then
        return false, at + 5
    elseif first == "n" then
        return json.null, at + 4
    end
    local last = select(2, text:find("^[-+.%deE]+", at))

    return tonumber(text:sub(at, last)), last + 1
end

function json.decode(text)
    return (decode(text, skip(text, 1)))
end

local sextets = {}

for i = 0, 63 do
    sextets[("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"):sub(i + 1, i + 1)] = i
end

function json.from_base64(text)
    return (text:gsub("(.)(.)(.)(.)", function(a, b, c, d)
        local n = sextets[a] << 18 | sextets[b] << 12 | (sextets[c] or 0) << 6 | (sextets[d] or 0)

        return string.char(n >> 16, n >> 8 & 255, n & 255):sub(1, c == "=" and 1 or d == "=" and 2 or 3)
    end))
end

return json
