-- Run script bundles that nobody has to trust, and serve their calls: runbox-wire(7) for Lua 5.4, with sh and
-- coreutils for what stock Lua has not. Trusts the program `runbox`; takes what a script sends as data and
-- nothing else, and loads none of it.
--
--     local runbox = require("runbox")
--     local done, failure = runbox.run("bundle/", {
--         arg = { n = 3 }, calls = { add = function(params) return params[1] + params[2] end },
--     })
--     print(done and done.result or failure)
local json = require("runbox_json")
local runbox = { null = json.null, array = json.array }

local LINE_MAX = 1 << 20 -- bytes of a line, its newline included

local Kept = {} -- metatable of what stays here

-- An object that stays here; the script gets a reference, whose methods are calls. Goes where a value goes: in
-- arg, in answers, in what a function of the script's is given. A script hands it back as itself. KIND is its
-- class, as in "kind:method" of the manifest's calls; METHODS are as `calls` of run().
function runbox.keep(kind, methods)
    return setmetatable({ kind = kind, methods = methods }, Kept)
end

-- TEXT with control characters, and those that turn the direction of a line, as escapes.
function runbox.visible(text)
    local function escape(c)
        return ("\\u{%x}"):format(utf8.codepoint(c))
    end

    return (text:gsub("[\0-\x1f\x7f]", escape):gsub("\xc2[\x80-\x9f]", escape)
        :gsub("\xe2\x80[\xa8-\xae]", escape):gsub("\xe2\x81[\xa6-\xa9]", escape))
end

-- BYTES as UTF-8, U+FFFD for what is none; and a character's first half, where it ends in one.
local function to_text(bytes, is_last)
    local parts, from = {}, 1

    while true do
        local ok, bad = utf8.len(bytes, from)

        parts[#parts + 1] = bytes:sub(from, ok and -1 or bad - 1)
        if ok then
            return table.concat(parts), ""
        end
        local tail = bytes:sub(bad, bad + 3)
        local half = tail:find("^[\xc2-\xdf]$") or tail:find("^[\xe0-\xef][\x80-\xbf]?$")
            or tail:find("^[\xf0-\xf4][\x80-\xbf]?[\x80-\xbf]?$")

        if half and not is_last then
            return table.concat(parts), tail
        end
        parts[#parts + 1] = "\u{FFFD}"
        from = bad + 1
    end
end

-- One's own standard input, for `stdin`, in blocks of what there is. Stock Lua waits for all that it is to read, so it is
-- read past Lua: what io.stdin has read ahead is missed.
function runbox.stdin()
    local from <close> = assert(io.popen("exec dd bs=65536 count=1 status=none"))
    local block = from:read("a")

    assert(from:close(), "standard input cannot be read")
    return block ~= "" and block or nil
end

-- A function that returns texts, then nil, of what `stdin` may be.
local function reader_of(source)
    if type(source) == "function" then
        return source
    elseif io.type(source) then
        -- Of what has no size, such as a pipe, a line may be all that there is.
        local format = source:seek("cur") and 65536 or "L"

        return function()
            local got, why = source:read(format)

            assert(got or not why, why)
            return got
        end
    end
    return function()
        local text = source

        source = nil
        return text
    end
end

-- Standard input as the wire wants it: up to MOST bytes of whole characters; nil at the end.
local function new_input(source)
    local more = reader_of(source)
    local text, half, at, ended = "", "", 1, false

    return function(most)
        while at > #text and not ended do
            local got = more()

            ended = got == nil
            text, half = to_text(half .. (got or ""), ended)
            at = 1
        end
        local last = math.min(at + most - 1, #text)

        while text:find("^[\x80-\xbf]", last + 1) do
            last = last - 1
        end
        local piece = text:sub(at, last)

        at = last + 1
        return piece ~= "" and piece or nil
    end
end

local function quote(word)
    return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

local function command_line(bundle, how, dir)
    local words = { how.program or "runbox", "run", "--json" }

    if how.timeout then
        table.move({ "timeout", "--foreground", "--preserve-status", "-k", 5, how.timeout }, 1, 6, 1,
            table.move(words, 1, #words, 7))
    end
    for _, argument in ipairs(how.arguments or {}) do
        words[#words + 1] = argument
    end
    for name, value in pairs(how.limits or {}) do
        table.move({ "-l", name .. "=" .. value }, 1, 2, #words + 1, words)
    end
    for _, grant in ipairs(how.grants or {}) do
        table.move({ "-g", grant }, 1, 2, #words + 1, words)
    end
    if how.artifacts then
        table.move({ "--artifacts", how.artifacts }, 1, 2, #words + 1, words)
    end
    table.move({ "--", bundle }, 1, 2, #words + 1, words)
    for i, word in ipairs(words) do
        words[i] = quote(word)
    end
    -- io.popen goes one way: the way back is a FIFO. Between it and runbox stands a relay, which reads on where
    -- runbox has ended, since stock Lua cannot ignore SIGPIPE. The shell gives up its own end of the pipe, so
    -- that the pipe ends with runbox.
    return ([[
        { trap '' PIPE; cat; cat >/dev/null; } <%s/in 2>/dev/null |
            sh -c 'echo $$ >"$0"; exec "$@"' %s/pid %s 2>%s/err &
        exec >/dev/null
        wait $!]]):format(dir, dir, table.concat(words, " "), dir)
end

local Run = {}
Run.__index = Run

function Run:say(line)
    assert(self.tell:write(line, "\n"))
    assert(self.tell:flush())
end

function Run:Log(value)
    local level, text = next(value)

    if self.how.log then
        self.how.log(level, text)
    else
        io.stderr:write(level, ": ", runbox.visible(text), "\n")
    end
end

function Run:Stdio(value)
    if value.Read then
        self:say(json.encode({ Ok = self.input(value.Read) or json.null }))
    elseif self.how.write then
        self.how.write(value.Write)
    else
        self.printed[#self.printed + 1] = value.Write
    end
end

-- A line; what stays here is {["$ref"] = id} in it.
function Run:encode(line)
    return json.encode(line, function(value)
        if getmetatable(value) ~= Kept then
            return nil
        elseif not self.ids[value] then
            self.kept = self.kept + 1
            self.ids[value] = ("%s:%d"):format(value.kind, self.kept)
            self.named[self.ids[value]] = value
        end
        return { ["$ref"] = self.ids[value] }
    end)
end

local function or_null(value)
    if value == nil then
        return json.null
    end
    return value
end

local function or_nil(value)
    if value == json.null then
        return nil
    end
    return value
end

-- The other way: functions of the script's become functions, and their numbers go to LENT.
function Run:receive(value, lent)
    if type(value) ~= "table" or value == json.null then
        return value
    end
    local key, item = next(value)

    if next(value, key) == nil then
        if key == "$ref" and self.named[item] then
            return self.named[item]
        elseif key == "$fn" and math.type(item) == "integer" then
            lent[#lent + 1] = item
            return function(params)
                return self:invoke(item, params)
            end
        end
    end
    for name, member in pairs(value) do
        value[name] = self:receive(member, lent)
    end
    return value
end

function Run:invoke(number, params)
    if not self.alive[number] then
        error("the call that lent this function has been answered", 3)
    elseif not self.serving then
        error("a function of the script's is invoked by a served method alone, one at a time", 3)
    end
    local line = self:encode({ Invoke = { fn = number, params = or_null(params) } })

    if #line >= LINE_MAX then
        return nil, "what a function is given is longer than a line"
    end
    self.serving = false
    self:say(line)
    local came = self:converse()

    self.serving = true
    if came.Err then
        return nil, came.Err
    end
    return or_nil(self:receive(came.Ok, {}))
end

function Run:answer(serve, name, params)
    if not serve then
        return nil, name .. ": the caller has no such method"
    end
    local answer, refusal = serve(params)

    if refusal ~= nil then
        return nil, refusal
    end
    local line = self:encode({ Ok = or_null(answer) })

    if #line >= LINE_MAX then
        return nil, name .. ": the answer is longer than a line"
    end
    return line
end

function Run:Call(value)
    local served, lent = self.how.calls or {}, {}
    local params = self:receive(value.params, lent)

    if value.ref then
        served = self.named[value.ref].methods
    end
    for _, number in ipairs(lent) do
        self.alive[number] = true
    end
    self.serving = true
    local line, refusal = self:answer(served[value.method], value.method, or_nil(params))

    self.serving = false
    for _, number in ipairs(lent) do
        self.alive[number] = nil
    end
    self:say(line or json.encode({ Err = (to_text(tostring(refusal):sub(1, 1000), true)) }))
end

function Run:Artifact(value)
    local name = value.name

    if self.artifacts[name] then
        return self:say(json.encode({ Err = name .. ": handed over already" }))
    end
    self.pieces[name] = self.pieces[name] or {}
    table.insert(self.pieces[name], json.from_base64(value.data))
    if not value.more then
        self.artifacts[name], self.pieces[name] = table.concat(self.pieces[name]), nil
    end
    self:say('{"Ok":null}')
end

function Run:Result(value)
    self.result = self:receive(value, {})
end

function Run:Report(value)
    self.report = value
end

local OVER = {} -- raised at the end, through methods that wait for a function of the script's

-- Serve until a Return, whose value it returns. At the end: .exit, nil where runbox ended without one.
function Run:converse()
    for line in self.hear:lines("L") do
        if line:sub(-1) ~= "\n" then
            break
        end
        local name, value = next(json.decode(line))

        if name == "Return" then
            return value
        elseif name == "Exit" then
            self.exit = value
            break
        end
        self[name](self, value)
    end
    error(OVER, 0)
end

local function read_file(path, format)
    local file <close> = io.open(path)

    return file and file:read(format)
end

local failure_meta = {
    __tostring = function(failure)
        return failure.message
    end,
}

local function outcome(run, exit, code, said)
    local report, output = run.report or {}, table.concat(run.printed)

    if exit == "Ok" then
        return { result = run.result, output = output, artifacts = run.artifacts, report = report }
    end
    local message = exit and select(2, next(exit)) or said:match("^%s*(.-)%s*$")

    return nil, setmetatable({
        message = message ~= "" and message or ("runbox ended without an Exit (status %d)"):format(code),
        status = report.status,
        exit_code = code,
        timeout = run.how.timeout ~= nil and (report.status == "cancelled" or not exit and code == 137),
        report = report,
        output = output,
    }, failure_meta)
end

-- Run a bundle to its end. Returns { result, output, artifacts (name -> bytes), report }; or nil and
-- { message, status, exit_code, timeout (true where it was that), report, output }, which prints as its message.
-- HOW may have:
--   export      the function to call, of a bundle that has several
--   arg, options, keyring, verbose, seed  the rest of the start line; nil inside of values is runbox.null, an
--                                         empty array is runbox.array({})
--   calls       method -> function of the params. It returns the answer, or nil and a text, which is an error
--               that the script may catch. An error that it raises stops the run and comes out of run().
--               A function of the script's among the params is one of one value, to be called until the answer;
--               it returns what that one returns, or nil and the text of its error
--   stdin       a text; a function that returns texts, then nil, such as runbox.stdin; or a file, which is read in
--               blocks, but by line where it is a pipe or a terminal
--   write, log  functions of (text) and of (level, text). Where absent: output of the result; stderr
--   artifacts   a directory for runbox to write to; where absent, artifacts of the result
--   limits, grants, arguments  NAME = VALUE, a list, and a list of further arguments of `runbox run`
--   timeout     seconds; then runbox is told to stop. A function in calls that is under way is not.
--   program     where runbox is
function runbox.run(bundle, how)
    how = how or {}
    local run = setmetatable({
        how = how, printed = {}, artifacts = {}, pieces = {}, input = new_input(how.stdin),
        alive = {}, -- numbers of functions that may be invoked
        serving = false, -- a served method runs, and it is not waiting for one of the script's functions
        kept = 0, ids = {}, named = {}, -- what stays here: how many, their ids, and back
    }, Run)
    local start = run:encode({
        export = how.export, arg = how.arg, options = how.options, keyring = how.keyring and json.array(how.keyring),
        verbose = how.verbose, seed = how.seed, read = true,
    })
    local made <close> = io.popen('dir=$(mktemp -d) && mkfifo "$dir/in" && echo "$dir"')
    local dir = assert(made:read("l"), "no directory for a FIFO")

    run.hear = assert(io.popen(command_line(bundle, how, quote(dir)), "r"))
    run.tell = assert(io.open(dir .. "/in", "w"))
    local _, failure = pcall(function()
        run:say(start)
        run:converse()
    end)
    local ok = failure == OVER
    local pid = read_file(dir .. "/pid", "n")

    if not ok and pid then
        os.execute(("kill %d 2>/dev/null"):format(pid))
    end
    run.tell:close()
    local _, _, code = run.hear:close()
    local said = read_file(dir .. "/err", "a") or ""

    for _, name in ipairs({ "/in", "/pid", "/err", "" }) do
        os.remove(dir .. name)
    end
    if not ok then
        error(failure, 0)
    end
    return outcome(run, run.exit, code, said)
end

return runbox
