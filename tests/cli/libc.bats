#!/usr/bin/env bats
# The programs live beside any C library of their kind: none of its names is defined a second time, but for what it
# lets a program replace (malloc and its family). A static link breaks on the next release otherwise.

load lib

setup() {
    programs
    cd "$BATS_TEST_DIRNAME/../.."
}

# defined FILE...: the global names that objects and archives define.
defined() {
    nm --defined-only --extern-only "$@" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u
}

@test "no object of the programs defines a name of the C library's, but for malloc and its family" {
    mapfile -t objects < <(find "$bin"/{schemas,bundles,cgroups,runtime} -name '*.o')
    mapfile -t archives < <(ls "$(dirname "$(gcc -print-file-name=libc.a)")"/lib{c,m,m-[0-9]*,pthread}.a)
    defined "${archives[@]}" >"$T/libc"
    for name in abort time malloc __libc_fatal sin; do
        grep -qx "$name" "$T/libc"
    done
    [ "${#objects[@]}" -gt 100 ]
    comm -12 <(defined "${objects[@]}") "$T/libc" >"$T/both"
    refute grep -vxE 'malloc|calloc|realloc|free' "$T/both"
}
