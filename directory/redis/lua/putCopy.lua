-- ARGV: copy, JSON, its state, the state that it must have now ('' = must not be there). Returns 1, or 0 when somebody was faster.
local present = redis.call('HGET', base .. ':states', ARGV[1])
if (present or '') ~= ARGV[4] then return 0 end
redis.call('HSET', base .. ':copies', ARGV[1], ARGV[2])
redis.call('HSET', base .. ':states', ARGV[1], ARGV[3])
tell(channel, 'copy', ',"copy":' .. ARGV[2])
return 1
