-- ARGV: id. Returns 1: removed, 0: was not in line.
local left = redis.call('ZREM', base .. ':line', ARGV[1])
redis.call('ZREM', base .. ':lineKeep', ARGV[1])
redis.call('HDEL', base .. ':entries', ARGV[1])
if left == 1 then publishLine() end
return left
