/* The rules of each family: see family.h. One function for each family that has any. */
#include "runtime/script/sn0int/family.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/script/sn0int/sandbox.h"
#include "runtime/script/sn0int/text_out.h"
#include "schemas/database.h"

/* Push the field and return its text; NULL if it is not a string. */
static const char *field(lua_State *L, int entity, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, entity);
    return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
}

/* The same for a field that every entity of the kind has. */
static const char *key(lua_State *L, int entity, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, entity);
    return lua_tostring(L, -1);
}

static void family_set(lua_State *L, int entity, const char *name, const char *text)
{
    lua_pushstring(L, name);
    lua_pushstring(L, text);
    lua_rawset(L, entity);
}

static int wrong(lua_State *L, const char *text)
{
    lua_pushstring(L, text);
    return 0;
}

static int lower_case(lua_State *L, int entity)
{
    struct text_out o;
    const char *value = key(L, entity, "value");

    out_open(L, &o);
    for (; *value; value++)
        out_char(&o, (char)tolower((unsigned char)*value));
    lua_pushliteral(L, "value");
    out_push(&o);
    lua_rawset(L, entity);
    return 1;
}

static int domain(lua_State *L, int entity)
{
    if (strchr(key(L, entity, "value"), '*'))
        return wrong(L, "Asterisks inside domains are not valid");
    return lower_case(L, entity);
}

/* Write address TEXT to OUT in canonical form; return its family, '4' or '6', or 0 if invalid. */
static char family_address(const char *text, char out[INET6_ADDRSTRLEN])
{
    unsigned char bytes[16];

    if (inet_pton(AF_INET, text, bytes) == 1)
        return inet_ntop(AF_INET, bytes, out, INET6_ADDRSTRLEN) ? '4' : '\0';
    if (inet_pton(AF_INET6, text, bytes) == 1)
        return inet_ntop(AF_INET6, bytes, out, INET6_ADDRSTRLEN) ? '6' : '\0';
    return '\0';
}

static int ipaddr(lua_State *L, int entity)
{
    char text[INET6_ADDRSTRLEN];
    char family[2] = {family_address(key(L, entity, "value"), text), '\0'};

    if (!*family)
        return wrong(L, "Failed to parse ip address");
    family_set(L, entity, "family", family);
    family_set(L, entity, "value", text);
    return 1;
}

static int netblock(lua_State *L, int entity)
{
    char text[INET6_ADDRSTRLEN], block[INET6_ADDRSTRLEN + 8], *end;
    const char *value = key(L, entity, "value"), *slash = strchr(value, '/');
    size_t n = slash ? (size_t)(slash - value) : strlen(value);
    char family[2] = "";

    if (n < sizeof text) {
        memcpy(block, value, n);
        block[n] = '\0';
        *family = family_address(block, text);
    }

    long most = *family == '4' ? 32 : 128, bits = most;

    if (slash) {
        bits = strtol(slash + 1, &end, 10);
        if (!isdigit((unsigned char)slash[1]) || *end)
            bits = -1;
    }
    if (!*family || bits < 0 || bits > most)
        return wrong(L, "Failed to parse ip network");
    snprintf(block, sizeof block, "%s/%ld", text, bits);
    family_set(L, entity, "family", family);
    family_set(L, entity, "value", block);
    return 1;
}

static int url(lua_State *L, int entity)
{
    key(L, entity, "value");
    if (!sandbox_url_path(L, lua_gettop(L)))
        return 0;
    lua_pushliteral(L, "path");
    lua_pushvalue(L, -2);
    lua_rawset(L, entity);
    return 1;
}

static int phonenumber(lua_State *L, int entity)
{
    const char *value = key(L, entity, "value");

    if (*value != '+')
        return wrong(L, "E.164 phone number must start with '+'");
    if (strspn(value + 1, "0123456789") != strlen(value + 1))
        return wrong(L, "E.164 phone number must only contain numbers");
    return 1;
}

static int account(lua_State *L, int entity)
{
    const char *service = key(L, entity, "service"), *username = key(L, entity, "username");

    if (strchr(service, '/'))
        return wrong(L, "Service field can't contain `/`");
    lua_pushliteral(L, "value");
    lua_pushfstring(L, "%s/%s", service, username);
    lua_rawset(L, entity);
    return 1;
}

static int port(lua_State *L, int entity)
{
    char text[INET6_ADDRSTRLEN];
    char family = family_address(key(L, entity, "ip_addr"), text);
    const char *status = field(L, entity, "status"), *protocol = key(L, entity, "protocol");

    if (!family)
        return wrong(L, "Failed to parse ip address");
    if (status && strcmp(status, "open") != 0 && strcmp(status, "closed") != 0)
        return wrong(L, "unsupported port status: must be \"open\" or \"closed\"");
    lua_pushliteral(L, "port");
    lua_rawget(L, entity);

    lua_Integer number = lua_tointeger(L, -1);

    if (number < 0 || number > 65535)
        return wrong(L, "a port must be a number from 0 to 65535");
    lua_pushliteral(L, "value");
    lua_pushfstring(L, family == '6' ? "%s/[%s]:%I" : "%s/%s:%I", protocol, text,
                    (LUAI_UACINT)number);
    lua_rawset(L, entity);
    family_set(L, entity, "ip_addr", text);
    return 1;
}

static int image(lua_State *L, int entity)
{
    const char *filename = field(L, entity, "filename");

    if (filename && strchr(filename, '/'))
        return wrong(L, "filename can't contains slashes");
    key(L, entity, "value");
    return sandbox_persist(L, -1);
}

int family_check(lua_State *L, const struct record *r)
{
    static const struct {
        const char *family;
        int (*check)(lua_State *L, int entity);
    } rules[] = {
        {"domain", domain},     {"subdomain", domain},
        {"ipaddr", ipaddr},     {"netblock", netblock},
        {"url", url},           {"email", lower_case},
        {"device", lower_case}, {"phonenumber", phonenumber},
        {"account", account},   {"port", port},
        {"image", image},
    };
    int entity = lua_gettop(L);

    luaL_checkstack(L, 12, "database");
    for (const struct field *f = r->fields; f->name; f++)
        if (strcmp(f->name, "unscoped") == 0) {
            lua_pushboolean(L, false);
            lua_setfield(L, entity, f->name);
        }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].family, r->family) == 0) {
            if (!rules[i].check(L, entity))
                return 0;
            lua_settop(L, entity);
        }
    return 1;
}
