// What is gathered while a part of a slot is open: sums over its ticks, by flow and by link, and the one moment that is
// kept in full. Adding a tick is a walk over columns and allocates nothing, unless this tick is the worst so far.

import type { CauseInForce } from '../model/in-force.js'
import type { Plan } from '../model/plan.js'
import { isShortOf, SHORT_LEAST } from '../model/shortfall.js'
import { type Milliseconds, toKbps, toSeconds, type UnixMilliseconds } from '../model/units.js'
import { type Moment, momentOf } from './moment.js'
import type { FlowRows, LinkRows } from './tables.js'
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
const FLOW_SUMS = ['asked', 'demand', 'need', 'rate', 'arrived', 'carried', 'heard', 'unmet', 'below', 'full'] as const
const LINK_SUMS = [
  ...(['needLoad', 'load', 'arrived', 'carried', 'heard', 'counter', 'counted', 'unmet', 'short'] as const),
]

function sums<Name extends string>(names: readonly Name[], n: number): Readonly<Record<Name, Float64Array>> {
  // Every name is a key, and nothing else is.
  return Object.fromEntries(names.map((name) => [name, new Float64Array(n)])) as Record<Name, Float64Array>
}

export class Gathering {
  readonly plan: Plan
  readonly slot: UnixMilliseconds
  worst: WorstMoment | null = null
  #seconds = 0
  readonly #flows: Readonly<Record<(typeof FLOW_SUMS)[number], Float64Array>>
  readonly #links: Readonly<Record<(typeof LINK_SUMS)[number], Float64Array>>

  constructor(slot: UnixMilliseconds, plan: Plan) {
    this.slot = slot
    this.plan = plan
    this.#flows = sums(FLOW_SUMS, plan.flows.length)
    this.#links = sums(LINK_SUMS, plan.links.length)
  }

  get seconds(): number {
    return this.#seconds
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
      const promised = Math.min(asked, guarantee * phi[f]!)
      to.asked[f]! += dt * flows.demand[f]!
      to.need[f]! += dt * need
      to.rate[f]! += dt * flows.rate[f]!
      to.unmet[f]! += dt * unmet
      if (steered && isShortOf(need, promised)) to.below[f]! += dt
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

  /** @param would bit/s that enforcing would give, by flow; NaN: it is enforced. */
  rows(
    planName: string,
    enforcement: ReadonlyMap<string, string>,
    would: Float64Array | null,
  ): { flows: FlowRows; links: LinkRows } {
    const { plan, slot, worst } = this
    if (worst === null) throw new Error('no tick was gathered')
    const { moment } = worst
    const common = (n: number) => ({
      slot: column(n, () => slot),
      seconds: column(n, () => Math.round(this.#seconds)),
      revision: column(n, () => plan.revision),
      plan: column(n, () => planName),
      m_at: column(n, () => worst.at),
    })
    const sum = this.#flows
    const [f, l] = [plan.flows.length, plan.links.length]
    const flows: FlowRows = {
      ...common(f),
      flow: column(f, (i) => plan.flows[i]!.id),
      enforcement: column(f, (i) => enforcement.get(plan.flows[i]!.edge) ?? 'enforce'),
      asked: column(f, (i) => this.#mean(sum.asked[i]!)),
      demand: column(f, (i) => meanOver(sum.demand[i]!, sum.heard[i]!)),
      need: column(f, (i) => this.#mean(sum.need[i]!)),
      rate: column(f, (i) => this.#mean(sum.rate[i]!)),
      arrived: column(f, (i) => meanOver(sum.arrived[i]!, sum.heard[i]!)),
      carried: column(f, (i) => meanOver(sum.carried[i]!, sum.heard[i]!)),
      unmet: column(f, (i) => this.#mean(sum.unmet[i]!)),
      below_guarantee_s: column(f, (i) => Math.round(sum.below[i]!)),
      at_ceiling_s: column(f, (i) => Math.round(sum.full[i]!)),
      would: column(f, (i) => (would === null || Number.isNaN(would[i]!) ? null : kbps(would[i]!))),
      m_limit: column(f, (i) => worst.limits[i]!),
      m_asked: column(f, (i) => moment.asked[i]!),
      m_recent: column(f, (i) => moment.recent[i]!),
      m_phi: column(f, (i) => moment.phi[i]!),
      m_charged: column(f, (i) => (Number.isNaN(moment.charged[i]!) ? null : moment.charged[i]!)),
      m_need: column(f, (i) => worst.need[i]!),
      m_rate: column(f, (i) => worst.kbps[i]!),
      m_told: column(f, (i) => Math.round(toKbps(worst.told[i]!))),
    }
    const load = this.#links
    const links: LinkRows = {
      ...common(l),
      link: column(l, (i) => plan.links[i]!.id),
      state: column(l, (i) => plan.links[i]!.state),
      capacity: column(l, (i) => kbps(plan.links[i]!.capacity)),
      need_load: column(l, (i) => this.#mean(load.needLoad[i]!)),
      load: column(l, (i) => this.#mean(load.load[i]!)),
      arrived: column(l, (i) => meanOver(load.arrived[i]!, load.heard[i]!)),
      carried: column(l, (i) => this.#carried(i)),
      measured_by: column(l, (i) => (load.counted[i]! > 0 ? 'counter' : 'edges')),
      unmet: column(l, (i) => this.#mean(load.unmet[i]!)),
      short_s: column(l, (i) => Math.round(load.short[i]!)),
      m_room: column(l, (i) => moment.room[i]!),
    }
    return { flows, links }
  }

  /** What a link's own counter says, where there is one; what edges say otherwise. */
  #carried(link: number): number | null {
    const { counter, counted, carried, heard } = this.#links
    return meanOver(counter[link]!, counted[link]!) ?? meanOver(carried[link]!, heard[link]!)
  }

  #mean(sum: number): number {
    return this.#seconds > 0 ? kbps(sum / this.#seconds) : 0
  }
}

const meanOver = (sum: number, seconds: number): number | null => (seconds > 0 ? kbps(sum / seconds) : null)
const kbps = (bitsPerSecond: number): number => Math.round(toKbps(bitsPerSecond))

function column<T>(length: number, of: (row: number) => T): T[] {
  const values: T[] = []
  for (let row = 0; row < length; row++) values.push(of(row))
  return values
}
