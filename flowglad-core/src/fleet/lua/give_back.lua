-- Gives back what an instance had taken, to no one: others take it as that of a dead instance.
-- KEYS: the stream. ARGV: the group, the instance.
local given = 0
while true do
  local left = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 500, ARGV[2])
  if left.err or #left == 0 then
    return given
  end
  local claim = { 'XCLAIM', KEYS[1], ARGV[1], 'given back', 0 }
  for _, one in ipairs(left) do
    claim[#claim + 1] = one[1]
  end
  claim[#claim + 1] = 'JUSTID'
  redis.call(unpack(claim))
  given = given + #left
end
