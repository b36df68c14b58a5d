-- KEYS: presence hash. ARGV: character, epoch, JSON of the presence, channel. An older epoch never replaces a newer one. Returns 1 when set.
local present = redis.call('HGET', KEYS[1], ARGV[1])
if present and cjson.decode(present).epoch > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('PUBLISH', ARGV[4], '{"type":"presence","character":' .. cjson.encode(ARGV[1]) .. ',"presence":' .. ARGV[3] .. '}')
return 1
