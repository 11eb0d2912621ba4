-- Reads a system log on standard input and suggests firewall and AppArmor rules for what was denied.
-- The log is an attacker's: whoever can send a packet or open a file writes into it. A suggestion is
-- for a person to read; nothing is ever applied.
local firewall = require("firewall")
local apparmor = require("apparmor")

local LONGEST = 16384

-- The message of a line that the kernel or auditd wrote: after its tag, which stands third in RFC 3164
-- and ISO timestamps alike. A program that logs "kernel: ..." has its own tag before it. One that takes
-- the tag itself (logger -t kernel) is not told apart by a text: one more reason to read before pasting.
local function trusted(line)
    local rest = line:match("^%a%a%a%s+%d%d?%s+[%d:.]+%s+%S+%s+(.*)$") or
        line:match("^%d%d%d%d%-%d%d%-%d%d[T ]%S+%s+%S+%s+(.*)$")

    if not rest then
        return nil
    end
    return rest:match("^kernel:%s*(.*)$") or rest:match("^auditd?%[%d+%]:%s*(.*)$") or
        rest:match("^auditd?:%s*(.*)$")
end

local function new_tally(limit)
    local tally = { firewall = {}, apparmor = {}, kept = 0, dropped = 0, limit = limit, by_key = {} }

    function tally:add(kind, suggestion)
        local known = self.by_key[suggestion.key]

        if known then
            known.count = known.count + 1
        elseif self.kept >= self.limit then
            self.dropped = self.dropped + 1
        else
            self.by_key[suggestion.key] = suggestion
            suggestion.key, suggestion.count = nil, 1
            table.insert(self[kind], suggestion)
            self.kept = self.kept + 1
        end
    end

    return tally
end

local function judge(line, report, tally)
    local kind = firewall.recognises(line) and "firewall" or apparmor.recognises(line) and "apparmor"

    if not kind then
        return
    end
    local message = trusted(line)

    if not message then
        report.forged = report.forged + 1
        return
    end
    local suggestion = (kind == "firewall" and firewall or apparmor).suggest(message)

    if suggestion then
        report.denials = report.denials + 1
        tally:add(kind, suggestion)
    else
        report.malformed = report.malformed + 1
    end
end

-- The most frequent first; equal ones by their text, so that a report repeats.
local function sorted(list, least)
    local kept = box.json.array()

    for _, suggestion in ipairs(list) do
        if suggestion.count >= least then
            kept[#kept + 1] = suggestion
        end
    end
    table.sort(kept, function(a, b)
        if a.count ~= b.count then
            return a.count > b.count
        end
        return (a.profile or "") .. a.rule < (b.profile or "") .. b.rule
    end)
    return kept
end

function run()
    local report = { lines = 0, denials = 0, malformed = 0, forged = 0 }
    local tally = new_tally(box.options.max_suggestions)

    for line in io.lines() do
        report.lines = report.lines + 1
        if #line <= LONGEST then
            judge(line, report, tally)
        else
            report.malformed = report.malformed + 1
        end
    end
    report.dropped = tally.dropped
    report.firewall = sorted(tally.firewall, box.options.min_count)
    report.apparmor = sorted(tally.apparmor, box.options.min_count)
    if report.forged > 0 then
        box.log.warn("lines that look like denials but were written by ordinary programs: " .. report.forged)
    end
    return report
end
