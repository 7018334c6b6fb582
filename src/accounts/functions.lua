#!lua name=mizani_accounts_1
-- One step in the accounts: whoever decided on the version that is still in force may write what follows from it.
-- Of many who decided on the same one exactly one succeeds; the others read again and decide again.

-- KEYS: accounts. ARGV: version, then pairs of field and value ('' removes the field).
-- Returns { 'OK', next version } or { 'STALE', version in force }.
redis.register_function('mizani_accounts_write_1', function(keys, args)
  local version = redis.call('HGET', keys[1], 'version') or '0'
  if version ~= args[1] then return { 'STALE', version } end
  for i = 2, #args, 2 do
    if args[i + 1] == '' then redis.call('HDEL', keys[1], args[i])
    else redis.call('HSET', keys[1], args[i], args[i + 1]) end
  end
  local next_version = string.format('%.0f', tonumber(version) + 1)
  redis.call('HSET', keys[1], 'version', next_version)
  return { 'OK', next_version }
end)
