// The proof of an allocation, without solving again.
//
// An allocation is *the* max-min fair one of a band exactly if it is feasible and every flow is at its cap, or
// crosses a full link on which nobody has a higher level (Bertsekas and Gallager, Data Networks, 6.5.2: the
// bottleneck condition). The level of a flow is where its own stepped function reaches its amount, carried up to
// the root through the envelopes around it (root-levels.ts), so that members of different envelopes compare; the
// promise of an envelope is to its members as a link. Bands are checked in order, each with the amounts of the
// earlier ones as given. A flow at its cap needs no bottleneck, so a band in which all are there costs no walk over
// paths; and as loads only grow from band to band, feasibility is checked once for need and once for the rate.
//
// O(nnz) per band with a shortage, O(flows) per band without. Tolerances: 1e-9 of the amount for "at its cap" and "a
// higher level", 2^-40 of the link for "full" and "too full".

import { Envelopes, promiseAround } from './envelopes.js'
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
  /** By link: the load of what is held, once `isLoaded`; and the load of need. */
  private readonly load: Float64Array
  private readonly needLoad: Float64Array
  private isLoaded = false
  /** By link: the highest level of anybody who takes from it, then the least that a link full at it excuses. */
  private readonly highest: Float64Array
  private readonly envelopes: Envelopes
  private readonly rootLevels: RootLevels | null
  /** By envelope: what its members got under its promise in the band, and the highest level of any of them. */
  private readonly promised: Float64Array
  private readonly highestPromised: Float64Array
  private violations: Violation[] = []

  constructor(shape: Shape) {
    this.takers = new Takers(shape)
    this.held = new Float64Array(shape.flows)
    this.rest = new Float64Array(shape.flows)
    this.got = new Float64Array(shape.flows)
    this.level = new Float64Array(shape.flows)
    this.load = new Float64Array(shape.links)
    this.needLoad = new Float64Array(shape.links)
    this.highest = new Float64Array(shape.links)
    this.envelopes = new Envelopes(shape)
    this.rootLevels = shape.envelopes > 0 ? new RootLevels(shape) : null
    this.promised = new Float64Array(shape.envelopes)
    this.highestPromised = new Float64Array(shape.envelopes)
  }

  certify(p: Problem): Verdict {
    const { takers, held } = this
    this.violations = []
    this.isLoaded = false
    held.fill(0)
    takers.begin(p)
    this.envelopes.begin(p, takers)
    const { bands } = p.shape
    let band = 0
    for (; band < bands && p.bandKind[band] !== BAND_KIND.headroom; band++) this.checkBand(p, band, 1)
    this.checkSums(p.need)
    this.loadHeld(p)
    this.needLoad.set(this.load)
    this.checkLoads(p, -1)
    if (band < bands) {
      this.checkBand(p, band, HEADROOM_STAGES)
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

  private checkBand(p: Problem, band: number, stages: number): void {
    const { takers, held, rest, got } = this
    const { flows } = p.shape
    const at = band * flows
    rest.set(p.amount.subarray(at, at + flows))
    for (let stage = 0; stage < stages; stage++) {
      takers.select(p, band, stage, held)
      const nested = this.envelopes.enter(p, band, takers, held)
      const short = this.checkCaps(band, stage === stages - 1)
      if (nested) this.checkPromises(p, band)
      if (short > 0) this.loadHeld(p)
      if (this.isLoaded) this.addLoads(p)
      if (short > 0) this.checkBottlenecks(p, band, nested)
      const { flow, count } = takers
      for (let n = 0; n < count; n++) held[flow[n]!]! += got[flow[n]!]!
    }
    // What is left belongs to no stage: the flow takes no part in the band, or the number is none.
    for (let i = 0; i < flows; i++) {
      const extra = rest[i]!
      if (!(extra >= 0)) this.report('NEGATIVE', band, i, -1)
      else if (extra > ROUNDING * held[i]!) this.report('ABOVE_CAP', band, i, -1)
    }
  }

  /** Checks amounts against caps; returns how many takers are below theirs. */
  private checkCaps(band: number, last: boolean): number {
    const { takers, held, rest, got } = this
    const { flow, cap, count } = takers
    let short = 0
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const u = cap[i]!
      const rounding = ROUNDING * held[i]!
      // Whom a link stops in the first stage of headroom gets nothing in the second, so the split is known.
      let y = last ? rest[i]! : Math.min(rest[i]!, u)
      if (last && y <= rounding && y > -rounding) y = 0
      got[i] = y
      rest[i]! -= y
      if (!(y >= 0)) this.report('NEGATIVE', band, i, -1)
      else if (y > u * (1 + SAME) + rounding) this.report('ABOVE_CAP', band, i, -1)
      else if (isShort(y, u, rounding)) short++
    }
    return short
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

  /** Loads of what is held before the stage; from the first shortage on they are kept up. */
  private loadHeld({ pathStart, pathLink, pathFraction }: Problem): void {
    if (this.isLoaded) return
    const { held, load } = this
    load.fill(0)
    for (let i = 0, e = 0; i < held.length; i++) {
      const end = pathStart[i + 1]!
      for (const x = held[i]!; e < end; e++) load[pathLink[e]!]! += pathFraction[e]! * x
    }
    this.isLoaded = true
  }

  private addLoads({ pathStart, pathLink, pathFraction }: Problem): void {
    const { got, load } = this
    const { flow, count } = this.takers
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const y = got[i]!
      if (y === 0) continue
      for (let e = pathStart[i]!, end = pathStart[i + 1]!; e < end; e++) load[pathLink[e]!]! += pathFraction[e]! * y
    }
  }

  private checkBottlenecks(p: Problem, band: number, nested: boolean): void {
    const { takers, held, got, level } = this
    const { flow, cap, count } = takers
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      level[i] = got[i] === 0 ? 0 : takers.levelAt(i, held[i]!, got[i]!)
    }
    if (nested) this.rootLevels?.carry(p, takers, this.envelopes, held, got, level)
    this.findHighest(p)
    this.keepFull(p, band)
    const promising = nested && p.bandKind[band] === BAND_KIND.guarantee
    if (promising) this.findHighestPromised(p, band)
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      if (!isShort(got[i]!, cap[i]!, ROUNDING * held[i]!) || this.isHeldBack(p, i)) continue
      if (!promising || !this.isHeldByPromise(p, i, band)) this.report('COULD_HAVE_MORE', band, i, -1)
    }
  }

  private findHighest({ pathStart, pathLink, pathFraction }: Problem): void {
    const { level, highest } = this
    const { flow, count } = this.takers
    highest.fill(0)
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const l = level[i]!
      if (l === 0) continue
      for (let e = pathStart[i]!, end = pathStart[i + 1]!; e < end; e++) {
        if (l > highest[pathLink[e]!]! && pathFraction[e]! > 0) highest[pathLink[e]!] = l
      }
    }
  }

  /** A full link excuses those at the highest level on it; another link excuses nobody. */
  private keepFull(p: Problem, band: number): void {
    const { highest, load } = this
    for (let l = 0; l < highest.length; l++) {
      const isFull = roomIn(p, l, band) - load[l]! <= ROUNDING * p.linkRoom[l]!
      highest[l] = isFull ? highest[l]! * (1 - SAME) : Number.POSITIVE_INFINITY
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

  private isHeldBack({ pathStart, pathLink, pathFraction }: Problem, i: number): boolean {
    const { level, highest } = this
    const l = level[i]!
    for (let e = pathStart[i]!, end = pathStart[i + 1]!; e < end; e++) {
      if (l >= highest[pathLink[e]!]! && pathFraction[e]! > 0) return true
    }
    return false
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
    const { load, needLoad } = this
    for (let l = 0; l < load.length; l++) {
      const most = band < 0 ? p.linkRoom[l]! : Math.max(roomIn(p, l, band), needLoad[l]!)
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

const isShort = (y: number, cap: number, rounding: number): boolean => y < cap * (1 - SAME) - rounding

function roomIn(p: Problem, l: number, band: number): number {
  const shared = p.bandKind[band] === BAND_KIND.headroom && p.linkVirtual[l] === 0
  return shared ? p.bandFill[band]! * p.linkRoom[l]! : p.linkRoom[l]!
}
