-- box.std.csv: RFC 4180, with LF accepted for CRLF. Errors name the line.
local native, check = ...
local csv = {}

-- Refuse options that a caller of a function here cannot have meant. HEADER: the type of its header.
local function hold(options, header, what)
    local sep, eol = options.sep, options.eol
    for name in pairs(options) do
        if name ~= "sep" and name ~= "header" and name ~= "eol" then
            error(('csv: no option is called "%s": there are sep, header and eol'):format(tostring(name)), 3)
        end
    end
    if sep ~= nil and (type(sep) ~= "string" or #sep ~= 1 or sep:find('["\r\n]')) then
        error("csv: sep is one byte, and no quote, CR or LF", 3)
    elseif eol ~= nil and type(eol) ~= "string" then
        error("csv: eol is a text, not a " .. type(eol), 3)
    elseif options.header and type(options.header) ~= header then
        error("csv: header is " .. what, 3)
    end
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

-- The function that returns the next record and its line, or nil, or nil and what is wrong. SOURCE: the
-- text, or a function that returns its pieces.
local function reader(source, sep)
    local stops = "[%" .. sep .. '\r\n"]'
    local last = type(source) == "string"
    local text, at, line, begun = last and source or "", 1, 1, false
    local function more()
        local pieces, size = {text:sub(at)}, 0
        repeat -- at least as much as is there, so that a long record is looked at a few times
            local piece = source()
            if piece ~= nil and type(piece) ~= "string" then
                return ("csv: line %d: the source returned a %s, not text"):format(line, type(piece))
            end
            last = piece == nil
            pieces[#pieces + 1] = piece
            size = size + #(piece or "")
        until last or size > #pieces[1]
        text, at = table.concat(pieces), 1
    end
    return function()
        local wrong
        while not wrong and not begun and not last and #text < 3 do
            wrong = more()
        end
        if not begun and text:sub(1, 3) == "\xef\xbb\xbf" then
            at = 4
        end
        begun = true
        while not wrong do
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
                return nil, ("csv: line %d: %s"):format(line + newlines(text, at, where - 1), next_at)
            end
            wrong = more()
        end
        return nil, wrong
    end
end

-- What is wrong with these names of columns, or nil.
local function twice(names, line)
    local seen = {}
    for _, name in ipairs(names) do
        if seen[name] then
            return ('csv: line %d: two columns are called "%s"'):format(line, name)
        end
        seen[name] = true
    end
end

local function named(names, fields, line)
    if #fields ~= #names then
        local count = #fields == 1 and "1 field" or #fields .. " fields"
        return nil, ("csv: line %d: %s, where the header has %d"):format(line, count, #names)
    end
    local row = {}
    for i, name in ipairs(names) do
        row[name] = fields[i]
    end
    return row
end

-- As reader(), but for the header that OPTIONS may ask for.
local function records(source, options)
    local read = reader(source, options.sep or ",")
    local names
    return function()
        local fields, line = read()
        if fields and options.header and not names then
            local wrong = twice(fields, line)
            if wrong then
                return nil, wrong
            end
            names = fields
            fields, line = read()
        end
        if fields and names then
            return named(names, fields, line)
        end
        return fields, not fields and line or nil
    end
end

local first = "true or false: the names are those of the first record"

-- An iterator over the records: arrays, or with options.header tables by the first record's names.
function csv.rows(source, options)
    if type(source) ~= "function" then
        source = check(1, source, "string")
    end
    options = check(2, options, "table", {})
    hold(options, "boolean", first)
    local read = records(source, options)
    return function()
        local row, wrong = read()
        return row or wrong and error(wrong, 2)
    end
end

function csv.parse(text, options)
    text, options = check(1, text, "string"), check(2, options, "table", {})
    hold(options, "boolean", first)
    local rows, read = native.array(), records(text, options)
    repeat
        local row, wrong = read()
        if wrong then
            error(wrong, 2)
        end
        rows[#rows + 1] = row
    until not row
    return rows
end

-- The text of an array of records. With options.header, an array of names, it is the first record, and
-- the others are tables by these names. nil is the empty field.
function csv.format(rows, options)
    rows, options = check(1, rows, "table"), check(2, options, "table", {})
    hold(options, "table", "the array of names")
    local sep = options.sep or ","
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
    local function length(row)
        if math.type(row.n) == "integer" then
            return row.n
        elseif #row == 0 and next(row) ~= nil then
            error(("csv: record %d has names, and no header says their order"):format(#out + 1), 4)
        end
        return #row
    end
    local function add(row, names)
        if type(row) ~= "table" then
            error(("csv: record %d is a %s, not a table"):format(#out + 1, type(row)), 3)
        end
        local fields, found = {}, not names
        for i = 1, names and #names or length(row) do
            local value = row[i]
            if names then
                value = row[names[i]]
            end
            found = found or value ~= nil
            fields[i] = field(value)
        end
        if not found and next(row) ~= nil then
            error(("csv: record %d has none of the header's names"):format(#out + 1), 3)
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
