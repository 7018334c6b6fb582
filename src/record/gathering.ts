// What is gathered while a part of a slot is open: sums over its ticks, by flow and by link, and the one moment that is
// kept in full. Adding a tick is a walk over columns and allocates nothing, unless this tick is the worst so far.

import type { CauseInForce } from '../model/in-force.js'
import type { Plan } from '../model/plan.js'
import { isShortOf, SHORT_LEAST } from '../model/shortfall.js'
import { type BitsPerSecond, type Milliseconds, toSeconds, type UnixMilliseconds } from '../model/units.js'
import { seenOf } from '../model/wholes.js'
import { type Moment, momentOf } from './moment.js'
import type { SolvedTick } from './tick.js'

/** Time a tick stands for at most: what was longer between two ticks is a gap. */
const TICKS_A_TICK_STANDS_FOR = 5

export interface WorstMoment {
  readonly at: UnixMilliseconds
  readonly unmet: number
  readonly moment: Moment
  readonly need: Float64Array
  readonly kbps: Float64Array
  readonly told: Float64Array
  readonly limits: readonly string[]
  /** What was in force then. */
  readonly inForce: readonly CauseInForce[] | null
}

/** Counters of the network itself, bit/s by directed link id. */
export interface LinkCounters {
  /** Undefined: nobody posts one for this link, or the last one is old. */
  measured(link: string, now: UnixMilliseconds): number | undefined
}

/** What is summed over time; `heard`, `counted`: the seconds in which somebody said what arrives or is carried. */
const FLOW_SUMS = [
  ...(['asked', 'demand', 'need', 'rate', 'arrived', 'carried', 'heard', 'unmet', 'below', 'full'] as const),
  ...(['promised', 'claimed', 'lacked'] as const),
]
const LINK_SUMS = [
  ...(['needLoad', 'load', 'arrived', 'carried', 'heard', 'counter', 'counted', 'unmet', 'short'] as const),
]

const LEAST_RATE: BitsPerSecond = 1_000

type Sums<Name extends string> = Readonly<Record<Name, Float64Array>>

/** A part of a slot as it was gathered, for slot-rows.ts: columns, which cross to another thread as they are. */
export interface Gathered {
  readonly slot: UnixMilliseconds
  readonly seconds: number
  readonly flows: Sums<(typeof FLOW_SUMS)[number]>
  readonly links: Sums<(typeof LINK_SUMS)[number]>
  readonly worst: WorstMoment
}

function sums<Name extends string>(names: readonly Name[], n: number): Sums<Name> {
  // Every name is a key, and nothing else is.
  return Object.fromEntries(names.map((name) => [name, new Float64Array(n)])) as Record<Name, Float64Array>
}

export class Gathering {
  readonly plan: Plan
  readonly slot: UnixMilliseconds
  worst: WorstMoment | null = null
  #seconds = 0
  readonly #flows: Gathered['flows']
  readonly #links: Gathered['links']

  constructor(slot: UnixMilliseconds, plan: Plan) {
    this.slot = slot
    this.plan = plan
    this.#flows = sums(FLOW_SUMS, plan.flows.length)
    this.#links = sums(LINK_SUMS, plan.links.length)
  }

  /** @param elapsed since the tick before; what is beyond five ticks was not seen. */
  add(tick: SolvedTick, elapsed: Milliseconds, counters: LinkCounters): void {
    const { board } = tick
    const dt = toSeconds(Math.min(elapsed, TICKS_A_TICK_STANDS_FOR * this.plan.timing.tick))
    this.#seconds += dt
    const unmet = this.#addFlows(tick, dt)
    this.#addLinks(tick, dt, counters)
    if (this.worst !== null && unmet <= this.worst.unmet) return
    this.worst = {
      at: board.at,
      unmet,
      moment: momentOf(tick),
      need: board.flows.need.slice(),
      kbps: tick.problem.kbps.slice(),
      told: board.flows.rate.slice(),
      limits: board.flows.limitedBy.map(({ code, id }) => (id === null ? code : `${code} ${id}`)),
      inForce: board.inForce(),
    }
  }

  #addFlows({ board: { flows }, phi }: SolvedTick, dt: number): number {
    const to = this.#flows
    let missing = 0
    for (let f = 0; f < this.plan.flows.length; f++) {
      const { ceiling, guarantee } = this.plan.flows[f]!
      const { code } = flows.limitedBy[f]!
      const asked = Math.min(flows.demand[f]!, ceiling)
      const need = flows.need[f]!
      const steered = code !== 'OBSERVE'
      const unmet = steered ? Math.max(0, asked - need) : 0
      const whole = guarantee * phi[f]!
      // What nobody saw being asked breaks no promise.
      const claimed = Math.min(asked, whole, seenOf(flows, f))
      to.asked[f]! += dt * flows.demand[f]!
      to.need[f]! += dt * need
      to.rate[f]! += dt * flows.rate[f]!
      to.unmet[f]! += dt * unmet
      to.promised[f]! += dt * whole
      to.claimed[f]! += dt * claimed
      // The smallest rate that can be published: who lacks less lacks nothing.
      if (steered && claimed - need >= LEAST_RATE) to.lacked[f]! += dt * (claimed - need)
      if (steered && isShortOf(need, claimed)) to.below[f]! += dt
      if (flows.demand[f]! > ceiling) to.full[f]! += dt
      const arrived = flows.arrived[f]!
      if (!Number.isNaN(arrived)) {
        to.arrived[f]! += dt * arrived
        to.carried[f]! += dt * flows.carried[f]!
        to.demand[f]! += dt * (steered && isShortOf(need, asked) ? Math.max(arrived, asked) : arrived)
        to.heard[f]! += dt
      }
      missing += unmet
    }
    return missing
  }

  #addLinks({ board: { links, at } }: SolvedTick, dt: number, counters: LinkCounters): void {
    const to = this.#links
    for (let l = 0; l < this.plan.links.length; l++) {
      to.needLoad[l]! += dt * links.needLoad[l]!
      to.load[l]! += dt * links.load[l]!
      to.unmet[l]! += dt * links.unmet[l]!
      if (!Number.isNaN(links.arrived[l]!)) {
        to.arrived[l]! += dt * links.arrived[l]!
        to.carried[l]! += dt * links.carried[l]!
        to.heard[l]! += dt
      }
      if (links.unmet[l]! > SHORT_LEAST) to.short[l]! += dt
      const counter = this.plan.links[l]!.virtual ? undefined : counters.measured(this.plan.links[l]!.id, at)
      if (counter === undefined) continue
      to.counter[l]! += dt * counter
      to.counted[l]! += dt
    }
  }

  /** What was gathered; null: no tick was. Nothing is added any more. */
  get gathered(): Gathered | null {
    const { slot, worst } = this
    return worst && { slot, worst, seconds: this.#seconds, flows: this.#flows, links: this.#links }
  }
}
