-- Gives seats to the first place in line, or keeps it in line (rule Q1). ARGV: id, count of skippable ids, skippable ids…,
-- people per second or 0 for no limit, then as holdSeats in common.lua. Returns the copy, or nil.
local id, skippable = ARGV[1], tonumber(ARGV[2])
local pace, at = tonumber(ARGV[3 + skippable]), 4 + skippable
sweepLine(instant(ARGV[at]))
local rank = redis.call('ZRANK', base .. ':line', id)
if not rank or rank > skippable then return false end
if rank > 0 then
  local may = {}
  for i = 3, 2 + skippable do may[ARGV[i]] = true end
  for _, before in ipairs(redis.call('ZRANGE', base .. ':line', 0, rank - 1)) do
    if not may[before] then return false end
  end
end
-- `used`: the instant up to which the rate is used up. It may be one second ahead, so that a burst after a pause is promoted at once.
local now, deadline, count = instant(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 7])
local used = 0
if pace > 0 then
  used = math.max(now, tonumber(redis.call('GET', base .. ':pace') or '0'))
  if used - now >= 1000 then return false end
end
local copy = holdSeats(at)
if not copy then return false end
if pace > 0 then redis.call('SET', base .. ':pace', string.format('%.3f', used + 1000 * count / pace), 'PX', math.ceil(1000 + 1000 * count / pace)) end
redis.call('ZREM', base .. ':line', id)
redis.call('ZREM', base .. ':lineKeep', id)
redis.call('HDEL', base .. ':entries', id)
redis.call('SET', base .. ':promoted:' .. id, copy .. NUL .. ARGV[at + 1] .. NUL .. ARGV[at + 8], 'PX', math.max(1, math.floor(deadline - tonumber(ARGV[at]))))
publishLine(true)
return copy
