// Whatever is sent, the answer is a good one or names the caller's own fault: never a 5xx, never a hang, and a refusal
// has changed nothing. `npm run fuzz:api` does the same for a hundred thousand requests.

import t from 'tap'
import { startApi } from './api-fixture.js'
import { fuzz } from './broken-requests.js'

const SEED = 20260512
const REQUESTS = 2_000

t.test(
  `${REQUESTS} broken requests are answered with 2xx, 3xx or 4xx, and what is refused changes nothing`,
  async (t) => {
    const api = await startApi()
    t.teardown(api.close)
    const { faults, statuses, p50, p99 } = await fuzz(api, SEED, REQUESTS)
    t.strictSame(faults, [])
    t.comment(`p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`)
    t.strictSame(
      [200, 400, 401, 404, 405, 406, 413, 415].filter((status) => !statuses.has(status)),
      [],
      'the requests were broken in many ways, and some were not broken enough',
    )
    t.notOk(
      api.logged.some((line) => line.includes('request failed')),
      'nothing went wrong inside',
    )
  },
)
