-- KEYS: presence hash. ARGV: character, epoch, JSON of the presence, server, channels of doors without their server. An older epoch never
-- replaces a newer one. Whoever had the character until now is told at its door; and the teller, when it is the one that is late. Returns 1 when set.
local function tell(server, presence)
  local event = '{"type":"presence","server":' .. cjson.encode(server) .. ',"character":' .. cjson.encode(ARGV[1]) .. ',"presence":' .. presence .. '}'
  redis.call('PUBLISH', ARGV[5] .. server, event)
end
local present = redis.call('HGET', KEYS[1], ARGV[1])
local before = present and cjson.decode(present)
if before and before.epoch > tonumber(ARGV[2]) then
  tell(ARGV[4], present)
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if before and before.epoch < tonumber(ARGV[2]) then tell(before.server, ARGV[3]) end
return 1
