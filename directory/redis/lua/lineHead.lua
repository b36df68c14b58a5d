-- ARGV: count, now. Returns (JSON, keepUntil)… in the order of the line.
sweepLine(instant(ARGV[2]))
local result = {}
for _, id in ipairs(redis.call('ZRANGE', base .. ':line', 0, tonumber(ARGV[1]) - 1)) do
  result[#result + 1] = redis.call('HGET', base .. ':entries', id)
  result[#result + 1] = redis.call('ZSCORE', base .. ':lineKeep', id)
end
return result
