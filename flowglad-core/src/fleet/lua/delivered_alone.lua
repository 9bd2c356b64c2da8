-- Enters into the book what an instance has delivered while the server was away, and closes what was held for it.
-- KEYS: for each sum its customer's book and holds.
-- ARGV: how old the oldest read is in milliseconds by which a balance may be judged; for each sum the meter, the amount, and
-- what is held for it (empty: nothing).
for i = 1, #KEYS / 2 do
  local book, holds = KEYS[2 * i - 1], KEYS[2 * i]
  local meter, amount, hold = unpack(ARGV, 3 * i - 1, 3 * i + 1)
  acknowledge(book, meter, amount, ARGV[1])
  if hold ~= '' then
    close(holds, book, hold)
  end
  let_expire(book, ARGV[1])
end
return #KEYS / 2
