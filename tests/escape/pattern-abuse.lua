-- expect: ok
-- Patterns: malformed, too complex, with captures that are not there; replacements likewise.
local bits = { "%", "[", "]", "(", ")", ".", "*", "+", "-", "?", "^", "$", "%b", "%f", "%1", "%9", "a", "x", "[^", "%a", "\0", "()", "[a-", "%z" }
math.randomseed(7)
for i = 1, 30000 do
    local p = {}
    for j = 1, math.random(1, 8) do p[j] = bits[math.random(#bits)] end
    p = table.concat(p)
    pcall(string.find, "axbyaxcz()()[]", p)
    pcall(string.gsub, "axbyaxcz", p, "%1%2%0", 5)
    pcall(string.gsub, "axbyaxcz", p, p, 5)
    pcall(function() for _ in ("axax"):gmatch(p) do end end)
end
pcall(string.rep("x", 200).gsub, ("x"):rep(200), ("(x)"):rep(40), "%33")
pcall(string.gsub, "x", "x", "%")
pcall(string.gsub, "x", "()", { [1] = {} })
pcall(string.gsub, ("x"):rep(1000), "", function(s) collectgarbage() return s .. "y" end)
