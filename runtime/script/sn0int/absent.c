/* sn0int functions that need what a box does not have: a network, the host's files, decoders of images.
 * Each exists, so that a module that merely mentions it runs, but raises an error when called. */
#include "runtime/script/sn0int/sandbox.h"

static const char *const network[] = {"dns",           "http_mksession", "http_request",
                                      "http_send",     "http_fetch",     "http_fetch_json",
                                      "mqtt_connect",  "mqtt_subscribe", "mqtt_recv",
                                      "mqtt_ping",     "sock_connect",   "sock_upgrade_tls",
                                      "sock_options",  "sock_send",      "sock_recv",
                                      "sock_sendline", "sock_recvline",  "sock_recvall",
                                      "sock_recvn",    "sock_recvuntil", "sock_recvline_contains",
                                      "sock_newline",  "sock_sendafter", "sock_recvline_regex",
                                      "ws_connect",    "ws_options",     "ws_recv_text",
                                      "ws_recv_json",  "ws_recv_binary", "ws_send_text",
                                      "ws_send_json",  "ws_send_binary", NULL};
static const char *const data[] = {"asn_lookup", "geoip_lookup", "psl_domain_from_dns_name", NULL};
static const char *const images[] = {"img_load",  "img_exif",   "img_ahash", "img_dhash",
                                     "img_phash", "img_nudity", NULL};

/* Upvalues: its name, and what it needs. */
static int absent(lua_State *L)
{
    return luaL_error(L, "%s: needs %s, which runbox sandbox does not have",
                      lua_tostring(L, lua_upvalueindex(1)), lua_tostring(L, lua_upvalueindex(2)));
}

static void absent_add(lua_State *L, const char *needs, const char *const *names)
{
    for (; *names; names++) {
        lua_pushstring(L, *names);
        lua_pushstring(L, needs);
        lua_pushcclosure(L, absent, 2);
        lua_setfield(L, -2, *names);
    }
}

void sandbox_open_absent(lua_State *L)
{
    lua_pushglobaltable(L);
    absent_add(L, "a network", network);
    absent_add(L, "a host database", data);
    absent_add(L, "a decoder of images", images);
    lua_pop(L, 1);
}
