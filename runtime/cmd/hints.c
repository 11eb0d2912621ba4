/* Names of Lua 5.4 and of its predecessors, and modules in C that public libraries load: what a bundle
 * uses instead, and which known libraries will miss it. No pointers: each would be relocated at
 * every start. */
#include "runtime/cmd/hints.h"

#include <stdio.h>
#include <string.h>

struct hint {
    char name[24], instead[104], users[64];
};

static const struct hint names[] = {
    {"_M", "Lua 5.1's: return a table", "LeMock, Cosmo"},
    {"arg", "the argument is box.arg", "Penlight's pl.app and pl.lapp"},
    {"bit", "LuaJIT's: Lua 5.4 has the operators & | ~ << >>", ""},
    {"bit32", "Lua 5.2's: Lua 5.4 has the operators & | ~ << >>", ""},
    {"box.std", "require \"box.std.json\", or another of its modules", ""},
    {"debug.debug", "there is no terminal", ""},
    {"debug.gethook", "limits are the manifest's", ""},
    {"debug.getlocal", "", ""},
    {"debug.getmetatable", "getmetatable, which __metatable holds for", "luassert, luacheck"},
    {"debug.getregistry", "", ""},
    {"debug.getupvalue", "", "Penlight's setfenv"},
    {"debug.getuservalue", "", ""},
    {"debug.sethook", "limits are the manifest's", "LuaCov, LuaUnit's coverage"},
    {"debug.setlocal", "", ""},
    {"debug.setmetatable", "setmetatable, of tables alone", "luassert"},
    {"debug.setupvalue", "load, with an environment", "Penlight's setfenv"},
    {"debug.setuservalue", "", ""},
    {"debug.upvalueid", "", ""},
    {"debug.upvaluejoin", "load, with an environment", "Penlight's setfenv"},
    {"getfenv", "Lua 5.1's: _ENV", "Penlight, which defines it"},
    {"io.popen", "a box starts no process; box.call asks the caller", "luacheck"},
    {"io.tmpfile", "io.open of a name in /tmp, with \"scratch\" in manifest.json", ""},
    {"jit", "LuaJIT's", "LuaUnit, if it is there"},
    {"loadstring", "Lua 5.1's: load", "Penlight, compat53, which define it"},
    {"math.pow", "Lua 5.1's: the operator ^", ""},
    {"module", "Lua 5.1's: return a table", "LeMock, Cosmo, LuaXMLRPC"},
    {"newproxy", "Lua 5.1's: setmetatable", "LeMock"},
    {"os.execute", "a box starts no process; box.call asks the caller", "Penlight's pl.utils"},
    {"os.exit", "return, or raise an error",
     "argparse, LuaUnit, Penlight's pl.utils, when they end"},
    {"os.remove", "a box removes no file", "Penlight's pl.file, LuaUnit"},
    {"os.rename", "a box renames no file", "LuaLogging's rolling_file"},
    {"os.setlocale", "the locale is always C", ""},
    {"os.tmpname", "a name in /tmp, with \"scratch\" in manifest.json", "Penlight's pl.path"},
    {"package.loaders", "Lua 5.1's; package.preload adds modules", "luacheck"},
    {"package.loadlib", "a box loads no C", ""},
    {"package.searchers", "package.preload adds modules", "luacheck"},
    {"package.searchpath", "require finds the bundle's own", "Penlight, which defines it"},
    {"package.seeall", "Lua 5.1's: return a table", "LeMock, Cosmo"},
    {"setfenv", "Lua 5.1's: load, with an environment", "Markdown; Penlight, which defines it"},
    {"string.dump", "a box loads no bytecode", ""},
    {"string.gfind", "Lua 5.0's: string.gmatch", ""},
    {"table.getn", "Lua 5.0's: the operator #", ""},
    {"table.maxn", "Lua 5.1's: the operator #", ""},
    {"unpack", "Lua 5.1's: table.unpack", "many, where table.unpack is not there"},
};

static const struct hint modules[] = {
    {"box", "box is a global, box.std.json and the like are modules", ""},
    {"cjson", "it is in C: box.std.json", ""},
    {"cjson.safe", "it is in C: box.std.json", ""},
    {"ffi", "it is LuaJIT's", ""},
    {"lfs", "it is in C, and looks at directories", "Penlight's pl.path and pl.dir, luacheck"},
    {"lpeg", "it is in C: LuLPeg is the same in Lua", "LuaJSON, Cosmo; dkjson, if it is there"},
    {"lua_cjson", "it is in C: box.std.json", ""},
    {"lxp", "it is in C: Penlight's pl.xml parses without it", "LuaXMLRPC"},
    {"lxp.lom", "it is in C: Penlight's pl.xml parses without it", "LuaXMLRPC"},
    {"lyaml", "it is in C", "cliargs, for configurations in YAML"},
    {"md5", "it is in C: box.std.hash", ""},
    {"mime", "it is in C: box.std.base64", "LuaSocket"},
    {"posix", "it is in C, and asks the system", ""},
    {"re", "it is LPeg's: LuLPeg has it in Lua", "Cosmo"},
    {"socket", "it is in C, and a script has no sockets", "LuaLogging's socket and email"},
    {"socket.http", "it is LuaSocket's, which is in C", "LuaXMLRPC"},
    {"ssl", "it is in C", ""},
    {"zlib", "it is in C", ""},
};

static const char *hint_of(const struct hint *list, size_t count, const char *name, char *out)
{
    const struct hint *h = list, *end = list + count;

    while (h < end && strcmp(h->name, name) != 0)
        h++;
    out[0] = '\0';
    if (h == end)
        return out;
    snprintf(out, HINT_LONGEST, "%s%s%s%s%s", *h->instead ? ": " : "", h->instead,
             *h->users ? " (known to use it: " : "", h->users, *h->users ? ")" : "");
    return out;
}

const char *hint_name(const char *name, char *out)
{
    return hint_of(names, sizeof names / sizeof *names, name, out);
}

const char *hint_module(const char *name, char *out)
{
    return hint_of(modules, sizeof modules / sizeof *modules, name, out);
}
