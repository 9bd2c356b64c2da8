-- Ends usage that Flowglad has or will never have: takes it out of the stream, and says so in the book. Each record counts once.
-- KEYS: the stream, the number of its bytes, the dead letters, their last number; for each record its customer's book and
-- holds.
-- ARGV: the group, how old the oldest read is in milliseconds by which a balance may be judged; for each record `d` if it was
-- delivered, `x` if it is a dead letter, `l` if it was delivered and is in no stream; its id, the meter, the amount, when it
-- was recorded, the record, why it is a dead letter, and what is held for it if it is in no stream.
-- Answers how many records, bytes and dead letters there are.
local MOST_SUMS, GRAIN = 64, 1000

-- What lies close together is one sum.
local function acknowledge(book, meter, amount)
  local sums = {}
  for first, last, sum in string.gmatch(redis.call('HGET', book, 'a' .. meter) or '', '(%d+):(%d+):(%d+)') do
    if now - last <= tonumber(ARGV[2]) then
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

local books = {}
for i = 1, (#KEYS - 4) / 2 do
  local book, holds = KEYS[2 * i + 3], KEYS[2 * i + 4]
  local what, id, meter, amount, recorded_at, record, reason, hold = unpack(ARGV, 8 * i - 5, 8 * i + 2)
  local is_here = what == 'l'
  if not is_here then
    redis.call('XACK', KEYS[1], ARGV[1], id)
    is_here = redis.call('XDEL', KEYS[1], id) == 1
    if is_here then
      redis.call('DECRBY', KEYS[2], #record)
      take_from(book, 'p' .. meter, amount)
    end
  end
  if is_here and what == 'x' then
    local number = redis.call('INCR', KEYS[4])
    redis.call('ZADD', KEYS[3], number, cmsgpack.pack({ number, recorded_at, record, reason }))
  elseif is_here and tonumber(amount) > 0 then
    acknowledge(book, meter, amount)
  end
  if what == 'l' and hold ~= '' then
    close(holds, book, hold)
  end
  books[book] = true
end
for book in pairs(books) do
  let_expire(book, ARGV[2])
end
return { redis.call('XLEN', KEYS[1]), tonumber(redis.call('GET', KEYS[2]) or 0), redis.call('ZCARD', KEYS[3]) }
