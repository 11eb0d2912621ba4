-- Reads CSV on standard input, groups its rows by a column and returns counts, and sums of another.
local csv = require("csv")

-- Where the column called `name` stands among `names`.
local function find(names, name)
    for i, candidate in ipairs(names) do
        if candidate == name then
            return i
        end
    end
    error(('no column "%s"; there are: %s'):format(name, table.concat(names, ", ")), 0)
end

-- Decimal numbers alone: tonumber would also take "0x10" and "  1".
local function number(text)
    if text:find("^[+-]?%d+%.?%d*$") or text:find("^[+-]?%.?%d+$") or
        text:find("^[+-]?%d+%.?%d*[eE][+-]?%d+$") then
        local value = tonumber((text:gsub("^%+", "")))

        return value and value - value == 0 and value or nil
    end
end

-- Integers stay exact as long as they fit; past that, the sum goes on as a float.
local function add(a, b)
    if math.type(a) == "integer" and math.type(b) == "integer" then
        local sum = a + b

        if (a ~ sum) & (b ~ sum) >= 0 then
            return sum
        end
    end
    return a + 0.0 + b
end

local function count(group, value)
    group.rows = group.rows + 1
    if value then
        group.numbers = group.numbers + 1
        group.sum = add(group.sum, value)
        group.min = math.min(group.min or value, value)
        group.max = math.max(group.max or value, value)
    end
end

local function read_groups(options, report)
    local groups, list, names, key_at, value_at = {}, {}, nil, nil, nil

    for line, fields in csv.records(io.stdin:lines("L"), options.delimiter) do
        if not names then
            names = fields
            names[1] = names[1]:gsub("^\u{feff}", "")
            key_at = find(names, options.column)
            value_at = options.value and find(names, options.value)
        elseif #fields ~= #names then
            error(("line %d: the number of fields is %d, not %d"):format(line, #fields, #names), 0)
        else
            local key = fields[key_at]
            local value = value_at and number(fields[value_at])

            if not groups[key] then
                groups[key] = { key = key, rows = 0, numbers = 0, sum = 0 }
                list[#list + 1] = groups[key]
            end
            count(groups[key], value)
            report.rows = report.rows + 1
            if value_at and not value then
                report.not_numbers = report.not_numbers + 1
            end
        end
    end
    if not names then
        error("the input is empty; a line of column names was expected", 0)
    end
    return list
end

-- The largest first, by sum where there is one; equal ones by name, so that a report repeats.
local function order(by_sum)
    return function(a, b)
        local x, y = by_sum and a.sum or a.rows, by_sum and b.sum or b.rows

        if x ~= y then
            return x > y
        end
        return a.key < b.key
    end
end

function run()
    local options = box.options
    local report = { column = options.column, value = options.value, rows = 0, not_numbers = 0 }
    local list = read_groups(options, report)

    table.sort(list, order(options.value))
    report.group_count = #list
    report.groups = box.json.array()
    for i = 1, math.min(#list, options.top) do
        local group = list[i]
        local has_sum = group.numbers > 0

        report.groups[i] = {
            key = group.key,
            rows = group.rows,
            sum = has_sum and group.sum or nil,
            mean = has_sum and group.sum / group.numbers or nil,
            min = group.min,
            max = group.max,
        }
    end
    if report.not_numbers > 0 then
        box.log.warn(("%d rows have no number in column %s"):format(report.not_numbers, options.value))
    end
    if not options.value then
        report.not_numbers = nil
    end
    return report
end
