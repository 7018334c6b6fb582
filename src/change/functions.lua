#!lua name=mizani_requests_1
-- One step in the requests: whoever decided on the version that is still in force may write what follows from it.

-- KEYS: requests. ARGV: version, then pairs of field and value ('' removes the field). Returns 'OK' or 'STALE'.
redis.register_function('mizani_requests_write_1', function(keys, args)
  local version = redis.call('HGET', keys[1], 'version') or '0'
  if version ~= args[1] then return 'STALE' end
  for i = 2, #args, 2 do
    if args[i + 1] == '' then redis.call('HDEL', keys[1], args[i])
    else redis.call('HSET', keys[1], args[i], args[i + 1]) end
  end
  redis.call('HINCRBY', keys[1], 'version', 1)
  return 'OK'
end)
