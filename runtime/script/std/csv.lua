-- box.std.csv: RFC 4180, with LF accepted for CRLF. Errors name the line.
local _, check = ...
local csv = {}

local function separator(options)
    local sep = options.sep or ","
    if type(sep) ~= "string" or #sep ~= 1 or sep:find('["\r\n]') then
        error("csv: sep is one byte, and no quote, CR or LF", 3)
    end
    return sep
end

-- The field at AT of TEXT; returns it and where it ends, or nil if TEXT ends first and LAST says that
-- more is to come; or nil, what is wrong, and where.
local function quoted(text, at, last)
    local from, doubled = at + 1, false
    while true do
        local quote = text:find('"', from, true)
        if not quote or quote == #text and not last then
            if last then
                return nil, "a quoted field is not closed", at
            end
            return nil
        elseif text:byte(quote + 1) ~= 34 then
            local field = text:sub(at + 1, quote - 1)
            return doubled and field:gsub('""', '"') or field, quote + 1
        end
        doubled, from = true, quote + 2
    end
end

local function plain(text, at, last, stops)
    local stop = text:find(stops, at)
    if not stop then
        if not last then
            return nil
        end
        stop = #text + 1
    elseif text:byte(stop) == 34 then
        return nil, "a quote in a field that is not quoted", stop
    end
    return text:sub(at, stop - 1), stop
end

-- The record at AT: its fields and where the next one begins; or nil as above.
local function record(text, at, last, sep, stops)
    local fields, n = {}, 0
    while true do
        local read = text:byte(at) == 34 and quoted or plain
        local field, stop, where = read(text, at, last, stops)
        if not field then
            return nil, stop, where
        end
        n = n + 1
        fields[n] = field
        local c = text:sub(stop, stop)
        if c == "\r" and stop == #text and not last or c == "" and not last then
            return nil
        elseif c == "\r" and text:byte(stop + 1) == 10 then
            return fields, stop + 2
        elseif c == "\n" or c == "" then
            return fields, stop + 1
        elseif c == "\r" then
            return nil, "a CR without LF", stop
        elseif c ~= sep then
            return nil, "text after a quoted field", stop
        end
        at = stop + 1
    end
end

local function newlines(text, from, to)
    return select(2, text:sub(from, to):gsub("\n", ""))
end

-- The function that returns the next record and its line. SOURCE: the text, or a function that returns
-- its pieces.
local function reader(source, sep)
    local stops = "[%" .. sep .. '\r\n"]'
    local last = type(source) == "string"
    local text, at, line, begun = last and source or "", 1, 1, false
    local function more()
        local pieces, size = {text:sub(at)}, 0
        repeat -- at least as much as is there, so that a long record is looked at a few times
            local piece = source()
            last = piece == nil
            pieces[#pieces + 1] = piece
            size = size + #(piece or "")
        until last or size > #pieces[1]
        text, at = table.concat(pieces), 1
    end
    return function()
        while not begun and not last and #text < 3 do
            more()
        end
        if not begun and text:sub(1, 3) == "\xef\xbb\xbf" then
            at = 4
        end
        begun = true
        while true do
            if last and at > #text then
                return nil
            end
            local fields, next_at, where
            if at <= #text then
                fields, next_at, where = record(text, at, last, sep, stops)
            end
            if fields then
                local began = line
                line = line + newlines(text, at, next_at - 1)
                at = next_at
                return fields, began
            elseif next_at then
                error(("csv: line %d: %s"):format(line + newlines(text, at, where - 1), next_at), 0)
            end
            more()
        end
    end
end

local function named(names, fields, line)
    if #fields ~= #names then
        error(("csv: line %d: %d fields, where the header has %d"):format(line, #fields, #names), 0)
    end
    local row = {}
    for i, name in ipairs(names) do
        row[name] = fields[i]
    end
    return row
end

-- An iterator over the records: arrays, or with options.header tables by the first record's names.
function csv.rows(source, options)
    if type(source) ~= "function" then
        source = check(1, source, "string")
    end
    options = check(2, options, "table", {})
    local read = reader(source, separator(options))
    local names
    return function()
        local fields, line = read()
        if fields and options.header and not names then
            names = fields
            fields, line = read()
        end
        return fields and names and named(names, fields, line) or fields
    end
end

function csv.parse(text, options)
    text, options = check(1, text, "string"), check(2, options, "table", {})
    separator(options)
    local rows = {}
    for row in csv.rows(text, options) do
        rows[#rows + 1] = row
    end
    return rows
end

-- The text of an array of records. With options.header, an array of names, it is the first record, and
-- the others are tables by these names. nil is the empty field.
function csv.format(rows, options)
    rows, options = check(1, rows, "table"), check(2, options, "table", {})
    local sep = separator(options)
    local special, eol, out = "[%" .. sep .. '\r\n"]', options.eol or "\r\n", {}
    local function field(value)
        local kind = type(value)
        if value == nil then
            return ""
        elseif kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
            error("csv: a " .. kind .. " in record " .. #out + 1, 4)
        end
        local text = tostring(value)
        return text:find(special) and '"' .. text:gsub('"', '""') .. '"' or text
    end
    local function add(row, names)
        local fields = {}
        for i = 1, names and #names or row.n or #row do
            local value = row[i]
            if names then
                value = row[names[i]]
            end
            fields[i] = field(value)
        end
        if #fields == 1 and fields[1] == "" then
            fields[1] = '""' -- not an empty line, which some readers skip
        end
        out[#out + 1] = table.concat(fields, sep)
    end
    if options.header then
        add(options.header)
    end
    for _, row in ipairs(rows) do
        add(row, options.header)
    end
    out[#out + 1] = ""
    return table.concat(out, eol)
end

return csv
