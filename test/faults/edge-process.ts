// Edges in a process of their own, so that it can be stopped and killed: the production agent over a real connection
// and the simulated data plane, with a memory on disk. Whoever forked it says which edges and hears, on the machine's
// monotonic clock, what each enforces and what it would report. Where one was killed, the kernel it shaped goes on:
// whoever listens keeps what it heard last.

import { createAgent } from '../../src/edge/agent.js'
import { bootId } from '../../src/edge/boot-id.js'
import { chooseTransport } from '../../src/edge/choose-transport.js'
import type { Driver } from '../../src/edge/driver.js'
import type { RateTable } from '../../src/edge/drivers/rate-operations.js'
import { createSimulatedDriver, type SimulatedDriver } from '../../src/edge/drivers/simulated.js'
import { type Self, selfOf } from '../../src/edge/self.js'
import { createSubscriber } from '../../src/edge/subscriber.js'
import { type LeaseState, recordKey, type Serial } from '../../src/model/lease.js'
import type { Enforcement } from '../../src/model/network.js'
import { systemClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import { createLogger } from '../../src/runtime/log.js'
// Its clock can be moved.
import './fault-injection.js'

/** What is said once, at the beginning. */
export interface EdgeOrder {
  readonly plane: string
  readonly edges: readonly (WithStore | Joined)[]
  /** Where they remember; null: nowhere. */
  readonly stateDir: string | null
  readonly seed: number
  /** bit/s that each flow would like to send. */
  readonly load: number
  /** Another machine than this one. */
  readonly on?: Machine
}

export interface Machine {
  /** 16 hex digits. */
  readonly boot: string
  /** 8 hex digits. */
  readonly machine: string
  readonly place: string
}

interface WithStore {
  readonly edge: string
  readonly url: string
}

/** One with credentials, which its settings lead to. */
interface Joined {
  readonly edge: string
  readonly env: Readonly<Record<string, string>>
}

/** What is said later: how much more or less an institution sends. */
export interface LoadOrder {
  readonly institution: string
  readonly factor: number
}

export interface Stands {
  readonly kind: 'stands'
  readonly edge: string
  readonly at: number
  readonly enforcement: Enforcement | null
  /** recordKey, kbit/s. */
  readonly rates: readonly (readonly [number, number])[]
}

export interface Says {
  readonly kind: 'says'
  readonly edge: string
  readonly at: number
  readonly state: LeaseState
  readonly applied: Serial | null
  readonly refusal: string | null
  /** ms until the lease ends; null: there is none. */
  readonly leaseLeft: number | null
}

/** How often it is looked whether an edge has something new to say. */
const LOOK = 25

const log = createLogger('edges', 'silent')
const clock = systemClock
const drivers: SimulatedDriver[] = []

function watched(edge: string, driver: SimulatedDriver): Driver<RateTable> {
  return {
    ...driver,
    async apply(operations, desired) {
      const outcome = await driver.apply(operations, desired)
      const { rates, enforcement } = await driver.observe()
      const said: Stands = {
        ...{ kind: 'stands', edge, at: clock.monotonic(), enforcement },
        rates: rates.map((record) => [recordKey(record), record.rate]),
      }
      process.send!(said)
      return outcome
    },
  }
}

function selfOn(folder: string, edge: string, on: Machine | undefined): Self {
  const self = selfOf(folder, edge, on?.boot ?? bootId(), log)
  return on ? { instance: on.machine + self.instance.slice(on.machine.length), place: on.place } : self
}

async function start({ plane, edges, stateDir, seed, load, on }: EdgeOrder): Promise<void> {
  // The same at every hour of the day.
  const steady = ({ length }: { readonly length: number }) => ({
    size: length,
    fill: (_: number, offered: Float64Array) => void offered.fill(load, 0, length),
  })
  for (const one of edges) {
    const { edge } = one
    const driver = createSimulatedDriver({ clock, seed, load: steady })
    drivers.push(driver)
    const transport =
      'url' in one
        ? createSubscriber({ url: one.url, plane, edge, clock, log })
        : chooseTransport(loadSettings({ env: one.env }), { edge, clock, log })
    const agent = createAgent({
      ...{ edge, driver: watched(edge, driver), clock, transport, stateDir, log },
      ...(stateDir === null ? {} : { self: selfOn(stateDir, edge, on) }),
      ...(on ? { boot: on.boot } : {}),
    })
    await agent.start()
    let last = ''
    const look = (): void => {
      const { state, applied, refusal } = agent.status()
      const serial = applied && { epoch: applied.epoch, seq: applied.seq }
      const text = `${state} ${serial?.epoch}.${serial?.seq} ${refusal?.code}`
      if (text !== last) {
        const said: Says = {
          ...{ kind: 'says', edge, at: clock.monotonic(), state, applied: serial },
          refusal: refusal?.code ?? null,
          leaseLeft: agent.picture().leaseLeft,
        }
        process.send!(said)
      }
      last = text
      clock.setTimer(LOOK, look, { hold: true })
    }
    look()
  }
  process.send!({ kind: 'started' })
}

process.on('message', (order: EdgeOrder | LoadOrder) => {
  if ('edges' in order) void start(order)
  else for (const driver of drivers) driver.setFactor(order.institution, order.factor)
})
// Whoever forked us is gone.
process.on('disconnect', () => process.exit(0))
