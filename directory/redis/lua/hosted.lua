-- ARGV: server or ''; count of copies of the server's own list, copy…. Returns the same as snapshot.lua, but only the copies that name this server or are in its
-- list, with their seats: a server reads its own copies once a second, and a big map has thousands of seats elsewhere. With '' only the list, without a look
-- at the other copies.
local server, listed = ARGV[1], {}
local copies, seats = {}, {}
local function add(id, text)
  copies[#copies + 1] = text
  seats[#seats + 1] = id
  seats[#seats + 1] = redis.call('HVALS', base .. ':seats:' .. id)
end
for i = 3, 2 + tonumber(ARGV[2]) do
  local text = redis.call('HGET', base .. ':copies', ARGV[i])
  if text and not listed[ARGV[i]] then add(ARGV[i], text) end
  listed[ARGV[i]] = true
end
if server ~= '' then
  local all = redis.call('HGETALL', base .. ':copies')
  for i = 1, #all, 2 do
    local id, text = all[i], all[i + 1]
    -- Only a text that contains the id is decoded.
    if not listed[id] and string.find(text, quote(server), 1, true) and cjson.decode(text).server == server then add(id, text) end
  end
end
return { tonumber(redis.call('GET', base .. ':seq') or '0'), redis.call('ZCARD', base .. ':line'), copies, seats }
