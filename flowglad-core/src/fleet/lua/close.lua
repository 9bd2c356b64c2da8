-- Closes holds, and ends work that has a key.
-- KEYS: for each two: the customer's holds and book, or twice the key of the work.
-- ARGV: how old the oldest read is in milliseconds by which a balance may be judged; for each the hold, or the name of the work.
for i = 1, #ARGV - 1 do
  local place, book, name = KEYS[2 * i - 1], KEYS[2 * i], ARGV[i + 1]
  if place == book then
    if redis.call('GET', place) == name then
      redis.call('DEL', place)
    end
  else
    close(place, book, name)
    let_expire(book, ARGV[1])
  end
end
return #ARGV - 1
