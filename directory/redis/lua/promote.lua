-- The first place in line gets seats, or keeps its place (rule Q1).
-- ARGV: id, count of passing ids, passing ids…, then as holdSeats in common.lua. Returns the copy, or nil.
local id, passing = ARGV[1], tonumber(ARGV[2])
local at = 3 + passing
sweepLine(tonumber(ARGV[at]))
local rank = redis.call('ZRANK', base .. ':line', id)
if not rank or rank > passing then return false end
if rank > 0 then
  local may = {}
  for i = 3, 2 + passing do may[ARGV[i]] = true end
  for _, before in ipairs(redis.call('ZRANGE', base .. ':line', 0, rank - 1)) do
    if not may[before] then return false end
  end
end
local copy = holdSeats(at)
if not copy then return false end
redis.call('ZREM', base .. ':line', id)
redis.call('ZREM', base .. ':lineKeep', id)
redis.call('HDEL', base .. ':entries', id)
local now, deadline = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
redis.call('SET', base .. ':promoted:' .. id, copy .. NUL .. ARGV[at + 1] .. NUL .. ARGV[at + 4], 'PX', math.max(1, math.floor(deadline - now)))
tellLine()
return copy
