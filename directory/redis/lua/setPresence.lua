-- KEYS: presence hash. ARGV: character, epoch, JSON of the presence, server, prefix of the server channels. An older epoch never
-- replaces a newer one. The server with the older epoch, stored or calling, gets an event on its channel. Returns 1: set, 0: stale.
local function publish(server, presence)
  local event = '{"type":"presence","server":' .. cjson.encode(server) .. ',"character":' .. cjson.encode(ARGV[1]) .. ',"presence":' .. presence .. '}'
  redis.call('PUBLISH', ARGV[5] .. server, event)
end
local present = redis.call('HGET', KEYS[1], ARGV[1])
local before = present and cjson.decode(present)
if before and before.epoch > tonumber(ARGV[2]) then
  publish(ARGV[4], present)
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if before and before.epoch < tonumber(ARGV[2]) then publish(before.server, ARGV[3]) end
return 1
