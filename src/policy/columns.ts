// The numbers of a problem, column by column. What stands in each column is said in solve/problem.ts; this file only decides
// what goes where.

import { scaleSegments, type WholeSegments } from '../model/families.js'
import { BAND_KIND, createProblem, type Problem } from '../solve/problem.js'
import type { PolicyBand } from './document.js'
import type { FlowDraft } from './flows.js'
import type { Route } from './routing.js'

export interface ProblemParts {
  readonly flows: readonly FlowDraft[]
  readonly bands: readonly PolicyBand[]
  /** Real links, then virtual ones. */
  readonly rooms: readonly number[]
  readonly realLinks: number
  readonly hops: readonly Route[]
  /** Flows without a path: bounded by their lifeline. */
  readonly lifelineOnly: ReadonlySet<number>
}

/** demand and recent are 0: demand fills them. */
export function makeProblem({ flows, bands, rooms, realLinks, hops, lifelineOnly }: ProblemParts): Problem {
  const segments = flows.map((flow) => flow.segments.filter(({ band }) => band < bands.length))
  const problem = createProblem({
    flows: flows.length,
    links: rooms.length,
    bands: bands.length,
    nonZeros: hops.reduce((sum, path) => sum + path.length, 0),
    segments: segments.reduce((sum, steps) => sum + steps.length, 0),
    envelopes: 0,
  })
  problem.linkRoom.set(rooms)
  problem.linkVirtual.fill(1, realLinks)
  bands.forEach(({ kind, fill }, band) => {
    problem.bandKind[band] = BAND_KIND[kind]
    problem.bandFill[band] = fill
  })
  problem.flowEnvelope.fill(-1)
  const whole = wholeSegments(flows, bands.length)
  let hop = 0
  let segment = 0
  flows.forEach((flow, i) => {
    problem.pathStart[i] = hop
    for (const { link, fraction } of hops[i]!) {
      problem.pathLink[hop] = link
      problem.pathFraction[hop++] = fraction
    }
    problem.segmentStart[i] = segment
    for (const { band } of segments[i]!) problem.segmentBand[segment++] = band
    scaleSegments(problem, whole, problem.segmentStart[i]!, segment, flow.phi)
    const lifeline = problem.segmentSize[problem.segmentStart[i]!]!
    problem.ceiling[i] = lifelineOnly.has(i) ? Math.min(lifeline, flow.ceiling) : flow.ceiling
  })
  problem.pathStart[flows.length] = hop
  problem.segmentStart[flows.length] = segment
  return problem
}

/** Segments of all flows in order, before phi; with `bands`, only those of the first so many bands. */
export function wholeSegments(flows: readonly FlowDraft[], bands = Number.POSITIVE_INFINITY): WholeSegments {
  const steps = flows.flatMap(({ segments }) => segments.filter(({ band }) => band < bands))
  return {
    size: Float64Array.from(steps, ({ size }) => size),
    weight: Float64Array.from(steps, ({ weight }) => weight),
    upTo: Float64Array.from(steps, ({ upTo }) => upTo),
  }
}
