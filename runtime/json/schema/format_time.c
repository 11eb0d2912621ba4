/* Formats of time, by RFC 3339. Texts come from boxes and callers; computes only what distinguishes
 * a real date from an impossible one. */
#include <string.h>
#include <strings.h>

#include "runtime/json/schema/format.h"

struct cursor {
    const char *at, *end;
};

static bool format_time_take(struct cursor *c, const char *any)
{
    if (c->at == c->end || !*c->at || !strchr(any, *c->at))
        return false;
    c->at++;
    return true;
}

/* Parse exactly COUNT digits; -1 if they are missing. */
static int digits(struct cursor *c, int count)
{
    int value = 0;

    while (count-- > 0) {
        if (c->at == c->end || *c->at < '0' || *c->at > '9')
            return -1;
        value = value * 10 + (*c->at++ - '0');
    }
    return value;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct cursor *c)
{
    int year = digits(c, 4), month, day;

    if (year < 0 || !format_time_take(c, "-"))
        return false;
    month = digits(c, 2);
    if (month < 1 || month > 12 || !format_time_take(c, "-"))
        return false;
    day = digits(c, 2);
    return day >= 1 && day <= days_of(year, month);
}

/* Parse "Z" or "+01:30" into minutes; false if neither is there. */
static bool take_offset(struct cursor *c, int *minutes)
{
    int sign, hour, minute;

    *minutes = 0;
    if (format_time_take(c, "Zz"))
        return true;
    sign = c->at < c->end && *c->at == '-' ? -1 : 1;
    if (!format_time_take(c, "+-"))
        return false;
    hour = digits(c, 2);
    if (hour < 0 || hour > 23 || !format_time_take(c, ":"))
        return false;
    minute = digits(c, 2);
    *minutes = sign * (hour * 60 + minute);
    return minute >= 0 && minute <= 59;
}

/* Second 60 is a leap second, which occurs at 23:59 UTC. */
static bool take_time(struct cursor *c)
{
    int hour = digits(c, 2), minute, second, offset;

    if (hour < 0 || hour > 23 || !format_time_take(c, ":"))
        return false;
    minute = digits(c, 2);
    if (minute < 0 || minute > 59 || !format_time_take(c, ":"))
        return false;
    second = digits(c, 2);
    if (second < 0 || second > 60)
        return false;
    if (format_time_take(c, ".")) {
        if (digits(c, 1) < 0)
            return false;
        while (digits(c, 1) >= 0)
            ;
    }
    if (!take_offset(c, &offset))
        return false;
    return second < 60 || (hour * 60 + minute - offset + 2 * 1440) % 1440 == 1439;
}

bool format_date(const char *text, size_t n)
{
    struct cursor c = {text, text + n};

    return take_date(&c) && c.at == c.end;
}

bool format_time(const char *text, size_t n)
{
    struct cursor c = {text, text + n};

    return take_time(&c) && c.at == c.end;
}

bool format_date_time(const char *text, size_t n)
{
    struct cursor c = {text, text + n};

    return take_date(&c) && format_time_take(&c, "Tt") && take_time(&c) && c.at == c.end;
}

/* Parse numbers with a unit each, in the order of UNITS without a gap between two given: "1Y2D" is
 * invalid, since the months are missing. Returns how many there were, or -1. */
static int take_units(struct cursor *c, const char *units)
{
    const char *next = NULL;
    int count = 0;

    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
        const char *unit;

        while (digits(c, 1) >= 0)
            ;
        unit = c->at < c->end && *c->at ? strchr(units, *c->at) : NULL;
        if (!unit || (next && unit != next))
            return -1;
        c->at++;
        next = unit + 1;
        count++;
    }
    return count;
}

bool format_duration(const char *text, size_t n)
{
    struct cursor c = {text, text + n}, weeks;
    int days, times = 0;

    if (!format_time_take(&c, "P"))
        return false;
    weeks = c;
    if (take_units(&weeks, "W") == 1 && weeks.at == weeks.end)
        return true;
    days = take_units(&c, "YMD");
    if (days < 0)
        return false;
    if (format_time_take(&c, "T")) {
        times = take_units(&c, "HMS");
        if (times < 1)
            return false;
    }
    return days + times > 0 && c.at == c.end;
}
