-- Returns {seq, places in line, {copy JSON…}, {copy id, {seat JSON…}, …}} at one instant.
local ids = redis.call('HKEYS', base .. ':copies')
local copies, seats = {}, {}
for i, id in ipairs(ids) do
  copies[i] = redis.call('HGET', base .. ':copies', id)
  seats[#seats + 1] = id
  seats[#seats + 1] = redis.call('HVALS', base .. ':seats:' .. id)
end
return { tonumber(redis.call('GET', base .. ':seq') or '0'), redis.call('ZCARD', base .. ':line'), copies, seats }
