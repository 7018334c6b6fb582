#!lua name=mizani_settle_1
-- A person has decided what holds of a store that had lost something: all of it is written in one step, whatever stood
-- there, whole or damaged. The revision has a number above all that anybody knows, so whoever follows the store sees a
-- newer one, and no edge ever hears another policy under a number that it knows.

-- KEYS: head, document of the next revision, index, register, enforcement, document of the revision that was known.
-- ARGV: revision that the store was seen at (0: none), next revision, its hash, its record, record of the revision that
--       was known ('': stays as it is), channel, then for index, register and enforcement each the count of its values
--       and its values, field by field.
-- Returns { 'OK', revision } or { 'STALE', revision in force }.
redis.register_function('mizani_settle_1', function(keys, args)
  local found = redis.pcall('HGET', keys[1], 'revision')
  if type(found) ~= 'string' then found = '0' end
  if found ~= args[1] then return { 'STALE', found } end
  if args[5] ~= '' then redis.call('SET', keys[6], args[5]) end
  redis.call('SET', keys[2], args[4])
  local at = 7
  for k = 3, 5 do
    redis.call('DEL', keys[k])
    local last = at + tonumber(args[at])
    for i = at + 1, last, 2 do redis.call('HSET', keys[k], args[i], args[i + 1]) end
    at = last + 1
  end
  redis.call('DEL', keys[1])
  redis.call('HSET', keys[1], 'revision', args[2], 'hash', args[3])
  redis.call('PUBLISH', args[6], args[2])
  return { 'OK', args[2] }
end)
