-- Denials that netfilter's LOG target wrote: "... IN=eth0 OUT= MAC=... SRC=... DST=... PROTO=TCP
-- SPT=... DPT=22 ...". Not one byte of a line is believed before it has the shape of its field.
local address = require("address")

local firewall = {}

-- Field by field; the first of a name counts, as the kernel writes each once but for nested packets.
local function fields_of(text)
    local fields = {}

    for name, value in text:gmatch("%f[%w](%u+)=(%S*)") do
        fields[name] = fields[name] or value
    end
    return fields
end

local function port(text)
    local n = text and text:find("^%d+$") and #text <= 5 and tonumber(text)

    return n and n <= 65535 and ("%d"):format(n) or nil
end

local function interface(text)
    return #text <= 15 and text:find("^%a[%w._-]*$") and text or nil
end

-- What the chain's rule says of the interfaces; nil where one is malformed.
local function chain_of(fields)
    local into, out = fields.IN, fields.OUT

    if into ~= "" and not interface(into) or out ~= "" and not interface(out) then
        return nil
    elseif into ~= "" and out ~= "" then
        return "FORWARD -i " .. into .. " -o " .. out
    elseif into ~= "" then
        return "INPUT -i " .. into
    end
    return out ~= "" and "OUTPUT -o " .. out or nil
end

local WITH_PORTS = { TCP = "tcp", UDP = "udp", SCTP = "sctp" }
local WITHOUT = { ICMP = "icmp", ICMPv6 = "ipv6-icmp", ESP = "esp", AH = "ah", ["2"] = "igmp" }

local function protocol_of(fields)
    local name = WITH_PORTS[fields.PROTO]

    if name then
        local to = port(fields.DPT)

        return to and "-p " .. name .. " --dport " .. to
    end
    return WITHOUT[fields.PROTO] and "-p " .. WITHOUT[fields.PROTO]
end

-- Is this text of a log line one of netfilter's?
function firewall.recognises(text)
    return text:find("%f[%w]IN=%S*%s+OUT=") ~= nil and text:find(" SRC=", 1, true) ~= nil
end

-- A suggestion {key, rule, family, source}, or nil where a field is malformed.
function firewall.suggest(text)
    local fields = fields_of(text)
    local chain, protocol = chain_of(fields), protocol_of(fields)
    local family = address.family(fields.SRC or "")

    if not chain or not protocol or not family or address.family(fields.DST or "") ~= family then
        return nil
    end
    local rule = ("-A %s -s %s -d %s %s -j ACCEPT"):format(chain, fields.SRC, fields.DST, protocol)

    return { key = family .. rule, rule = rule, family = family, source = fields.SRC }
end

return firewall
