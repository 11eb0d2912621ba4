#!/bin/sh
# lua.sh RELEASE_H ARCHIVE: find the Lua that LUA_CFLAGS and LUA_LIBS name, refuse one that runbox cannot be
# linked with, and write to RELEASE_H which it is, to ARCHIVE a copy to link: both only if something has changed.
# CC, NM and OBJCOPY are the tools. Runs nothing of what it finds, which may be for another processor.
set -eu
export LC_ALL=C # what the linker says is read
header=$1 archive=$2
mkdir -p "$(dirname "$header")"
trap 'rm -f "$header.new"' EXIT

refuse() {
    echo "lua: $*" >&2
    exit 1
}

# The last line is strings to join: "Lua 5.4" "." "4".
headers_release() {
    printf '#include <lua.h>\nLUA_RELEASE\n' | $CC $LUA_CFLAGS -E -P - | tail -n 1 | sed 's/"  *"//g; s/"//g'
}

# What the linker says: which archives it opened, and where it found lua_newstate.
links() {
    $CC -nostdlib -static -Wl,-u,lua_newstate -Wl,-t -Wl,-y,lua_newstate -Wl,--unresolved-symbols=ignore-all \
        -o "$header.new" $LUA_LIBS 2>&1 || true
}

# "ld: DIR/liblua.a(lstate.o): definition of ...".
found() {
    echo "$linked" | sed -n 's/^[^ ]*: \(.*([^()]*)\): definition of lua_newstate$/\1/p'
}

# Of the archives that the linker opened, one of Lua whose objects the compiler would make anew when they are linked:
# GCC's have sections of that name, clang's are no ELF, or have such a section.
found_lto() {
    echo "$linked" | grep -oE '[^ :()]+\.a' | sort -u | while read -r archive; do
        grep -aqs lua_newstate "$archive" && {
            grep -aqE '\.gnu\.lto_|\.llvm\.lto' "$archive" || grep -aq "$(printf '^BC\300\336')" "$archive"
        } && echo "$archive"
    done
}

# calls MEMBER FUNCTION: an object of the archive calls it in another object. MEMBER: which one, or any.
calls() {
    echo "$symbols" | grep -qE ":($1): +U $2\$"
}

release=$(headers_release)
[ -n "$release" ] ||
    refuse "no lua.h: LUA_CFLAGS='$LUA_CFLAGS' must name the directory of Lua 5.4's headers (-isystem DIR)"
linked=$(links)
lto=$(found_lto || true)
[ -z "$lto" ] ||
    refuse "$lto: its calls cannot be redirected: it was compiled with -flto; compile it without"
place=$(found)
from=${place%(*}
[ -n "$from" ] ||
    refuse "no static archive of Lua: LUA_LIBS='$LUA_LIBS' must name one (DIR/liblua.a, or -LDIR -lNAME)"
LC_ALL=C grep -aqF "\$LuaVersion: $release  " "$from" ||
    refuse "the headers are of $release, $from is not: LUA_CFLAGS and LUA_LIBS must name the same Lua"

# Calls of these are redirected by the linker (INSTEAD in the Makefile), from one object to another only, and under
# these names only.
symbols=$($NM -A "$from" 2>/dev/null)
member=${place##*(}
calls "${member%)}" time && calls '[^:]*' lua_topointer && calls '[^:]*' lua_pushcclosure &&
    calls '[^:]*' luaL_setfuncs && calls '[^:]*' fopen64 && ! calls '[^:]*' fopen ||
    refuse "$from: its calls cannot be redirected: each of Lua's files must be an object, compiled with Lua's own luaconf.h"

cat >"$header.new" <<END
// Written by runtime/script/lua.sh.
// LUA_CFLAGS $LUA_CFLAGS
// LUA_LIBS $LUA_LIBS
// archive $from
// $(stat -L -c '%s bytes, of %Y' "$from")
#define LUA_FOUND "$release"
END
if ! cmp -s "$header.new" "$header" || [ ! -e "$archive" ]; then
    rm -f "$archive"
    mv "$header.new" "$header"
    # .text at a cache line: see the Makefile.
    $OBJCOPY --set-section-alignment .text=64 "$from" "$archive"
fi
