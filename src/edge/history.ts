// What an edge knows of its own past: since when a rate is in force, and what its rates would have held back while
// nothing was enforced. The second is what an edge in observe is for: whoever is about to enforce can see whom it
// would touch, for how long and by how much, before it does.

import { type RateRecord, recordKey } from '../model/lease.js'
import {
  type BitsPerSecond,
  type Bytes,
  fromBytes,
  type KilobitsPerSecond,
  type Milliseconds,
  toBytes,
  toSeconds,
  type UnixMilliseconds,
} from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { columnsOf, flowOfLeaf, type LeafColumns } from '../wire/leaf-columns.js'
import type { Desired, Stats } from './driver.js'

/** By flow (recordKey): the rate in force and since when. */
class RatesSince {
  readonly #flows = new Map<number, { rate: KilobitsPerSecond; since: UnixMilliseconds }>()

  /** These rates stand now, read back. */
  note(rates: readonly RateRecord[], now: UnixMilliseconds): void {
    for (const record of rates) {
      const key = recordKey(record)
      if (this.#flows.get(key)?.rate !== record.rate) this.#flows.set(key, { rate: record.rate, since: now })
    }
    if (this.#flows.size === rates.length) return
    const present = new Set(rates.map(recordKey))
    for (const key of this.#flows.keys()) if (!present.has(key)) this.#flows.delete(key)
  }

  of(key: number): UnixMilliseconds | null {
    return this.#flows.get(key)?.since ?? null
  }
}

/** What one flow sent beyond the rate that was not enforced. */
export interface WouldLimit {
  /** Time in which more arrived than the rate. */
  readonly duration: Milliseconds
  /** What would have waited or been dropped. */
  readonly excess: Bytes
}

interface Seen {
  /** Bytes that arrived since counting began: sent, dropped (in mean packets) and waiting. */
  arrived: Bytes
  duration: Milliseconds
  excess: Bytes
}

class Observation {
  readonly #flows = new Map<number, Seen>()
  #last: { at: Milliseconds; stats: Stats } | null = null
  #since: UnixMilliseconds | null = null

  /** Since when this was counted; null: not in observe since this process began. */
  get since(): UnixMilliseconds | null {
    return this.#since
  }

  /** Counters of one moment, while the edge is in observe; `rates` are those that would be enforced. */
  note(stats: Stats, rates: readonly RateRecord[], at: Milliseconds, now: UnixMilliseconds): void {
    if (this.#last?.stats === stats) return
    const elapsed = at - (this.#last?.at ?? at)
    const usable = this.#last?.stats.generation === stats.generation && elapsed > 0
    this.#last = { at, stats }
    this.#since ??= now
    const arrived = sumsByFlow(stats.leaves, arrivedAt)
    for (const record of rates) {
      const key = recordKey(record)
      const total = arrived.get(key) ?? 0
      const seen = this.#flows.get(key)
      if (!seen) this.#flows.set(key, { arrived: total, duration: 0, excess: 0 })
      else {
        const excess = total - seen.arrived - toBytes(record.rate) * elapsed
        if (usable && excess > 0) {
          seen.duration += elapsed
          seen.excess += excess
        }
        seen.arrived = total
      }
    }
  }

  /** Not in observe: what comes next is not compared with what was seen before. */
  pause(): void {
    this.#last = null
  }

  of(key: number): WouldLimit | null {
    const seen = this.#flows.get(key)
    return seen && seen.duration > 0 ? { duration: seen.duration, excess: Math.round(seen.excess) } : null
  }
}

interface Reading {
  readonly at: Milliseconds
  readonly stats: Stats
}

/** What passes now: the difference of the last two readings, taken when somebody asks. */
class Throughput {
  #before: Reading | null = null
  #last: Reading | null = null
  #readAt: UnixMilliseconds | null = null
  #rates: ReadonlyMap<number, BitsPerSecond> | null = null

  /** When the counters were read that are shown; null: never. */
  get readAt(): UnixMilliseconds | null {
    return this.#readAt
  }

  note(stats: Stats, at: Milliseconds, now: UnixMilliseconds): void {
    if (this.#last?.stats === stats) return
    this.#before = this.#last
    this.#last = { at: stats.at ?? at, stats }
    this.#rates = null
    this.#readAt = now
  }

  of(key: number): BitsPerSecond | null {
    this.#rates ??= ratesBetween(this.#before, this.#last)
    return this.#rates.get(key) ?? null
  }
}

function ratesBetween(before: Reading | null, last: Reading | null): Map<number, BitsPerSecond> {
  const elapsed = last && before ? last.at - before.at : 0
  if (!last || before?.stats.generation !== last.stats.generation || elapsed <= 0) return new Map()
  const sent = sumsByFlow(before.stats.leaves, sentBy)
  return new Map(
    [...sumsByFlow(last.stats.leaves, sentBy)].map(([key, bytes]) => [
      key,
      fromBytes(bytes - (sent.get(key) ?? 0)) / toSeconds(elapsed),
    ]),
  )
}

type OfLeaf = (leaves: LeafColumns, i: number) => Bytes

const sentBy: OfLeaf = ({ bytes }, i) => bytes[i]!

/** Sent, dropped (in mean packets) and waiting. */
const arrivedAt: OfLeaf = ({ bytes, packets, drops, backlog }, i) =>
  bytes[i]! + (packets[i]! > 0 ? (drops[i]! * bytes[i]!) / packets[i]! : 0) + backlog[i]!

/** By flow (recordKey). No objects on the way: an agent does this every second over all its leaves. */
function sumsByFlow(leaves: Stats['leaves'], of: OfLeaf): Map<number, Bytes> {
  const columns = columnsOf(leaves)
  const flows = new Map<number, Bytes>()
  for (let i = 0; i < columns.length; i++) {
    const key = flowOfLeaf(columns.key[i]!)
    flows.set(key, (flows.get(key) ?? 0) + of(columns, i))
  }
  return flows
}

/** Both, on the clock of the edge. */
export class History {
  readonly since = new RatesSince()
  readonly observation = new Observation()
  readonly throughput = new Throughput()
  readonly #clock: Clock
  #changedAt: Milliseconds = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** When what is in force changed last, on the monotonic clock. */
  get changedAt(): Milliseconds {
    return this.#changedAt
  }

  changed({ rates }: Desired): void {
    this.#changedAt = this.#clock.monotonic()
    this.since.note(rates, this.#clock.wall())
  }

  /** Once a tick: how much passes; compares what arrives with what would be enforced, as long as nothing is. */
  tick(inForce: Desired | undefined, latest: Stats | null): void {
    if (latest) this.throughput.note(latest, this.#clock.monotonic(), this.#clock.wall())
    if (inForce?.enforcement === 'observe' && latest) {
      this.observation.note(latest, inForce.rates, this.#clock.monotonic(), this.#clock.wall())
    } else this.observation.pause()
  }
}
