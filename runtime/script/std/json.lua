-- box.std.json: the functions of box.json, box.null as null, and text for people.
local json, check = ...
json.null = json.decode("[null]")[1]

-- Indent the text that encode made.
function json.pretty(value, indent)
    indent = check(2, indent, "string", "  ")
    local text, out, depth, at = json.encode(value), {}, 0, 1

    local function add(piece, deeper)
        depth = depth + (deeper or 0)
        out[#out + 1] = piece
    end
    while at <= #text do
        local c = text:sub(at, at)
        local pair = text:sub(at, at + 1)
        if c == '"' then
            local stop = at
            repeat
                stop = text:find('["\\]', stop + 1)
                local escaped = text:sub(stop, stop) == "\\"
                stop = escaped and stop + 1 or stop
            until not escaped
            add(text:sub(at, stop))
            at = stop
        elseif pair == "{}" or pair == "[]" then
            add(pair)
            at = at + 1
        elseif c == "{" or c == "[" then
            add(c .. "\n" .. indent:rep(depth + 1), 1)
        elseif c == "}" or c == "]" then
            add("\n" .. indent:rep(depth - 1) .. c, -1)
        elseif c == "," then
            add(",\n" .. indent:rep(depth))
        elseif c == ":" then
            add(": ")
        else
            local word = text:match("^[^%]},]+", at)
            add(word)
            at = at + #word - 1
        end
        at = at + 1
    end
    return table.concat(out)
end

return json
