// The numbers of a problem, column by column. What stands in each column is said in solve/problem.ts; this file only
// decides what goes where.

import { type ScaledSegments, scaleSegments, type WholeSegments } from '../../model/families.js'
import type { PlanEnvelope } from '../../model/plan.js'
import type { Bytes } from '../../model/units.js'
import type { InPieces } from '../../runtime/pieces.js'
import {
  BAND_KIND,
  bytesOf,
  copyColumn,
  createProblem,
  type KeptPaths,
  keptPaths,
  type Problem,
  type Shape,
  writeKept,
} from '../../solve/problem.js'
import type { PolicyBand } from '../document/document.js'
import type { FlowColumns, FlowDraft, FlowList } from './flows.js'
import type { Route } from './routing.js'

/** Links that flows cross, all numbered from `offset`. A flow's path is what all layers say about it. */
export interface Layer {
  readonly offset: number
  /** By flow. */
  readonly routes: readonly Route[]
}

export interface ProblemParts {
  readonly list: Pick<FlowList, 'flows' | 'columns'>
  /** Of its flows in these bands. */
  readonly segments: Segments
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
  /** Where what is written of paths is kept for the next policy: it mostly has the same. Absent: it is not. */
  readonly keep?: PathKeeper
  /** Where the problem is laid out. */
  readonly memory?: Memory
}

/** Lends memory, so many bytes at least, all 0. */
export interface Memory {
  lend(bytes: Bytes): SharedArrayBuffer
}

/** Paths as they were written last over one state of a network, and whose they are. */
export interface PathKeeper {
  written: { readonly paths: KeptPaths; readonly of: readonly FlowDraft[] } | null
}

/** Columns of segments and of flows that do not depend on paths. */
export interface Segments extends ScaledSegments {
  readonly segmentStart: Uint32Array
  readonly ceiling: Float64Array
}

/** Columns of segments are as long as a multiple of this: what was prepared for a policy mostly fits the next one. */
const ROUNDED = 256

/** Behind the last flow's segments stand some that are nobody's. */
export function listSegments(flows: FlowColumns, bands: readonly PolicyBand[]): Segments {
  const { segments, phi, ceiling } = flows
  const segmentStart = new Uint32Array(phi.length + 1)
  let count = 0
  for (let i = 0; i < phi.length; i++) {
    for (const { band } of segments[i]!) if (band < bands.length) count++
    segmentStart[i + 1] = count
  }
  const room = ROUNDED * Math.ceil(count / ROUNDED)
  const segmentBand = new Uint8Array(room)
  for (let i = 0; i < phi.length; i++) {
    let at = segmentStart[i]!
    for (const { band } of segments[i]!) if (band < bands.length) segmentBand[at++] = band
  }
  const { size, weight, upTo } = wholeSegments(flows, segmentStart, room, bands)
  const scaled = {
    ...{ segmentBand, segmentSize: size, segmentWeight: weight, segmentUpTo: upTo },
    bandKind: Uint8Array.from(bands, ({ kind }) => BAND_KIND[kind]),
  }
  // Where it stands; the whole of it is what stands there already.
  for (let i = 0; i < phi.length; i++)
    if (phi[i]! !== 1) scaleSegments(scaled, { size, weight, upTo }, segmentStart[i]!, segmentStart[i + 1]!, phi[i]!)
  return { segmentStart, ...scaled, ceiling }
}

/** Segments before phi, of flows in these bands. */
export function wholeSegments(
  { segments }: Pick<FlowColumns, 'segments'>,
  segmentStart: Uint32Array,
  room: number,
  bands: readonly PolicyBand[],
): WholeSegments {
  const whole = { size: new Float64Array(room), weight: new Float64Array(room), upTo: new Float64Array(room) }
  for (let i = 0; i < segments.length; i++) {
    let at = segmentStart[i]!
    for (const { band, size, weight, upTo } of segments[i]!) {
      if (band >= bands.length) continue
      whole.size[at] = size
      whole.weight[at] = weight
      whole.upTo[at++] = upTo
    }
  }
  return whole
}

/** demand and recent are 0: demand fills them. */
export function* makeProblem(parts: ProblemParts): InPieces<Problem> {
  const { segments, bands, envelopes, rooms, realLinks, layers, lifelineOnly, keep, memory } = parts
  const { flows } = parts.list
  const written = keep?.written && isOfThese(keep.written.of, flows) ? keep.written : null
  let nonZeros = written === null ? 0 : written.paths.pathLink.length
  if (written === null) for (const { routes } of layers) for (const route of routes) nonZeros += route.length
  const shape: Shape = {
    flows: flows.length,
    links: rooms.length,
    bands: bands.length,
    nonZeros,
    segments: segments.segmentBand.length,
    envelopes: envelopes.length,
  }
  const problem = createProblem(shape, memory?.lend(bytesOf(shape)))
  yield
  problem.linkRoom.set(rooms)
  problem.linkVirtual.fill(1, realLinks)
  bands.forEach(({ fill }, band) => {
    problem.bandFill[band] = fill
  })
  writeEnvelopes(problem, parts)
  if (written === null) yield* writePaths(problem, flows.length, layers)
  else writeKept(written.paths, problem)
  if (keep !== undefined && written === null) keep.written = { paths: keptPaths(problem), of: flows }
  yield
  for (const column of SEGMENT_COLUMNS) copyColumn(segments[column], problem[column])
  for (const i of lifelineOnly) {
    const lifeline = problem.segmentSize[problem.segmentStart[i]!]!
    problem.ceiling[i] = Math.min(lifeline, segments.ceiling[i]!)
  }
  return problem
}

const SEGMENT_COLUMNS = [
  ...(['segmentStart', 'segmentBand', 'segmentSize', 'segmentWeight', 'segmentUpTo', 'bandKind', 'ceiling'] as const),
]

/** Whether these go the same ways as those, over the same network. */
function isOfThese(those: readonly FlowDraft[], these: readonly FlowDraft[]): boolean {
  if (those.length !== these.length) return false
  for (let i = 0; i < these.length; i++) {
    const a = those[i]!
    const b = these[i]!
    const isSame =
      a === b ||
      (a.pathId === b.pathId && isEqualRoute(a.local, b.local) && isEqualRoute(a.virtualLinks, b.virtualLinks))
    if (!isSame) return false
  }
  return true
}

const isEqualRoute = (a: Route, b: Route): boolean =>
  a.length === b.length && a.every(({ link, fraction }, at) => link === b[at]!.link && fraction === b[at]!.fraction)

function writeEnvelopes(problem: Problem, { list: { columns }, bands, envelopes }: ProblemParts): void {
  if (envelopes.length === 0) problem.flowEnvelope.fill(-1)
  else problem.flowEnvelope.set(columns.envelope)
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
