#!/usr/bin/env bats
# Which Lua: runbox is built with another one if told to, says with which, and refuses a Lua whose internals it does
# not know: when it is built, and when a box starts. Builds in $T, with the compiler of this machine and
# the Lua of the programs under test.

load lib

# found WORD: what stands behind it in the build's note of its Lua.
found() {
    sed -n "s,^// $1 ,,p" "$bin/gen/lua_release.h"
}

setup() {
    programs
    unset MAKEFLAGS MFLAGS MAKELEVEL # of the make that runs the tests
    cc=${CC:-cc}
    release=$(sed -n 's/^#define LUA_FOUND "\(.*\)"/\1/p' "$bin/gen/lua_release.h")
    this_lua=("LUA_CFLAGS=$(found LUA_CFLAGS)" "LUA_LIBS=$(found LUA_LIBS)")
    lua_h=$(printf '#include <lua.h>\n' | $cc $(found LUA_CFLAGS) -M -x c - | grep -o '[^ ]*/lua\.h')
    lua_a=$(found archive)
}

# private_lua: a copy of the Lua that the programs are built with in $T/lua, under another name.
private_lua() {
    mkdir -p "$T/lua/include" "$T/lua/lib"
    cp "${lua_h%/*}"/* "$T/lua/include"
    cp "$lua_a" "$T/lua/lib/libprivate.a"
    own_lua=("LUA_CFLAGS=-isystem $T/lua/include" "LUA_LIBS=-L$T/lua/lib -lprivate")
}

# builds STATUS [VARIABLE=VALUE...] TARGET: of a build in $T/build; what is said is in $T/out and $T/err.
builds() {
    ends "$1" make --no-print-directory B="$T/build" "${@:2:$#-2}" "$T/build/${*: -1}"
}

# refuses TEXT [VARIABLE=VALUE...]: the build stops before any other file is compiled, with TEXT.
refuses() {
    builds 2 "${@:2}" runbox-lua
    grep -F -- "$1" "$T/err"
    refute grep -qE 'CC .*(main|count|bytecode)\.o' "$T/out"
}

# header EXPRESSION: change the private lua.h.
header() {
    cp "$lua_h" "$T/lua/include/lua.h"
    sed -i -E "$1" "$T/lua/include/lua.h"
    refute cmp -s "$lua_h" "$T/lua/include/lua.h"
}

macro() { # HEADER EXPRESSION: its value, by the preprocessor
    printf '#include <%s>\n%s\n' "$1" "$2" | $cc -E -P -x c - | tail -n 1 | tr -d '" '
}

@test "--version: this release, then what it was built with, one a line" {
    ends 0 "$runbox" --version
    [ ! -s "$T/err" ]
    cat >"$T/want" <<END
$release
libseccomp $(macro seccomp.h SCMP_VER_MAJOR.SCMP_VER_MINOR.SCMP_VER_MICRO)
json-c $(macro json-c/json_c_version.h JSON_C_VERSION)
Unicode $(sed -n '1s/^# Scripts-\(.*\)\.txt$/\1/p' /usr/share/unicode/Scripts.txt)
Linux headers $(macro linux/version.h LINUX_VERSION_MAJOR.LINUX_VERSION_PATCHLEVEL.LINUX_VERSION_SUBLEVEL)
END
    diff "$T/want" <(sed -n 2,6p "$T/out")
    grep -qxE 'runbox [0-9]+\.[0-9]+\.[0-9]+' <(head -n 1 "$T/out")
    grep -qxE 'Landlock ABI 1 to [0-9]+' "$T/out"
    grep -qx 'cgroup v1, v2' "$T/out"
    cp "$T/out" "$T/first"
    ends 0 "$runbox" -V
    diff "$T/first" "$T/out"
    ends 0 "$bin/runbox-lua" --version
    diff <(sed -n '1s/runbox/runbox-lua/p;2p' "$T/first") "$T/out"
}

@test "LUA_CFLAGS and LUA_LIBS: the box is built with the Lua that they name" {
    private_lua
    LC_ALL=C sed -i 's/PUC-Rio/PUC-Own/' "$T/lua/lib/libprivate.a"
    builds 0 "${own_lua[@]}" runbox-lua
    grep -aqF "\$LuaVersion: $release  Copyright" "$T/build/runbox-lua"
    grep -aq PUC-Own "$T/build/runbox-lua"
    refute grep -aq PUC-Rio "$T/build/runbox-lua"
    refute grep -q "${lua_h%/*}/" "$T/build/runtime/script/core/release.d"
    cp "$runbox" "$T/build"
    ends 0 "$T/build/runbox" bundles/examples/hello/
    [ "$(cat "$T/out")" = "hello, world" ]
    # Nothing is built again for the same Lua; for a newer archive, or another Lua, it is.
    builds 0 "${own_lua[@]}" runbox-lua
    refute grep -q . "$T/out"
    touch -d '2001-01-01' "$T/lua/lib/libprivate.a"
    builds 0 "${own_lua[@]}" runtime/script/lib/count.o
    grep -q 'lib/count\.o' "$T/out"
    builds 0 "${this_lua[@]}" runtime/script/lib/count.o
    grep -q 'lib/count\.o' "$T/out"
}

@test "a builder who reads other than English: the archive is found" {
    # As ld speaks where its translations are installed and LC_ALL says so.
    printf '#!/bin/bash\nset -o pipefail\n[ "$LC_ALL" != C ] || exec %q "$@"\n%q "$@" 2>&1 | sed "s/definition of/définition de/"\n' "$cc" "$cc" >"$T/cc"
    chmod +x "$T/cc"
    echo 'int main(void) { return 0; }' >"$T/main.c"
    "$T/cc" -Wl,-y,main -o "$T/main" "$T/main.c" | grep -q 'définition de main'
    builds 0 "${this_lua[@]}" CC="$T/cc" gen/lua_release.h
    grep -qF "LUA_FOUND \"$release\"" "$T/build/gen/lua_release.h"
}

@test "headers of a Lua that runbox does not know: the build says which, and nothing else" {
    private_lua
    header 's/^(#define LUA_VERSION_NUM[[:space:]]+)504/\1505/; s/^(#define LUA_VERSION_MINOR[[:space:]]+)"4"/\1"5"/'
    LC_ALL=C sed -i 's/\(\$LuaVersion: Lua 5\.\)4/\15/' "$T/lua/lib/libprivate.a"
    refuses "are of Lua 5.5" "${own_lua[@]}"
    refuses "runbox needs Lua 5.4" "${own_lua[@]}"

    private_lua
    header 's/^(#define LUA_VERSION_RELEASE[[:space:]]+)"[0-9]+"/\1"0"/; s/(LUA_VERSION_NUM \* 100 \+ )[0-9]+/\10/'
    LC_ALL=C sed -i 's/\(\$LuaVersion: Lua 5\.4\.\)[0-9]/\10/' "$T/lua/lib/libprivate.a"
    refuses "are of Lua 5.4.0, whose internals runbox does not know" "${own_lua[@]}"
}

@test "headers of one release and an archive of another, or none: the build says so" {
    private_lua
    LC_ALL=C sed -i 's/\(\$LuaVersion: Lua 5\.4\.\)[0-9]/\11/' "$T/lua/lib/libprivate.a"
    refuses "the headers are of $release, $T/lua/lib/libprivate.a is not" "${own_lua[@]}"
    refuses "no static archive of Lua: LUA_LIBS='-lm'" LUA_LIBS=-lm
    refuses "no lua.h: LUA_CFLAGS='-isystem $T/none'" LUA_CFLAGS="-isystem $T/none"
}

# The linker could not take the addresses out of tostring there, nor put in the seed and the checks of files.
@test "a Lua that is one object, or calls fopen by another name: refused" {
    private_lua
    ld -r --whole-archive "$lua_a" -o "$T/one.o"
    ar rcs "$T/lua/lib/libone.a" "$T/one.o"
    refuses "its calls cannot be redirected" "${own_lua[0]}" "LUA_LIBS=$T/lua/lib/libone.a"
    objcopy --redefine-sym fopen64=fopen "$lua_a" "$T/lua/lib/libfopen.a"
    refuses "its calls cannot be redirected" "${own_lua[0]}" "LUA_LIBS=$T/lua/lib/libfopen.a"
}

# Nor can it tell calls from one of these objects to another, nor can their symbols be relied on.
@test "a Lua that was compiled with -flto, slim or fat, by GCC or by clang: refused, and that is why" {
    private_lua
    mkdir "$T/lto"
    cat >"$T/lto/lstate.c" <<END
#include <stdio.h>
#include <time.h>
const char lua_ident[] = "\$LuaVersion: $release  Copyright";
extern long lua_topointer(void), lua_pushcclosure(void), luaL_setfuncs(void);
long lua_newstate(void) { return (long)lua_ident + time(NULL) + lua_topointer() + lua_pushcclosure() + luaL_setfuncs() + (long)fopen64("x", "r"); }
END
    echo 'long lua_topointer(void) { return 1; } long lua_pushcclosure(void) { return 2; } long luaL_setfuncs(void) { return 3; }' >"$T/lto/lapi.c"
    cd "$T/lto"
    for flags in "gcc" "gcc -flto" "gcc -flto -ffat-lto-objects" "clang -flto" "clang -flto=thin"; do
        rm -f ./*.[oa]
        $flags -D_GNU_SOURCE -O2 -c lstate.c lapi.c
        ar rcs liblua.a lstate.o lapi.o
        for CC in gcc clang; do
            run env CC=$CC NM=nm OBJCOPY=objcopy "${own_lua[0]}" LUA_LIBS="$T/lto/liblua.a" sh "$OLDPWD/runtime/script/lua.sh" "$T/lto/lua.h" "$T/lto/copy.a"
            case $flags in
            gcc) [ "$status" -eq 0 ] ;;
            *) [ "$status" -eq 1 ] && [ "$output" = "lua: $T/lto/liblua.a: its calls cannot be redirected: it was compiled with -flto; compile it without" ] ;;
            esac
        done
    done
    cd "$OLDPWD"
    refuses "$T/lto/liblua.a: its calls cannot be redirected: it was compiled with -flto" "${own_lua[0]}" "LUA_LIBS=$T/lto/liblua.a"
}

# 125 and this line, from each way to start a box.
each_refuses() { # PROGRAM TEXT
    ends 125 "$1" run bundles/examples/hello/
    [ "$(cat "$T/err")" = "runbox: runbox-lua: $2" ]
    ends 125 "$1" check bundles/examples/hello/
    [ "$(cat "$T/err")" = "runbox: runbox-lua: $2" ]
    ends 1 "$1" batch -q bundles/examples/hello/ <<<'{"arg":{"name":"Ada"}}'
    jq -e --arg text "runbox-lua: $2" '.status == "setup" and .error == $text' "$T/out"
    ends 1 "$1" doctor
    grep -q '^verdict: NO  *runbox-lua: ' "$T/out"
}

@test "linked with another Lua than compiled for: no box starts" {
    mkdir "$T/programs"
    cp "$runbox" "$T/programs"
    LC_ALL=C sed 's/\(\$LuaVersion: Lua 5\.4\.\)[0-9]\(  Copyright\)/\11\2/' "$bin/runbox-lua" >"$T/programs/runbox-lua"
    chmod 755 "$T/programs/runbox-lua"
    refute cmp -s "$bin/runbox-lua" "$T/programs/runbox-lua"
    each_refuses "$T/programs/runbox" "was compiled for $release and linked with Lua 5.4.1: build it again"
}

# hostile/lua keeps the hook's count where Lua does, and never counts; its opcodes have other numbers.
@test "a Lua with other internals: what needs them is refused, what does not runs" {
    other="$bin/hostile/lua/runbox"
    count="$release counts instructions in a way unknown here: they cannot be limited"
    ends 0 "$other" bundles/examples/hello/
    [ "$(cat "$T/out")" = "hello, world" ]
    ends 125 "$other" run -l instructions=1000000 bundles/examples/hello/
    [ "$(cat "$T/err")" = "runbox: runbox-lua: $count" ]
    ends 1 "$other" batch -q bundles/examples/hello/ <<<'{"arg":{"name":"Ada"}}'
    jq -e --arg text "runbox-lua: $count" '.status == "setup" and .error == $text' "$T/out"
    ends 125 "$other" check bundles/examples/hello/
    [ "$(cat "$T/err")" = "runbox: runbox-lua: $release makes bytecode that is unknown here: no source can be checked" ]
}
