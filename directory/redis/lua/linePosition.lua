-- ARGV: id, now. Returns {position, length}, or nil if not in line.
sweepLine(instant(ARGV[2]))
local rank = redis.call('ZRANK', base .. ':line', ARGV[1])
if not rank then return false end
return { rank, redis.call('ZCARD', base .. ':line') }
