/* geo_polygon_contains: whether a point lies within a ring of points, on a plane of degrees, as sn0int
 * has it. What lies on the ring is not within. */
#include <stdbool.h>

#include "runtime/script/sn0int/sandbox.h"

struct point {
    double x, y;
};

/* Take the point at INDEX, {lat = Y, lon = X}. */
static bool point_take(lua_State *L, int index, struct point *p)
{
    bool numbers = lua_istable(L, index);
    int top = lua_gettop(L);

    if (!numbers)
        return false;
    index = lua_absindex(L, index);
    lua_pushliteral(L, "lon");
    numbers = lua_rawget(L, index) == LUA_TNUMBER;
    p->x = lua_tonumber(L, -1);
    lua_pushliteral(L, "lat");
    numbers = lua_rawget(L, index) == LUA_TNUMBER && numbers;
    p->y = lua_tonumber(L, -1);
    lua_settop(L, top);
    return numbers;
}

/* Positive: C is left of the line from A to B; zero: on it. */
static long double side(struct point a, struct point b, struct point c)
{
    return ((long double)b.x - a.x) * ((long double)c.y - a.y) -
           ((long double)c.x - a.x) * ((long double)b.y - a.y);
}

static bool is_between(double a, double b, double x)
{
    return (a <= x && x <= b) || (b <= x && x <= a);
}

/* How often the edge from A to B turns round P, of which *ON says whether it is on the edge. */
static int turns(struct point a, struct point b, struct point p, bool *on)
{
    long double left = side(a, b, p);

    if (left == 0 && is_between(a.x, b.x, p.x) && is_between(a.y, b.y, p.y))
        *on = true;
    if (a.y <= p.y && b.y > p.y && left > 0)
        return 1;
    return a.y > p.y && b.y <= p.y && left < 0 ? -1 : 0;
}

static int geo_polygon_contains(lua_State *L)
{
    struct point p, first, a, b;
    lua_Unsigned count;
    bool on = false;
    int turned = 0;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (!point_take(L, 2, &p))
        return sandbox_fail(L, "Invalid point: expected {lat=NUMBER, lon=NUMBER}");
    count = lua_rawlen(L, 1);
    for (lua_Unsigned i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i);
        if (!point_take(L, -1, &b))
            return sandbox_fail(L, "Invalid polygon: expected {lat=NUMBER, lon=NUMBER} at %I",
                                (LUAI_UACINT)i);
        lua_pop(L, 1);
        if (i == 1)
            first = b;
        else
            turned += turns(a, b, p, &on);
        a = b;
    }
    if (count)
        turned += turns(a, first, p, &on);
    lua_pushboolean(L, turned && !on);
    return 1;
}

void sandbox_open_geo(lua_State *L)
{
    lua_pushcfunction(L, geo_polygon_contains);
    lua_setglobal(L, "geo_polygon_contains");
}
