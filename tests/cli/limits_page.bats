#!/usr/bin/env bats
# runbox-limits(7) names tests: each is there, under that name.

# The texts between .Ql "...", as the page has them.
named() {
    sed -n 's/^\.Ql "\(.*\)".*/\1/p' man/runbox-limits.7 | sort -u
}

@test "runbox-limits(7): every test that it names is there" {
    [ "$(named | wc -l)" -ge 30 ]
    missing=$(named | while IFS= read -r name; do
        grep -qrF "@test \"$name\"" tests/cli tests/vm || echo "$name"
    done)
    [ -z "$missing" ] || {
        echo "no such test: $missing"
        return 1
    }
    sed -n 's/^\.Pa \(tests\/[^ ]*\).*/\1/p' man/runbox-limits.7 | sort -u | while IFS= read -r file; do
        [ -f "$file" ]
    done
}

@test "runbox-limits(7): every limit has its row, and its tests" {
    sed -n 's/^LIMIT([A-Z_]*, "\([a-z_]*\)".*/\1/p' schemas/limits.def | while IFS= read -r limit; do
        grep -q "^\.It Ic $limit Ta" man/runbox-limits.7
        grep -qx "\.It Ic $limit" man/runbox-limits.7
    done
}
