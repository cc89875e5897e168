-- A copy of a message is a hash of outcomes by purpose; its field '!claim' holds when a claim ends and whose it is.
local function claimed_by(copy)
  local till, owner = string.match(redis.call('HGET', copy, '!claim') or '', '^(%d+) (.*)$')
  return owner, tonumber(till)
end

-- claim: keys copy; args owner, seconds, purposes... Returns 1 where the copy is this owner's now, then the outcomes.
-- The same owner may claim again: the reply to her first claim may have been lost.
local function claim(keys, args)
  local now = tonumber(redis.call('TIME')[1])
  local owner, till = claimed_by(keys[1])
  local free = not owner or owner == args[1] or till <= now
  if free then
    redis.call('HSET', keys[1], '!claim', now + args[2] .. ' ' .. args[1])
    if redis.call('TTL', keys[1]) < tonumber(args[2]) then redis.call('EXPIRE', keys[1], args[2]) end
  end
  return {free and 1 or 0, unpack(redis.call('HMGET', keys[1], unpack(args, 3)))}
end

-- settle: keys copy; args owner of the claim to end (or ''), seconds kept, purposes and outcomes...
local function settle(keys, args)
  if args[1] ~= '' and claimed_by(keys[1]) == args[1] then redis.call('HDEL', keys[1], '!claim') end
  if #args > 2 then
    redis.call('HSET', keys[1], unpack(args, 3))
    redis.call('EXPIRE', keys[1], args[2])
  end
  return 1
end
