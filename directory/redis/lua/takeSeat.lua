-- held -> taken. ARGV: copy, character, now. Returns 1: taken, 0: lapsed or did not exist.
local copy, character, now = ARGV[1], ARGV[2], instant(ARGV[3])
local seats = base .. ':seats:' .. copy
local seat = redis.call('HGET', seats, character)
if not seat then return 0 end
local value = cjson.decode(seat)
if value.state == 'taken' and not value.promised then return 1 end
local member = copy .. NUL .. character
if value.state == 'held' and tonumber(redis.call('ZSCORE', base .. ':held', member) or value.deadline) <= now then
  dropHeld(copy, character)
  return 0
end
if value.state == 'held' then value.since = now end
value.state, value.deadline, value.promised = 'taken', nil, nil
seat = cjson.encode(value)
redis.call('HSET', seats, character, seat)
redis.call('ZREM', base .. ':held', member)
redis.call('HDEL', base .. ':promises', member)
publishSeats(copy, { seat }, {})
return 1
