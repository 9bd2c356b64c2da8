-- Stores usage, enters it into the book, and closes what was held for it, in one step.
-- KEYS: the stream, the number of its bytes; for each record its key (the stream, if it has none), its customer's book and holds.
-- ARGV: how long keys are known in milliseconds; for each record 1 if it has a key, when it was recorded, the record, the
-- meter, the amount, and what is held for it (empty: nothing).
-- Answers how many records and bytes wait, and for each record 1, or 0 if its key was known.
local answer = { 0, 0 }
local bytes = 0
for i = 1, (#KEYS - 2) / 3 do
  local key, book, holds = unpack(KEYS, 3 * i, 3 * i + 2)
  local has_key, recorded_at, record, meter, amount, hold = unpack(ARGV, 6 * i - 4, 6 * i + 1)
  if has_key == '1' and not redis.call('SET', key, '', 'NX', 'PX', ARGV[1]) then
    answer[i + 2] = 0
  else
    redis.call('XADD', KEYS[1], '*', 't', recorded_at, 'r', record)
    bytes = bytes + #record
    redis.call('HINCRBY', book, 'p' .. meter, amount)
    redis.call('PERSIST', book)
    answer[i + 2] = 1
  end
  if hold ~= '' then
    close(holds, book, hold)
  end
end
answer[1] = redis.call('XLEN', KEYS[1])
answer[2] = redis.call('INCRBY', KEYS[2], bytes)
return answer
