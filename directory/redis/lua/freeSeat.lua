-- ARGV: copy, character, 1 when only a held one. Returns 1 when one was freed.
local copy, character = ARGV[1], ARGV[2]
local held = redis.call('ZREM', base .. ':held', copy .. NUL .. character)
if ARGV[3] == '1' and held == 0 then return 0 end
local freed = redis.call('HDEL', base .. ':seats:' .. copy, character)
if freed == 1 then tellSeats(copy, {}, { character }) end
return freed
