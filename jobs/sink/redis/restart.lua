-- Starts again where the topic was recreated. KEYS: the offsets. ARGV: cluster, topic id.
local of = redis.call('HMGET', KEYS[1], 'cluster_id', 'topic_id')
if of[2] and (of[1] ~= ARGV[1] or of[2] ~= ARGV[2]) then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'cluster_id', ARGV[1], 'topic_id', ARGV[2])
end
return 'done'
