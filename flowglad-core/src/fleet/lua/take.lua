-- Takes usage for an instance: what was not taken yet, and what instances had taken that are dead.
-- KEYS: the stream, the number of its bytes, the instances, the dead letters.
-- ARGV: the group, the instance, how many records at most, after how many milliseconds an instance is dead, and after which
-- id this instance looks for what it has taken by calls whose answers were lost (empty: it does not).
-- Answers how many records and bytes and dead letters there are, and for each record its id, when it was recorded, and itself.
local stream, group, me, limit = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])

local records = {}
local function add(entries)
  for _, entry in ipairs(entries) do
    if entry and entry[2] then
      records[#records + 1] = { entry[1], entry[2][2], entry[2][4] }
    end
  end
end

local function read(after)
  return redis.pcall('XREADGROUP', 'GROUP', group, me, 'COUNT', limit - #records, 'STREAMS', stream, after)
end

local function is_dead(instance)
  local seen = redis.call('ZSCORE', KEYS[3], instance)
  return not seen or now - seen > tonumber(ARGV[4])
end

-- Takes what dead instances had taken, which has waited for the longest time.
local function take_over()
  for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
    local about = {}
    for i = 1, #consumer, 2 do
      about[consumer[i]] = consumer[i + 1]
    end
    if about.name ~= me and is_dead(about.name) then
      if about.pending == 0 then
        redis.call('XGROUP', 'DELCONSUMER', stream, group, about.name)
        redis.call('ZREM', KEYS[3], about.name)
      elseif #records < limit then
        local claim = { 'XCLAIM', stream, group, me, 0 }
        for _, left in ipairs(redis.call('XPENDING', stream, group, '-', '+', limit - #records, about.name)) do
          claim[#claim + 1] = left[1]
        end
        if #claim > 5 then
          add(redis.call(unpack(claim)))
        end
      end
    end
  end
end

-- Nothing comes after the last id of all. It says that this instance is there, and whether the group is.
local lost = read(ARGV[5] ~= '' and ARGV[5] or '18446744073709551615-18446744073709551615')
if type(lost) == 'table' and lost.err then
  if string.sub(lost.err, 1, 7) ~= 'NOGROUP' then
    return lost
  end
  redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
elseif lost then
  add(lost[1][2])
end

if ARGV[5] == '' then
  take_over()
  if #records < limit then
    local new = read('>')
    if type(new) == 'table' and new.err then
      return new
    end
    if new then
      add(new[1][2])
    end
  end
end

return { redis.call('XLEN', stream), tonumber(redis.call('GET', KEYS[2]) or 0), redis.call('ZCARD', KEYS[4]), records }
