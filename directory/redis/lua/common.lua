-- Prepended to every script on one map. KEYS[1] is the base key of the map, `PREFIX{map:NAME}`: all keys derived from it share its
-- hash slot. The last three of ARGV are the event channels and the clock that counts (`redis` or `caller`). The channels are not KEYS, because a cluster
-- would check their hash slots. The first is for the events that game servers receive, too; the events of seats and lines, by far the most, go to the second.
-- Keys, each with its type and content:
--   :copies    hash   copy -> JSON            :states   hash  copy -> state.
--   :seats:ID  hash   character -> JSON       :held     zset  copy NUL character -> when it lapses.
--   :promises  hash   copy NUL character -> when the second hold of a taken seat lapses.
--   :line      zset   id -> rank and arrival  :lineKeep zset  id -> when it lapses    :entries hash id -> JSON.
--   :seated:C  string copy NUL copy NUL: where the character got its last two seats, for SEATED_KEPT_MS.
--   :anchor:P, :group:G  string copy NUL until             :promoted:ID string copy NUL deadline   :seq counter.
-- Instants in these keys are those of `instant`. The deadline in the JSON of a seat is the caller's: it identifies the hold and judges nothing.
local base, clock, censusChannel, copyChannel = KEYS[1], table.remove(ARGV), table.remove(ARGV), table.remove(ARGV)
local quote = cjson.encode
local NUL = '\0'

-- The instant by which deadlines are judged, in ms: that of Redis, so that a caller with a wrong clock frees no seat and no place of others. `caller` is the
-- caller's own instant, which counts only in tests with virtual time.
local function instant(caller)
  if clock == 'caller' then return tonumber(caller) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- When something lapses that a caller, whose own clock shows `now`, wants until `deadline`: the same time from now on by the clock that counts.
local function lapsesAt(now, deadline)
  local lapses = instant(now) + tonumber(deadline) - tonumber(now)
  if lapses ~= lapses then error('the deadline is not a number') end
  return lapses
end

local function publish(channel, type, fields)
  local seq = redis.call('INCR', base .. ':seq')
  local map = string.match(base, '{map:(.*)}$')
  redis.call('PUBLISH', channel, '{"type":"' .. type .. '","map":' .. quote(map) .. ',"seq":' .. seq .. fields .. '}')
end

-- `set`: JSON of the seats that were set; `freed`: ids of the characters whose seat was freed.
local function publishSeats(copy, set, freed)
  local quoted = {}
  for i, character in ipairs(freed) do quoted[i] = quote(character) end
  publish(censusChannel, 'seats', ',"copy":' .. quote(copy) .. ',"set":[' .. table.concat(set, ',') .. '],"freed":[' .. table.concat(quoted, ',') .. ']')
end

-- `turn`: true when a place was promoted.
local function publishLine(turn)
  publish(censusChannel, 'line', ',"waiting":' .. redis.call('ZCARD', base .. ':line') .. (turn and ',"turn":true' or ''))
end

-- How long the copies where a character got its last seats are known by its name, in ms. Callers ask about seats that are newer than what they have heard, and
-- read everything again when they hear nothing for two seconds.
local SEATED_KEPT_MS = 60000

local function hasSeat(copy, character)
  local state = redis.call('HGET', base .. ':states', copy)
  return (state == 'open' or state == 'closing') and redis.call('HEXISTS', base .. ':seats:' .. copy, character) == 1
end

-- Notes that a character gets a seat. It can have two, during a move.
local function noteSeated(copy, character)
  local key = base .. ':seated:' .. character
  local before = redis.call('GET', key)
  local other = before and string.match(before, '^(%Z+)%z')
  if other == copy then other = string.match(before, '^%Z+%z(%Z+)%z') end
  redis.call('SET', key, copy .. NUL .. (other and other .. NUL or ''), 'PX', SEATED_KEPT_MS)
end

-- Frees one held seat.
local function dropHeld(copy, character)
  redis.call('ZREM', base .. ':held', copy .. NUL .. character)
  redis.call('HDEL', base .. ':seats:' .. copy, character)
  publishSeats(copy, {}, { character })
end

-- Members per command. unpack() fails at about 8,000 values; this leaves a margin.
local CHUNK = 1000

local function inChunks(command, key, members)
  for i = 1, #members, CHUNK do redis.call(command, key, unpack(members, i, math.min(i + CHUNK - 1, #members))) end
end

-- Frees all held seats whose deadline has passed (rule S4); returns how many.
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
    publishSeats(copy, {}, freed)
  end
  return #lapsed
end

-- Removes all places in line that were not renewed in time (rule Q2).
local function sweepLine(now)
  local lapsed = redis.call('ZRANGEBYSCORE', base .. ':lineKeep', '-inf', now)
  if #lapsed == 0 then return end
  inChunks('ZREM', base .. ':lineKeep', lapsed)
  inChunks('ZREM', base .. ':line', lapsed)
  inChunks('HDEL', base .. ':entries', lapsed)
  publishLine()
end

-- Holds seats for all holders in the first option with room, or for nobody (rules P1, S3). Arguments from ARGV[at] on:
--   now, deadline, party or '', group or '', count of the first options that the anchor of the group may precede, ms for which it does.
--   (character NUL)… of the holders who must not have a seat in another copy. Count of holders. (character, seat JSON)….
--   The options as one text of (copy NUL limit NUL 1 if it may be closing NUL)…. One text, because most calls
--   read only the first option, and sixty arguments cost more time than the rest of the call.
-- Returns the copy, or false.
local function holdSeats(at)
  local now, deadline, party, group, among = instant(ARGV[at]), ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 4])
  local anchorMs, unseated, count, lapses = tonumber(ARGV[at + 5]), ARGV[at + 6], tonumber(ARGV[at + 7]), lapsesAt(ARGV[at], deadline)
  sweepSeats(now)
  local firstHolder, options = at + 8, ARGV[at + 8 + 2 * count]
  local OPTION = '(%Z+)%z(%Z+)%z(%d)%z'

  -- The copy and the end of an anchor, or false and 0 if it has lapsed or its copy is neither open nor closing.
  local function anchorOf(key)
    local known = redis.call('GET', key)
    if not known then return false, 0 end
    local copy, till = string.match(known, '^(.-)%z(.*)$')
    local state = redis.call('HGET', base .. ':states', copy)
    if tonumber(till) > now and (state == 'open' or state == 'closing') then return copy, tonumber(till) end
    return false, 0
  end
  -- The expiry of the key only cleans up. `now` decides whether the anchor is in force.
  local function setAnchor(key, copy, till)
    redis.call('SET', key, copy .. NUL .. till, 'PX', math.max(1, math.floor(till - now)))
  end

  local anchor, anchoredUntil = false, 0
  if party ~= '' then anchor, anchoredUntil = anchorOf(base .. ':anchor:' .. party) end

  local home = false
  if unseated ~= '' then
    -- Looked up by character: a look into each copy of a big map would take milliseconds.
    for character in string.gmatch(unseated, '(%Z+)%z') do
      for copy in string.gmatch(redis.call('GET', base .. ':seated:' .. character) or '', '(%Z+)%z') do
        if copy ~= home and hasSeat(copy, character) then
          if home then return false end
          home = copy
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
      -- A taken seat stays taken, so that a player who reconnects too late does not lose it. It gets a promise, because the old session
      -- may be about to leave.
      local taken = present[i] and string.match(present[i], '"state":"taken"')
      if taken then
        local since = cjson.decode(present[i]).since
        local changed = cjson.decode(seat)
        changed.state, changed.since, changed.promised, changed.deadline = 'taken', since, tonumber(deadline), nil
        seat = cjson.encode(changed)
        redis.call('HSET', base .. ':promises', copy .. NUL .. character, lapses)
      else
        redis.call('ZADD', base .. ':held', lapses, copy .. NUL .. character)
      end
      redis.call('HSET', seats, character, seat)
      noteSeated(copy, character)
      set[i + 1] = seat
    end
    if party ~= '' then setAnchor(base .. ':anchor:' .. party, copy, math.max(lapses, anchoredUntil)) end
    publishSeats(copy, set, {})
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
  -- The anchor moves to another copy only if its copy is full; the next members then follow to the new one.
  if got and group ~= '' and (tried or not groupCopy) then setAnchor(groupKey, got, math.max(now + anchorMs, got == groupCopy and groupUntil or 0)) end
  return got
end
