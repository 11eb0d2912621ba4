-- examples/rules: four rules of a shop. Each is a member of the table that this file returns, but for greeting,
-- which is a global: an export may be either. Amounts are in cents, so that nothing is rounded twice.
local fraud = require("fraud")
local rules = { fraud = fraud.judge }

local MEMBER = 5 -- per cent
local BULK, BULK_FROM = 10, 100 -- per cent, from so many pieces of one thing on

-- CENTS less PERCENT, in the customer's favour.
local function less(cents, percent)
    return cents * (100 - percent) // 100
end

function rules.discount(order)
    local total, to_pay, reasons = 0, 0, box.json.array()

    for _, item in ipairs(order.items) do
        local cents = item.cents * item.quantity

        total = total + cents
        if item.quantity >= BULK_FROM then
            cents = less(cents, BULK)
            reasons[#reasons + 1] = ("%d %% for %d of %s"):format(BULK, item.quantity, item.sku)
        end
        to_pay = to_pay + cents
    end
    if order.member then
        to_pay = less(to_pay, MEMBER)
        reasons[#reasons + 1] = ("%d %% for members"):format(MEMBER)
    end
    return { total = total, to_pay = to_pay, reasons = reasons }
end

local zones = {
    { days = 2, cents = 490, per_kilo = 40, DE = true },
    { days = 5, cents = 1290, per_kilo = 120, AT = true, BE = true, CZ = true, DK = true, FR = true, LU = true, NL = true, PL = true },
    { days = 12, cents = 2990, per_kilo = 900 },
}

function rules.shipping(parcel)
    local zone = zones[#zones]

    for _, one in ipairs(zones) do
        if one[parcel.country] then
            zone = one
            break
        end
    end
    return { cents = zone.cents + zone.per_kilo * ((parcel.grams + 999) // 1000), days = zone.days }
end

local words = { de = "Guten Tag %s,", en = "Dear %s,", fr = "Bonjour %s," }

function greeting(letter)
    return words[letter.language or "en"]:format(letter.name)
end

return rules
