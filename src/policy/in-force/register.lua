#!lua name=mizani_register_1
-- The register: one hash with a version. Whoever edits shows the version that was read, and of many who show the same
-- one exactly one succeeds; the others read again and judge anew. So a rule about the whole register (no two overrides
-- of one field at one time) holds whoever edits from wherever.

-- KEYS: register. ARGV: expected version, then pairs of field and value; an empty value takes the field out.
-- Returns { 'OK', version } or { 'STALE', version }.
redis.register_function('mizani_register_edit_1', function(keys, args)
  local found = redis.call('HGET', keys[1], 'version') or '0'
  if found ~= args[1] then return { 'STALE', found } end
  for i = 2, #args, 2 do
    if args[i + 1] == '' then
      redis.call('HDEL', keys[1], args[i])
    else
      redis.call('HSET', keys[1], args[i], args[i + 1])
    end
  end
  local version = string.format('%.0f', tonumber(found) + 1)
  redis.call('HSET', keys[1], 'version', version)
  return { 'OK', version }
end)
