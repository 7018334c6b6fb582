#!lua name=mizani_policy_3
-- What must happen whole or not at all in the durable store: to make the next revision of the policy.
--
-- A revision is written once and never again. The head says which one is in force; whoever writes shows the revision
-- that the change was made on, and of many who show the same one exactly one succeeds (compare-and-set). Institutions
-- get their numbers here, in the same step: a number is given once and stays with its institution for ever, also after
-- it has left the policy, so no message can ever mean another one.
--
-- The library and its function carry their version in their names, so that two releases can use one store.

-- What is laid over the policy stands in the register. Whoever was judged beside that shows its version as well; and
-- each revision is entered there, which makes a version of it, so that whoever edits the register was judged on the
-- revision that holds, or judges anew. Two who would each fit a budget cannot both pass, from wherever they come.

-- A commit that went past approval and tests is entered in the register of what waits for a signature in the same
-- step: there is no moment at which one is in force and on no list.

-- KEYS: head, document of the next revision, index, request, register.
-- ARGV: expected revision (0: none yet), hash, record, life of a request (s), channel, field and value for the register
--       ('': none), version of the register that it was judged beside ('': any), then the ids of all institutions in
--       order.
-- Returns { 'OK', revision, 'again' where it was written before }, { 'STALE', revision in force, its hash },
-- { 'MOVED', version of the register }, { 'REUSED', hash of the other write } or { 'TAKEN', revision }: the record
-- exists already although the head does not say so (a store made of two).
--
-- The same request again, with the same hash, answers as the first time. It writes its key anew, so that WAITAOF after
-- it waits for this call and thereby for the first.
redis.register_function('mizani_policy_put_3', function(keys, args)
  local head_key, doc_key, index_key, request_key, register_key = unpack(keys)
  local expected, hash, record, life, channel, field, value, beside = unpack(args, 1, 8)

  local done = redis.call('HMGET', request_key, 'hash', 'revision')
  if done[1] then
    if done[1] ~= hash then return { 'REUSED', done[1] } end
    redis.call('HSET', request_key, 'hash', hash)
    redis.call('EXPIRE', request_key, life)
    return { 'OK', done[2], 'again' }
  end

  local head = redis.call('HMGET', head_key, 'revision', 'hash')
  local revision = head[1] or '0'
  if revision ~= expected then return { 'STALE', revision, head[2] or '' } end
  local version = redis.call('HGET', register_key, 'version') or '0'
  if beside ~= '' and version ~= beside then return { 'MOVED', version } end
  local next_revision = string.format('%.0f', tonumber(revision) + 1)
  if redis.call('EXISTS', doc_key) == 1 then return { 'TAKEN', next_revision } end

  -- Numbers 0 and 1 are unmapped and control traffic. Nothing is ever taken out of the index, so its length is the
  -- count.
  local count = redis.call('HLEN', index_key)
  for i = 9, #args do
    if redis.call('HSETNX', index_key, args[i], string.format('%.0f', count + 2)) == 1 then count = count + 1 end
  end
  redis.call('SET', doc_key, record)
  redis.call('HSET', head_key, 'revision', next_revision, 'hash', hash)
  redis.call('HSET', request_key, 'hash', hash, 'revision', next_revision)
  redis.call('EXPIRE', request_key, life)
  if field ~= '' then redis.call('HSET', register_key, field, value) end
  redis.call('HSET', register_key, 'revision', next_revision)
  redis.call('HINCRBY', register_key, 'version', 1)
  redis.call('PUBLISH', channel, next_revision)
  return { 'OK', next_revision }
end)
