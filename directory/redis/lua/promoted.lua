-- ARGV: id. Returns {copy, deadline} while the seat exists, else nil.
local place = redis.call('GET', base .. ':promoted:' .. ARGV[1])
if not place then return false end
local copy, deadline, character = string.match(place, '^(.-)%z(.-)%z(.*)$')
if redis.call('HEXISTS', base .. ':seats:' .. copy, character) == 0 then return false end
return { copy, deadline }
