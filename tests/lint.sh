#!/bin/bash
# Format, static analysis and manual pages, as TAP. A tool's output follows its "ok" or "not ok".
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1

if git rev-parse --git-dir >/dev/null 2>&1; then
    mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.c' '*.h' | sort)
else # a tarball
    mapfile -t sources < <(find schemas bundles cgroups runtime tests -name '*.[ch]' | sort)
fi

# A fixed version, which Debian 12 and 13 both have: its layout changes between versions.
clang_format() {
    clang-format-19 --dry-run -Werror "${sources[@]}"
}

# Suppressed: missingIncludeSystem, for cppcheck gets no system headers;
# normalCheckLevelMaxBranches, by which versions from 2.11 on report that they check only some
# branches; and, in tests, which may crash without memory, their warnings about failed allocations.
# -I. finds the lists of X-macros. Of two processors, it looks at x86-64's. cppcheck 2.17 cannot parse
# the asm() of a register variable.
cpp_check() {
    cppcheck --quiet -j 2 --std=c11 --enable=warning,performance,portability --inline-suppr \
        --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --error-exitcode=1 -I . \
        --suppress='nullPointerOutOfMemory:tests/*' --suppress='nullPointerArithmeticOutOfMemory:tests/*' \
        --suppress='nullPointerOutOfResources:tests/*' \
        -D_GNU_SOURCE -D__x86_64__ -D__LP64__ -D__SIZEOF_POINTER__=8 -D'__asm__(x)=' -DRUNBOX_VERSION='"0"' \
        -DRUNBOX_LIBEXECDIR='"/"' -DRUNBOX_SN0INT=1 -DLUA_FOUND='"0"' -DLUA_RELEASE='"0"' schemas bundles cgroups runtime tests
}

# From warnings up: style messages are about pages not installed yet and about long lines. Quotes and brackets
# that go on to the end of the line, past what was to stand in them, are no warning of mandoc's.
man_pages() {
    mandoc -T lint -W warning man/*.[1-8] || return
    ! grep -nE '\b(Ql|Sq|Dq|Op) [^ ]+ ([,;:] [^ ]|No )' man/*.[1-8]
}

# A static function can be found by its name: no name is in more than three files of the programs.
file_local_names() {
    local many

    many=$(printf '%s\n' "${sources[@]}" | grep -v '^tests/' | grep '\.c$' |
        xargs grep -HoE '^static [a-zA-Z_][a-zA-Z0-9_ *]*[ *][a-z0-9_]+\(' | sed -E 's/:.*[ *]([a-z0-9_]+)\($/ \1/' |
        sort -u | awk '{n[$2]++} END {for (name in n) if (n[name] > 3) print name ": in " n[name] " files"}')
    [ -z "$many" ] || { echo "$many" && return 1; }
}

n=0 failed=0
for check in clang_format cpp_check man_pages file_local_names; do
    n=$((n + 1))
    if said=$($check 2>&1); then
        echo "ok $n - $check"
    else
        echo "not ok $n - $check"
        failed=1
    fi
    [ -z "$said" ] || sed 's/^/# /' <<<"$said"
done
echo "1..$n"
exit $failed
