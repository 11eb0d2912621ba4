-- SHA-256 (FIPS 180-4) and HMAC (RFC 2104) in plain Lua.
local sha256 = {}

local BLOCK = 64
local MASK = 0xffffffff

-- The first 32 bits of the fractional parts of a root of the first primes: FIPS 180-4, 4.2.2, 5.3.3.
local function constants(count, root)
    local list, candidate = {}, 2

    while #list < count do
        local prime = true

        for divisor = 2, math.floor(candidate ^ 0.5) do
            prime = prime and candidate % divisor ~= 0
        end
        if prime then
            list[#list + 1] = math.floor(candidate ^ root % 1 * 2 ^ 32)
        end
        candidate = candidate + 1
    end
    return list
end

local K <const> = constants(64, 1 / 3)
local H <const> = constants(8, 1 / 2)

local function rotate(x, n)
    return (x >> n | x << (32 - n)) & MASK
end

local function schedule(message, at)
    local w = { string.unpack(">I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4", message, at) }

    for i = 17, 64 do
        local x, y = w[i - 15], w[i - 2]
        local s0 = rotate(x, 7) ~ rotate(x, 18) ~ x >> 3
        local s1 = rotate(y, 17) ~ rotate(y, 19) ~ y >> 10

        w[i] = w[i - 16] + s0 + w[i - 7] + s1 & MASK
    end
    return w
end

local function compress(state, message, at)
    local a, b, c, d, e, f, g, h = table.unpack(state)
    local w = schedule(message, at)

    for i = 1, 64 do
        local s1 = rotate(e, 6) ~ rotate(e, 11) ~ rotate(e, 25)
        local t1 = h + s1 + (e & f ~ ~e & g) + K[i] + w[i]
        local s0 = rotate(a, 2) ~ rotate(a, 13) ~ rotate(a, 22)
        local t2 = s0 + (a & b ~ a & c ~ b & c)

        a, b, c, d, e, f, g, h = t1 + t2 & MASK, a, b, c, d + t1 & MASK, e, f, g
    end
    for i, x in ipairs({ a, b, c, d, e, f, g, h }) do
        state[i] = state[i] + x & MASK
    end
end

-- The digest of `message`, 32 bytes.
function sha256.digest(message)
    local padding = "\x80" .. ("\0"):rep((BLOCK - 9 - #message) % BLOCK)
    local whole = message .. padding .. string.pack(">I8", #message * 8)
    local state = { table.unpack(H) }

    for at = 1, #whole, BLOCK do
        compress(state, whole, at)
    end
    return string.pack(">I4I4I4I4I4I4I4I4", table.unpack(state))
end

local function xor(text, byte)
    return (text:gsub(".", function(c)
        return string.char(c:byte() ~ byte)
    end))
end

-- HMAC-SHA-256 of `message` under `key`, 32 bytes.
function sha256.hmac(key, message)
    if #key > BLOCK then
        key = sha256.digest(key)
    end
    key = key .. ("\0"):rep(BLOCK - #key)
    return sha256.digest(xor(key, 0x5c) .. sha256.digest(xor(key, 0x36) .. message))
end

function sha256.hex(bytes)
    return (bytes:gsub(".", function(c)
        return ("%02x"):format(c:byte())
    end))
end

return sha256
