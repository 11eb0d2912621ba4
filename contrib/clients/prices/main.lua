-- Lines of "ITEM AMOUNT CURRENCY" on standard input; the sum in one currency is the result. The rates are
-- the caller's: what it does not know is logged and left out.
local rates = {}

local function rate(currency)
    if rates[currency] == nil then
        local ok, answer = pcall(box.call, "rate", { from = currency, to = box.options.currency })

        if not ok then
            box.log.warn(answer)
        end
        rates[currency] = ok and answer
    end
    return rates[currency]
end

local total, left_out = 0, 0
local rows = { "item,amount" }

for line in io.lines() do
    local item, amount, currency = line:match("^(%S+)%s+([%d.]+)%s+(%u+)$")
    local factor = item and rate(currency)

    if factor then
        total = total + tonumber(amount) * factor
        rows[#rows + 1] = ("%s,%.2f"):format(item, tonumber(amount) * factor)
    else
        left_out = left_out + 1
    end
end
print(("%d items, %d left out"):format(#rows - 1, left_out))
box.artifact("prices.csv", table.concat(rows, "\n") .. "\n")
return { total = math.floor(total * 100 + 0.5) / 100, currency = box.options.currency }
