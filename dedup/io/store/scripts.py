"""What a shared store asks of its server in one step each, in the server's own language, Lua.

`KEYS[1]` is what the names of all of an index begin with. The names go on with `k` and a bucket for the first
documents that hold some keys, `m` and a key for the rest of them, `t` and a chunk for traits, `dead` for the documents
that are forgotten though still listed, and `turn:` and a ticket for those who wait to write.
"""

__all__ = ["ADD", "COMPACT", "ENTER", "FEW_BYTES", "FIND", "TRAITS", "WAIT"]

FEW_BYTES = 60
"""So long a list is kept among others: servers keep hashes of short values packed, at a tenth of the memory."""

ADD = """
local p, blob, few, most = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 1, #blob, 9 do
  local bucket, field, number = p .. 'k' .. blob:sub(i, i + 2), blob:sub(i + 3, i + 4), blob:sub(i + 5, i + 8)
  local held = redis.call('HGET', bucket, field)
  if not held then
    redis.call('HSET', bucket, field, number)
  elseif #held < few then
    redis.call('HSET', bucket, field, held .. number)
  else
    local more = p .. 'm' .. blob:sub(i, i + 4)
    if redis.call('STRLEN', more) < most then redis.call('APPEND', more, number) end
  end
end
"""
"""List documents under their keys: 9 bytes each of bucket, field and number."""

LIVING = """
local function living(p, list)
  local kept = {}
  for i = 1, #list, 4 do
    local number = list:sub(i, i + 3)
    if redis.call('GETBIT', p .. 'dead', (struct.unpack('<I4', number))) == 0 then kept[#kept + 1] = number end
  end
  return table.concat(kept)
end
"""

FIND = f"""{LIVING}
local p, blob, few = KEYS[1], ARGV[1], tonumber(ARGV[2])
local some_dead = redis.call('EXISTS', p .. 'dead') == 1
local heads, lists = {{}}, {{}}
for i = 1, #blob, 7 do
  local list = redis.call('HGET', p .. 'k' .. blob:sub(i, i + 2), blob:sub(i + 3, i + 4))
  if list then
    if #list >= few then list = list .. (redis.call('GET', p .. 'm' .. blob:sub(i, i + 4)) or '') end
    if some_dead then list = living(p, list) end
    list = list:sub(1, 4 * struct.unpack('>I2', blob, i + 5))
    if #list > 0 then
      heads[#heads + 1] = struct.pack('<I4I4', (i - 1) / 7, #list / 4)
      lists[#lists + 1] = list
    end
  end
end
return {{table.concat(heads), table.concat(lists)}}
"""
"""Who holds some keys: 7 bytes each of bucket, field and the most that are wanted; which keys, how many, and who."""

TRAITS = """
local p, blob, size, rows, found = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), {}
for i = 1, #blob, 4 do
  local number = struct.unpack('<I4', blob, i)
  local at = number % rows * size
  local one = redis.call('GETRANGE', p .. 't' .. math.floor(number / rows), at, at + size - 1)
  found[#found + 1] = #one == size and one or string.rep(string.char(0), size)
end
return table.concat(found)
"""
"""The traits of some numbers, 4 bytes each, end to end; zeros where there are none."""

COMPACT = f"""{LIVING}
local p, few = KEYS[1], tonumber(ARGV[1])
for k = 2, #KEYS do
  local found = redis.call('HGETALL', KEYS[k])
  for i = 1, #found, 2 do
    local field, list = found[i], found[i + 1]
    local more = p .. 'm' .. KEYS[k]:sub(-3) .. field
    if #list >= few then list = list .. (redis.call('GET', more) or '') end
    local kept = living(p, list)
    if #kept < #list then
      redis.call('DEL', more)
      redis.call('HDEL', KEYS[k], field)
      if #kept > 0 then redis.call('HSET', KEYS[k], field, kept:sub(1, few)) end
      if #kept > few then redis.call('SET', more, kept:sub(few + 1)) end
    end
  end
end
"""
"""Take the dead from the lists of some buckets."""

ENTER = """
local ticket = redis.call('INCR', KEYS[1] .. 'tickets')
redis.call('SET', KEYS[1] .. 'turn:' .. ticket, 1, 'PX', ARGV[1])
return ticket
"""
"""Take a ticket, good for so many milliseconds unless renewed."""

WAIT = """
local p, own = KEYS[1], tonumber(ARGV[1])
local serving = tonumber(redis.call('GET', p .. 'serving') or '0')
local now = serving
if now > own then return -1 end
redis.call('SET', p .. 'turn:' .. own, 1, 'PX', ARGV[2])
while now < own and redis.call('EXISTS', p .. 'turn:' .. now) == 0 do now = now + 1 end
if now ~= serving then redis.call('SET', p .. 'serving', now) end
return now == own and 1 or 0
"""
"""Whether it is a ticket's turn: 1, 0, or -1 where it was given up for dead. The dead before it are passed over."""
