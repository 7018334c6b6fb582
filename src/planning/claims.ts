// What a flow's demand may claim of its promise, and what it got of it: the one reading of "short". A run, a sweep of
// cuts and a search for a purchase all ask here.

import type { Plan } from '../model/plan.js'
import type { BitsPerSecond } from '../model/units.js'
import { BAND_KIND, eachHop, type Problem, type Solved } from '../solve/problem.js'

/** The smallest rate that can be published: who lacks less lacks nothing. */
const NEGLIGIBLE: BitsPerSecond = 1_000

/** What is missing of a claim; 0: nothing that counts. */
export function lackOf(claim: BitsPerSecond, given: BitsPerSecond): BitsPerSecond {
  const missing = claim - given
  return missing >= NEGLIGIBLE ? missing : 0
}

/**
 * Each guarantee band in which flow i has a segment, with what its demand may claim there (of each size in turn as much
 * as the demand still reaches) and what it was given.
 */
function eachPromise(
  p: Solved,
  i: number,
  visit: (band: number, claim: BitsPerSecond, given: BitsPerSecond) => void,
): void {
  let unclaimed = p.demand[i]!
  for (let s = p.segmentStart[i]!; s < p.segmentStart[i + 1]!; s++) {
    const band = p.segmentBand[s]!
    if (p.bandKind[band] !== BAND_KIND.guarantee) continue
    const claim = Math.min(p.segmentSize[s]!, unclaimed)
    visit(band, claim, p.amount[band * p.shape.flows + i]!)
    unclaimed -= claim
  }
}

/** The same promises as columns, for whoever walks all of them at every step. */
export interface PromiseColumns {
  /** Flow i has those from `start[i]` to before `start[i + 1]`. */
  readonly start: Uint32Array
  readonly band: Uint8Array
  /** bit/s */
  readonly size: Float64Array
}

export function promiseColumns(p: Solved): PromiseColumns {
  const [start, band, size]: [number[], number[], number[]] = [[0], [], []]
  for (let i = 0; i < p.shape.flows; i++) {
    for (let s = p.segmentStart[i]!; s < p.segmentStart[i + 1]!; s++) {
      if (p.bandKind[p.segmentBand[s]!] !== BAND_KIND.guarantee) continue
      band.push(p.segmentBand[s]!)
      size.push(p.segmentSize[s]!)
    }
    start.push(band.length)
  }
  return { start: Uint32Array.from(start), band: Uint8Array.from(band), size: Float64Array.from(size) }
}

/** What its demand may claim of all guarantee bands together. */
export const claimOf = (p: Solved, i: number): BitsPerSecond => Math.min(promisedTo(p, i), p.demand[i]!)

/** @param last of the bands that count */
function promisedTo(p: Solved, i: number, last = Infinity): BitsPerSecond {
  let promised = 0
  for (let s = p.segmentStart[i]!; s < p.segmentStart[i + 1]!; s++) {
    const band = p.segmentBand[s]!
    if (band <= last && p.bandKind[band] === BAND_KIND.guarantee) promised += p.segmentSize[s]!
  }
  return promised
}

/** What all guarantee bands gave it. */
export function keptOf(p: Solved, i: number): BitsPerSecond {
  let given = 0
  for (let band = 0; band < p.shape.bands; band++)
    if (p.bandKind[band] === BAND_KIND.guarantee) given += p.amount[band * p.shape.flows + i]!
  return given
}

/** The first guarantee band in which it is short; -1: none alone. */
export function shortBandOf(p: Solved, i: number): number {
  let first = -1
  eachPromise(p, i, (band, claim, given) => {
    if (first < 0 && lackOf(claim, given) > 0) first = band
  })
  return first
}

/**
 * What flow i can claim before all promises are handed out, whatever it asks for: where these fit every link, no
 * promise is ever short. A promise that stands behind a share band is kept only where all that is asked before it fits.
 */
export function mostBeforePromises(p: Solved): (i: number) => BitsPerSecond {
  const kinds = [...p.bandKind]
  const areFirst = !kinds.slice(kinds.findIndex((kind) => kind !== BAND_KIND.guarantee)).includes(BAND_KIND.guarantee)
  if (!areFirst) return (i) => p.ceiling[i]!
  return (i) => promisedTo(p, i)
}

/** A guarantee band, and what a flow can claim of it and of all bands before it. */
interface PromiseBand {
  /** -1: all of them together. */
  readonly band: number
  most(i: number): BitsPerSecond
  /** Of the bands before it alone. */
  before(i: number): BitsPerSecond
  /** At which the flow rises in it; 0: that depends on more than the flow. */
  weight(i: number): number
}

const hasOwnSizesAsWeights = (p: Solved, band: number): boolean =>
  p.segmentBand.every((of, s) => of !== band || p.segmentWeight[s] === 1 || s >= p.segmentStart[p.shape.flows]!)

/** In their order: where what can be claimed up to a band fits, no promise in it is short. */
export function promiseBands(p: Solved): PromiseBand[] {
  const most = mostBeforePromises(p)
  const bands = [...p.bandKind.keys()].filter((band) => p.bandKind[band] === BAND_KIND.guarantee)
  if (bands.at(-1) !== bands.length - 1) return [{ band: -1, most, before: () => 0, weight: () => 0 }]
  // An envelope raises its members in an order of its own; a weight of its own is not read here.
  const isPlain = p.shape.envelopes === 0 && bands.every((band) => hasOwnSizesAsWeights(p, band))
  return bands.map((band) => ({
    ...{ band, most: (i) => promisedTo(p, i, band), before: (i) => promisedTo(p, i, band - 1) },
    weight: (i) => (isPlain ? promisedTo(p, i, band) - promisedTo(p, i, band - 1) : 0),
  }))
}

/** Whether a flow has no way left: no route, or a gateway's port that is cut. */
export function cutOff({ unreachable, links }: Plan, problem: Problem): (i: number) => boolean {
  return (i) => {
    let isCut = unreachable.has(i)
    eachHop(problem, i, (link) => {
      if (links[link]!.kind === 'port' && problem.linkRoom[link] === 0) isCut = true
    })
    return isCut
  }
}
