-- box.std.date: RFC 3339 and the Gregorian calendar. A time is the seconds since 1970-01-01T00:00:00Z,
-- an integer, as os.time() gives it; an offset is in minutes east of UTC.
local _, check = ...
local date = {}

local function leap(year)
    return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

local function month_days(year, month)
    return month == 2 and (leap(year) and 29 or 28) or 30 + (month + month // 8) % 2
end

-- Days since 1970-01-01. Years are counted from March, so that the leap day is a year's last.
local function to_days(year, month, day)
    year = month <= 2 and year - 1 or year
    local era = year // 400
    local of_era = year - era * 400
    local of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
end

local function from_days(days)
    days = days + 719468
    local era = days // 146097
    local rest = days - era * 146097
    local of_era = (rest - rest // 1460 + rest // 36524 - rest // 146096) // 365
    local of_year = rest - (365 * of_era + of_era // 4 - of_era // 100)
    local month = (5 * of_year + 2) // 153
    local day = of_year - (153 * month + 2) // 5 + 1
    month = (month + 2) % 12 + 1
    return of_era + era * 400 + (month <= 2 and 1 or 0), month, day
end

local function to_seconds(year, month, day, hour, min, sec)
    return ((to_days(year, month, day) * 24 + hour) * 60 + min) * 60 + sec
end

-- Why these are no date and time, or nil. A leap second is another question.
local function wrong(year, month, day, hour, min, sec)
    if month < 1 or month > 12 then
        return "month " .. month
    elseif day < 1 or day > month_days(year, month) then
        return ("day %d of %04d-%02d"):format(day, year, month)
    elseif hour < 0 or hour > 23 then
        return "hour " .. hour
    elseif min < 0 or min > 59 then
        return "minute " .. min
    elseif sec < 0 or sec > 60 then
        return "second " .. sec
    end
end

local function offset_of(zone)
    if zone:find("^[Zz]$") then
        return 0
    end
    local sign, hour, min = zone:match("^([+-])(%d%d):(%d%d)$")
    hour, min = tonumber(hour), tonumber(min)
    if not sign or hour > 23 or min > 59 then
        return nil
    end
    return (hour * 60 + min) * (sign == "-" and -1 or 1)
end

-- A leap second is the last one of a month, in UTC.
local function is_leap_second(before)
    local _, _, tomorrow = from_days((before + 1) // 86400)
    return (before + 1) % 86400 == 0 and tomorrow == 1
end

-- Seconds, nanoseconds, offset. The offset is nil where it is written -00:00: not known. A leap second
-- is the same as the second that follows. Digits after the ninth are dropped.
function date.parse(text)
    text = check(1, text, "string")
    local function refuse(why)
        error("no date and time of RFC 3339: " .. why, 3)
    end
    local pattern = "^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt](%d%d):(%d%d):(%d%d)()"
    local year, month, day, hour, min, sec, at = text:match(pattern)
    if not year then
        refuse("YYYY-MM-DDThh:mm:ssZ expected")
    end
    year, month, day = tonumber(year), tonumber(month), tonumber(day)
    hour, min, sec = tonumber(hour), tonumber(min), tonumber(sec)
    local digits = text:match("^%.(%d+)", at) or ""
    local zone = text:sub(at + (digits == "" and 0 or #digits + 1))
    local offset = offset_of(zone)
    local why = wrong(year, month, day, hour, min, sec)
    if why then
        refuse(why)
    elseif not offset then
        refuse("Z, +hh:mm or -hh:mm expected after the seconds")
    end
    local seconds = to_seconds(year, month, day, hour, min, sec) - offset * 60
    if sec == 60 and not is_leap_second(seconds - 1) then
        refuse("second 60 where there is no leap second")
    end
    local nanos = tonumber((digits .. ("0"):rep(9)):sub(1, 9))
    if zone == "-00:00" then
        offset = nil
    end
    return seconds, nanos, offset
end

-- A table as of os.date("*t"), at the offset.
function date.fields(seconds, offset)
    seconds, offset = check(1, seconds, "integer"), check(2, offset, "integer", 0)
    seconds = seconds + offset * 60
    local days, rest = seconds // 86400, seconds % 86400
    local year, month, day = from_days(days)
    return {
        year = year, month = month, day = day, hour = rest // 3600, min = rest // 60 % 60,
        sec = rest % 60, wday = (days + 4) % 7 + 1, yday = days - to_days(year, 1, 1) + 1,
        isdst = false,
    }
end

-- The inverse, which takes no 30 February.
function date.seconds(fields, offset)
    fields, offset = check(1, fields, "table"), check(2, offset, "integer", 0)
    local function field(name, default)
        local value = math.tointeger(fields[name] == nil and default or fields[name])
        return value or error("field '" .. name .. "' is no integer", 3)
    end
    local year, month, day = field("year"), field("month"), field("day")
    local hour, min, sec = field("hour", 0), field("min", 0), field("sec", 0)
    local why = wrong(year, month, day, hour, min, sec)
    if not why and sec == 60 then
        why = "second 60"
    end
    if why then
        error("no such date: " .. why, 2)
    end
    return to_seconds(year, month, day, hour, min, sec) - offset * 60
end

function date.format(seconds, nanos, offset)
    seconds, nanos = check(1, seconds, "integer"), check(2, nanos, "integer", 0)
    offset = check(3, offset, "integer", 0)
    if nanos < 0 or nanos > 999999999 then
        error("bad argument #2 to 'format' (0 to 999999999 expected)", 2)
    elseif offset < -1439 or offset > 1439 then
        error("bad argument #3 to 'format' (-1439 to 1439 expected)", 2)
    end
    local f = date.fields(seconds, offset)
    if f.year < 0 or f.year > 9999 then
        error("bad argument #1 to 'format' (the year has four digits)", 2)
    end
    local fraction = nanos > 0 and (".%09d"):format(nanos):gsub("0+$", "") or ""
    local zone = "Z"
    if offset ~= 0 then
        local ahead = offset > 0 and offset or -offset
        zone = ("%s%02d:%02d"):format(offset > 0 and "+" or "-", ahead // 60, ahead % 60)
    end
    return ("%04d-%02d-%02dT%02d:%02d:%02d%s%s"):format(f.year, f.month, f.day, f.hour, f.min,
                                                         f.sec, fraction, zone)
end

return date
