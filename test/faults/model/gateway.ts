// A gateway of the model: a kernel that outlives its agent, a disk that outlives both, and the production agent.

import { createAgent } from '../../../src/edge/agent.js'
import type { Driver } from '../../../src/edge/driver.js'
import { EMPTY_TABLE, type RateTable, rateOperations, tableAfter } from '../../../src/edge/drivers/rate-operations.js'
import type { Memory, MemoryStore, ProfileInForce } from '../../../src/edge/memory.js'
import { type LeafCounters, type RateRecord, recordKey } from '../../../src/model/lease.js'
import type { Plan } from '../../../src/model/plan.js'
import type { ManualClock } from '../../../src/runtime/clock.js'
import { createLogger } from '../../../src/runtime/log.js'
import { institutionOf } from './ledger.js'
import { Process } from './process.js'
import type { Random } from './random.js'
import type { ModelStore } from './store.js'

const log = createLogger('model', 'silent')

interface Counted {
  bytes: number
  drops: number
  countedAt: number
}

export class Gateway {
  readonly id: string
  readonly #clock: ManualClock
  readonly #random: Random
  readonly #store: ModelStore
  readonly #changed: () => void
  readonly #counters = new Map<number, Counted>()
  #disk: (Memory & ProfileInForce) | null = null
  #boots = 0
  #generation = 1
  #process: Process | null = null
  /** bit/s offered, by recordKey. */
  offered = new Map<number, number>()
  /** Safe rates that the edge remembers, by recordKey, kbit/s. */
  safe: ReadonlyMap<number, number> = new Map()
  #standing: RateTable = EMPTY_TABLE
  /** What the kernel enforces, by recordKey. */
  rates: ReadonlyMap<number, RateRecord> = new Map()
  #invents = (_institution: number): number => 0
  refuses = false
  #refused = false
  /** How long a change of the kernel takes, ms. */
  slowness: readonly [number, number] = [1, 20]

  constructor(id: string, clock: ManualClock, random: Random, store: ModelStore, changed: () => void) {
    this.id = id
    this.#clock = clock
    this.#random = random
    this.#store = store
    this.#changed = changed
  }

  /** From now on the kernel counts so many bit/s of each flow of an institution that it does not carry. */
  set invents(bps: (institution: number) => number) {
    for (const key of this.#counters.keys()) this.#count(key)
    this.#invents = bps
  }

  get runs(): boolean {
    return this.#process?.runs ?? false
  }

  /** True where the kernel limits what passes. */
  get limits(): boolean {
    const { enforcement } = this.#standing
    return enforcement === 'enforce' || enforcement === 'hold'
  }

  /** Nothing was ever set up there, or the machine has restarted. */
  get isBare(): boolean {
    return this.#standing === EMPTY_TABLE
  }

  /** Its kernel took no orders when it was last asked, and no controller can have heard of it. */
  get isBeyondReach(): boolean {
    return this.#refused && !this.#store.hasHeardRefusal(this.id)
  }

  start(): void {
    const process = new Process(this.#clock)
    this.#process = process
    const agent = createAgent({
      edge: this.id,
      driver: this.#driver(process),
      clock: process.clock,
      transport: this.#store.forEdge(this.id, process),
      stateDir: this.#memory(process),
      log,
      boot: `${this.#boots}`.padStart(16, '0'),
      self: { instance: `5e1f0000${`${this.#boots}`.padStart(8, '0')}`, place: this.id },
    })
    void agent.start()
  }

  /** The agent dies; the kernel goes on. */
  crash(): void {
    this.#process?.kill()
    this.#process = null
  }

  stopFor(time: number): void {
    this.#process?.stopFor(time)
  }

  /** The machine restarts: nothing passes until the agent has shaped again. */
  reboot(): void {
    this.crash()
    this.#boots++
    this.#generation++
    this.#counters.clear()
    this.#stand(EMPTY_TABLE)
    this.#refused = false
    this.#changed()
    this.start()
  }

  #memory(process: Process): MemoryStore {
    let queue: Promise<void> = Promise.resolve()
    return {
      load: async () => {
        await process.after(1)
        return { memory: this.#disk, note: null }
      },
      // One after the other, as files are written.
      save: (memory, profile) => {
        queue = queue.then(async () => {
          await process.after(this.#random.between(0.1, 3))
          this.#disk = { ...memory, ...profile }
          this.safe = new Map(memory.content.records.map((record) => [recordKey(record), record.safe]))
          this.#changed()
        })
        return queue
      },
    }
  }

  #driver(process: Process): Driver<RateTable> {
    return {
      name: 'model',
      simulated: true,
      probe: async () => ({ facts: {}, obstacles: [] }),
      observe: async () => this.#standing,
      plan: rateOperations,
      apply: async (operations, desired) => {
        await process.after(this.#random.between(...this.slowness))
        this.#refused = this.refuses
        if (this.refuses) return { applied: 0, refusal: { code: 'DRIVER', detail: 'the kernel refuses' } }
        for (const record of desired.rates) this.#count(recordKey(record))
        this.#stand(tableAfter(desired))
        this.#changed()
        return { applied: operations.length, refusal: null }
      },
      stats: async () => ({ generation: this.#generation, leaves: this.#leaves() }),
      close: async () => undefined,
    }
  }

  #stand(table: RateTable): void {
    this.#standing = table
    this.rates = new Map(table.rates.map((record) => [recordKey(record), record]))
  }

  #count(key: number): Counted {
    const now = this.#clock.monotonic()
    const counted = this.#counters.get(key) ?? { bytes: 0, drops: 0, countedAt: now }
    const seconds = (now - counted.countedAt) / 1_000
    const offered = this.offered.get(key) ?? 0
    const rate = this.limits ? (this.rates.get(key)?.rate ?? 0) * 1_000 : offered
    const passed = Math.min(offered, rate)
    counted.bytes += ((passed + this.#invents(institutionOf(key))) * seconds) / 8
    counted.drops += ((offered - passed) * seconds) / 8 / 1_000
    counted.countedAt = now
    this.#counters.set(key, counted)
    return counted
  }

  #leaves(): LeafCounters[] {
    return [...this.rates.values()].map(({ institution, service, direction }) => {
      const { bytes, drops } = this.#count(recordKey({ institution, service, direction }))
      const whole = Math.floor(bytes)
      const packets = Math.floor(whole / 1_000)
      return { institution, service, direction, class: 0, bytes: whole, packets, drops: Math.floor(drops), backlog: 0 }
    })
  }
}

/** What a plane's institutions offer at one gateway, bit/s. */
export function offerAt(plan: Plan, edge: string, offer: (flow: string) => number): Map<number, number> {
  const flows = plan.edges.find(({ id }) => id === edge)?.flows ?? []
  return new Map(flows.map((f) => [recordKey(plan.flows[f]!.record), offer(plan.flows[f]!.id)]))
}
