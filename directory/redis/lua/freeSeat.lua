-- Ends a taken seat because the character left. ARGV: copy, character. A promised seat becomes held; a held seat stays.
local copy, character = ARGV[1], ARGV[2]
local seats = base .. ':seats:' .. copy
local seat = redis.call('HGET', seats, character)
if not seat then return end
local value = cjson.decode(seat)
if value.state ~= 'taken' then return end
if not value.promised then
  redis.call('HDEL', seats, character)
  publishSeats(copy, {}, { character })
  return
end
value.state, value.deadline, value.since, value.promised = 'held', value.promised, nil, nil
seat = cjson.encode(value)
redis.call('ZADD', base .. ':held', value.deadline, copy .. NUL .. character)
redis.call('HSET', seats, character, seat)
publishSeats(copy, { seat }, {})
