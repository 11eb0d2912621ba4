-- IP addresses: what is one, and nothing else. A log's field ends up in a rule that somebody may
-- paste into a root shell, so that only text of this alphabet and shape may pass.
local address = {}

local function is_v4(text)
    local parts = { text:match("^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$") }

    for _, part in ipairs(parts) do
        if tonumber(part) > 255 then
            return false
        end
    end
    return #parts == 4
end

-- Groups of up to four hexadecimal digits: eight of them, or fewer with one "::".
local function is_v6(text)
    local gap = text:find("::", 1, true)
    local groups = 0

    if not text:find("^[%x:]+$") or text:find(":::", 1, true) or (gap and text:find("::", gap + 1, true)) then
        return false
    end
    if text:find("^:[^:]") or text:find("[^:]:$") then
        return false
    end
    for group in text:gmatch("%x+") do
        if #group > 4 then
            return false
        end
        groups = groups + 1
    end
    return gap and groups < 8 or groups == 8
end

-- "iptables", "ip6tables" or nil.
function address.family(text)
    if is_v4(text) then
        return "iptables"
    end
    return is_v6(text) and "ip6tables" or nil
end

return address
