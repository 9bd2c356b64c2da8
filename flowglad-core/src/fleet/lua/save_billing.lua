-- Saves a document, if its customer's epoch is still the one in which it was read, and no newer one is there.
-- KEYS: the billing of the customer. ARGV: the epoch, the epoch of everyone, when the read began in milliseconds, the
-- document, and how many milliseconds it is kept.
local known = redis.call('HMGET', KEYS[1], 'epoch', 'everyone', 'began')
if known[1] ~= ARGV[1] then
  return 0
end
if known[2] == ARGV[2] and tonumber(known[3]) > tonumber(ARGV[3]) then
  return 0
end
redis.call('HSET', KEYS[1], 'everyone', ARGV[2], 'began', ARGV[3], 'document', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
