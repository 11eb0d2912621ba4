-- Eight queens, all 92 solutions and their boards, thirty times: many short writes.
local N = 8
local boards = 0

local function free(row, n, column)
    for i = 1, n - 1 do
        if row[i] == column or row[i] - i == column - n or row[i] + i == column + n then
            return false
        end
    end
    return true
end

local function show(row)
    boards = boards + 1
    for i = 1, N do
        for j = 1, N do
            io.write(row[i] == j and "X" or "-", " ")
        end
        io.write("\n")
    end
    io.write("\n")
end

local function add(row, n)
    if n > N then
        show(row)
        return
    end
    for column = 1, N do
        if free(row, n, column) then
            row[n] = column
            add(row, n + 1)
        end
    end
end

for _ = 1, 30 do
    add({}, 1)
end
assert(boards == 30 * 92)
