-- Says that an instance lives. Answers the time in milliseconds.
-- KEYS: the instances. ARGV: the name of the instance.
-- First what a full server does too: after it, it does the other.
local said = redis.pcall('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 86400000)
-- A primary that has become a replica is of no use.
if type(said) == 'table' and said.err and string.sub(said.err, 1, 8) == 'READONLY' then
  return said
end
redis.pcall('ZADD', KEYS[1], now, ARGV[1])
return now
