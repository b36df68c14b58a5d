-- KEYS: presence hash. ARGV: character, epoch. Clears the presence if it has this epoch or an older one. Returns 1: cleared, 0: not.
local present = redis.call('HGET', KEYS[1], ARGV[1])
if not present or cjson.decode(present).epoch > tonumber(ARGV[2]) then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
return 1
