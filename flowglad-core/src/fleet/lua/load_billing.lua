-- Answers a customer's epoch, which begins if there is none, and what was saved in it: the epoch of everyone, the age in
-- milliseconds, and the document.
-- KEYS: the billing of the customer. ARGV: a number that was never used, and how many milliseconds an epoch is kept.
local known = redis.call('HMGET', KEYS[1], 'epoch', 'everyone', 'began', 'document')
if not known[1] then
  local said = redis.pcall('HSET', KEYS[1], 'epoch', ARGV[1])
  if type(said) == 'table' and said.err then
    -- A full server refuses this. Then the number is not kept, and nothing can be saved in that epoch.
    if string.sub(said.err, 1, 8) == 'READONLY' then
      return said
    end
  else
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
  end
  return { ARGV[1], false, false, false }
end
if not known[4] then
  return { known[1], false, false, false }
end
return { known[1], known[2], now - tonumber(known[3]), known[4] }
