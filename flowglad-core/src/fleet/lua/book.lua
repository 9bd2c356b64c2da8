-- What the scripts of the book share.
-- A customer's book is a hash: `p` and a meter: recorded and not yet at Flowglad; `h` and a meter: held; `a` and a meter: what
-- Flowglad has acknowledged, as `first:last:amount,…` by when it did, oldest first.
-- A hold is `name|amount|meter`, by when it ends.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function take_from(book, field, amount)
  -- `-amount` of zero would be `-0`, which is no number for the server.
  if redis.call('HINCRBY', book, field, 0 - amount) <= 0 then
    redis.call('HDEL', book, field)
  end
end

local function close(holds, book, hold)
  local held, of = string.match(hold, '^[^|]*|(%d+)|(.*)$')
  if redis.call('ZREM', holds, hold) == 1 then
    take_from(book, 'h' .. of, held)
  end
end

-- A book of which nothing is open is forgotten when each read shows what it says.
local function let_expire(book, oldest_read)
  for _, field in ipairs(redis.call('HKEYS', book)) do
    if string.sub(field, 1, 1) ~= 'a' then
      return
    end
  end
  redis.call('PEXPIRE', book, oldest_read + 60000)
end

local MOST_SUMS, GRAIN = 64, 1000

-- What lies close together is one sum.
local function acknowledge(book, meter, amount, oldest_read)
  local sums = {}
  for first, last, sum in string.gmatch(redis.call('HGET', book, 'a' .. meter) or '', '(%d+):(%d+):(%d+)') do
    if now - last <= tonumber(oldest_read) then
      sums[#sums + 1] = { tonumber(first), tonumber(last), tonumber(sum) }
    end
  end
  local newest = sums[#sums]
  if newest and now - newest[1] < GRAIN then
    newest[2], newest[3] = math.max(newest[2], now), newest[3] + amount
  else
    sums[#sums + 1] = { now, now, amount }
  end
  if #sums > MOST_SUMS then
    sums[2][3] = sums[2][3] + sums[1][3]
    table.remove(sums, 1)
  end
  local texts = {}
  for i, sum in ipairs(sums) do
    texts[i] = string.format('%.0f:%.0f:%.0f', sum[1], sum[2], sum[3])
  end
  redis.call('HSET', book, 'a' .. meter, table.concat(texts, ','))
end

