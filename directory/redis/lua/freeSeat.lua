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
-- A process of the previous release noted no instant.
local member = copy .. NUL .. character
redis.call('ZADD', base .. ':held', redis.call('HGET', base .. ':promises', member) or value.deadline, member)
redis.call('HDEL', base .. ':promises', member)
redis.call('HSET', seats, character, seat)
publishSeats(copy, { seat }, {})
