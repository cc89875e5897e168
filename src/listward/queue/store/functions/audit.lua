-- append: keys audit, clear; args entry, personal. Returns the entry's number.
local function append(keys, args)
  return append_audit(keys[1], keys[2], args[1], args[2])
end

-- seal: keys seals; args previous head, last entry covered, seal. Refused (0) unless it follows the newest seal.
local function seal(keys, args)
  local newest = redis.call('XREVRANGE', keys[1], '+', '-', 'COUNT', 1)[1]
  local head = newest and newest[2][2] or ''
  if head ~= args[1] then return 0 end
  redis.call('XADD', keys[1], args[2] .. '-0', 'h', args[3], 's', args[4])
  return 1
end

-- chain: keys site chain, heads; args previous head, head, link, list, last. Each list head enters the site chain once.
local function chain(keys, args)
  local newest = redis.call('XREVRANGE', keys[1], '+', '-', 'COUNT', 1)[1]
  local head = newest and newest[2][2] or ''
  if head ~= args[1] then return 0 end
  redis.call('XADD', keys[1], last_entry(keys[1]) + 1 .. '-0', 'h', args[2], 's', args[3])
  redis.call('HSET', keys[2], args[4], args[5])
  return 1
end
