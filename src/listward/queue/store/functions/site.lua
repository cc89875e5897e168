-- lease_block: keys counter, blocks; args list, first block. A block's list is written once and never changes.
local function lease_block(keys, args)
  local block = tonumber(redis.call('GET', keys[1]) or args[2])
  redis.call('SET', keys[1], block + 1)
  redis.call('HSET', keys[2], block, args[1])
  return block
end

-- take_numbers: keys next and end of the list's block; args how many. Returns first and count, count 0 for none left.
local function take_numbers(keys, args)
  local now = redis.call('HMGET', keys[1], 'next', 'end')
  local first, stop = tonumber(now[1] or 0), tonumber(now[2] or 0)
  local count = math.min(tonumber(args[1]), stop - first)
  if count <= 0 then return {0, 0} end
  redis.call('HSET', keys[1], 'next', first + count)
  return {first, count}
end

-- open_block: keys numbers; args first, end. Two processes may lease at once: the later block wins, the other's
-- numbers are never used.
local function open_block(keys, args)
  if tonumber(redis.call('HGET', keys[1], 'end') or 0) < tonumber(args[2]) then
    redis.call('HSET', keys[1], 'next', args[1], 'end', args[2])
  end
  return 1
end

-- count_held: keys bytes by sender, counted cases; args number, sender, bytes. Counting the same case twice counts once.
local function count_held(keys, args)
  if redis.call('HSETNX', keys[2], args[1], args[3] .. ' ' .. args[2]) == 1 then
    redis.call('HINCRBY', keys[1], '*', args[3])
    redis.call('HINCRBY', keys[1], args[2], args[3])
  end
  return 1
end

local function uncount_held(keys, args)
  local counted = redis.call('HGET', keys[2], args[1])
  if not counted then return 0 end
  local bytes, sender = string.match(counted, '^(%d+) (.*)$')
  redis.call('HDEL', keys[2], args[1])
  redis.call('HINCRBY', keys[1], '*', -bytes)
  if redis.call('HINCRBY', keys[1], sender, -bytes) <= 0 then redis.call('HDEL', keys[1], sender) end
  return 1
end

-- seen: keys lists by time; args list, now, seconds remembered. How many other lists got this body lately.
local function seen(keys, args)
  redis.call('ZREMRANGEBYSCORE', keys[1], '-inf', args[2] - args[3])
  if not redis.call('ZSCORE', keys[1], args[1]) then
    redis.call('ZADD', keys[1], args[2], args[1])
    redis.call('EXPIRE', keys[1], args[3])
  end
  return redis.call('ZCARD', keys[1]) - 1
end

-- lease: keys lease; args owner, milliseconds. 1 when the lease is this owner's now.
local function lease(keys, args)
  local owner = redis.call('GET', keys[1])
  if owner and owner ~= args[1] then return 0 end
  redis.call('SET', keys[1], args[1], 'PX', args[2])
  return 1
end

local function end_lease(keys, args)
  if redis.call('GET', keys[1]) == args[1] then return redis.call('DEL', keys[1]) end
  return 0
end
