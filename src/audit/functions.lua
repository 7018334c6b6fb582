#!lua name=mizani_audit_2
-- The trail's three steps that must happen whole or not at all: to add to its end, to cut off its beginning behind a
-- checkpoint, and to put a copy in its place. The hashes are made by the caller; here it is only made sure that they
-- continue the end that is there.

-- KEYS: audit (stream), head. ARGV: number and hash of the end that the caller knows, then triples of text, hash and
-- signature ('': none). Returns { 'OK', n } or { 'STALE', n, hash } with the end that is there.
redis.register_function('mizani_audit_append_2', function(keys, args)
  local head = redis.call('HMGET', keys[2], 'n', 'hash')
  local n = head[1] or '0'
  if n ~= args[1] or (head[2] and head[2] ~= args[2]) then return { 'STALE', n, head[2] or '' } end
  for i = 3, #args, 3 do
    n = string.format('%.0f', tonumber(n) + 1)
    redis.call('XADD', keys[1], n .. '-0', 'text', args[i], 'hash', args[i + 1], 'signature', args[i + 2])
  end
  redis.call('HSET', keys[2], 'n', n, 'hash', args[#args - 1])
  return { 'OK', n }
end)

-- KEYS: audit, head. ARGV: number and hash of the last entry to go, which whoever exported it shows.
-- Returns { 'OK', entries removed } or { 'DIFFERS' }: there is no such entry, or it has another hash.
redis.register_function('mizani_audit_trim_2', function(keys, args)
  local found = redis.call('XRANGE', keys[1], args[1] .. '-0', args[1] .. '-0')
  if #found == 0 then return { 'DIFFERS' } end
  local fields, hash = found[1][2], nil
  for i = 1, #fields, 2 do if fields[i] == 'hash' then hash = fields[i + 1] end end
  if hash ~= args[2] then return { 'DIFFERS' } end
  redis.call('HSET', keys[2], 'base', args[1], 'baseHash', args[2])
  return { 'OK', redis.call('XTRIM', keys[1], 'MINID', string.format('%.0f', tonumber(args[1]) + 1)) }
end)

-- KEYS: audit, head, copy (stream). ARGV: number and hash of the end, number of the checkpoint. A stream cannot be
-- changed in place, and what is deleted from one stays in its file. Returns { 'OK' } or { 'STALE' }.
redis.register_function('mizani_audit_swap_2', function(keys, args)
  local head = redis.call('HMGET', keys[2], 'n', 'hash', 'base')
  local last = redis.call('XREVRANGE', keys[3], '+', '-', 'COUNT', 1)
  -- Two who copy at one time may write into one copy: it has to have as many entries, not only the last one.
  local ends = #last == 1 and last[1][1] == args[1] .. '-0'
  local whole = ends and redis.call('XLEN', keys[3]) == redis.call('XLEN', keys[1])
  if not whole or head[1] ~= args[1] or head[2] ~= args[2] or (head[3] or '0') ~= args[3] then return { 'STALE' } end
  redis.call('RENAME', keys[3], keys[1])
  return { 'OK' }
end)
