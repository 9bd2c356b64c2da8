-- KEYS: the dead letters. ARGV: after which number, how many at most.
-- Answers for each its number, when it was recorded, the record, and why it is a dead letter.
local letters = {}
for i, packed in ipairs(redis.call('ZRANGE', KEYS[1], '(' .. ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[2])) do
  letters[i] = cmsgpack.unpack(packed)
end
return letters
