-- Stores a batch and its end. KEYS: the offsets, the sorted set, the stations, the changes, then the hash of each series. ARGV: see
-- commit.go, which writes them. It answers with what came of it and a number.
local offsets, index, stations, changes = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local at = 0
local function argument()
  at = at + 1
  return ARGV[at]
end
local cluster, topic, partition, writer, term = argument(), argument(), argument(), argument(), argument()
local from, to, records, observations = argument(), argument(), argument(), argument()
local life, longest = tonumber(argument()), argument()

local of = redis.call('HMGET', offsets, 'cluster_id', 'topic_id', partition .. ':writer', partition .. ':term', partition .. ':next',
  partition .. ':from', partition .. ':last')
if of[1] ~= cluster or of[2] ~= topic or of[3] ~= writer or of[4] ~= term then
  return {'fenced', '0'}
end
if of[5] and of[5] ~= from then
  if of[5] == to and of[6] == from then
    return {'stored', of[7]} -- this batch, and the answer was lost
  end
  return {'elsewhere', of[5]}
end

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) -- milliseconds
local function whole(x) return string.format('%.0f', x) end

-- newer reports whether an observation takes the place of the stored one: by observed_at, issued_at and fetched_at, as flow.IsNewer.
local function newer(order, stored)
  if not stored then return true end
  local mine, theirs = string.gmatch(order, '%S+'), string.gmatch(stored, '%S+')
  for _ = 1, 3 do
    local a, b = tonumber(mine()), tonumber(theirs())
    if a ~= b then return a > b end
  end
  return true
end

local written = 0
for i = 5, #KEYS do
  local member, order, observed, longitude, latitude = argument(), argument(), tonumber(argument()), argument(), argument()
  local station, source, kind, id, revision, time = argument(), argument(), argument(), argument(), argument(), argument()
  local count = tonumber(argument())
  local first = at + 1
  at = at + count
  if (life == 0 or observed + life > now) and newer(order, redis.call('HGET', KEYS[i], 'order')) then
    redis.call('DEL', KEYS[i])
    redis.call('HSET', KEYS[i], 'order', order, unpack(ARGV, first, at))
    if life > 0 then redis.call('PEXPIREAT', KEYS[i], whole(observed + life)) end
    redis.call('ZADD', index, whole(observed), member)
    if longitude ~= '' then redis.call('GEOADD', stations, longitude, latitude, station) end
    redis.call('XADD', changes, 'MAXLEN', '~', longest, '*', 'station_id', station, 'source', source, 'kind', kind, 'id', id,
      'revision', revision, 'observed_at', time)
    written = written + 1
  end
end
if life > 0 then redis.call('ZREMRANGEBYSCORE', index, '-inf', whole(now - life)) end

redis.call('HINCRBY', offsets, partition .. ':read', records)
redis.call('HINCRBY', offsets, partition .. ':written', written)
redis.call('HINCRBY', offsets, partition .. ':duplicates', observations - written)
redis.call('HSET', offsets, partition .. ':from', from, partition .. ':last', written, partition .. ':updated_at', whole(now), partition .. ':next', to)
return {'stored', whole(written)}
