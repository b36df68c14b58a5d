-- Replaces what seats say of their characters; the state of each seat stays. ARGV: copy, then per character: id, JSON of the holder.
-- Characters without a seat in the copy are skipped. Returns how many seats changed.
local copy = ARGV[1]
local seats = base .. ':seats:' .. copy
local set = {}
for i = 2, #ARGV - 1, 2 do
  local present = redis.call('HGET', seats, ARGV[i])
  if present then
    local before, seat = cjson.decode(present), cjson.decode(ARGV[i + 1])
    seat.state, seat.deadline, seat.since, seat.promised, seat.expects = before.state, before.deadline, before.since, before.promised, before.expects
    local text = cjson.encode(seat)
    redis.call('HSET', seats, ARGV[i], text)
    set[#set + 1] = text
  end
end
if #set > 0 then publishSeats(copy, set, {}) end
return #set
