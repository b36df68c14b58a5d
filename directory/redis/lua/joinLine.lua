-- ARGV: id, order (rank and arrival as one number), keepUntil, JSON, max. Returns 1; 0 when the line is full.
local id = ARGV[1]
if redis.call('ZSCORE', base .. ':line', id) then
  redis.call('ZADD', base .. ':lineKeep', ARGV[3], id)
  return 1
end
if redis.call('ZCARD', base .. ':line') >= tonumber(ARGV[5]) then return 0 end
redis.call('ZADD', base .. ':line', ARGV[2], id)
redis.call('ZADD', base .. ':lineKeep', ARGV[3], id)
redis.call('HSET', base .. ':entries', id, ARGV[4])
tellLine()
return 1
