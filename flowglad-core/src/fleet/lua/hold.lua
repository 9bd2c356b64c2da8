-- Holds a part of a balance, if it has that much.
-- KEYS: the customer's book, the customer's holds.
-- ARGV: the name of the hold, the amount, its time limit in milliseconds; what Flowglad said of the balance (empty: nothing is
-- needed), the server's time when that was read (empty: unknown); the meter, and its other names.
-- Answers 1 and what is left besides, or 0 and what there is.
local book, holds = KEYS[1], KEYS[2]
local name, amount, limit, said, began = unpack(ARGV, 1, 5)
local meter = ARGV[6]

-- Holds that were lost, because someone has removed them.
if redis.call('EXISTS', holds) == 0 then
  for _, field in ipairs(redis.call('HKEYS', book)) do
    if string.sub(field, 1, 1) == 'h' then
      redis.call('HDEL', book, field)
    end
  end
end

-- Holds that were forgotten.
for _, hold in ipairs(redis.call('ZRANGEBYSCORE', holds, '-inf', now, 'LIMIT', 0, 100)) do
  close(holds, book, hold)
end

local function spent(of)
  local sum = tonumber(redis.call('HGET', book, 'p' .. of) or 0) + tonumber(redis.call('HGET', book, 'h' .. of) or 0)
  for last, acknowledged in string.gmatch(redis.call('HGET', book, 'a' .. of) or '', '%d+:(%d+):(%d+)') do
    -- A read that began before this may not show it.
    if began == '' or tonumber(last) > tonumber(began) then
      sum = sum + acknowledged
    end
  end
  return sum
end

local left = 0
if said ~= '' then
  left = tonumber(said)
  for i = 6, #ARGV do
    left = left - spent(ARGV[i])
  end
  if left < tonumber(amount) then
    return { 0, left }
  end
end
if tonumber(amount) > 0 then
  redis.call('HINCRBY', book, 'h' .. meter, amount)
  redis.call('ZADD', holds, now + limit, name .. '|' .. amount .. '|' .. meter)
  redis.call('PERSIST', book)
end
return { 1, left - amount }
