-- ARGV: count, now. Returns (JSON, keepUntil by the caller's clock)… in the order of the line.
local now = instant(ARGV[2])
sweepLine(now)
local result = {}
for _, id in ipairs(redis.call('ZRANGE', base .. ':line', 0, tonumber(ARGV[1]) - 1)) do
  result[#result + 1] = redis.call('HGET', base .. ':entries', id)
  result[#result + 1] = tonumber(redis.call('ZSCORE', base .. ':lineKeep', id)) - now + tonumber(ARGV[2])
end
return result
