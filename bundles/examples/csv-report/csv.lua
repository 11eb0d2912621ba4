-- Records of a CSV text (RFC 4180), one at a time: quoted fields may hold the delimiter, line breaks
-- and doubled quotes. Only the record at hand is kept in memory.
local csv = {}

local QUOTE = '"'

-- One line without its "\n" or "\r\n"; nil at the end.
local function clean(line)
    return line and line:gsub("\r?\n$", "")
end

-- The quoted field that begins after the quote at `at`: its text, and where it ends. A field that
-- goes on in the next line asks `more` for it.
local function quoted(line, at, more, number)
    local parts = {}

    while true do
        local stop = line:find(QUOTE, at, true)

        if not stop then
            parts[#parts + 1] = line:sub(at) .. "\n"
            line, at = clean(more()), 1
            if not line then
                error(("line %d: a quoted field does not end"):format(number), 0)
            end
        elseif line:sub(stop + 1, stop + 1) == QUOTE then
            parts[#parts + 1] = line:sub(at, stop)
            at = stop + 2
        else
            parts[#parts + 1] = line:sub(at, stop - 1)
            return table.concat(parts), line, stop + 1
        end
    end
end

local function record(line, delimiter, more, number)
    local fields, at = {}, 1

    while true do
        if line:sub(at, at) == QUOTE then
            fields[#fields + 1], line, at = quoted(line, at + 1, more, number)
            if at <= #line and line:sub(at, at) ~= delimiter then
                error(("line %d: text after a quoted field"):format(number), 0)
            end
        else
            local stop = line:find(delimiter, at, true) or #line + 1

            fields[#fields + 1] = line:sub(at, stop - 1)
            at = stop
        end
        if at > #line then
            return fields
        end
        at = at + 1
    end
end

-- for number, fields in csv.records(next_line, delimiter): `number` is the line where the record
-- begins. Empty lines are no records.
function csv.records(next_line, delimiter)
    local count = 0
    local function more()
        count = count + 1
        return next_line()
    end

    return function()
        local line

        repeat
            line = clean(more())
        until line ~= ""
        if line then
            local number = count

            return number, record(line, delimiter, more, number)
        end
    end
end

return csv
