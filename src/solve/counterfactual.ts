// What would change it? Answered by solving again with the change, never by a slope: in a network more room can take
// away, and under envelopes even more weight can (links A 50 and B 20, an envelope of weight 1 with f1 on A and f7 on
// B, f3 on both: f1 at weight 1, 2, 4 gets 36.7, 35, 33.3, because the envelope's speed is shared with f7, which then
// leaves more of B to f3, which takes it from A). Each question costs a solve of need alone, on what was prepared for
// the first one; the problem that is asked about is only read.

import { Causes } from './causes.js'
import { Spares } from './copies.js'
import { limitedBy } from './explain.js'
import { BAND_KIND, type Problem, type Shape } from './problem.js'
import { createSolver, type Solver } from './solve.js'

/** What a change may alter; all else was copied once, and what the solver prepared from it stays. */
const CHANGEABLE = [
  ...(['linkRoom', 'demand', 'recent', 'ceiling', 'segmentSize', 'segmentWeight', 'segmentUpTo'] as const),
  ...(['envelopeWeight', 'envelopeGuarantee'] as const),
]
/** Room is sought to within this much, bit/s. */
const RESOLUTION = 1_000
/** More than any link has, bit/s: a flow without a demand is never satisfied. */
const MOST_ROOM = 1e14
const SAME = 1e-9

export interface Counterfactual {
  readonly change: 'ROOM' | 'CEILING' | 'WEIGHT'
  /** ROOM: link (for an envelope, the virtual link of its ceiling); else -1. */
  readonly link: number
  /** ROOM: how many more links filled together with it, and grow in proportion to their room. */
  readonly together: number
  /** ROOM and CEILING: bit/s more; WEIGHT: the factor. */
  readonly by: number
  /** Need of the flow, bit/s, before and after. */
  readonly before: number
  readonly after: number
  /** Flows whose need falls by the change. */
  readonly losers: number
}

/** Asked in another thread: a solved problem that is that thread's own, and the flow that is asked about. */
export interface Question {
  readonly shape: Shape
  readonly buffer: SharedArrayBuffer
  readonly flow: number
}

/** A second copy of a problem, to change and solve; one may be asked many questions. */
export class WhatIf {
  private readonly base: Problem
  private readonly copy: Problem
  private readonly solver: Solver

  /**
   * `base` must be solved, and stay as it is. Who asks about one problem after the other may hand over a solver that is
   * ready, and a copy.
   */
  constructor(base: Problem, solver = createSolver(base.shape), copy = new Spares().lend(base)) {
    this.base = base
    this.copy = copy
    this.solver = solver
  }

  /**
   * Need, and the bands that make it, after `change` has altered rooms, ceilings, demands, sizes, weights. Headroom is
   * not asked for, so it is not handed out. Valid until the next question.
   */
  solve(change: (p: Problem) => void): Problem {
    for (const column of CHANGEABLE) this.copy[column].set(this.base[column])
    change(this.copy)
    this.solver.solveNeed(this.copy)
    return this.copy
  }

  /** What would lift the limit of flow i: room on its bottleneck, or its own ceiling. Undefined: none of these. */
  lift(i: number): Counterfactual | undefined {
    const { code } = limitedBy(this.base, i)
    if (code === 'DEMAND') return undefined
    if (code === 'CEILING') {
      const wished = this.base.demand[i]!
      const by = wished - this.base.ceiling[i]!
      if (!(by > 0 && by < Number.POSITIVE_INFINITY)) return undefined
      return this.compare(i, 'CEILING', [], by, (p) => {
        p.ceiling[i] = wished
      })
    }
    const links = new Causes(this.base).of(i)
    return links.length === 0 ? undefined : this.leastRoom(i, links)
  }

  /** What `factor` times the weights of flow i in share bands would do; it can be less. */
  weigh(i: number, factor: number): Counterfactual {
    return this.compare(i, 'WEIGHT', [], factor, (p) => {
      for (let s = p.segmentStart[i]!; s < p.segmentStart[i + 1]!; s++) {
        if (p.bandKind[p.segmentBand[s]!] === BAND_KIND.share) p.segmentWeight[s]! *= factor
      }
    })
  }

  /**
   * The least room more on the first of these links, and on the others in proportion, that lifts the flow as far as any
   * room there does, found by halving: where need does not always rise with room (under envelopes), it is one such
   * room, and the answer for it is exact all the same.
   */
  private leastRoom(i: number, links: readonly number[]): Counterfactual | undefined {
    const { linkRoom } = this.base
    const room = linkRoom[links[0]!]!
    const more = (by: number) => (p: Problem) => {
      for (const l of links) p.linkRoom[l]! += room > 0 ? (by * linkRoom[l]!) / room : by
    }
    const needWith = (by: number): number => this.solve(more(by)).need[i]!
    let high = room + RESOLUTION
    const before = this.base.need[i]!
    while (high < MOST_ROOM && needWith(2 * high) > needWith(high) * (1 + SAME)) high *= 2
    const most = needWith(high)
    if (!(most > before * (1 + SAME))) return undefined
    let low = 0
    while (high - low > RESOLUTION) {
      const middle = (low + high) / 2
      if (needWith(middle) >= most * (1 - SAME)) high = middle
      else low = middle
    }
    return this.compare(i, 'ROOM', links, high, more(high))
  }

  private compare(
    i: number,
    change: Counterfactual['change'],
    links: readonly number[],
    by: number,
    apply: (p: Problem) => void,
  ): Counterfactual {
    const { need } = this.solve(apply)
    let losers = 0
    for (let j = 0; j < need.length; j++) if (j !== i && need[j]! < this.base.need[j]! * (1 - SAME)) losers++
    return {
      change,
      link: links[0] ?? -1,
      together: Math.max(0, links.length - 1),
      by,
      before: this.base.need[i]!,
      after: need[i]!,
      losers,
    }
  }
}
