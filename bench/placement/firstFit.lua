-- The smallest possible seat script: first fit over the copies in a fixed order, without lease, event or copy states.
-- KEYS: seats of each copy. ARGV: character, seat JSON, cap. Returns the number of the copy, 0 when all are full.
for i = 1, #KEYS do
  if redis.call('HLEN', KEYS[i]) < tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[i], ARGV[1], ARGV[2])
    return i
  end
end
return 0
