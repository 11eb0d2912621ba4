-- Template text to a tree. A node is a text, or {kind = "value"|"each"|"if", path, raw, body, other,
-- line}. Every error names the template's line.
local parse = {}

local DEEPEST = 32

local function fail(line, text, ...)
    error(("template:%d: " .. text):format(line, ...), 0)
end

local function count_lines(text, from, to)
    return select(2, text:sub(from, to):gsub("\n", ""))
end

-- Tokens in order: {text = ...} or {tag = ..., raw = ..., line = ...}. "\{{" is "{{" as it stands.
local function tokens(text)
    local list, at, line = {}, 1, 1

    while at <= #text do
        local open = text:find("{{", at, true)

        if not open then
            list[#list + 1] = { text = text:sub(at) }
            break
        end
        local escaped = text:sub(open - 1, open - 1) == "\\" and open > at

        list[#list + 1] = { text = text:sub(at, open - (escaped and 2 or 1)) }
        line = line + count_lines(text, at, open - 1)
        if escaped then
            list[#list + 1] = { text = "{{" }
            at = open + 2
        else
            local raw = text:sub(open + 2, open + 2) == "{"
            local from = open + (raw and 3 or 2)
            local close = text:find(raw and "}}}" or "}}", from, true)

            if not close then
                fail(line, "a tag does not end")
            end
            list[#list + 1] = { tag = text:sub(from, close - 1):match("^%s*(.-)%s*$"), raw = raw, line = line }
            line = line + count_lines(text, from, close - 1)
            at = close + (raw and 3 or 2)
        end
    end
    return list
end

-- "a.b.1" to {"a", "b", "1"}; "this" to {}; "@index" stays one name.
local function path_of(tag, line)
    local path = {}

    if tag == "this" then
        return path
    end
    if not tag:find("^@?[%w_%-]+$") and not tag:find("^[%w_%-]+[%w_%-.]*[%w_%-]$") or tag:find("..", 1, true) then
        fail(line, "{{%s}} is not a name", tag)
    end
    for name in tag:gmatch("[^.]+") do
        path[#path + 1] = name
    end
    if path[1] == "this" then
        table.remove(path, 1)
    end
    return path
end

local function begin(stack, kind, name, line)
    local node = { kind = kind, path = path_of(name, line), body = {}, line = line }
    local top = stack[#stack]

    if #stack > DEEPEST then
        fail(line, "nested more than %d deep", DEEPEST)
    end
    table.insert(top.into, node)
    stack[#stack + 1] = { node = node, into = node.body }
end

local function otherwise(stack, line)
    local top = stack[#stack]

    if not top.node or top.node.other then
        fail(line, "{{else}} has no {{#if}} or {{#each}}")
    end
    top.node.other = {}
    top.into = top.node.other
end

local function finish(stack, kind, line)
    local node = stack[#stack].node

    if not node or node.kind ~= kind then
        fail(line, "{{/%s}} closes nothing", kind)
    end
    stack[#stack] = nil
end

local function tag(stack, token)
    local text, line = token.tag, token.line
    local kind, name = text:match("^#(%a+)%s+(.+)$")
    local closed = text:match("^/(%a+)$")

    if kind == "each" or kind == "if" then
        begin(stack, kind, name, line)
    elseif closed == "each" or closed == "if" then
        finish(stack, closed, line)
    elseif text == "else" then
        otherwise(stack, line)
    elseif text:sub(1, 1) ~= "!" then -- {{! a comment }}
        table.insert(stack[#stack].into, { kind = "value", path = path_of(text, line), name = text, raw = token.raw, line = line })
    end
end

function parse.template(text)
    local root = {}
    local stack = { { into = root } }

    for _, token in ipairs(tokens(text)) do
        if token.text then
            table.insert(stack[#stack].into, token.text)
        else
            tag(stack, token)
        end
    end
    if #stack > 1 then
        local node = stack[#stack].node

        fail(node.line, "{{#%s}} is not closed", node.kind)
    end
    return root
end

return parse
