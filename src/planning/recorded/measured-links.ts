// The load model held to what was measured of some links and sites: flows are scaled until their sums are what the
// network's own counters say. What a site was measured at is its own flows' whole; what a link carried beyond those is
// shared by its other flows as the model would have them (multiplicative algebraic reconstruction, Gordon, Bender and
// Herman 1970; for traffic Zhang and others, Tomogravity, SIGMETRICS 2003): of all demands with these sums the one
// nearest to the model.

import type { PlanLink } from '../../model/plan.js'
import type { BitsPerSecond } from '../../model/units.js'
import { eachHop, type Problem } from '../../solve/problem.js'

/** A link that carried so much of its capacity was full: more may have been wanted. */
const FULL = 0.95
const MOST_ROUNDS = 40
/** Sums this near to what was measured are it. */
const NEAR = 1e-4

/** A measured link and the flows on it. */
export interface MeasuredLink {
  readonly id: string
  /** Whether it is the line of one site. */
  readonly isSite: boolean
  readonly capacity: BitsPerSecond
  readonly flows: Uint32Array
  /** Part of each flow that crosses it. */
  readonly fractions: Float64Array
}

/** In the order of `ids`; what the plan does not have crosses nothing. */
export function measuredLinks(ids: readonly string[], links: readonly PlanLink[], problem: Problem): MeasuredLink[] {
  const place = new Map(links.map(({ id }, l) => [id, l]))
  const rows = new Map(ids.flatMap((id) => (place.has(id) ? [[place.get(id)!, [] as [number, number][]]] : [])))
  for (let flow = 0; flow < problem.shape.flows; flow++)
    eachHop(problem, flow, (link, fraction) => rows.get(link)?.push([flow, fraction]))
  return ids.map((id) => {
    const link = links[place.get(id) ?? -1]
    const crossing = rows.get(place.get(id) ?? -1) ?? []
    return {
      ...{ id, isSite: link?.kind === 'access', capacity: link?.capacity ?? 0 },
      flows: Uint32Array.from(crossing, ([flow]) => flow),
      fractions: Float64Array.from(crossing, ([, fraction]) => fraction),
    }
  })
}

/**
 * Scales the load in place.
 * @param measured bit/s by link; NaN: nobody measured it
 * @param isLeast set for flows on a link that was full
 */
export function holdTo(
  links: readonly MeasuredLink[],
  measured: ArrayLike<number>,
  load: Float64Array,
  isLeast: Uint8Array,
): void {
  const known = links.flatMap((link, n) => (Number.isNaN(measured[n]!) ? [] : [{ link, rate: measured[n]! }]))
  const sites = known.filter(({ link }) => link.isSite)
  const shared = known.filter(({ link }) => !link.isSite)
  const isFixed = new Uint8Array(load.length)
  reconstruct(sites, load, isFixed)
  for (const { link } of sites) for (const flow of link.flows) isFixed[flow] = 1
  reconstruct(shared, load, isFixed)
  for (const { link, rate } of known)
    if (link.capacity > 0 && rate >= FULL * link.capacity) for (const flow of link.flows) isLeast[flow] = 1
}

interface Known {
  readonly link: MeasuredLink
  readonly rate: BitsPerSecond
}

function reconstruct(known: readonly Known[], load: Float64Array, isFixed: Uint8Array): void {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let farthest = 0
    for (const { link, rate } of known) {
      const ratio = ratioOf(link, rate, load, isFixed)
      if (ratio === null) continue
      farthest = Math.max(farthest, Math.abs(ratio - 1))
      scale(link, ratio, load, isFixed)
    }
    if (farthest < NEAR) return
  }
}

/** What the flows that may move have to be multiplied by; null: none may. */
function ratioOf({ flows, fractions }: MeasuredLink, rate: number, load: Float64Array, isFixed: Uint8Array) {
  let [fixed, free] = [0, 0]
  for (let n = 0; n < flows.length; n++) {
    const part = fractions[n]! * load[flows[n]!]!
    if (isFixed[flows[n]!] === 1) fixed += part
    else free += part
  }
  return free > 0 ? Math.max(0, rate - fixed) / free : null
}

function scale({ flows, fractions }: MeasuredLink, ratio: number, load: Float64Array, isFixed: Uint8Array): void {
  // Most flows of a link cross it with the same part.
  let [fraction, factor] = [Number.NaN, 1]
  for (let n = 0; n < flows.length; n++) {
    if (isFixed[flows[n]!] === 1) continue
    if (fractions[n] !== fraction) {
      fraction = fractions[n]!
      factor = ratio ** Math.min(1, fraction)
    }
    load[flows[n]!] = load[flows[n]!]! * factor
  }
}
