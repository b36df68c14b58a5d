-- ARGV: copy, character, 1 when only a held one. Returns 1 when one was freed. One that was promised anew becomes a held one; with
-- the 1 the promise is taken back.
local copy, character, onlyHeld = ARGV[1], ARGV[2], ARGV[3] == '1'
local seats, member = base .. ':seats:' .. copy, copy .. NUL .. character
local seat = redis.call('HGET', seats, character)
if not seat then return 0 end
local value = cjson.decode(seat)
if value.promised then
  if not onlyHeld then
    value.state, value.deadline, value.since = 'held', value.promised, nil
    redis.call('ZADD', base .. ':held', value.deadline, member)
  end
  value.promised = nil
  seat = cjson.encode(value)
  redis.call('HSET', seats, character, seat)
  tellSeats(copy, { seat }, {})
  return 0
end
if onlyHeld and value.state ~= 'held' then return 0 end
redis.call('ZREM', base .. ':held', member)
redis.call('HDEL', seats, character)
tellSeats(copy, {}, { character })
return 1
