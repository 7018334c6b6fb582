// What links carried, step by step, as far as it is told: how often they were full and dead, and the load and
// utilisation that were not exceeded in 95 of 100 steps in which they had room. Such a percentile is the least of the
// highest values of a link, and of a year's loads only that twentieth is kept.

import type { BitsPerSecond } from '../model/units.js'
import type { Problem } from '../solve/problem.js'

const PERCENTILE = 0.95
/** A link this close to its room is full. */
const FULL = 0.999

/** Of one link over all steps. */
interface Carried {
  /** Whether it ever carried anything. */
  readonly isUsed: boolean
  /** Steps in which it had room, and of those in which it was full. */
  readonly alive: number
  readonly full: number
  /** Null: it never had room. */
  readonly p95Load: BitsPerSecond | null
  readonly p95Utilisation: number | null
}

interface Stretch {
  readonly firstStep: number
  /** Exclusive. */
  readonly endStep: number
  readonly problem: Pick<Problem, 'linkRoom'>
}

export class LinkLoads {
  readonly #phases: readonly Stretch[]
  readonly #links: readonly LinkLoad[]

  /**
   * @param phases all steps, each in one of them
   * @param loaded links of the problems whose load is kept
   */
  constructor(phases: readonly Stretch[], loaded: readonly number[]) {
    this.#phases = phases
    this.#links = loaded.map((link) => {
      const alive = phases.filter(({ problem }) => problem.linkRoom[link]! > 0)
      return new LinkLoad(
        link,
        alive.reduce((sum, { firstStep, endStep }) => sum + endStep - firstStep, 0),
      )
    })
  }

  /** Takes some steps, each of them once, in any order. @param loads f32 by step and loaded link, bit/s */
  take(firstStep: number, loads: Float32Array): void {
    const links = this.#links.length
    const endStep = firstStep + loads.length / links
    for (const phase of this.#phases) {
      const from = Math.max(firstStep, phase.firstStep) - firstStep
      const to = Math.min(endStep, phase.endStep) - firstStep
      for (const [n, link] of this.#links.entries()) link.take(phase, loads, from * links + n, to * links, links)
    }
  }

  /** @param n place among the loaded links */
  of(n: number): Carried {
    return this.#links[n]!
  }
}

class LinkLoad implements Carried {
  readonly alive: number
  isUsed = false
  full = 0
  readonly #link: number
  readonly #loads: Highest
  readonly #used: Highest

  constructor(link: number, alive: number) {
    this.#link = link
    this.alive = alive
    // The nearest rank, counted from above.
    const place = alive === 0 ? 0 : alive - Math.max(0, Math.ceil(PERCENTILE * alive) - 1)
    this.#loads = new Highest(place)
    this.#used = new Highest(place)
  }

  /** @param loads of which each `every`th from `first` to before `end` is the link's */
  take({ problem }: Stretch, loads: Float32Array, first: number, end: number, every: number): void {
    const room = problem.linkRoom[this.#link]!
    for (let at = first; at < end; at += every) {
      const load = loads[at]!
      if (load !== 0) this.isUsed = true
      if (room <= 0) continue
      const used = load / room
      if (used >= FULL) this.full++
      this.#loads.add(load)
      this.#used.add(used)
    }
  }

  get p95Load(): BitsPerSecond | null {
    return this.#loads.least()
  }

  get p95Utilisation(): number | null {
    return this.#used.least()
  }
}

/** The highest of many values, so many of them. */
class Highest {
  readonly #most: number
  /** With room for some that may turn out not to be among them. */
  readonly #values: Float64Array
  #count = 0
  /** So many as are kept are at least this. */
  #least = Number.NEGATIVE_INFINITY

  constructor(most: number) {
    this.#most = most
    this.#values = new Float64Array(most + Math.ceil(most / 2))
  }

  add(value: number): void {
    if (value <= this.#least) return
    this.#values[this.#count++] = value
    if (this.#count === this.#values.length) this.#drop()
  }

  /** The least of them; null: there are none. */
  least(): number | null {
    if (this.#count === 0) return null
    this.#drop()
    return this.#values[0]!
  }

  #drop(): void {
    const values = this.#values.subarray(0, this.#count).sort()
    values.copyWithin(0, Math.max(0, this.#count - this.#most))
    this.#count = Math.min(this.#count, this.#most)
    if (this.#count === this.#most) this.#least = values[0]!
  }
}
