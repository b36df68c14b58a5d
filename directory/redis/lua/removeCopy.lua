-- ARGV: copy. Returns 1: removed, 0: did not exist.
local copy = ARGV[1]
local seats = base .. ':seats:' .. copy
for _, character in ipairs(redis.call('HKEYS', seats)) do
  redis.call('ZREM', base .. ':held', copy .. NUL .. character)
  redis.call('HDEL', base .. ':promises', copy .. NUL .. character)
end
redis.call('DEL', seats)
redis.call('HDEL', base .. ':copies', copy)
local removed = redis.call('HDEL', base .. ':states', copy)
if removed == 1 then publish(copyChannel, 'copyRemoved', ',"copy":' .. quote(copy)) end
return removed
