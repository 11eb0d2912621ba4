-- 16 MB at once.
assert(#io.read("a") == 16 << 20)
