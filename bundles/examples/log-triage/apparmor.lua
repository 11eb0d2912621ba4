-- Denials of AppArmor as the kernel audits them: apparmor="DENIED" operation="open" profile="..."
-- name="..." denied_mask="r" .... Names hold what any program asked for: they are quoted, and their
-- glob characters escaped, so that a rule allows the one file and no more.
local apparmor = {}

-- NAME="text", or NAME=HEX where the text holds quotes, spaces or control characters.
local function field(text, name)
    local quoted = text:match("%f[%w_]" .. name .. '="([^"]*)"')

    if quoted then
        return quoted
    end
    local hex = text:match("%f[%w_]" .. name .. "=(%x+)%f[%X]")

    if hex and #hex % 2 == 0 then
        return (hex:gsub("%x%x", function(digits)
            return string.char(tonumber(digits, 16))
        end))
    end
end

-- A word of the kernel's own: an operation, a capability, a family.
local function word(text, name)
    local value = field(text, name)

    return value and value:find("^[%l%d_]+$") and value or nil
end

-- Text for a rule, or nil where no rule should hold it.
local function safe(name)
    if not name or #name == 0 or #name > 4096 or name:find("%c") or not utf8.len(name) then
        return nil
    end
    local escaped = name:gsub('[][*?{}^\\",@]', "\\%0")

    return escaped:find("[%s#\\]") and '"' .. escaped .. '"' or escaped
end

local ORDER = { "r", "w", "a", "m", "k", "l" }

-- The kernel's mask to the letters of a rule: c (create) and d (delete) are part of w.
local function permissions(mask)
    local has, list = {}, {}

    if not mask or not mask:find("^[rwamklcdx]+$") then
        return nil
    end
    for letter in mask:gmatch(".") do
        has[(letter == "c" or letter == "d") and "w" or letter] = true
    end
    if has.w then
        has.a = nil
    end
    for _, letter in ipairs(ORDER) do
        list[#list + 1] = has[letter] and letter or nil
    end
    list[#list + 1] = has.x and "ix" or nil
    return table.concat(list)
end

local function capability(text)
    local name = word(text, "capname")

    return name and ("capability %s,"):format(name)
end

local function network(text)
    local family, kind = word(text, "family"), word(text, "sock_type")

    return family and (kind and ("network %s %s,"):format(family, kind) or ("network %s,"):format(family))
end

local function file(text)
    local name, mask = safe(field(text, "name")), permissions(field(text, "denied_mask"))

    return name and name:find('^"?/') and mask and ("%s %s,"):format(name, mask) or nil
end

function apparmor.recognises(text)
    return text:find('apparmor="DENIED"', 1, true) ~= nil
end

-- A suggestion {key, profile, rule}, or nil where a field is malformed or of a kind not known here.
function apparmor.suggest(text)
    local profile, operation = field(text, "profile"), word(text, "operation")
    local rule

    if not safe(profile) or not operation then
        return nil
    elseif operation == "capable" then
        rule = capability(text)
    elseif text:find(" family=", 1, true) then
        rule = network(text)
    else
        rule = file(text)
    end
    return rule and { key = profile .. "\n" .. rule, profile = profile, rule = rule }
end

return apparmor
