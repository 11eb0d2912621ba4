-- Renders options.template with options.data to standard output.
local parse = require("parse")

local HTML = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local escape = {
    none = function(text)
        return text
    end,
    html = function(text)
        return (text:gsub("[&<>\"']", HTML))
    end,
    -- One word for sh(1), whatever is in it.
    shell = function(text)
        return "'" .. text:gsub("'", "'\\''") .. "'"
    end,
}

-- What `path` stands for, looked for in the innermost scope first. A scope is {this, index, key, up}.
local function lookup(scope, path)
    local first = path[1]

    if not first then
        return scope.this
    elseif first == "@index" then
        return scope.index
    elseif first == "@key" then
        return scope.key
    end
    while scope do
        local value = scope.this

        for _, name in ipairs(path) do
            if type(value) ~= "table" then
                value = nil
                break
            end
            value = value[math.tointeger(name) or name]
        end
        if value ~= nil then
            return value
        end
        scope = scope.up
    end
end

local function text_of(node, value)
    if value == nil then
        error(('template:%d: nothing is called "%s" in the data'):format(node.line, node.name), 0)
    elseif value == box.null then
        return ""
    elseif type(value) == "table" then
        return box.json.encode(value)
    end
    return tostring(value)
end

local function holds(value)
    return value ~= nil and value ~= false and value ~= box.null and value ~= "" and
        not (type(value) == "table" and next(value) == nil)
end

-- An array in its order with @index, an object by the order of its names with @key.
local function elements(value, up)
    local list = {}

    if type(value) ~= "table" then
        return list
    end
    for i, element in ipairs(value) do
        list[i] = { this = element, index = i, up = up }
    end
    if #list == 0 then
        for key, element in pairs(value) do
            list[#list + 1] = { this = element, key = key, up = up }
        end
        table.sort(list, function(a, b)
            return a.key < b.key
        end)
    end
    return list
end

local function render(nodes, scope, out, quote)
    for _, node in ipairs(nodes) do
        if type(node) == "string" then
            out[#out + 1] = node
        elseif node.kind == "value" then
            local text = text_of(node, lookup(scope, node.path))

            out[#out + 1] = node.raw and text or quote(text)
        elseif node.kind == "if" then
            render(holds(lookup(scope, node.path)) and node.body or node.other or {}, scope, out, quote)
        else
            local list = elements(lookup(scope, node.path), scope)

            for _, element in ipairs(list) do
                render(node.body, element, out, quote)
            end
            if #list == 0 then
                render(node.other or {}, scope, out, quote)
            end
        end
    end
end

function run()
    local out = {}

    render(parse.template(box.options.template), { this = box.options.data }, out, escape[box.options.escape])
    io.write(table.concat(out))
end
