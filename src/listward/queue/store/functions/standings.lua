-- What is remembered of senders. Days are counted from 1970. A vouch is 'used made lapsed path how list sealed': the day
-- of its last use and of its making, 1 where it counts no more, the path's key, then what people see.
local VOUCH = '^(%d+) (%d+) (%d) (%x+) (%S+) (%S+) (.*)$'

-- standing: keys frozen, vouches, habits, delivered.
local function standing(keys, args)
  local found = {redis.call('EXISTS', keys[1])}
  for i = 2, 4 do found[i] = redis.call('HGETALL', keys[i]) end
  return found
end

-- sighted: keys path; args author, today, days kept, most authors, 1 where a new path is remembered too. Returns how many
-- other authors use it, then, where this one just made it shared, the other.
local function sighted(keys, args)
  local author, today, days = args[1], tonumber(args[2]), tonumber(args[3])
  local known = redis.call('HGETALL', keys[1])
  if #known == 0 and args[5] ~= '1' then return {0} end
  local others, gone, oldest, oldest_day, seen = {}, {}, nil, nil, nil
  for i = 1, #known, 2 do
    local day = tonumber(known[i + 1])
    if known[i] == author then
      seen = day
    elseif day + days < today then
      gone[#gone + 1] = known[i]
    else
      others[#others + 1] = known[i]
      if not oldest or day < oldest_day then oldest, oldest_day = known[i], day end
    end
  end
  if not seen and #others >= tonumber(args[4]) then gone[#gone + 1] = oldest end
  if #gone > 0 then redis.call('HDEL', keys[1], unpack(gone)) end
  redis.call('HSET', keys[1], author, today)
  redis.call('EXPIRE', keys[1], (days + 1) * 86400)
  if seen or #others ~= 1 then return {#others} end
  return {1, others[1]}
end

-- vouch: keys vouches; args id, vouch, days it lasts, most. Returns the id that stands for its list and path, '' where
-- there are too many. What counts no more makes room.
local function vouch(keys, args)
  local today, _, _, path, _, list = string.match(args[2], VOUCH)
  local days, found, count = tonumber(args[3]), redis.call('HGETALL', keys[1]), 0
  local same, gone = nil, {}
  for i = 1, #found, 2 do
    local used, _, lapsed, its_path, _, its_list = string.match(found[i + 1], VOUCH)
    if not used or used + days < tonumber(today) or (lapsed == '1' and its_path == path) then
      gone[#gone + 1] = found[i]
    elseif its_path == path and its_list == list then
      same = found[i]
    else
      count = count + 1
    end
  end
  if not same and count >= tonumber(args[4]) then return '' end
  if #gone > 0 then redis.call('HDEL', keys[1], unpack(gone)) end
  if not same then redis.call('HSET', keys[1], args[1], args[2]) end
  redis.call('EXPIRE', keys[1], (days + 1) * 86400)
  return same or args[1]
end

-- relied_on: keys vouches; args today, days a vouch lasts, list, paths. Writes a vouch at most once a day.
local function relied_on(keys, args)
  local found, renewed = redis.call('HGETALL', keys[1]), 0
  for i = 1, #found, 2 do
    local used, made, lapsed, path, how, list, sealed = string.match(found[i + 1], VOUCH)
    local meant = used and lapsed == '0' and list == args[3] and tonumber(used) < tonumber(args[1])
    for p = 4, meant and #args or 0 do
      if args[p] == path then
        redis.call('HSET', keys[1], found[i], table.concat({args[1], made, lapsed, path, how, list, sealed}, ' '))
        renewed = renewed + 1
      end
    end
  end
  if renewed > 0 then redis.call('EXPIRE', keys[1], (args[2] + 1) * 86400) end
  return renewed
end

-- lapse: keys vouches; args path. Returns how many vouches for it count no more from now on.
local function lapse(keys, args)
  local found, ended = redis.call('HGETALL', keys[1]), 0
  for i = 1, #found, 2 do
    local used, made, lapsed, path, how, list, sealed = string.match(found[i + 1], VOUCH)
    if lapsed == '0' and path == args[1] then
      redis.call('HSET', keys[1], found[i], table.concat({used, made, '1', path, how, list, sealed}, ' '))
      ended = ended + 1
    end
  end
  return ended
end

-- Habits are 'name:number' pairs: counts by hour and by day, and what was seen by the day it was last seen.
local function pairs_of(text)
  local found = {}
  for name, number in string.gmatch(text or '', '(%S+):(%d+)') do found[#found + 1] = {name, tonumber(number)} end
  return found
end

local function written(found)
  local text = {}
  for i, pair in ipairs(found) do text[i] = pair[1] .. ':' .. pair[2] end
  return table.concat(text, ' ')
end

-- One more in the last pair where it has this name; pairs older than `oldest` go.
local function counted(text, name, oldest)
  local kept, last = {}, nil
  for _, pair in ipairs(pairs_of(text)) do
    if tonumber(pair[1]) >= oldest then kept[#kept + 1] = pair end
    if pair[1] == name then last = pair end
  end
  if last then last[2] = last[2] + 1 else kept[#kept + 1] = {name, 1} end
  return written(kept)
end

-- Set these names to today; the latest `most` stay, none older than `oldest`.
local function recalled(text, names, today, oldest, most)
  local kept, new = {}, {}
  for name in string.gmatch(names, '%S+') do
    if not new[name] then kept[#kept + 1] = {name, today} end
    new[name] = true
  end
  for _, pair in ipairs(pairs_of(text)) do
    if not new[pair[1]] and pair[2] >= oldest then kept[#kept + 1] = pair end
  end
  table.sort(kept, function(one, other) return one[2] > other[2] end)
  while #kept > most do table.remove(kept) end
  return written(kept)
end

-- posted: keys habits; args hour, day, days kept, most of a kind, names of paths, payees, languages (blanks between).
local function posted(keys, args)
  local today, days, most = tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
  local habits = redis.call('HMGET', keys[1], 'hours', 'days', 'paths', 'payees', 'languages')
  redis.call('HSET', keys[1],
    'hours', counted(habits[1], args[1], args[1] - 24),
    'days', counted(habits[2], args[2], today - days),
    'paths', recalled(habits[3], args[5], today, today - days, most),
    'payees', recalled(habits[4], args[6], today, today - days, most),
    'languages', recalled(habits[5], args[7], today, today - days, most))
  redis.call('EXPIRE', keys[1], (days + 1) * 86400)
  return 1
end
