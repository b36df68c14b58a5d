-- Restores a copy and its taken seats that the directory lost (rule D1). ARGV: copy, JSON, state, (character, seat JSON)…
-- Returns how many seats were restored.
local copy = ARGV[1]
if redis.call('HEXISTS', base .. ':states', copy) == 0 then
  redis.call('HSET', base .. ':copies', copy, ARGV[2])
  redis.call('HSET', base .. ':states', copy, ARGV[3])
  publish(copyChannel, 'copy', ',"copy":' .. ARGV[2])
end
local seats, set = base .. ':seats:' .. copy, {}
for i = 4, #ARGV, 2 do
  local present = redis.call('HGET', seats, ARGV[i])
  if not present or not string.match(present, '"state":"taken"') then
    redis.call('HSET', seats, ARGV[i], ARGV[i + 1])
    redis.call('ZREM', base .. ':held', copy .. NUL .. ARGV[i])
    noteSeated(copy, ARGV[i])
    set[#set + 1] = ARGV[i + 1]
  end
end
if #set > 0 then publishSeats(copy, set, {}) end
return #set
