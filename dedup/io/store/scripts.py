"""What a shared store asks of its server in one step each, in the server's own language, Lua: turns to write.

`KEYS[1]` is what the names of all of an index begin with. The names go on with `turn:` and a ticket for those who wait
to write, `tickets` for how many were given, and `serving` for the one whose turn it is.
"""

__all__ = ["ENTER", "WAIT"]

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
