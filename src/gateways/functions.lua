#!lua name=mizani_edge_accounts_1
-- The accounts of edges, written over a store that is behind: all of them or none, so that nobody reads some of both.

-- KEYS: accounts. ARGV: the version that was found, the one they have from now on, then pairs of field and value.
-- Returns { 'OK', version } or { 'STALE', version in force }.
redis.register_function('mizani_edge_accounts_put_back_1', function(keys, args)
  local version = redis.call('HGET', keys[1], 'version') or '0'
  if version ~= args[1] then return { 'STALE', version } end
  redis.call('DEL', keys[1])
  redis.call('HSET', keys[1], 'version', args[2])
  for i = 3, #args, 2 do redis.call('HSET', keys[1], args[i], args[i + 1]) end
  return { 'OK', args[2] }
end)
