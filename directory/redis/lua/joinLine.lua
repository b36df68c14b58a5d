-- ARGV: id, order (rank and arrival as one number), keepUntil, JSON, max, now. Returns the JSON of the stored place,
-- which is the earlier one if the id has a place already; nil if the line is full.
local id, lapses = ARGV[1], lapsesAt(ARGV[6], ARGV[3])
if redis.call('ZSCORE', base .. ':line', id) then
  redis.call('ZADD', base .. ':lineKeep', lapses, id)
  return redis.call('HGET', base .. ':entries', id)
end
if redis.call('ZCARD', base .. ':line') >= tonumber(ARGV[5]) then return false end
redis.call('ZADD', base .. ':line', ARGV[2], id)
redis.call('ZADD', base .. ':lineKeep', lapses, id)
redis.call('HSET', base .. ':entries', id, ARGV[4])
publishLine()
return ARGV[4]
