-- Lets work with a key begin, unless such work runs at an instance that lives.
-- KEYS: the key of the work, the instances.
-- ARGV: the instance, the name of this work, its time limit in milliseconds, after how many milliseconds an instance is dead.
-- Answers 1, or 0 if such work runs.
local runs = redis.call('GET', KEYS[1])
if runs then
  local seen = redis.call('ZSCORE', KEYS[2], string.match(runs, '^[^|]*'))
  if seen and now - seen <= tonumber(ARGV[4]) then
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. ARGV[2], 'PX', ARGV[3])
return 1
