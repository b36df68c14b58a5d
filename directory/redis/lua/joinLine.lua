-- ARGV: id, order (rank and arrival as one number), keepUntil, JSON, max. Returns the JSON of the place
-- as it stands in the line, which is another one when they had one already; nil when the line is full.
local id = ARGV[1]
if redis.call('ZSCORE', base .. ':line', id) then
  redis.call('ZADD', base .. ':lineKeep', ARGV[3], id)
  return redis.call('HGET', base .. ':entries', id)
end
if redis.call('ZCARD', base .. ':line') >= tonumber(ARGV[5]) then return false end
redis.call('ZADD', base .. ':line', ARGV[2], id)
redis.call('ZADD', base .. ':lineKeep', ARGV[3], id)
redis.call('HSET', base .. ':entries', id, ARGV[4])
tellLine()
return ARGV[4]
