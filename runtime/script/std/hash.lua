-- box.std.hash: digests, in hexadecimal digits or, with a last argument of true, as bytes.
local native, check = ...
local hash = {}
local block = {md5 = 64, sha1 = 64, sha256 = 64, sha512 = 128}

local function shown(digest, raw)
    return raw and digest or (digest:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

-- In an order of its own: that of pairs() follows from the seed of texts.
for _, name in ipairs {"md5", "sha1", "sha256", "sha512"} do
    hash[name] = function(bytes, raw)
        return shown(native[name](check(1, bytes, "string")), raw)
    end
end

function hash.blake2b(bytes, size, key, raw)
    bytes, size = check(1, bytes, "string"), check(2, size, "integer", 64)
    key = check(3, key, "string", "")
    if size < 1 or size > 64 then
        error("bad argument #2 to 'blake2b' (1 to 64 expected)", 2)
    elseif #key > 64 then
        error("bad argument #3 to 'blake2b' (at most 64 bytes expected)", 2)
    end
    return shown(native.blake2b(bytes, size, key), raw)
end

-- RFC 2104.
function hash.hmac(name, key, bytes, raw)
    name, key = check(1, name, "string"), check(2, key, "string")
    bytes = check(3, bytes, "string")
    if not block[name] then
        error("bad argument #1 to 'hmac' (md5, sha1, sha256 or sha512 expected)", 2)
    end
    local digest, size = native[name], block[name]
    if #key > size then
        key = digest(key)
    end
    key = key .. ("\0"):rep(size - #key)
    local function pad(with)
        return (key:gsub(".", function(c) return string.char(c:byte() ~ with) end))
    end
    return shown(digest(pad(0x5c) .. digest(pad(0x36) .. bytes)), raw)
end

return hash
