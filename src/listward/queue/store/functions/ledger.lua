-- A copy of a message is a hash of outcomes by purpose; its field '!claim' holds when a claim ends and whose it is.
-- '!lapsed' stands there once a claim was taken over from an owner who never ended it: nobody knows what he has done.
local function owner_of(claim)
  local till, owner = string.match(claim or '', '^(%d+) (.*)$')
  return owner, tonumber(till)
end

-- claim: keys copy; args owner, seconds, purposes... Returns 0 where another owner has the copy, 1 where it is this
-- owner's now, 2 where moreover an earlier claim on it lapsed; then the outcomes. A claim is remembered a day longer
-- than it lasts, for that. The same owner may claim again: the reply to her first claim may have been lost.
local function claim(keys, args)
  local now = tonumber(redis.call('TIME')[1])
  local found = redis.call('HMGET', keys[1], '!claim', '!lapsed', unpack(args, 3))
  local owner, till = owner_of(found[1])
  local free = not owner or owner == args[1] or till <= now
  local lapsed = found[2]
  if free then
    local fields = {'!claim', now + args[2] .. ' ' .. args[1]}
    if owner and owner ~= args[1] then
      lapsed = true
      fields = {fields[1], fields[2], '!lapsed', '1'}
    end
    redis.call('HSET', keys[1], unpack(fields))
    local kept = args[2] + 86400
    if redis.call('TTL', keys[1]) < kept then redis.call('EXPIRE', keys[1], kept) end
  end
  return {free and (lapsed and 2 or 1) or 0, unpack(found, 3, #args)}
end

-- settle: keys copy; args owner of the claim to end (or ''), seconds kept, purposes and outcomes...
local function settle(keys, args)
  local over = {}
  if args[1] ~= '' and owner_of(redis.call('HGET', keys[1], '!claim')) == args[1] then over[1] = '!claim' end
  for i = 4, #args, 2 do
    if args[i] == 'relayed' or args[i] == 'discarded' or string.sub(args[i], 1, 5) == 'held:' then
      over[#over + 1] = '!lapsed'
      break
    end
  end
  if #over > 0 then redis.call('HDEL', keys[1], unpack(over)) end
  if #args > 2 then
    redis.call('HSET', keys[1], unpack(args, 3))
    redis.call('EXPIRE', keys[1], args[2])
  end
  return 1
end
