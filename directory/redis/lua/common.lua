-- Shared by every script on one map. KEYS[1] is the map's base key, `PREFIX{map:NAME}`: all keys made from it share its
-- hash slot. The last two of ARGV are the event channels: they are no keys, a cluster would look for their slots. The first is for
-- what game servers hear, too; seats and lines, the most by far, go to the second.
--   :copies    hash   copy -> JSON            :states   hash  copy -> state
--   :seats:ID  hash   character -> JSON       :held     zset  copy NUL character -> deadline
--   :line      zset   id -> rank and arrival  :lineKeep zset  id -> keepUntil     :entries hash id -> JSON
--   :anchor:P, :group:G  string copy NUL until             :promoted:ID string copy NUL deadline   :seq counter
local base, crowd, channel = KEYS[1], table.remove(ARGV), table.remove(ARGV)
local quote = cjson.encode
local NUL = '\0'

local function tell(channel, type, fields)
  local seq = redis.call('INCR', base .. ':seq')
  local map = string.match(base, '{map:(.*)}$')
  redis.call('PUBLISH', channel, '{"type":"' .. type .. '","map":' .. quote(map) .. ',"seq":' .. seq .. fields .. '}')
end

-- `set`: JSON of seats, `freed`: character ids.
local function tellSeats(copy, set, freed)
  local quoted = {}
  for i, character in ipairs(freed) do quoted[i] = quote(character) end
  tell(crowd, 'seats', ',"copy":' .. quote(copy) .. ',"set":[' .. table.concat(set, ',') .. '],"freed":[' .. table.concat(quoted, ',') .. ']')
end

-- `turn`: true when somebody got the seats that they waited for.
local function tellLine(turn)
  tell(crowd, 'line', ',"waiting":' .. redis.call('ZCARD', base .. ':line') .. (turn and ',"turn":true' or ''))
end

-- One that was held, and not taken.
local function dropHeld(copy, character)
  redis.call('ZREM', base .. ':held', copy .. NUL .. character)
  redis.call('HDEL', base .. ':seats:' .. copy, character)
  tellSeats(copy, {}, { character })
end

-- unpack() has an end at some 8,000 values: so many at once, with room to spare.
local CHUNK = 1000

local function inChunks(command, key, members)
  for i = 1, #members, CHUNK do redis.call(command, key, unpack(members, i, math.min(i + CHUNK - 1, #members))) end
end

-- Frees all held seats whose deadline has passed, however many (rule S4); returns how many.
local function sweepSeats(now)
  local lapsed = redis.call('ZRANGEBYSCORE', base .. ':held', '-inf', now)
  if #lapsed == 0 then return 0 end
  local byCopy = {}
  for _, member in ipairs(lapsed) do
    local copy, character = string.match(member, '^(.-)%z(.*)$')
    byCopy[copy] = byCopy[copy] or {}
    table.insert(byCopy[copy], character)
  end
  redis.call('ZREMRANGEBYSCORE', base .. ':held', '-inf', now)
  for copy, freed in pairs(byCopy) do
    inChunks('HDEL', base .. ':seats:' .. copy, freed)
    tellSeats(copy, {}, freed)
  end
  return #lapsed
end

-- Drops all places in line that were not renewed (rule Q2).
local function sweepLine(now)
  local lapsed = redis.call('ZRANGEBYSCORE', base .. ':lineKeep', '-inf', now)
  if #lapsed == 0 then return end
  inChunks('ZREM', base .. ':lineKeep', lapsed)
  inChunks('ZREM', base .. ':line', lapsed)
  inChunks('HDEL', base .. ':entries', lapsed)
  tellLine()
end

-- Holds seats for all holders in the first option that fits, or for nobody (rules P1, S3). Arguments from ARGV[at] on:
--   now, deadline, party or '', group or '', how many of the options its anchor may come before,
--   (character NUL)… of those who must not have a seat in another copy, count of holders,
--   (character, seat JSON)…, the options as one text of (copy NUL limit NUL 1 when it may be closing NUL)…, because most calls
--   look at the first alone, and sixty arguments cost more than all the rest of the step.
-- Returns the copy, or false.
local function holdSeats(at)
  local now, deadline, party, group, among = tonumber(ARGV[at]), ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 4])
  local unseated, count = ARGV[at + 5], tonumber(ARGV[at + 6])
  sweepSeats(now)
  local firstHolder, options = at + 7, ARGV[at + 7 + 2 * count]
  local OPTION = '(%Z+)%z(%Z+)%z(%d)%z'

  -- Where an anchor stands while it binds and its copy is there, and until when.
  local function anchorOf(key)
    local known = redis.call('GET', key)
    if not known then return false, 0 end
    local copy, till = string.match(known, '^(.-)%z(.*)$')
    local state = redis.call('HGET', base .. ':states', copy)
    if tonumber(till) > now and (state == 'open' or state == 'closing') then return copy, tonumber(till) end
    return false, 0
  end
  -- Redis' own expiry only cleans up: what binds is the time that callers pass.
  local function setAnchor(key, copy, anchoredUntil)
    local till = math.max(tonumber(deadline), anchoredUntil)
    redis.call('SET', key, copy .. NUL .. till, 'PX', math.max(1, math.floor(till - now)))
  end

  local anchor, anchoredUntil = false, 0
  if party ~= '' then anchor, anchoredUntil = anchorOf(base .. ':anchor:' .. party) end

  local home = false
  if unseated ~= '' then
    local states = redis.call('HGETALL', base .. ':states')
    for i = 1, #states, 2 do
      local living = states[i + 1] == 'open' or states[i + 1] == 'closing'
      local seats = base .. ':seats:' .. states[i]
      for character in string.gmatch(living and unseated or '', '(%Z+)%z') do
        if states[i] ~= home and redis.call('HEXISTS', seats, character) == 1 then
          if home then return false end
          home = states[i]
        end
      end
    end
  end

  local function take(copy, limit, evenClosing)
    if anchor and anchor ~= copy or home and home ~= copy then return false end
    local state = redis.call('HGET', base .. ':states', copy)
    if state ~= 'open' and not (state == 'closing' and (evenClosing == '1' or anchor)) then return false end
    local seats = base .. ':seats:' .. copy
    local newcomers, present = 0, {}
    for i = 0, count - 1 do
      local seat = redis.call('HGET', seats, ARGV[firstHolder + 2 * i])
      if seat then present[i] = seat else newcomers = newcomers + 1 end
    end
    if newcomers > 0 and redis.call('HLEN', seats) + newcomers > tonumber(limit) then return false end
    local set = {}
    for i = 0, count - 1 do
      local character, seat = ARGV[firstHolder + 2 * i], ARGV[firstHolder + 2 * i + 1]
      -- A taken seat stays taken: whoever comes back after a drop must not lose it by not coming in time. It is promised
      -- besides: the body that has it may be on its way out.
      local taken = present[i] and string.match(present[i], '"state":"taken"')
      if taken then
        local since = cjson.decode(present[i]).since
        local changed = cjson.decode(seat)
        changed.state, changed.since, changed.promised, changed.deadline = 'taken', since, tonumber(deadline), nil
        seat = cjson.encode(changed)
      else
        redis.call('ZADD', base .. ':held', deadline, copy .. NUL .. character)
      end
      redis.call('HSET', seats, character, seat)
      set[i + 1] = seat
    end
    if party ~= '' then setAnchor(base .. ':anchor:' .. party, copy, anchoredUntil) end
    tellSeats(copy, set, {})
    return copy
  end

  local groupKey, groupCopy, groupUntil, tried, got = base .. ':group:' .. group, false, 0, false, false
  if group ~= '' then
    groupCopy, groupUntil = anchorOf(groupKey)
    local left = groupCopy and among or 0
    for copy, limit, evenClosing in string.gmatch(options, OPTION) do
      if left <= 0 or tried then break end
      left = left - 1
      if copy == groupCopy then tried, got = copy, take(copy, limit, evenClosing) end
    end
  end
  for copy, limit, evenClosing in string.gmatch(options, OPTION) do
    if got then break end
    if copy ~= tried then got = take(copy, limit, evenClosing) end
  end
  -- The anchor goes on only when its copy is full: who comes next follows to where there was room.
  if got and group ~= '' and (tried or not groupCopy) then setAnchor(groupKey, got, got == groupCopy and groupUntil or 0) end
  return got
end
