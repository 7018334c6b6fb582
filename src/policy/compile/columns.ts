// The numbers of a problem, column by column. What stands in each column is said in solve/problem.ts; this file only
// decides what goes where.

import { scaleSegments, type WholeSegments } from '../../model/families.js'
import type { PlanEnvelope } from '../../model/plan.js'
import type { InPieces } from '../../runtime/pieces.js'
import { BAND_KIND, createProblem, type Problem } from '../../solve/problem.js'
import type { PolicyBand } from '../document/document.js'
import type { FlowDraft } from './flows.js'
import type { Route } from './routing.js'

/** Links that flows cross, all numbered from `offset`. A flow's path is what all layers say about it. */
export interface Layer {
  readonly offset: number
  /** By flow. */
  readonly routes: readonly Route[]
}

export interface ProblemParts {
  readonly flows: readonly FlowDraft[]
  /** All bands, or only the first ones. */
  readonly bands: readonly PolicyBand[]
  /** What PlanFlow.envelope points into; empty: every flow shares at the root, under ceilings only. */
  readonly envelopes: readonly PlanEnvelope[]
  /** Room of the real links, then of the virtual ones, bit/s. */
  readonly rooms: readonly number[]
  readonly realLinks: number
  readonly layers: readonly Layer[]
  /** Flows without a path: bounded by their lifeline. */
  readonly lifelineOnly: ReadonlySet<number>
}

/** demand and recent are 0: demand fills them. */
export function* makeProblem(parts: ProblemParts): InPieces<{ problem: Problem; whole: WholeSegments }> {
  const { flows, bands, envelopes, rooms, realLinks, layers, lifelineOnly } = parts
  let nonZeros = 0
  let segments = 0
  flows.forEach((flow, i) => {
    for (const { routes } of layers) nonZeros += routes[i]!.length
    for (const { band } of flow.segments) if (band < bands.length) segments++
  })
  const problem = createProblem({
    flows: flows.length,
    links: rooms.length,
    bands: bands.length,
    nonZeros,
    segments,
    envelopes: envelopes.length,
  })
  yield
  problem.linkRoom.set(rooms)
  problem.linkVirtual.fill(1, realLinks)
  bands.forEach(({ kind, fill }, band) => {
    problem.bandKind[band] = BAND_KIND[kind]
    problem.bandFill[band] = fill
  })
  writeEnvelopes(problem, parts)
  yield* writePaths(problem, flows.length, layers)
  yield
  const whole = writeSegments(problem, flows)
  flows.forEach(({ plan }, i) => {
    const lifeline = problem.segmentSize[problem.segmentStart[i]!]!
    problem.ceiling[i] = lifelineOnly.has(i) ? Math.min(lifeline, plan.ceiling) : plan.ceiling
  })
  return { problem, whole }
}

function writeEnvelopes(problem: Problem, { flows, bands, envelopes }: ProblemParts): void {
  flows.forEach(({ plan }, i) => {
    problem.flowEnvelope[i] = envelopes.length === 0 ? -1 : plan.envelope
  })
  envelopes.forEach(({ parent, ceiling, weight, guarantee }, e) => {
    problem.envelopeParent[e] = parent
    problem.envelopeLink[e] = ceiling
    problem.envelopeWeight[e] = weight ?? Number.NaN
    problem.envelopeGuarantee[e] = guarantee?.size ?? 0
    problem.envelopeGuaranteeBand[e] = guarantee === null ? -1 : bands.findIndex(({ id }) => id === guarantee.band)
  })
}

/** Flows whose paths are written in a piece: many failures stand one under the other. */
const WRITTEN = 1_000

function* writePaths(
  { pathStart, pathLink, pathFraction }: Problem,
  flows: number,
  layers: readonly Layer[],
): InPieces<void> {
  let hop = 0
  for (let i = 0; i < flows; i++) {
    if (i % WRITTEN === 0) yield
    pathStart[i] = hop
    for (const { offset, routes } of layers) {
      for (const { link, fraction } of routes[i]!) {
        pathLink[hop] = offset + link
        pathFraction[hop++] = fraction
      }
    }
  }
  pathStart[flows] = hop
}

function writeSegments(problem: Problem, flows: readonly FlowDraft[]): WholeSegments {
  const { segments, bands } = problem.shape
  const whole = {
    size: new Float64Array(segments),
    weight: new Float64Array(segments),
    upTo: new Float64Array(segments),
  }
  let at = 0
  flows.forEach((flow, i) => {
    const first = at
    problem.segmentStart[i] = first
    for (const { band, size, weight, upTo } of flow.segments) {
      if (band >= bands) continue
      problem.segmentBand[at] = band
      whole.size[at] = size
      whole.weight[at] = weight
      whole.upTo[at++] = upTo
    }
    scaleSegments(problem, whole, first, at, flow.phi)
  })
  problem.segmentStart[flows.length] = at
  return whole
}
