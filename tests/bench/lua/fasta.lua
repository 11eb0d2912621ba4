-- Random and repeated DNA, in lines of 60, as in the Computer Language Benchmarks Game.
local IM, IA, IC, last = 139968, 3877, 29573, 42

local function random(max)
    last = (last * IA + IC) % IM
    return max * last / IM
end

local function cumulate(odds)
    local sum = 0
    for _, letter in ipairs(odds) do
        sum = sum + letter[2]
        letter[2] = sum
    end
    return odds
end

local function pick(odds)
    local r = random(1.0)
    for _, letter in ipairs(odds) do
        if r < letter[2] then
            return letter[1]
        end
    end
    return odds[#odds][1]
end

local function draw(title, odds, n)
    io.write(">", title, "\n")
    for from = 1, n, 60 do
        local line = {}
        for i = 1, math.min(60, n - from + 1) do
            line[i] = pick(odds)
        end
        io.write(table.concat(line), "\n")
    end
end

local function again(title, dna, n)
    local doubled, at = dna .. dna, 0
    io.write(">", title, "\n")
    for from = 1, n, 60 do
        local length = math.min(60, n - from + 1)
        io.write(doubled:sub(at + 1, at + length), "\n")
        at = (at + length) % #dna
    end
end

local ALU = ("GGCCGGGCGCGGTGGCTCACGCCTGTAATCCCAGCACTTTGG"):rep(7)
local IUB = cumulate{{"a", 0.27}, {"c", 0.12}, {"g", 0.12}, {"t", 0.27}, {"B", 0.02}, {"D", 0.02}, {"H", 0.02},
    {"K", 0.02}, {"M", 0.02}, {"N", 0.02}, {"R", 0.02}, {"S", 0.02}, {"V", 0.02}, {"W", 0.02}, {"Y", 0.02}}
local HOMO = cumulate{{"a", 0.3029549426680}, {"c", 0.1979883004921}, {"g", 0.1975473066391}, {"t", 0.3015094502008}}

again("ONE Homo sapiens alu", ALU, 400000)
draw("TWO IUB ambiguity codes", IUB, 300000)
draw("THREE Homo sapiens frequency", HOMO, 500000)
