-- Makes a run the only writer of a partition. KEYS: the offsets. ARGV: cluster, topic id, partition, run, the number of the last
-- acquisition as the run knows it. It answers with "acquired", the number and the next offset ("": never stored); with "moved" and
-- the number where another acquisition was faster; with "recreated" where all is of another topic.
local offsets, partition, run, known = KEYS[1], ARGV[3], ARGV[4], ARGV[5]
local of = redis.call('HMGET', offsets, 'cluster_id', 'topic_id', partition .. ':next', partition .. ':writer', partition .. ':term')
if of[2] and (of[1] ~= ARGV[1] or of[2] ~= ARGV[2]) then
  return {'recreated', '0', ''}
end
local term, mine = of[5] or '0', string.format('%.0f', known + 1)
if term == mine and of[4] == run then
  return {'acquired', mine, of[3] or ''} -- by this request, and the answer was lost
end
if term ~= known then
  return {'moved', term, ''}
end
redis.call('HSET', offsets, 'cluster_id', ARGV[1], 'topic_id', ARGV[2], partition .. ':writer', run, partition .. ':term', mine)
return {'acquired', mine, of[3] or ''}
