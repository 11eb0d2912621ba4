-- box.std.text: what string does not have. Separators, prefixes and the like are plain, no patterns.
local native, check = ...
local text = {}

-- An array of the pieces; at most MOST of them, the last with the rest.
function text.split(s, sep, most)
    s, sep = check(1, s, "string"), check(2, sep, "string")
    most = check(3, most, "integer", math.maxinteger)
    if sep == "" then
        error("bad argument #2 to 'split' (a separator has a byte or more)", 2)
    end
    local pieces, at = native.array(), 1
    while #pieces + 1 < most do
        local first, last = s:find(sep, at, true)
        if not first then
            break
        end
        pieces[#pieces + 1] = s:sub(at, first - 1)
        at = last + 1
    end
    pieces[#pieces + 1] = s:sub(at)
    return pieces
end

-- An array of the lines, without their ends (LF or CRLF).
function text.lines(s)
    s = check(1, s, "string")
    local lines = native.array()
    for line, stop in s:gmatch("([^\n]*)(\n?)") do
        if line ~= "" or stop ~= "" then
            lines[#lines + 1] = stop == "\n" and line:gsub("\r$", "") or line
        end
    end
    return lines
end

function text.trim(s)
    s = check(1, s, "string")
    local first = s:find("%S")
    return first and s:match(".*%S", first) or ""
end

function text.starts(s, prefix)
    s, prefix = check(1, s, "string"), check(2, prefix, "string")
    return s:sub(1, #prefix) == prefix
end

function text.ends(s, suffix)
    s, suffix = check(1, s, "string"), check(2, suffix, "string")
    return suffix == "" or s:sub(-#suffix) == suffix
end

-- The text with TO for each FROM, and how many there were.
function text.replace(s, from, to)
    s, from, to = check(1, s, "string"), check(2, from, "string"), check(3, to, "string")
    if from == "" then
        error("bad argument #2 to 'replace' (a byte or more expected)", 2)
    end
    local pieces = text.split(s, from)
    return table.concat(pieces, to), #pieces - 1
end

-- The Lua pattern that matches S itself.
function text.escape(s)
    return (check(1, s, "string"):gsub("%W", "%%%0"))
end

-- An array of lines of at most WIDTH characters, broken at white space; a longer word has its own.
function text.wrap(s, width)
    s, width = check(1, s, "string"), check(2, width, "integer")
    local lines, line, used = native.array(), nil, 0
    for word in s:gmatch("%S+") do
        local size = utf8.len(word) or #word
        if line and used + 1 + size <= width then
            line, used = line .. " " .. word, used + 1 + size
        else
            lines[#lines + 1] = line
            line, used = word, size
        end
    end
    lines[#lines + 1] = line
    return lines
end

function text.hex(bytes)
    return (check(1, bytes, "string"):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

function text.unhex(digits)
    digits = check(1, digits, "string")
    if #digits % 2 ~= 0 or digits:find("%X") then
        error("these are no pairs of hexadecimal digits", 2)
    end
    return (digits:gsub("..", function(pair) return string.char(tonumber(pair, 16)) end))
end

return text
