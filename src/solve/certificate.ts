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
// What is said of an allocation is proved with it: the level of every flow in every band; its bottleneck, which must be
// such a full link for whoever is below its cap, and none for the others; and the first band in which it got less than
// it may claim, whose bottleneck is the cause that people read.
//
// O(nnz) per band with a shortage, O(flows) per band without. Tolerances: 1e-9 of the amount for "at its cap" and "a
// higher level", 2^-40 of the link for "full" and "too full".

import { Copies } from './copies.js'
import { Envelopes, promiseAround } from './envelopes.js'
import { TALLY } from './kernel/columns.js'
import type { Kernel } from './kernel/kernel.js'
import { HEADROOM_STAGES, Participants } from './participants.js'
import { Paths } from './paths.js'
import { BAND_KIND, linksOf, type Problem, type Shape } from './problem.js'
import { RootLevels } from './root-levels.js'

const SAME = 1e-9
const ROUNDING = 2 ** -40
/** A few roundings of a number. */
const HAIR = 2 ** -48
/** An allocation that is wrong everywhere needs no longer list. */
const MOST_VIOLATIONS = 100

/**
 * NEGATIVE         an amount below 0, or none (NaN)
 * ABOVE_CAP        more than the flow may take in the band
 * COULD_HAVE_MORE  below its cap, and no full link holds it back that gives nobody a higher level
 * WRONG_LEVEL      its level is not the one at which it has its amount
 * WRONG_CAUSE      something else than the bottleneck named holds it back, or nothing does
 * WRONG_BAND       the band named is not the first in which it got less than it may claim
 * OVERLOADED       a link, ceiling or promise of an envelope gives more than its room
 * WRONG_SUM        need or rate of a flow is not the sum of its amounts
 */
export type ViolationReason =
  | ('NEGATIVE' | 'ABOVE_CAP' | 'COULD_HAVE_MORE' | 'OVERLOADED' | 'WRONG_SUM')
  | ('WRONG_LEVEL' | 'WRONG_CAUSE' | 'WRONG_BAND')

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
  private readonly paths: Paths
  private readonly kernel: Kernel
  private readonly participants: Participants
  private readonly held: Float64Array
  /** By flow: what it got in the stage under check, and the level at which that is reached. */
  private readonly got: Float64Array
  private readonly level: Float64Array
  /** Participants below their caps. */
  private shortCount = 0
  private readonly short: Uint32Array
  /** By link: 1 once it has been full, nobody on it takes part in later bands; and the highest level as it filled. */
  private readonly isFull: Uint8Array
  private readonly highest: Float64Array
  /** By flow: the level it should have in the band, and 1 where something must have stopped it. */
  private readonly expected: Float64Array
  private readonly isStopped: Uint8Array
  /** By flow: the first band in which it is short. */
  private readonly firstShort: Int32Array
  /** By flow: a link that was found on its path, of these paths. */
  private readonly crossed: Int32Array
  private crossedIn = 0
  /** By link: its room, that of the bands under check, the load of what is held, once `isLoaded`, and that of need. */
  private readonly linkRoom: Float64Array
  private readonly room: Float64Array
  private readonly load: Float64Array
  private readonly needLoad: Float64Array
  private isLoaded = false
  /** The answer's amounts, need or rate: what is under check, where the kernel can read it. */
  private readonly amount: Float64Array
  private readonly levels: Float64Array
  private readonly bottleneck: Int32Array
  private readonly shortIn: Int32Array
  private readonly sum: Float64Array
  /** By band: its levels and bottlenecks, and what of each flow's amount the stages so far have not accounted for. */
  private readonly rows: readonly { rest: Float64Array; levels: Float64Array; bottleneck: Int32Array }[]
  private readonly tally: Uint32Array
  private readonly taken = new Copies((p) => [
    [this.amount, p.amount],
    [this.levels, p.level],
    [this.bottleneck, p.bottleneck],
    [this.shortIn, p.shortIn],
  ])
  private readonly needAsSum = new Copies((p) => [[this.sum, p.need]])
  private readonly rateAsSum = new Copies((p) => [[this.sum, p.rate]])
  private readonly envelopes: Envelopes
  private readonly rootLevels: RootLevels | null
  /** By envelope: what its members got under its promise in the band, and the highest level of any of them. */
  private readonly promised: Float64Array
  private readonly highestPromised: Float64Array
  private violations: Violation[] = []

  constructor(shape: Shape, paths = new Paths(shape)) {
    const { flows, links, bands, envelopes } = shape
    const kernel = paths.kernel()
    const { memory } = kernel
    this.paths = paths
    this.kernel = kernel
    this.participants = new Participants(shape, kernel)
    this.held = memory.f64(flows, 'held')
    this.got = kernel.column('got')
    this.level = kernel.column('level')
    this.short = kernel.column('shortFlow')
    this.isFull = kernel.column('isFull')
    this.highest = kernel.column('highest')
    this.expected = kernel.column('expected')
    this.isStopped = kernel.column('isStopped')
    this.firstShort = kernel.column('firstShort')
    this.crossed = kernel.column('crossed')
    this.linkRoom = kernel.column('linkRoom')
    this.room = kernel.column('room')
    this.load = memory.f64(links)
    this.needLoad = memory.f64(links)
    this.amount = memory.f64(bands * flows, 'amount')
    this.levels = memory.f64(bands * flows, 'level')
    this.bottleneck = memory.i32(bands * flows, 'bottleneck')
    this.shortIn = kernel.column('shortIn')
    this.sum = memory.f64(flows, 'rate')
    this.tally = kernel.column('tally')
    this.rows = Array.from({ length: bands }, (_, b) => ({
      rest: this.amount.subarray(b * flows, (b + 1) * flows),
      levels: this.levels.subarray(b * flows, (b + 1) * flows),
      bottleneck: this.bottleneck.subarray(b * flows, (b + 1) * flows),
    }))
    this.envelopes = new Envelopes(shape)
    this.rootLevels = envelopes > 0 ? new RootLevels(shape) : null
    this.promised = new Float64Array(envelopes)
    this.highestPromised = new Float64Array(envelopes)
  }

  certify(p: Problem): Verdict {
    const { participants, held, linkRoom, room } = this
    this.violations = []
    held.fill(0)
    linkRoom.set(p.linkRoom)
    room.set(linkRoom)
    this.needLoad.fill(0)
    this.isLoaded = false
    this.isFull.fill(0)
    this.kernel.fillBytes(this.firstShort, 0xff)
    this.taken.make(p)
    this.paths.follow(p)
    if (this.crossedIn !== this.paths.version) this.crossed.fill(-1)
    this.crossedIn = this.paths.version
    participants.begin(p)
    this.envelopes.begin(p, participants)
    const { bands } = p.shape
    let band = this.readPromises()
    for (; band < bands && p.bandKind[band] !== BAND_KIND.headroom; band++) this.checkBand(p, band, 1)
    if (this.kernel.countUnlike(this.shortIn, this.firstShort) > 0) this.reportBands(p)
    this.needAsSum.make(p)
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
    this.rateAsSum.make(p)
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
  private readPromises(): number {
    const { participants, held, amount, levels, bottleneck, kernel } = this
    const { promisedTo, ownBands } = participants
    if (kernel.readPromises(promisedTo, amount, levels, bottleneck, ownBands, held)) return ownBands
    // Not everybody has just what is promised, at the level of that: these bands are checked like any other.
    held.fill(0)
    return 0
  }

  private checkBand(p: Problem, band: number, stages: number): void {
    const { participants, held, got, level, kernel } = this
    const { rest, levels, bottleneck } = this.rows[band]!
    kernel.beginBand()
    for (let stage = 0; stage < stages; stage++) {
      participants.select(p, band, stage, held)
      const nested = this.envelopes.enter(p, band, participants, held)
      this.shortCount = kernel.checkParticipants(rest, stage === stages - 1, held)
      if (this.tally[TALLY.wrong]! > 0) this.reportCaps(band)
      if (nested) {
        this.checkPromises(p, band)
        this.rootLevels?.carry(p, participants, this.envelopes, held, got, level)
      }
      kernel.settle(held)
      this.isLoaded = false
      if (this.shortCount + participants.stuckCount > 0) {
        this.loadHeld()
        kernel.findFull(this.load, bottleneck)
        this.checkCauses(p, band, nested)
      }
    }
    if (kernel.countLeft(rest) > 0) this.checkRest(p, band)
    if (kernel.countMislevelled(levels, bottleneck) > 0) this.reportLevels(p, band)
  }

  /** What is left belongs to no stage: the flow takes no part in the band, or the number is none. */
  private checkRest({ linkRoom }: Problem, band: number): void {
    const { held } = this
    const { blockedBy } = this.participants
    for (const [i, extra] of this.rows[band]!.rest.entries()) {
      const most = blockedBy[i]! < 0 ? ROUNDING * held[i]! : ROUNDING * Math.max(held[i]!, linkRoom[blockedBy[i]!]!)
      if (!(extra >= 0)) this.report('NEGATIVE', band, i, -1)
      else if (extra > most) this.report('ABOVE_CAP', band, i, -1)
      else held[i]! += extra
    }
  }

  private reportCaps(band: number): void {
    const { participants, held, got } = this
    const known = this.violations.length
    for (let n = 0; n < participants.count; n++) {
      const i = participants.flow[n]!
      if (!(got[i]! >= 0)) this.report('NEGATIVE', band, i, -1)
      else if (got[i]! > participants.cap[i]! * (1 + SAME) + ROUNDING * held[i]!) this.report('ABOVE_CAP', band, i, -1)
    }
    if (this.violations.length === known) this.report('ABOVE_CAP', band, -1, -1)
  }

  /** An envelope's promise gives no more than what members do not hold already. */
  private checkPromises(p: Problem, band: number): void {
    const { envelopes, participants, got, promised } = this
    if (p.bandKind[band] !== BAND_KIND.guarantee) return
    promised.fill(0)
    for (let n = 0; n < participants.count; n++) {
      const i = participants.flow[n]!
      const e = promiseAround(p, i, band)
      if (e >= 0) promised[e]! += got[i]!
    }
    for (let e = 0; e < envelopes.root; e++) {
      const most = envelopes.room[e]! + ROUNDING * p.envelopeGuarantee[e]!
      if (!(promised[e]! <= most)) this.report('OVERLOADED', band, -1, -2 - e)
    }
  }

  private loadHeld(): void {
    const { kernel, held, load } = this
    if (!this.isLoaded) kernel.loadLinks(held, load)
    this.isLoaded = true
  }

  private checkCauses(p: Problem, band: number, nested: boolean): void {
    const { short, shortCount, participants, level, kernel, held } = this
    const need = p.bandKind[band] === BAND_KIND.headroom ? -1 : band
    if (kernel.countMisnamed(shortCount, this.rows[band]!.bottleneck, held, need) === 0) return
    const promising = nested && p.bandKind[band] === BAND_KIND.guarantee
    if (promising) this.findHighestPromised(p, band)
    for (let n = 0; n < shortCount; n++) {
      const i = short[n]!
      const isHeld = promising && this.isHeldByPromise(p, i, band)
      const by = p.bottleneck[band * p.shape.flows + i]!
      if (by < -1 ? isHeld && by === -2 - promiseAround(p, i, band) : this.isCause(p, i, by, level[i]!)) continue
      const isExcused = isHeld || linksOf(p, i).some((l) => this.isCause(p, i, l, level[i]!))
      this.report(isExcused ? 'WRONG_CAUSE' : 'COULD_HAVE_MORE', band, i, by)
    }
    for (let n = 0; n < participants.stuckCount; n++) {
      const i = participants.stuck[n]!
      const by = p.bottleneck[band * p.shape.flows + i]!
      const isNothing = participants.cap[i]! * (1 - SAME) <= ROUNDING * held[i]!
      if (!isNothing && !this.isCause(p, i, by, 0)) this.report('WRONG_CAUSE', band, i, by)
    }
  }

  /** Link l is on the path of flow i, full, and gives nobody a higher level than `at`. */
  private isCause(p: Problem, i: number, l: number, at: number): boolean {
    const { isFull, highest } = this
    return isFull[l] === 1 && at >= highest[l]! * (1 - SAME) && linksOf(p, i).includes(l)
  }

  private reportLevels(p: Problem, band: number): void {
    const { expected, isStopped, level, held } = this
    const { flows } = p.shape
    for (let i = 0; i < flows; i++) {
      const at = p.level[band * flows + i]!
      const should = expected[i]!
      // What is nothing but a rounding of what the flow holds has a level or none; of little more it is as uncertain.
      const amount = p.amount[band * flows + i]!
      const isNothing = isStopped[i] === 0 && amount <= ROUNDING * held[i]!
      const tolerance = SAME + (amount > 0 ? (HAIR * held[i]!) / amount : 0)
      const isRight = Number.isNaN(should) ? Number.isNaN(at) : Math.abs(at - should) <= tolerance * should
      if (!isRight && !isNothing) this.report('WRONG_LEVEL', band, i, -1)
      const by = p.bottleneck[band * flows + i]!
      // Who reached its cap just as a link filled may name that link.
      if (by !== -1 && isStopped[i] === 0 && !this.isCause(p, i, by, level[i]!)) this.report('WRONG_CAUSE', band, i, by)
    }
  }

  private reportBands({ shortIn }: Problem): void {
    for (const [i, band] of this.firstShort.entries()) if (shortIn[i] !== band) this.report('WRONG_BAND', band, i, -1)
  }

  private findHighestPromised(p: Problem, band: number): void {
    const { participants, level, highestPromised } = this
    highestPromised.fill(0)
    for (let n = 0; n < participants.count; n++) {
      const i = participants.flow[n]!
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
    if (this.kernel.countOver(load, needLoad) === 0) return
    const known = this.violations.length
    for (let l = 0; l < load.length; l++) {
      const most = Math.max(room[l]!, needLoad[l]!)
      if (!(load[l]! <= most + ROUNDING * p.linkRoom[l]!)) this.report('OVERLOADED', band, -1, l)
    }
    // What was counted is wrong, even if it is not found again.
    if (this.violations.length === known) this.report('OVERLOADED', band, -1, -1)
  }

  private checkSums(x: Float64Array): void {
    const { held, sum } = this
    if (this.kernel.countUnequal(sum, held) === 0) return
    const known = this.violations.length
    for (let i = 0; i < held.length; i++) {
      if (!(Math.abs(x[i]! - held[i]!) <= SAME * held[i]!)) this.report('WRONG_SUM', -1, i, -1)
    }
    if (this.violations.length === known) this.report('WRONG_SUM', -1, -1, -1)
  }
}
