-- Shared by all functions of the library. Every change is made by one call, so it happens whole or not at all;
-- whatever may fail is done before the first write, because Redis does not undo a function's earlier writes.

-- The last number of an audit log whose entries have the ids 1-0, 2-0, ...; cutting the log does not set it back.
local function last_entry(audit)
  if redis.call('EXISTS', audit) == 0 then return 0 end
  local facts = redis.call('XINFO', 'STREAM', audit)
  for i = 1, #facts, 2 do
    if facts[i] == 'last-generated-id' then return tonumber(string.match(facts[i + 1], '^%d+')) end
  end
end

local function append_audit(audit, clear, entry, personal)
  local number = last_entry(audit) + 1
  redis.call('XADD', audit, number .. '-0', 'e', entry)
  if personal ~= '' then redis.call('HSET', clear, number, personal) end
  return number
end

-- Set each index named in keys[first..]: an empty score takes the member out.
local function place(keys, first, args, from, member)
  for i = first, #keys do
    local score = args[from + i - first]
    if score == '' then redis.call('ZREM', keys[i], member) else redis.call('ZADD', keys[i], score, member) end
  end
end
