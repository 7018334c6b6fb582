// How long does a person wait for a preview, and does the tick wait for it too?
//
// Goal: p99 of a preview (four demands, the whole default plane, over HTTP) at most 100 ms; ticks no later than
// without. Not a goal: previews side by side; they share one thread on purpose. Stores are private and real, edges
// are away, so that the tick solves but nobody answers it.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startService } from '../src/control/main.js'
import { systemClock } from '../src/runtime/clock.js'
import { loadSettings } from '../src/runtime/config.js'
import { createLogger } from '../src/runtime/log.js'
import { startPrivateStores } from '../src/runtime/private-redis.js'
import { CONTROLLER_USER, POLICY_USER } from '../src/wire/access.js'
import { hashOf, printTable, SEED, seeded, shown } from './harness.js'

const RUNS = Number(process.env.MIZANI_RUNS ?? 100)
const data = mkdtempSync(join(tmpdir(), 'mizani-bench-'))
const log = createLogger('bench', 'silent')
const stores = await startPrivateStores({
  ...{ dataDir: data, log, durableUser: POLICY_USER, volatileUser: CONTROLLER_USER },
})
const settings = loadSettings({ env: { MIZANI_DATA: data, PORT: '0' } })
const { durableUrl, volatileUrl } = stores
const service = await startService({ settings, durableUrl, volatileUrl, clock: systemClock, log })
const token = readFileSync(join(data, 'cli-token'), 'utf8').trim()
const random = seeded(SEED)

async function preview(institution: string, tier: string): Promise<{ solveMs: number; losers: number[] }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ changes: [{ pointer: `/institutions/${institution}/tier`, after: tier }] })
  const answer = await fetch(`${service.url}/v1/policy/preview`, { method: 'POST', headers, body })
  if (answer.status !== 200) throw new Error(await answer.text())
  const { solveMs, impact } = (await answer.json()) as {
    solveMs: number
    impact: Record<string, { totals: { losers: number } } | null>
  }
  const { busyHour, allAtCeiling, worstFailure } = impact
  return { solveMs, losers: [busyHour, allAtCeiling, worstFailure].map((found) => found!.totals.losers) }
}

/** How late ticks begin against the beat of the first, ms, while `work` goes on. */
async function lateness(work: () => Promise<unknown>): Promise<number[]> {
  const late: number[] = []
  let going = true
  let last = service.controller.board?.at ?? 0
  const watch = (async () => {
    while (going) {
      await sleep(2)
      const at = service.controller.board?.at ?? 0
      if (at !== last && last > 0) late.push(Math.max(0, at - last - 1_000))
      last = at
    }
  })()
  await work()
  going = false
  await watch
  return late.sort((a, b) => a - b)
}

const { tiers, institutions } = service.desk.document
const names = Object.keys(institutions).sort()
const same = Object.keys(tiers).sort()
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
/** Another tier that has bandwidth for all that the institution takes. */
function change(): [string, string] {
  for (;;) {
    const name = pick(names)
    const tier = pick(same)
    const services = Object.keys(tiers[institutions[name]!.tier]!.services)
    if (tier !== institutions[name]!.tier && services.every((id) => id in tiers[tier]!.services)) return [name, tier]
  }
}

await sleep(2_000)
for (let n = 0; n < 20; n++) await preview(...change())
const quiet = await lateness(() => sleep(10_000))
const times: number[] = []
const solves: number[] = []
const losers: number[] = []
const busy = await lateness(async () => {
  for (let n = 0; n < RUNS; n++) {
    const asked = change()
    const begun = performance.now()
    const { solveMs, losers: found } = await preview(...asked)
    times.push(performance.now() - begun)
    solves.push(solveMs)
    losers.push(...found)
  }
})
times.sort((a, b) => a - b)
solves.sort((a, b) => a - b)
const at = (list: readonly number[], q: number): string =>
  list.length === 0 ? 'none' : shown(list[Math.min(list.length - 1, Math.floor(q * list.length))]!)
printTable(
  ['', 'median', 'p99'],
  [
    ['preview over HTTP, four demands, all tests', at(times, 0.5), at(times, 0.99)],
    ['of it in the solver', at(solves, 0.5), at(solves, 0.99)],
    ['tick beyond its second, nothing else', at(quiet, 0.5), at(quiet, 0.99)],
    ['tick beyond its second, previews all the time', at(busy, 0.5), at(busy, 0.99)],
  ],
)
console.log(`${RUNS} previews, seed ${SEED}, result ${hashOf(Float64Array.from(losers))}`)
for (const part of service.parts) await part()
await stores.stop()
rmSync(data, { recursive: true, force: true })
