#!lua name=mizani_publish_3
-- What must happen whole or not at all in the volatile store: to take the lead, to publish, to resign.
--
-- The head is a hash: epoch and leader (the fencing token and its owner), exp (Unix ms at which the lead is free), seq
-- (the last publication). Whoever publishes shows epoch and leader; a leader that slept through its term shows an old
-- epoch and is fenced, whatever it believes. Numbers travel as strings: a Lua number would be rounded on its way out.
--
-- The library and its functions carry their version in their names, so that two releases can use one store.

local function now_ms()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

local function whole(number)
  return string.format('%.0f', number)
end

-- KEYS: head. ARGV: id, lease (ms), floor (the highest epoch that this controller or any edge has ever seen).
-- Returns { 1 or 0: leads, epoch, leader }. A new epoch is above all three of: the last one, the floor, and the clock.
-- So it rises even when the store has lost everything, and even when its clock went back as well.
-- allow-oom: a full store must not take the lead away.
redis.register_function {
  function_name = 'mizani_elect_3',
  flags = { 'allow-oom' },
  callback = function(keys, args)
    local head = redis.call('HMGET', keys[1], 'epoch', 'leader', 'exp')
    local epoch, leader, exp = tonumber(head[1] or '0'), head[2] or '', tonumber(head[3] or '0')
    local id, lease, floor = args[1], tonumber(args[2]), tonumber(args[3])
    local now = now_ms()
    if leader ~= '' and exp > now then
      if leader ~= id then return { 0, whole(epoch), leader } end
      redis.call('HSET', keys[1], 'exp', whole(now + lease))
      return { 1, whole(epoch), id }
    end
    epoch = math.max(epoch + 1, floor + 1, now)
    redis.call('HSET', keys[1], 'epoch', whole(epoch), 'leader', id, 'exp', whole(now + lease), 'seq', '0')
    return { 1, whole(epoch), id }
  end
}

-- KEYS: head. ARGV: id. Returns 1 if the lead was ours and is free now. The epoch stays: it may only rise.
redis.register_function {
  function_name = 'mizani_resign_3',
  flags = { 'allow-oom' },
  callback = function(keys, args)
    if redis.call('HGET', keys[1], 'leader') ~= args[1] then return 0 end
    redis.call('HSET', keys[1], 'leader', '', 'exp', '0')
    return 1
  end
}

-- KEYS: head, then for each edge its profile, snapshot and delta stream.
-- ARGV: epoch, seq, leader, life of a snapshot (ms), deltas kept, field of a delta, then for each edge its channel, its
--       profile ('' = unchanged), its snapshot ('' = unchanged: the message is a heartbeat) and its message ('' = the
--       snapshot itself).
-- Returns { 1 or 0: published now, or before under this very seq; then the places (from 0) of edges whose profile or
-- snapshot the store no longer holds }. Nothing is written before the fence is passed, and nothing at all without
-- memory for it. A term that is over fences as well: what comes later was held on its way, is known to no edge, and
-- would be taken by the next leader for what edges may still hold.
redis.register_function('mizani_publish_3', function(keys, args)
  local epoch, seq, leader, life, kept, field = unpack(args, 1, 6)
  local head = redis.call('HMGET', keys[1], 'epoch', 'seq', 'leader', 'exp')
  if (head[1] or '0') ~= epoch or head[3] ~= leader then
    return redis.error_reply('FENCED epoch ' .. (head[1] or '0') .. ' of ' .. (head[3] or 'nobody') .. ' is in force')
  end
  if tonumber(head[4] or '0') <= now_ms() then
    return redis.error_reply('FENCED the term of ' .. leader .. ' is over')
  end
  local last = tonumber(head[2] or '0')
  if tonumber(seq) == last then return { 0 } end
  if tonumber(seq) < last then return redis.error_reply('STALESEQ ' .. head[2] .. ' was published already') end
  redis.call('HSET', keys[1], 'seq', seq)

  local edges = (#keys - 1) / 3
  local profiles, is_lost = {}, {}
  for i = 1, edges do
    local profile_key, snap_key, delta_key = unpack(keys, 3 * i - 1, 3 * i + 1)
    local channel, profile, snapshot, message = unpack(args, 4 * i + 3, 4 * i + 6)
    profiles[i] = profile_key
    if profile ~= '' then redis.call('SET', profile_key, profile) end
    if message == '' then message = snapshot end
    if snapshot ~= '' then
      redis.call('SET', snap_key, snapshot, 'PX', life)
      redis.call('XADD', delta_key, 'MAXLEN', '~', kept, '*', field, message)
    else
      is_lost[i] = redis.call('PEXPIRE', snap_key, life) == 0
    end
    redis.call('PEXPIRE', delta_key, life)
    redis.call('PUBLISH', channel, message)
  end

  -- As a rule all profiles are there, and one look shows it.
  local all_there = redis.call('EXISTS', unpack(profiles)) == edges
  local reply = { 1 }
  for i = 1, edges do
    if is_lost[i] or (not all_there and redis.call('EXISTS', profiles[i]) == 0) then reply[#reply + 1] = i - 1 end
  end
  return reply
end)
