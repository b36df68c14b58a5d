-- ARGV: copy, JSON, its state, the required stored state ('' = the copy must not exist).
-- Returns 1: stored, 0: it has another state, because another process was first.
local present = redis.call('HGET', base .. ':states', ARGV[1])
if (present or '') ~= ARGV[4] then return 0 end
redis.call('HSET', base .. ':copies', ARGV[1], ARGV[2])
redis.call('HSET', base .. ':states', ARGV[1], ARGV[3])
publish(copyChannel, 'copy', ',"copy":' .. ARGV[2])
return 1
