#!lua name=mizani_ledger_2
-- The ledger's steps that must happen whole or not at all: the price book changes, a book begins to wait for a second
-- person, and a month closes. A month that is closed is never written again, and it closes on the prices that it was
-- counted with.

-- KEYS: prices (hash version, text, about, waiting), closed months (hash). ARGV: the version that was read, the new
-- text, about it, the book that waits as it was read (empty: any), the months that the change is about. What waits was
-- made on the version before and goes. Returns { 'OK', version }, { 'STALE', version } or { 'CLOSED', month }.
redis.register_function('mizani_ledger_prices_2', function(keys, args)
  local version = redis.call('HGET', keys[1], 'version') or '0'
  if version ~= args[1] then return { 'STALE', version } end
  if args[4] ~= '' and redis.call('HGET', keys[1], 'waiting') ~= args[4] then return { 'STALE', version } end
  for i = 5, #args do
    if redis.call('HEXISTS', keys[2], args[i]) == 1 then return { 'CLOSED', args[i] } end
  end
  local next = string.format('%.0f', tonumber(version) + 1)
  redis.call('HSET', keys[1], 'version', next, 'text', args[2], 'about', args[3])
  redis.call('HDEL', keys[1], 'waiting')
  return { 'OK', next }
end)

-- KEYS: prices. ARGV: the version that was read, the book that waits from now on. Returns { 'OK', version } or
-- { 'STALE', version }.
redis.register_function('mizani_ledger_wait_2', function(keys, args)
  local version = redis.call('HGET', keys[1], 'version') or '0'
  if version ~= args[1] then return { 'STALE', version } end
  redis.call('HSET', keys[1], 'waiting', args[2])
  return { 'OK', version }
end)

-- KEYS: prices, closed months (hash), who closed them and when (hash), those that the trail was not told of (set).
-- ARGV: month, its bytes, about it, version of the prices. Returns 'OK', 'CLOSED' or 'STALE'.
redis.register_function('mizani_ledger_close_2', function(keys, args)
  if redis.call('HEXISTS', keys[2], args[1]) == 1 then return 'CLOSED' end
  if (redis.call('HGET', keys[1], 'version') or '0') ~= args[4] then return 'STALE' end
  redis.call('HSET', keys[2], args[1], args[2])
  redis.call('HSET', keys[3], args[1], args[3])
  redis.call('SADD', keys[4], args[1])
  return 'OK'
end)
