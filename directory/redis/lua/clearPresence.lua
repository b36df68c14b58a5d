-- KEYS: presence hash. ARGV: character, epoch. Clears it while it is still this epoch's. Returns 1 when cleared.
local present = redis.call('HGET', KEYS[1], ARGV[1])
if not present or cjson.decode(present).epoch ~= tonumber(ARGV[2]) then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
return 1
