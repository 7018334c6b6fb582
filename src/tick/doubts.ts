// What an edge says and cannot be, or what nothing bears out. Nobody is charged by it (pins.ts and claims.ts bound what
// is); it is what people are told, with the name of the edge, within five seconds. Most must show twice in ten reports,
// for stamps and counters are not read in the same instant, and who lies in every other report lies. What showed is
// told for a while after it was seen last.
//
//   counters   more than its lines carry
//   rates      it says that it enforces, and lets through more than it was granted
//   stamps     its clock runs ahead of ours, or it begins anew with each report
//   applied    what nobody told it, or what is older than it had applied before
//   orders     now that it does as it is ordered, now what nobody has ordered
//   link       that a link is down, and others whose traffic goes over it do not say so
//
// Who says too little looks like one that has little to do; only a counter of its links tells (MODEL_DIFFERS).

import { isBeforeShaper } from '../demand/lines.js'
import type { Doubt } from '../model/board.js'
import { type EdgeReport, isSameSerial, type Serial } from '../model/lease.js'
import { DIRECTIONS, type Direction, type Enforcement } from '../model/network.js'
import type { PlanEdge } from '../model/plan.js'
import type { Milliseconds } from '../model/units.js'
import { type EdgeLease, isKnown } from '../publish/edge-lease.js'
import { EdgeBoots, isOlder } from './edge-boots.js'
import type { PlanState } from './plan-state.js'

const TOLD_FOR: Milliseconds = 10_000
const TWICE = 2
/** Reports among which two show it. */
const REPORTS = 10
/** Above what it was granted, or can carry: bursts, and samples that are a little longer than they say. */
const ABOVE_PART = 1.25
const ABOVE_LEAST = 5_000_000
/** Ticks; who has not looked for longer finds reports that have lain in the store. */
const OFTEN = 3
/** For so long it may still say that it does what it was told to do before: its word, or ours, is late. */
const ORDERS_KEPT: Milliseconds = 60_000
/** Ticks for which a rate that was granted may still show in a sample. */
const RATES_KEPT = 6
/** Of what is not known there is no bound; and who only follows takes an edge to have what it was granted last. */
const UNBOUNDED = { down: Number.POSITIVE_INFINITY, up: Number.POSITIVE_INFINITY }

interface Watched {
  report: EdgeReport | null
  readonly boots: EdgeBoots
  sampledAt: Milliseconds
  /** Since when it limits what passes, by its own word. */
  limitsSince: Milliseconds
  /** bit/s by direction that it may have been enforcing, of the last ticks. */
  readonly granted: { readonly down: number; readonly up: number }[]
  /** When it was last to do each, and whether its last report said that it did as it was told. */
  readonly orderedAt: Map<Enforcement, Milliseconds>
  isObeying: boolean
  /** How many reports ago it showed last. */
  readonly ago: Map<Doubt, number>
  readonly until: Map<Doubt, Milliseconds>
}

export class Doubts {
  readonly #edges = new Map<string, Watched>()
  #lookedAt: Milliseconds = Number.NEGATIVE_INFINITY

  of(edge: string): readonly Doubt[] {
    return [...(this.#edges.get(edge)?.until.keys() ?? [])]
  }

  /** To be called once a tick, after its publication. `newest`: the last serial of who leads; null: another does. */
  look(state: PlanState, newest: Serial | null, now: Milliseconds): void {
    const isOld = now - this.#lookedAt > OFTEN * state.plan.timing.tick
    this.#lookedAt = now
    for (const id of this.#edges.keys()) if (!state.leases.edges.has(id)) this.#edges.delete(id)
    for (const edge of state.plan.edges) {
      const lease = state.leases.edges.get(edge.id)!
      const known = this.#edges.get(edge.id) ?? begin(now)
      this.#edges.set(edge.id, known)
      for (const [doubt, until] of known.until) if (now > until) known.until.delete(doubt)
      for (const { edge: who, link } of state.lone)
        if (who === edge.id) known.until.set(`link ${state.plan.links[link]!.link}`, now)
      known.orderedAt.set(edge.enforcement, now)
      const { report } = lease
      if (report !== null && report !== known.report) {
        const { gains, beginsAgain, goesBack } = known.boots.note(report, lease.readAt, isOld)
        const isUntold = newest !== null && isOlder(newest, report.applied)
        note(known, 'stamps', gains || beginsAgain, now, beginsAgain ? TWICE : 1)
        note(known, 'applied', goesBack || isUntold, now, goesBack ? TWICE : 1)
        note(known, 'orders', turns(known, edge, lease, now) && !isOld, now)
        if (lifts(report)) known.limitsSince = now
        known.report = report
      }
      // What was granted between two ticks, as room came free, stands here for the first time.
      known.granted.push(newest !== null && isKnown(lease) ? state.leases.sumsAt(edge.id) : UNBOUNDED)
      const sampled = state.demand.measuredAt(edge.id)
      if (sampled !== null && sampled.at !== known.sampledAt) {
        const { tick } = state.plan.timing
        // What a long sample says is of rates of long ago.
        const isShort = sampled.at - known.sampledAt < 3 * tick
        known.sampledAt = sampled.at
        note(known, 'counters', isImpossible(state, edge), now)
        const isSteady = isBounded(edge, lease) && now - known.limitsSince > RATES_KEPT * tick
        note(known, 'rates', isShort && isSteady && isAbove(state, edge, known), now)
      }
      if (known.granted.length > RATES_KEPT) known.granted.shift()
    }
  }
}

const begin = (now: Milliseconds): Watched => ({
  ...{ report: null, boots: new EdgeBoots(), sampledAt: Number.NEGATIVE_INFINITY },
  ...{ limitsSince: now, granted: [], orderedAt: new Map(), isObeying: false, ago: new Map(), until: new Map() },
})

function note({ ago, until }: Watched, doubt: Doubt, isSo: boolean, now: Milliseconds, weight = 1): void {
  const since = (ago.get(doubt) ?? REPORTS) + 1
  ago.set(doubt, isSo ? 0 : since)
  if (isSo && (weight >= TWICE || since < REPORTS)) until.set(doubt, now + TOLD_FOR)
}

/** An edge that is told something else begins to do it a moment later; who stands at the box needs no order. */
export function unorderedAt({ enforcement }: PlanEdge, { report }: EdgeLease): Enforcement | null {
  if (report === null) return null
  if (report.enforcement !== enforcement) return report.enforcement
  return report.bypasses && enforcement === 'enforce' ? 'bypass' : null
}

/** Whether it did as it was told by its last word, and does now what nobody has told it lately. */
function turns(known: Watched, edge: PlanEdge, lease: EdgeLease, now: Milliseconds): boolean {
  const { isObeying, orderedAt } = known
  const does = unorderedAt(edge, lease)
  const { enforcement, applied } = lease.report!
  // An agent that begins without a memory limits nothing before it is told something.
  const begins = enforcement === 'observe' && applied === null
  known.isObeying = does === null || begins
  return isObeying && !known.isObeying && now - (orderedAt.get(does!) ?? Number.NEGATIVE_INFINITY) > ORDERS_KEPT
}

/** Of a slow one that holds what an earlier leader granted it, and the store has lost, no bound is known. */
const isBounded = ({ pace }: PlanEdge, lease: EdgeLease): boolean =>
  isKnown(lease) && (pace === 'live' || isSameSerial(lease.shown, lease.applied))

const lifts = ({ enforcement, bypasses }: EdgeReport): boolean => enforcement !== 'enforce' || bypasses !== undefined

/** Of an edge, bit/s by direction; what is not measured counts for nothing. */
function sumsOf({ isDown }: PlanState, { flows }: PlanEdge, { down, up }: Readonly<Record<Direction, Float64Array>>) {
  let [sumDown, sumUp] = [0, 0]
  for (let k = 0; k < flows.length; k++) {
    const f = flows[k]!
    if (isDown[f] === 1) sumDown += down[f]! || 0
    else sumUp += up[f]! || 0
  }
  return { down: sumDown, up: sumUp }
}

function isImpossible(state: PlanState, edge: PlanEdge): boolean {
  const { impossible, arrival, carried } = state.demand
  for (const f of edge.flows) if (impossible[f] === 1) return true
  // What is counted on the far side of the shaper, where the port is.
  const columnOf = (way: Direction): Float64Array => (isBeforeShaper(way, 'port') ? arrival : carried)
  const sums = sumsOf(state, edge, { down: columnOf('down'), up: columnOf('up') })
  return DIRECTIONS.some((way) => sums[way] > ABOVE_PART * edge.port[way] + ABOVE_LEAST)
}

function isAbove(state: PlanState, edge: PlanEdge, { granted }: Watched): boolean {
  const { carried } = state.demand
  const sums = sumsOf(state, edge, { down: carried, up: carried })
  const most = (way: Direction): number => Math.max(...granted.map((one) => one[way]))
  return DIRECTIONS.some((way) => sums[way] > ABOVE_PART * most(way) + ABOVE_LEAST)
}
