// The long run of test/api/fuzz.test.ts: `npm run fuzz:api`, with MIZANI_SEED and MIZANI_RUNS to choose others.

import { startApi } from './api/api-fixture.js'
import { fuzz } from './api/broken-requests.js'

const SEED = Number(process.env.MIZANI_SEED ?? 1)
const RUNS = Number(process.env.MIZANI_RUNS ?? 100_000)
const api = await startApi()
const begun = performance.now()
const { faults, statuses, p50, p99 } = await fuzz(api, SEED, RUNS)
const seconds = ((performance.now() - begun) / 1000).toFixed(1)
for (const fault of faults.slice(0, 20)) console.error(fault)
const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`)
const crashed = api.logged.filter((line) => line.includes('request failed'))
for (const line of crashed.slice(0, 5)) console.error(line)
console.log(`fuzz:api: seed ${SEED}, ${RUNS} requests in ${seconds} s; ${counts.join(', ')}`)
console.log(
  `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms; ${faults.length} faults, ${crashed.length} failures inside`,
)
process.exitCode = faults.length + crashed.length > 0 ? 1 : 0
await api.close()
