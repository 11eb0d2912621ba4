-- Signs a request with a key of the namespace "example-api". The request is the caller's to send; the
-- secret never leaves the box: only a signature made with it does.
local hash = require("box.std.hash")

local function choose(entries, wanted)
    for _, entry in ipairs(entries) do
        if not wanted or entry.access_key == wanted then
            return entry
        end
    end
    error(('no key "%s" among those granted'):format(wanted), 0)
end

function run(arg)
    local entry = choose(box.keyring("example-api"), box.options.access_key)
    local now = arg.time or os.time()
    local date = os.date("!%a, %d %b %Y %H:%M:%S GMT", now)
    local to_sign = table.concat({ "GET", box.options.host, arg.path, date }, "\n")
    local secret = entry.secret_key

    if type(secret) ~= "string" then
        error(('key "%s" has no secret to sign with'):format(entry.access_key), 0)
    end
    box.log.info("asking " .. box.options.host .. " for " .. arg.path)
    local response = box.call("http.get", {
        url = "https://" .. box.options.host .. arg.path,
        headers = {
            Date = date,
            Authorization = ("Example %s:%s"):format(entry.access_key, hash.hmac("sha256", secret, to_sign)),
        },
    })

    return { access_key = entry.access_key, signed_at = now, response = response }
end
