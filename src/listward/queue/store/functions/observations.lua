-- What rules on trial would have done: a hash of counts a list and day, and beside it a hash of examples.
-- An example is a mark ('-' none, 'r' right, 'w' wrong), its id of 16 digits, and what is sealed.

local function read_mark(example)
  return string.sub(example, 1, 1), string.sub(example, 2, 17)
end

-- observed: keys counts, examples; args writer, batch, seconds counts live, seconds examples live, most of one rule,
--           count of counted fields, fields and numbers..., then rule, random number, id and sealed text of each example.
-- A batch that came before (its reply was lost) changes nothing. Beyond the most, each example is as likely to be kept
-- as any other of its day; one that a person has marked stays. Returns how many found no place.
local function observed(keys, args)
  local writer = '!' .. args[1]
  if redis.call('HGET', keys[1], writer) == args[2] then return 0 end
  redis.call('HSET', keys[1], writer, args[2])
  local last = 6 + 2 * tonumber(args[6])
  for i = 7, last, 2 do redis.call('HINCRBY', keys[1], args[i], args[i + 1]) end
  redis.call('EXPIRE', keys[1], args[3])
  local most, dropped = tonumber(args[5]), 0
  for i = last + 1, #args, 4 do
    local place = redis.call('HINCRBY', keys[2], 'n:' .. args[i], 1)
    if place > most then place = tonumber(args[i + 1]) % place + 1 end
    local field = 'e:' .. args[i] .. ':' .. place
    local old = place <= most and redis.call('HGET', keys[2], field)
    if place > most or (old and read_mark(old) ~= '-') then
      dropped = dropped + 1
    else
      redis.call('HSET', keys[2], field, '-' .. args[i + 2] .. args[i + 3])
    end
  end
  if #args > last then redis.call('EXPIRE', keys[2], args[4]) end
  return dropped
end

-- mark: keys counts, examples; args field of the example, its id, mark, rule. Returns 0 where it is gone. The counts
-- are the text's no more: they stay when it lapses.
local function mark(keys, args)
  local now = redis.call('HGET', keys[2], args[1])
  if not now then return 0 end
  local old, id = read_mark(now)
  if id ~= args[2] then return 0 end
  redis.call('HSET', keys[2], args[1], args[3] .. string.sub(now, 2))
  if redis.call('EXISTS', keys[1]) == 1 then
    if old ~= '-' then redis.call('HINCRBY', keys[1], 'm:' .. old .. ':' .. args[4], -1) end
    if args[3] ~= '-' then redis.call('HINCRBY', keys[1], 'm:' .. args[3] .. ':' .. args[4], 1) end
  end
  return 1
end
