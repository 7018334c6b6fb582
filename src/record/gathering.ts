// What is gathered while a part of a slot is open: sums over its ticks, by flow and by link, and the one moment that is
// kept in full. Adding a tick is a walk over columns and allocates nothing, unless this tick is the worst so far.

import type { Plan } from '../model/plan.js'
import { isShortOf, SHORT_LEAST } from '../model/shortfall.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
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
}

/** Counters of the network itself, bit/s by directed link id. */
export interface LinkCounters {
  /** Undefined: nobody posts one for this link, or the last one is old. */
  measured(link: string, now: UnixMilliseconds): number | undefined
}

const sums = (n: number): Float64Array => new Float64Array(n)

export class Gathering {
  readonly plan: Plan
  readonly planName: string
  readonly slot: UnixMilliseconds
  worst: WorstMoment | null = null
  #seconds = 0
  readonly #flows: Readonly<
    Record<'demand' | 'need' | 'rate' | 'measured' | 'heard' | 'unmet' | 'below' | 'full', Float64Array>
  >
  readonly #links: Readonly<
    Record<'needLoad' | 'load' | 'measured' | 'counter' | 'counted' | 'unmet' | 'short', Float64Array>
  >

  constructor(slot: UnixMilliseconds, plan: Plan, planName: string) {
    this.slot = slot
    this.plan = plan
    this.planName = planName
    const f = plan.flows.length
    const l = plan.links.length
    const [demand, need, rate, measured, heard, unmet, below, full] = Array.from({ length: 8 }, () => sums(f))
    this.#flows = {
      demand: demand!,
      need: need!,
      rate: rate!,
      measured: measured!,
      heard: heard!,
      unmet: unmet!,
      below: below!,
      full: full!,
    }
    const [needLoad, load, carried, counter, counted, missing, short] = Array.from({ length: 7 }, () => sums(l))
    this.#links = {
      needLoad: needLoad!,
      load: load!,
      measured: carried!,
      counter: counter!,
      counted: counted!,
      unmet: missing!,
      short: short!,
    }
  }

  get seconds(): number {
    return this.#seconds
  }

  /** @param elapsed since the tick before; what is beyond five ticks was not seen. */
  add(tick: SolvedTick, elapsed: Milliseconds, counters: LinkCounters): void {
    const { board } = tick
    const dt = Math.min(elapsed, TICKS_A_TICK_STANDS_FOR * this.plan.timing.tick) / 1_000
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
      to.demand[f]! += dt * flows.demand[f]!
      to.need[f]! += dt * need
      to.rate[f]! += dt * flows.rate[f]!
      to.unmet[f]! += dt * unmet
      if (steered && isShortOf(need, promised)) to.below[f]! += dt
      if (flows.demand[f]! > ceiling) to.full[f]! += dt
      const measured = flows.measured[f]!
      if (!Number.isNaN(measured)) {
        to.measured[f]! += dt * measured
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
      to.measured[l]! += dt * (links.measured[l]! || 0)
      if (links.unmet[l]! > SHORT_LEAST) to.short[l]! += dt
      const counter = this.plan.links[l]!.virtual ? undefined : counters.measured(this.plan.links[l]!.id, at)
      if (counter === undefined) continue
      to.counter[l]! += dt * counter
      to.counted[l]! += dt
    }
  }

  /** @param would bit/s that enforcing would give, by flow; NaN: it is enforced. */
  rows(enforcement: ReadonlyMap<string, string>, would: Float64Array | null): { flows: FlowRows; links: LinkRows } {
    const { plan, planName, slot, worst } = this
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
      demand: column(f, (i) => this.#mean(sum.demand[i]!)),
      need: column(f, (i) => this.#mean(sum.need[i]!)),
      rate: column(f, (i) => this.#mean(sum.rate[i]!)),
      measured: column(f, (i) => (sum.heard[i]! > 0 ? kbps(sum.measured[i]! / sum.heard[i]!) : null)),
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
      m_told: column(f, (i) => Math.round(worst.told[i]! / 1_000)),
    }
    const load = this.#links
    const links: LinkRows = {
      ...common(l),
      link: column(l, (i) => plan.links[i]!.id),
      state: column(l, (i) => plan.links[i]!.state),
      capacity: column(l, (i) => kbps(plan.links[i]!.capacity)),
      need_load: column(l, (i) => this.#mean(load.needLoad[i]!)),
      load: column(l, (i) => this.#mean(load.load[i]!)),
      measured: column(l, (i) => this.#measured(i)),
      measured_by: column(l, (i) => (load.counted[i]! > 0 ? 'counter' : 'edges')),
      unmet: column(l, (i) => this.#mean(load.unmet[i]!)),
      short_s: column(l, (i) => Math.round(load.short[i]!)),
      m_room: column(l, (i) => moment.room[i]!),
    }
    return { flows, links }
  }

  /** What a link's own counter says, where there is one; the sum of what edges say otherwise. */
  #measured(link: number): number {
    const { counter, counted, measured } = this.#links
    return counted[link]! > 0 ? kbps(counter[link]! / counted[link]!) : this.#mean(measured[link]!)
  }

  #mean(sum: number): number {
    return this.#seconds > 0 ? kbps(sum / this.#seconds) : 0
  }
}

const kbps = (bitsPerSecond: number): number => Math.round(bitsPerSecond / 1_000)

function column<T>(length: number, of: (row: number) => T): T[] {
  const values: T[] = []
  for (let row = 0; row < length; row++) values.push(of(row))
  return values
}
