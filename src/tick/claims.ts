// What an edge says it carries beyond what it was granted is a claim: nothing but its own counters speaks for it. It is
// charged as far as it can be true and does not take from others what they must have. In this order, each on what the
// one before has left:
//
//   its lines    no flow more than the smallest link on its way, and all claims of an edge together no more than that
//   counters     where monitoring counts a link, no more than that counter leaves beside what others carry there
//   lifelines    no more than the link has beside grants and everyone's lifeline
//
// Where no link on the way has a counter, nothing bears a claim out but an order: who was told to observe or to bypass
// is believed up to its lines, for then people have decided that it carries what comes; who was told to enforce is not
// believed at all, and charged at what it was granted last. Counting the same packets at a second edge bears nothing
// out: what goes to the internet meets one edge only, and two of them can agree on a lie.

import type { Plan } from '../model/plan.js'
import { type KilobitsPerSecond, MIN_LIFELINE, toKbps, type UnixMilliseconds } from '../model/units.js'
import { DIFFERS_LEAST, DIFFERS_PART } from '../record/counters.js'
import type { LinkCounters } from '../record/gathering.js'
import { eachHop, linksOf, type Problem } from '../solve/problem.js'

export interface Claim {
  readonly flow: number
  readonly edge: string
  /** What it is charged at in any case. */
  readonly granted: KilobitsPerSecond
  /** What it says that it carries besides. */
  beyond: KilobitsPerSecond
  /** Somebody has told it to let through what comes. */
  readonly isOrdered: boolean
}

export interface Ground {
  readonly plan: Plan
  readonly problem: Problem
  /** bit/s by flow, as edges say. */
  readonly carried: Float64Array
  readonly counters: LinkCounters
  readonly at: UnixMilliseconds
}

/** Lessens what is claimed to what can be believed; `charged` is kbit/s of flows that are pinned, NaN of the others. */
export function believe(claims: readonly Claim[], charged: Float64Array, ground: Ground): void {
  if (claims.length === 0) return
  const { plan, problem, counters, at, carried } = ground
  const { links, flows } = plan
  const grantedTo = (some: readonly Claim[]) => loadOf(problem, some, ({ granted }) => granted)
  for (const edge of new Set(claims.map(({ edge }) => edge))) {
    const own = claims.filter((claim) => claim.edge === edge)
    const granted = grantedTo(own)
    fit(problem, own, (l) => (links[l]!.virtual ? Number.POSITIVE_INFINITY : toKbps(links[l]!.capacity) - granted[l]!))
  }

  const granted = grantedTo(claims)
  const counted = links.map(({ id, virtual }) => (virtual ? undefined : counters.measured(id, at)))
  for (const claim of claims) {
    if (!claim.isOrdered && !linksOf(problem, claim.flow).some((l) => counted[l] !== undefined)) claim.beyond = 0
  }
  const all = flows.map((_, flow) => ({ flow }))
  if (counted.some((rate) => rate !== undefined)) {
    const claiming = new Set(claims.map(({ flow }) => flow))
    const others = loadOf(problem, all, ({ flow }) => (claiming.has(flow) ? 0 : toKbps(carried[flow]! || 0)))
    const most = (rate: number): number => toKbps(rate * (1 + DIFFERS_PART) + DIFFERS_LEAST)
    fit(problem, claims, (l) => {
      const rate = counted[l]
      return rate === undefined ? Number.POSITIVE_INFINITY : most(rate) - others[l]! - granted[l]!
    })
  }

  const promised = loadOf(problem, all, ({ flow }) =>
    Number.isNaN(charged[flow]!) ? lifelineOf(plan, problem, flow) : charged[flow]!,
  )
  // Who was ordered to let through what comes is pinned at what was granted.
  const steered = grantedTo(claims.filter(({ isOrdered }) => !isOrdered))
  fit(problem, claims, (l) => toKbps(links[l]!.room) - promised[l]! - steered[l]!)
}

/** What the first band promises the flow, kbit/s: nothing that an edge says may take it away. */
export function lifelineOf({ flows }: Plan, { segmentStart, segmentBand, segmentSize }: Problem, flow: number): number {
  const s = segmentStart[flow]!
  const size = s < segmentStart[flow + 1]! && segmentBand[s] === 0 ? segmentSize[s]! : 0
  return toKbps(Math.max(MIN_LIFELINE, Math.min(size, flows[flow]!.ceiling)))
}

/** Every claim by the factor of the link on its way that has the least left. */
function fit(problem: Problem, claims: readonly Claim[], leftOn: (link: number) => KilobitsPerSecond): void {
  const beyond = loadOf(problem, claims, (claim) => claim.beyond)
  const factors = beyond.map((sum, l) => (sum > 0 ? Math.max(0, Math.min(1, leftOn(l) / sum)) : 1))
  for (const claim of claims) claim.beyond *= Math.min(1, ...linksOf(problem, claim.flow).map((l) => factors[l]!))
}

function loadOf<T extends { readonly flow: number }>(
  problem: Problem,
  flows: readonly T[],
  kbpsOf: (one: T) => KilobitsPerSecond,
): Float64Array {
  const load = new Float64Array(problem.shape.links)
  for (const one of flows) {
    const kbps = kbpsOf(one)
    eachHop(problem, one.flow, (l, fraction) => {
      load[l]! += fraction * kbps
    })
  }
  return load
}
