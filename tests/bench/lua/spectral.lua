-- Array floats: the spectral norm.
local function a(i, j)
    local ij = i + j - 1
    return 1.0 / (ij * (ij - 1) * 0.5 + i)
end

local function times(n, x, y)
    for i = 1, n do
        local sum = 0
        for j = 1, n do sum = sum + x[j] * a(i, j) end
        y[i] = sum
    end
end

local function transposed(n, x, y)
    for i = 1, n do
        local sum = 0
        for j = 1, n do sum = sum + x[j] * a(j, i) end
        y[i] = sum
    end
end

local n, u, v, t = 500, {}, {}, {}
for i = 1, n do u[i] = 1 end
for _ = 1, 10 do
    times(n, u, t) transposed(n, t, v)
    times(n, v, t) transposed(n, t, u)
end

local uv, vv = 0, 0
for i = 1, n do
    uv = uv + u[i] * v[i]
    vv = vv + v[i] * v[i]
end
print(string.format("%.9f", math.sqrt(uv / vv)))
