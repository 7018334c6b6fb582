// Why a flow gets what it gets, read from the answer: indices and numbers, no names and no prose.
//
// What limits a flow is decided on its need, never on its rate: headroom fills every link every night and means
// nothing. It is what stopped the flow in the first band in which it was short (causes.ts), which the solver writes
// down and the certificate proves. Whoever wants to know what a change would do solves again; nothing here
// extrapolates.

import { Causes } from './causes.js'
import { Kernel } from './kernel/kernel.js'
import { LinearMemory } from './kernel/linear-memory.js'
import { Participants } from './participants.js'
import { BAND_KIND, isEqualShape, type Shape, type Solved } from './problem.js'

/** DEMAND: nothing keeps it from what it asks. CEILING: its own ceiling, or a tier that shares nothing with it. */
export type Limit = 'DEMAND' | 'CEILING' | 'LINK' | 'ENVELOPE'
export type Lift = 'NOTHING' | 'TIER' | 'CEILING' | 'LINK' | 'ENVELOPE'

export interface Limiter {
  readonly code: Limit
  /** Link or envelope that limits, -1 where the code says it all. */
  readonly index: number
}

export interface LimitedBy extends Limiter {
  /** The first band in which the flow got less than it may claim there, -1: none. */
  readonly band: number
}

export interface BandReason {
  readonly band: number
  readonly amount: number
  /** What the flow could have used in this band. */
  readonly cap: number
  readonly level: number
  /** Fraction of the promise that is kept; null outside guarantee bands. */
  readonly kept: number | null
  readonly bottleneck: number
}

export interface Reason {
  readonly limitedBy: LimitedBy
  /** What filled together with it, and limits as well. */
  readonly with: readonly Limiter[]
  readonly bands: readonly BandReason[]
  readonly kept: number
  /** Flows that take from the bottleneck in the deciding band, largest need first. */
  readonly sharers: readonly { readonly flow: number; readonly need: number; readonly level: number }[]
  /** The first thing that would lift the limit. */
  readonly lift: { readonly by: Lift; readonly index: number }
}

/** `bottleneck` of a flow stopped by the guarantee of envelope e, which is no link: -2 - e. */
export const guaranteeOf = (bottleneck: number): number => -2 - bottleneck

/** Relative shortfall below which a need is met: the solver's rounding, not a shortage. */
const MET = 1e-9

/** Of most flows there is nothing to name: one object of each kind stands for them all. */
const ITS_DEMAND: LimitedBy = Object.freeze({ code: 'DEMAND', index: -1, band: -1 })
const ITS_CEILING: LimitedBy = Object.freeze({ code: 'CEILING', index: -1, band: -1 })

/** What keeps a flow from what it asks, in a number: a link by its own, else one of these, or an envelope below. */
export const BY_DEMAND = -1
export const BY_CEILING = -2
const BY_ENVELOPES = -3

/** The envelope that such a number is about; negative: another is its meaning. */
export const envelopeOf = (limit: number): number => BY_ENVELOPES - limit

/** What keeps flow i from what it asks, for who asks it of tens of thousands. O(envelopes). */
export function limitOf(p: Solved, i: number): number {
  if (isMet(p, i)) return p.demand[i]! > p.ceiling[i]! * (1 + MET) ? BY_CEILING : BY_DEMAND
  const band = p.shortIn[i]!
  return band < 0 ? BY_CEILING : limitAt(p, p.bottleneck[band * p.shape.flows + i]!)
}

const isMet = (p: Solved, i: number): boolean => p.need[i]! >= Math.min(p.demand[i]!, p.ceiling[i]!) * (1 - MET)

function limitAt(p: Solved, bottleneck: number): number {
  if (p.linkVirtual[bottleneck] === 0) return bottleneck
  const envelope = p.envelopeLink.indexOf(bottleneck)
  return envelope < 0 ? BY_CEILING : BY_ENVELOPES - envelope
}

/** What keeps flow i from what it asks. O(envelopes). */
export function limitedBy(p: Solved, i: number): LimitedBy {
  const limit = limitOf(p, i)
  if (limit === BY_DEMAND) return ITS_DEMAND
  const band = isMet(p, i) ? -1 : p.shortIn[i]!
  return band < 0 ? ITS_CEILING : { ...limiterIn(limit), band }
}

/** A bottleneck as a limit: a virtual link speaks for what it stands for. */
export const limiterOf = (p: Solved, bottleneck: number): Limiter => limiterIn(limitAt(p, bottleneck))

function limiterIn(limit: number): Limiter {
  if (limit >= 0) return { code: 'LINK', index: limit }
  return limit === BY_CEILING ? { code: 'CEILING', index: -1 } : { code: 'ENVELOPE', index: envelopeOf(limit) }
}

/** Fraction of the guarantees of flow i that is kept: what it got of what it would have used of them; 1 without any. */
export function keptOf(p: Solved, i: number): number {
  const wanted = Math.min(p.demand[i]!, p.ceiling[i]!)
  let promised = 0
  let got = 0
  let held = 0
  let s = p.segmentStart[i]!
  for (let band = 0; band < p.shape.bands; band++) {
    const amount = p.amount[band * p.shape.flows + i]!
    for (; s < p.segmentStart[i + 1]! && p.segmentBand[s] === band; s++) {
      if (p.bandKind[band] !== BAND_KIND.guarantee) continue
      promised += Math.max(0, Math.min(p.segmentSize[s]!, wanted - held))
      got += amount
    }
    held += amount
  }
  return promised > 0 ? Math.min(1, got / promised) : 1
}

/** The whole reason for flow i, with at most `most` sharers. Walks the problem: for a person who asks, not per tick. */
export function explain(p: Solved, i: number, most = Number.POSITIVE_INFINITY, causes = new Causes(p)): Reason {
  const limit = limitedBy(p, i)
  return {
    limitedBy: limit,
    with:
      limit.band < 0
        ? []
        : causes
            .of(i)
            .slice(1)
            .map((l) => limiterOf(p, l)),
    bands: bandReasons(p, i),
    kept: keptOf(p, i),
    sharers: sharersOf(p, i, limit).slice(0, most),
    lift: liftOf(p, i, limit),
  }
}

function bandReasons(p: Solved, i: number): BandReason[] {
  const { flows, bands } = p.shape
  const { participants, held } = scratchFor(p.shape)
  held.fill(0)
  const reasons: BandReason[] = []
  participants.begin(p)
  for (let band = 0; band < bands; band++) {
    const at = band * flows + i
    const kind = p.bandKind[band]!
    participants.select(p, band, kind === BAND_KIND.headroom ? 1 : 0, held)
    const cap = participants.speed[i]! > 0 ? participants.cap[i]! : 0
    const amount = p.amount[at]!
    if (cap > 0 || amount > 0) {
      const kept = kind === BAND_KIND.guarantee ? Math.min(1, amount / cap) : null
      reasons.push({ band, amount, cap, level: p.level[at]!, kept, bottleneck: p.bottleneck[at]! })
    }
    held[i] = held[i]! + amount
  }
  return reasons
}

/** One person asks many questions about one problem, so what the last one needed is kept. */
function scratchFor(shape: Shape): Scratch {
  if (kept === undefined || !isEqualShape(kept.shape, shape)) {
    const kernel = new Kernel(new LinearMemory(shape))
    kept = { shape, participants: new Participants(shape, kernel), held: kernel.memory.f64(shape.flows) }
  }
  return kept
}

interface Scratch {
  readonly shape: Shape
  readonly participants: Participants
  readonly held: Float64Array
}
let kept: Scratch | undefined

function sharersOf(p: Solved, i: number, { band }: LimitedBy): { flow: number; need: number; level: number }[] {
  if (band < 0) return []
  const at = band * p.shape.flows
  const bottleneck = p.bottleneck[at + i]!
  if (bottleneck === -1) return []
  const sharers: { flow: number; need: number; level: number }[] = []
  for (let j = 0; j < p.shape.flows; j++) {
    if (!(p.need[j]! > 0) || !meets(p, j, bottleneck)) continue
    sharers.push({ flow: j, need: p.need[j]!, level: p.level[at + j]! })
  }
  return sharers.sort((a, b) => b.need - a.need || a.flow - b.flow)
}

/** Does flow j take from this bottleneck: a link on its path, or an envelope around it? */
function meets(p: Solved, j: number, bottleneck: number): boolean {
  if (bottleneck >= 0) {
    for (let e = p.pathStart[j]!; e < p.pathStart[j + 1]!; e++) {
      if (p.pathLink[e] === bottleneck && p.pathFraction[e]! > 0) return true
    }
    return false
  }
  const envelope = guaranteeOf(bottleneck)
  let around = p.flowEnvelope[j]!
  while (around >= 0 && around !== envelope) around = p.envelopeParent[around]!
  return around >= 0
}

function liftOf(p: Solved, i: number, { code, index, band }: LimitedBy): Reason['lift'] {
  if (code === 'LINK' || code === 'ENVELOPE') return { by: code, index }
  if (code === 'DEMAND') return { by: 'NOTHING', index: -1 }
  const own =
    Math.min(p.demand[i]!, p.ceiling[i]!) > p.need[i]! * (1 + MET) &&
    (band < 0 || p.bottleneck[band * p.shape.flows + i] === -1)
  return { by: own ? 'TIER' : 'CEILING', index: -1 }
}
