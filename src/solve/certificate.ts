// The proof of an allocation, without solving again.
//
// An allocation is *the* max-min fair one of a band exactly if it is feasible and every flow is at its cap, or
// crosses a full link on which nobody has a higher level (Bertsekas and Gallager, Data Networks, 6.5.2: the
// bottleneck condition). The level of a flow is where its own stepped function reaches its amount, carried up to
// the root through the envelopes around it (root-levels.ts), so that members of different envelopes compare; the
// promise of an envelope is to its members as a link. Bands are checked in order, each with the amounts of the
// earlier ones as given. A flow at its cap needs no bottleneck, so a band in which all are there costs no sum over
// links, and promises that are kept in full are read off flow by flow; and as loads only grow from band to band,
// feasibility is checked once for need and once for the rate.
//
// O(nnz) per band with a shortage, O(flows) per band without. Tolerances: 1e-9 of the amount for "at its cap" and "a
// higher level", 2^-40 of the link for "full" and "too full".

import { Envelopes, promiseAround } from './envelopes.js'
import { Paths } from './paths.js'
import { BAND_KIND, type Problem, type Shape } from './problem.js'
import { RootLevels } from './root-levels.js'
import { HEADROOM_STAGES, Takers } from './takers.js'

const SAME = 1e-9
const ROUNDING = 2 ** -40
/** An allocation that is wrong everywhere needs no longer list. */
const MOST_VIOLATIONS = 100

/**
 * NEGATIVE         an amount below 0, or none (NaN)
 * ABOVE_CAP        more than the flow may take in the band
 * COULD_HAVE_MORE  below its cap, and no full link holds it back that gives nobody a higher level
 * OVERLOADED       a link, ceiling or promise of an envelope gives more than its room
 * WRONG_SUM        need or rate of a flow is not the sum of its amounts
 */
export type ViolationReason = 'NEGATIVE' | 'ABOVE_CAP' | 'COULD_HAVE_MORE' | 'OVERLOADED' | 'WRONG_SUM'

export interface Violation {
  readonly reason: ViolationReason
  /** Band, flow and link are -1 where the question does not arise; link is -2 - e for the promise of envelope e. */
  readonly band: number
  readonly flow: number
  readonly link: number
}

export interface Verdict {
  readonly ok: boolean
  readonly violations: readonly Violation[]
}

/** Checks the answer columns of `p` against its other columns, and writes the verdict to `status`. */
export function certify(p: Problem, certifier: Certifier = new Certifier(p.shape)): Verdict {
  return certifier.certify(p)
}

/** Scratch for checking problems of one shape. Allocates only to report violations. */
export class Certifier {
  private readonly takers: Takers
  private readonly held: Float64Array
  /** By flow: what of its amount in the band the stages so far have not accounted for. */
  private readonly rest: Float64Array
  /** By flow: what it got in the stage under check, and the level at which that is reached. */
  private readonly got: Float64Array
  private readonly level: Float64Array
  /** Takers below their caps; and by flow, 1 where a full link excuses that. */
  private shortCount = 0
  private readonly short: Uint32Array
  private readonly isExcused: Uint8Array
  /** By link: 1 once it has been full; nobody on it takes part in later bands. */
  private readonly isFull: Uint8Array
  private readonly paths: Paths
  private readonly onLink: Uint32Array
  /** By link: the room of the bands under check, the load of what is held, once `isLoaded`, and that of need. */
  private readonly room: Float64Array
  private readonly load: Float64Array
  private readonly needLoad: Float64Array
  private isLoaded = false
  private readonly envelopes: Envelopes
  private readonly rootLevels: RootLevels | null
  /** By envelope: what its members got under its promise in the band, and the highest level of any of them. */
  private readonly promised: Float64Array
  private readonly highestPromised: Float64Array
  private readonly either = new Float64Array(2)
  private violations: Violation[] = []

  constructor(shape: Shape, paths = new Paths(shape)) {
    this.takers = new Takers(shape)
    this.held = new Float64Array(shape.flows)
    this.rest = new Float64Array(shape.flows)
    this.got = new Float64Array(shape.flows)
    this.level = new Float64Array(shape.flows)
    this.short = new Uint32Array(shape.flows)
    this.isExcused = new Uint8Array(shape.flows)
    this.isFull = new Uint8Array(shape.links)
    this.paths = paths
    this.onLink = new Uint32Array(shape.flows)
    this.room = new Float64Array(shape.links)
    this.load = new Float64Array(shape.links)
    this.needLoad = new Float64Array(shape.links)
    this.envelopes = new Envelopes(shape)
    this.rootLevels = shape.envelopes > 0 ? new RootLevels(shape) : null
    this.promised = new Float64Array(shape.envelopes)
    this.highestPromised = new Float64Array(shape.envelopes)
  }

  certify(p: Problem): Verdict {
    const { takers, held, room } = this
    this.violations = []
    held.fill(0)
    room.set(p.linkRoom)
    this.needLoad.fill(0)
    this.isLoaded = false
    this.isFull.fill(0)
    this.paths.follow(p)
    takers.begin(p)
    this.envelopes.begin(p, takers)
    const { bands } = p.shape
    let band = this.readPromises(p)
    for (; band < bands && p.bandKind[band] !== BAND_KIND.headroom; band++) this.checkBand(p, band, 1)
    this.checkSums(p.need)
    this.loadHeld()
    this.checkLoads(p, -1)
    if (band < bands) {
      this.needLoad.set(this.load)
      for (let l = 0; l < room.length; l++) if (p.linkVirtual[l] === 0) room[l] = p.bandFill[band]! * p.linkRoom[l]!
      this.checkBand(p, band, HEADROOM_STAGES)
      this.loadHeld()
      this.checkLoads(p, band)
    }
    this.checkSums(p.rate)
    return this.verdict(p)
  }

  private verdict(p: Problem): Verdict {
    const { violations } = this
    const first = violations[0]
    p.status[1] = first === undefined ? 1 : 0
    p.status[2] = first?.band ?? -1
    p.status[3] = first?.flow ?? -1
    p.status[4] = first?.link ?? -1
    return { ok: first === undefined, violations }
  }

  private report(reason: ViolationReason, band: number, flow: number, link: number): void {
    if (this.violations.length < MOST_VIOLATIONS) this.violations.push({ reason, band, flow, link })
  }

  /** Reads leading bands in which every flow has its whole guarantee; returns the first band that must be checked. */
  private readPromises(p: Problem): number {
    const { takers, held, either } = this
    const { segmentStart, segmentBand, segmentSize, amount, bandKind, envelopeGuaranteeBand } = p
    const { flows, bands } = p.shape
    let kept = 0
    while (kept < bands && bandKind[kept] === BAND_KIND.guarantee && !envelopeGuaranteeBand.includes(kept)) kept++
    let given = 0
    let wrong = 0
    for (let n = 0; n < kept * flows; n++) given += Number(amount[n] !== 0)
    for (let i = 0; i < flows; i++) {
      const d = takers.wanted[i]!
      let x = 0
      for (let s = segmentStart[i]!, end = segmentStart[i + 1]!; s < end && segmentBand[s]! < kept; s++) {
        const size = segmentSize[s]!
        const y = amount[segmentBand[s]! * flows + i]!
        either[0] = size
        either[1] = d - x
        const u = either[Number(d - x < size)]!
        const isWhole = Number(Math.abs(y - u) <= SAME * u)
        const isNothing = Number(y === 0) & Number(u <= ROUNDING * x)
        wrong += 1 - (isWhole | isNothing)
        given -= Number(y !== 0)
        x += y
      }
      held[i] = x
    }
    // Somebody has less or more, or has something where nothing is promised: these bands are checked like any other.
    if (given !== 0 || wrong > 0) {
      held.fill(0)
      kept = 0
    }
    return kept
  }

  private checkBand(p: Problem, band: number, stages: number): void {
    const { takers, held, rest, got, level } = this
    const { flows } = p.shape
    const at = band * flows
    rest.set(p.amount.subarray(at, at + flows))
    for (let stage = 0; stage < stages; stage++) {
      takers.select(p, band, stage, held)
      const nested = this.envelopes.enter(p, band, takers, held)
      this.checkCaps(band, stage === stages - 1)
      if (nested) this.checkPromises(p, band)
      const { flow, count } = takers
      if (this.shortCount > 0) {
        level.fill(0)
        for (let n = 0; n < count; n++) {
          const i = flow[n]!
          level[i] = takers.levelAt(i, held[i]!, got[i]!)
        }
        if (nested) this.rootLevels?.carry(p, takers, this.envelopes, held, got, level)
      }
      for (let n = 0; n < count; n++) held[flow[n]!]! += got[flow[n]!]!
      this.isLoaded = false
      if (this.shortCount > 0) this.checkBottlenecks(p, band, nested)
    }
    let strays = 0
    for (let i = 0; i < flows; i++) strays += Number(rest[i] !== 0)
    if (strays > 0) this.checkRest(p, band)
  }

  /** What is left belongs to no stage: the flow takes no part in the band, or the number is none. */
  private checkRest({ linkRoom }: Problem, band: number): void {
    const { held } = this
    const { blockedBy } = this.takers
    for (const [i, extra] of this.rest.entries()) {
      const most = blockedBy[i]! < 0 ? ROUNDING * held[i]! : ROUNDING * Math.max(held[i]!, linkRoom[blockedBy[i]!]!)
      if (!(extra >= 0)) this.report('NEGATIVE', band, i, -1)
      else if (extra > most) this.report('ABOVE_CAP', band, i, -1)
      else held[i]! += extra
    }
  }

  /** Checks amounts against caps, and lists the takers that are below theirs. */
  private checkCaps(band: number, last: boolean): void {
    const { takers, held, rest, got, short, either } = this
    const { flow, cap, count } = takers
    const isLast = Number(last)
    let shortCount = 0
    let wrong = 0
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const u = cap[i]!
      const all = rest[i]!
      const rounding = ROUNDING * held[i]!
      // Whom a link stops in the first stage of headroom gets nothing in the second, so the split is known.
      either[0] = all
      either[1] = u
      const y = either[Number(u < all) & (1 - isLast)]!
      const isNothing = isLast & Number(y <= rounding) & Number(y > -rounding)
      const x = y * (1 - isNothing)
      got[i] = x
      rest[i] = all - x
      short[shortCount] = i
      shortCount += Number(x < u * (1 - SAME) - rounding)
      wrong += 1 - (Number(x >= 0) & Number(x <= u * (1 + SAME) + rounding))
    }
    this.shortCount = shortCount
    if (wrong > 0) this.reportCaps(band)
  }

  private reportCaps(band: number): void {
    const { takers, held, got } = this
    for (let n = 0; n < takers.count; n++) {
      const i = takers.flow[n]!
      if (!(got[i]! >= 0)) this.report('NEGATIVE', band, i, -1)
      else if (got[i]! > takers.cap[i]! * (1 + SAME) + ROUNDING * held[i]!) this.report('ABOVE_CAP', band, i, -1)
    }
  }

  /** An envelope's promise gives no more than what members do not hold already. */
  private checkPromises(p: Problem, band: number): void {
    const { envelopes, takers, got, promised } = this
    if (p.bandKind[band] !== BAND_KIND.guarantee) return
    promised.fill(0)
    for (let n = 0; n < takers.count; n++) {
      const i = takers.flow[n]!
      const e = promiseAround(p, i, band)
      if (e >= 0) promised[e]! += got[i]!
    }
    for (let e = 0; e < envelopes.root; e++) {
      const most = envelopes.room[e]! + ROUNDING * p.envelopeGuarantee[e]!
      if (!(promised[e]! <= most)) this.report('OVERLOADED', band, -1, -2 - e)
    }
  }

  private loadHeld(): void {
    const { paths, held, load } = this
    if (!this.isLoaded) paths.load(held, load)
    this.isLoaded = true
  }

  private checkBottlenecks(p: Problem, band: number, nested: boolean): void {
    const { short, shortCount, isExcused, isFull, room, load } = this
    this.loadHeld()
    isExcused.fill(0)
    for (let l = 0; l < load.length; l++) {
      if (isFull[l] === 1 || room[l]! - load[l]! > ROUNDING * p.linkRoom[l]!) continue
      isFull[l] = 1
      this.excuse(l)
    }
    const promising = nested && p.bandKind[band] === BAND_KIND.guarantee
    if (promising) this.findHighestPromised(p, band)
    for (let n = 0; n < shortCount; n++) {
      const i = short[n]!
      if (isExcused[i] === 1 || (promising && this.isHeldByPromise(p, i, band))) continue
      this.report('COULD_HAVE_MORE', band, i, -1)
    }
  }

  /** A full link excuses those at the highest level on it; in later bands nobody on it takes part. */
  private excuse(l: number): void {
    const { paths, onLink, level, isExcused } = this
    const { blockedBy } = this.takers
    const crowd = paths.crossing.list(l, onLink)
    let highest = 0
    for (let n = 0; n < crowd; n++) highest = Math.max(highest, level[onLink[n]!]!)
    highest *= 1 - SAME
    for (let n = 0; n < crowd; n++) {
      const i = onLink[n]!
      isExcused[i]! |= Number(level[i]! >= highest)
      blockedBy[i] = l
    }
  }

  private findHighestPromised(p: Problem, band: number): void {
    const { takers, level, highestPromised } = this
    highestPromised.fill(0)
    for (let n = 0; n < takers.count; n++) {
      const i = takers.flow[n]!
      const e = promiseAround(p, i, band)
      if (e >= 0 && level[i]! > highestPromised[e]!) highestPromised[e] = level[i]!
    }
  }

  private isHeldByPromise(p: Problem, i: number, band: number): boolean {
    const { level, promised, highestPromised, envelopes } = this
    const e = promiseAround(p, i, band)
    if (e < 0) return false
    const isKept = envelopes.room[e]! - promised[e]! <= ROUNDING * p.envelopeGuarantee[e]!
    return isKept && level[i]! >= highestPromised[e]! * (1 - SAME)
  }

  /** No link carries more than its room; with headroom, more than `fill` only where need alone does. */
  private checkLoads(p: Problem, band: number): void {
    const { room, load, needLoad } = this
    for (let l = 0; l < load.length; l++) {
      const most = Math.max(room[l]!, needLoad[l]!)
      if (!(load[l]! <= most + ROUNDING * p.linkRoom[l]!)) this.report('OVERLOADED', band, -1, l)
    }
  }

  private checkSums(x: Float64Array): void {
    const { held } = this
    for (let i = 0; i < held.length; i++) {
      if (!(Math.abs(x[i]! - held[i]!) <= SAME * held[i]!)) this.report('WRONG_SUM', -1, i, -1)
    }
  }
}
