#!lua name=mizani_webhooks_1
-- One step in the webhooks: whoever decided on what is still there may write what follows from it. What another
-- controller has removed or renewed meanwhile does not come back.

-- KEYS: webhooks. ARGV: id, the text that was read ('' : any), the text that takes its place.
-- Returns 1, or 0 where that is not there any more.
redis.register_function('mizani_webhooks_replace_1', function(keys, args)
  local found = redis.call('HGET', keys[1], args[1])
  if not found or (args[2] ~= '' and found ~= args[2]) then return 0 end
  redis.call('HSET', keys[1], args[1], args[3])
  return 1
end)
