-- How suspicious an order is: each sign that is there adds its points.
local signs = {
    { 40, "the card is from another country", function(o)
        return o.card_country and o.country and o.card_country ~= o.country
    end },
    { 30, "more than five orders today", function(o) return (o.orders_today or 0) > 5 end },
    { 20, "more than 1000 euros", function(o) return o.cents > 100000 end },
    { 20, "an address that anybody gets at once", function(o) return o.email:lower():find("@example%.net$") end },
    { 10, "an address of digits", function(o) return o.email:find("^%d+@") end },
}

local function judge(order)
    local score, reasons = 0, box.json.array()

    for _, sign in ipairs(signs) do
        local points, reason, shows = table.unpack(sign)

        if shows(order) then
            score = math.min(100, score + points)
            reasons[#reasons + 1] = reason
        end
    end
    return { score = score, reasons = reasons }
end

return { judge = judge }
