-- Says that an instance lives. Answers the time in milliseconds.
-- KEYS: the instances. ARGV: the name of the instance.
local said = redis.pcall('ZADD', KEYS[1], now, ARGV[1])
-- A primary that has become a replica is of no use. A full one refuses this, and the time is needed then too.
if type(said) == 'table' and said.err and string.sub(said.err, 1, 8) == 'READONLY' then
  return said
end
redis.pcall('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 86400000)
return now
