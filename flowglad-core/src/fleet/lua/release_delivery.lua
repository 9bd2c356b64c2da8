-- Gives a delivery back, if this claim still has it.
-- KEYS: the delivery. ARGV: the token of the claim.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
