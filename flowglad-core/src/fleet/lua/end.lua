-- Ends usage that Flowglad has or will never have: takes it out of the stream, and says so in the book. Each record counts once.
-- KEYS: the stream, the number of its bytes, the dead letters, their last number; for each record its customer's book.
-- ARGV: the group, how old the oldest read is in milliseconds by which a balance may be judged; for each record `d` if it was
-- delivered, `x` if it is a dead letter; its id, the meter, the amount, when it was recorded, the record, and why it is a dead
-- letter.
-- Answers how many records, bytes and dead letters there are.
local books = {}
for i = 1, #KEYS - 4 do
  local book = KEYS[i + 4]
  local what, id, meter, amount, recorded_at, record, reason = unpack(ARGV, 7 * i - 4, 7 * i + 2)
  redis.call('XACK', KEYS[1], ARGV[1], id)
  if redis.call('XDEL', KEYS[1], id) == 1 then
    redis.call('DECRBY', KEYS[2], #record)
    take_from(book, 'p' .. meter, amount)
    if what == 'd' then
      acknowledge(book, meter, amount, ARGV[2])
    else
      local number = redis.call('INCR', KEYS[4])
      redis.call('ZADD', KEYS[3], number, cmsgpack.pack({ number, recorded_at, record, reason }))
    end
  end
  books[book] = true
end
for book in pairs(books) do
  let_expire(book, ARGV[2])
end
return { redis.call('XLEN', KEYS[1]), tonumber(redis.call('GET', KEYS[2]) or 0), redis.call('ZCARD', KEYS[3]) }
