-- hold: keys case, body, ledger, pending, outbox, audit, clear, indexes...
--       args number, pieces, seconds the ledger entry lives, event, entry, personal,
--            count of field words, fields and values..., a score for each index
-- The case record is the commit: it is written only when every piece of the body is there.
local function hold(keys, args)
  local known = redis.call('GET', keys[3])
  if known then return {'exists', known} end
  if redis.call('EXISTS', keys[1]) == 1 then return {'taken'} end
  if redis.call('HLEN', keys[2]) ~= tonumber(args[2]) then return {'torn'} end
  local number = append_audit(keys[6], keys[7], args[5], args[6])
  local last = 7 + tonumber(args[7])
  redis.call('HSET', keys[1], 'a', number, unpack(args, 8, last))
  place(keys, 8, args, last + 1, args[1])
  redis.call('XADD', keys[5], '*', 'e', args[4])
  redis.call('SET', keys[3], args[1], 'EX', args[3])
  redis.call('ZREM', keys[4], args[1])
  return {'done', args[1]}
end

-- apply: keys case, outbox, audit, clear, indexes...
--        args number, expected version, expected state, id of this command, event, entry, personal,
--             count of field words, fields and values..., a score ('' removes) for each index
-- A repeat of a command that was carried out (its reply was lost) is answered like the first time.
local function apply(keys, args)
  local now = redis.call('HMGET', keys[1], 'v', 's', 'c', 'a')
  if not now[1] then return {'unknown'} end
  if now[3] == args[4] then return {'done'} end
  if now[1] ~= args[2] or now[2] ~= args[3] then return {'conflict'} end
  local number = append_audit(keys[3], keys[4], args[6], args[7])
  local last = 8 + tonumber(args[8])
  redis.call('HSET', keys[1], 'c', args[4], 'a', (now[4] or '') .. ',' .. number, unpack(args, 9, last))
  place(keys, 5, args, last + 1, args[1])
  redis.call('XADD', keys[2], '*', 'e', args[5])
  return {'done'}
end

-- announce: a clock ran out. keys case, outbox, index of this stage, index of the next (or none);
--           args number, the score it was due at, the next score, event. Done once, whoever comes second gets 0.
local function announce(keys, args)
  local score = redis.call('ZSCORE', keys[3], args[1])
  if not score or tonumber(score) ~= tonumber(args[2]) then return 0 end
  redis.call('ZREM', keys[3], args[1])
  if redis.call('EXISTS', keys[1]) == 0 then return 0 end
  if keys[4] then redis.call('ZADD', keys[4], args[3], args[1]) end
  redis.call('XADD', keys[2], '*', 'e', args[4])
  return 1
end

-- forget: keys case, body, clear, indexes...; args number, expected version, 1 to erase the audit's clear text,
--         count of field words, fields and values..., a score for each index. The version stays.
local function forget(keys, args)
  local now = redis.call('HMGET', keys[1], 'v', 'a')
  if now[1] ~= args[2] then return 0 end
  redis.call('UNLINK', keys[2])
  if args[3] == '1' then
    for number in string.gmatch(now[2] or '', '%d+') do redis.call('HDEL', keys[3], number) end
  end
  local last = 4 + tonumber(args[4])
  redis.call('HSET', keys[1], unpack(args, 5, last))
  place(keys, 4, args, last + 1, args[1])
  return 1
end

-- sweep: keys case, body, pending; args number. Drops a body whose case was never written.
local function sweep(keys, args)
  local orphan = redis.call('EXISTS', keys[1]) == 0 and redis.call('UNLINK', keys[2]) or 0
  redis.call('ZREM', keys[3], args[1])
  return orphan
end

-- set_aside: keys outbox, stuck; args id of the entry, how many to keep. Moves one entry and notes its id in it;
-- 0 when it is gone.
local function set_aside(keys, args)
  local found = redis.call('XRANGE', keys[1], args[1], args[1])[1]
  if not found then return 0 end
  redis.call('XADD', keys[2], 'MAXLEN', '~', args[2], '*', 'i', args[1], unpack(found[2]))
  redis.call('XDEL', keys[1], args[1])
  return 1
end
