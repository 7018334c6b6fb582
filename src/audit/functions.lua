#!lua name=mizani_audit_1
-- The trail's two steps that must happen whole or not at all: to add to its end, and to cut off its beginning behind a
-- checkpoint. The hashes are made by the caller; here it is only made sure that they continue the end that is there.

-- KEYS: audit (stream), head. ARGV: number and hash of the end that the caller knows, then pairs of text and hash.
-- Returns { 'OK', n } or { 'STALE', n, hash } with the end that is there.
redis.register_function('mizani_audit_append_1', function(keys, args)
  local head = redis.call('HMGET', keys[2], 'n', 'hash')
  local n = head[1] or '0'
  if n ~= args[1] or (head[2] and head[2] ~= args[2]) then return { 'STALE', n, head[2] or '' } end
  for i = 3, #args, 2 do
    n = string.format('%.0f', tonumber(n) + 1)
    redis.call('XADD', keys[1], n .. '-0', 'text', args[i], 'hash', args[i + 1])
  end
  redis.call('HSET', keys[2], 'n', n, 'hash', args[#args])
  return { 'OK', n }
end)

-- KEYS: audit, head. ARGV: number and hash of the last entry to go, which whoever exported it shows.
-- Returns { 'OK', entries removed } or { 'DIFFERS' }: there is no such entry, or it has another hash.
redis.register_function('mizani_audit_trim_1', function(keys, args)
  local found = redis.call('XRANGE', keys[1], args[1] .. '-0', args[1] .. '-0')
  if #found == 0 then return { 'DIFFERS' } end
  local fields, hash = found[1][2], nil
  for i = 1, #fields, 2 do if fields[i] == 'hash' then hash = fields[i + 1] end end
  if hash ~= args[2] then return { 'DIFFERS' } end
  redis.call('HSET', keys[2], 'base', args[1], 'baseHash', args[2])
  return { 'OK', redis.call('XTRIM', keys[1], 'MINID', string.format('%.0f', tonumber(args[1]) + 1)) }
end)
