// A process that owns private stores and is meant to be killed: `tsx parent.ts DIR` prints {"ready":true} when they
// run.

import { createLogger } from '../../src/runtime/log.js'
import { startPrivateStores } from '../../src/runtime/private-redis.js'
import { CONTROLLER_USER, POLICY_USER } from '../../src/wire/access.js'

await startPrivateStores({
  dataDir: process.argv[2]!,
  log: createLogger('parent', 'silent'),
  durableUser: POLICY_USER,
  volatileUser: CONTROLLER_USER,
})
console.log(JSON.stringify({ ready: true }))
