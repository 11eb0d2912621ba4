-- box.std.base64: RFC 4648, sections 4 and 5, strictly: no white space, no bits that are lost.
local native, check = ...
local base64 = {}

function base64.encode(bytes)
    return native.encode(check(1, bytes, "string"))
end

function base64.decode(text)
    local bytes = native.decode(check(1, text, "string"))
    return bytes or error("this is not base64", 2)
end

-- For URLs and file names, without padding.
function base64.encode_url(bytes)
    local text = native.encode(check(1, bytes, "string"))
    return (text:gsub("[+/=]", {["+"] = "-", ["/"] = "_", ["="] = ""}))
end

-- With padding or without.
function base64.decode_url(text)
    text = check(1, text, "string")
    local plain = text:gsub("[-_+/]", {["-"] = "+", ["_"] = "/", ["+"] = "!", ["/"] = "!"})
    if not plain:find("=", 1, true) then
        plain = plain .. ("="):rep(-#plain % 4)
    end
    return native.decode(plain) or error("this is not base64 for URLs", 2)
end

return base64
