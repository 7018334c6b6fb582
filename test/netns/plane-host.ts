// What `mizani up --no-demo` starts (private stores, controller, API), as a process that a test can hold by the
// strings: it signs the edge up, prints a line of JSON when ready and one for each tick from then on, and on SIGUSR2
// ends the stores for good, as no private store ends by itself: it would be brought back.
//
//   node plane-host.js EDGE       environment: MIZANI_PLANE, MIZANI_DATA, PORT, MIZANI_ADMIN_TOKEN

import { setTimeout as sleep } from 'node:timers/promises'
import { startService } from '../../src/process/main.js'
import { systemClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import { untilSignal } from '../../src/runtime/lifetime.js'
import { createLogger } from '../../src/runtime/log.js'
import { startPrivateStores } from '../../src/runtime/private-redis.js'
import { CONTROLLER_USER, edgeUser, POLICY_USER } from '../../src/wire/access.js'

export interface PlaneReady {
  /** Of the API. */
  readonly url: string
  /** Of the volatile store, for the edge. */
  readonly edgeUrl: string
  /** Of institutions. */
  readonly numbers: Readonly<Record<string, number>>
}

export interface TickLine {
  /** Ticks since the start, this one included. */
  readonly tick: number
  /** Unix milliseconds at which it began. */
  readonly began: number
  /** What arrived at each flow by the last sample that this tick knew of, bit/s; null: no sample yet. */
  readonly arrived: Readonly<Record<string, number | null>>
  /** What is published, bit/s. */
  readonly rate: Readonly<Record<string, number>>
  /** What the edge has acknowledged; null: nothing yet. */
  readonly applied: Readonly<Record<string, number | null>>
}

/** How often is looked whether a tick has ended, ms. */
const LOOK = 10

const edge = process.argv[2]!
const settings = loadSettings({ env: process.env })
const log = createLogger('plane', settings.logLevel)
const stores = await startPrivateStores({
  dataDir: settings.data,
  log,
  durableUser: POLICY_USER,
  volatileUser: CONTROLLER_USER,
})
const { durableUrl, volatileUrl } = stores
const service = await startService({ settings, durableUrl, volatileUrl, clock: systemClock, log })
const user = edgeUser(service.plane, edge)
const urls = await stores.ensureUsers('volatile', [user])
process.once('SIGUSR2', () => void stores.stop())

// The API listens before the first tick, and has nothing to say of institutions until then.
while ((await fetch(`${service.url}/v1/health/ready`)).status !== 200) await sleep(50)
const numbers = Object.fromEntries(service.ticks.board!.plan.institutions.map(({ id, index }) => [id, index]))
const ready: PlaneReady = { url: service.url, edgeUrl: urls.get(user.name)!, numbers }
const print = (line: PlaneReady | TickLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
print(ready)
let tick = service.ticks.ticks
setInterval(() => {
  const { ticks, board } = service.ticks
  if (ticks === tick) return
  tick = ticks
  const { at, plan, flows, tick: took } = board!
  const named = (column: Float64Array) => Object.fromEntries(plan.flows.map(({ id }, f) => [id, column[f]!]))
  const [arrived, rate, applied] = [flows.arrived, flows.rate, flows.applied].map(named)
  print({ tick, began: at - took.lastMs, arrived: arrived!, rate: rate!, applied: applied! })
}, LOOK)
await untilSignal()
await service.life.end()
await stores.stop()
process.exit(0)
