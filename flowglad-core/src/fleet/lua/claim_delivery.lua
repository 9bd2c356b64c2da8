-- Claims a delivery, and answers what is known of it: the token of the claim that has it, or that it was handled.
-- KEYS: the delivery. ARGV: the token of the claim, and after how many milliseconds it ends.
local known = redis.call('GET', KEYS[1])
if known then
  return known
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false
