-- Gives back a held seat or a promise. ARGV: copy, character, its deadline. The deadline identifies it: a newer one stays.
local copy, character, heldUntil = ARGV[1], ARGV[2], tonumber(ARGV[3])
local seats = base .. ':seats:' .. copy
local seat = redis.call('HGET', seats, character)
if not seat then return end
local value = cjson.decode(seat)
if value.state == 'held' and value.deadline == heldUntil then
  dropHeld(copy, character)
  return
end
if value.state ~= 'taken' or value.promised ~= heldUntil then return end
value.promised = nil
redis.call('HDEL', base .. ':promises', copy .. NUL .. character)
seat = cjson.encode(value)
redis.call('HSET', seats, character, seat)
publishSeats(copy, { seat }, {})
