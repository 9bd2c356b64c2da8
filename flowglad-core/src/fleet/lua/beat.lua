-- Says that an instance lives. Answers the time in milliseconds.
-- KEYS: the instances. ARGV: the name of the instance.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local said = redis.pcall('ZADD', KEYS[1], now, ARGV[1])
-- A primary that has become a replica is of no use. A full one refuses this, and the time is needed then too.
if type(said) == 'table' and said.err and string.sub(said.err, 1, 8) == 'READONLY' then
  return said
end
return now
