// Turns a checked problem file into the columns of a solve.
//
// Flows stand in the order of their ids, because ties go by id. Real links come first, as in the file; then one
// virtual link per envelope with a ceiling, which lies on the path of every flow below it.

import { BAND_KIND, createProblem, type Problem } from '../solve/problem.js'
import type { FlowEntry, ProblemFile, SegmentEntry } from './problem-schema.js'

/** A problem with the way back to the entries of its file. */
export interface NamedProblem {
  readonly problem: Problem
  readonly file: ProblemFile
  /** By entry of file.flows: the flow's index in the columns. */
  readonly flowIndex: Uint32Array
}

type Numbers = ReadonlyMap<string, number>

const numbersOf = (list: readonly { readonly id: string }[]): Numbers => new Map(list.map(({ id }, n) => [id, n]))

const NONE: readonly number[] = []

export function buildProblem(file: ProblemFile): NamedProblem {
  const { bands, links, envelopes, flows } = file
  const envelopeNumber = numbersOf(envelopes)
  const parents = envelopes.map(({ parent }) => (parent === null ? -1 : envelopeNumber.get(parent)!))
  const ceilings = envelopes.map((_, e) => e).filter((e) => envelopes[e]!.ceiling !== undefined)
  const envelopeLink = Int32Array.from(envelopes, () => -1)
  for (const [n, e] of ceilings.entries()) envelopeLink[e] = links.length + n

  const virtualLinksOf = (flow: FlowEntry): readonly number[] => {
    if (flow.envelope === undefined) return NONE
    const virtualLinks: number[] = []
    let e = envelopeNumber.get(flow.envelope)!
    for (; e >= 0; e = parents[e]!) if (envelopeLink[e]! >= 0) virtualLinks.push(envelopeLink[e]!)
    return virtualLinks
  }
  const virtual = flows.map(virtualLinksOf)
  const problem = createProblem({
    flows: flows.length,
    links: links.length + ceilings.length,
    bands: bands.length,
    nonZeros: flows.reduce((sum, { path }, n) => sum + path.length + virtual[n]!.length, 0),
    segments: flows.reduce((sum, { segments }) => sum + segments.length, 0),
    envelopes: envelopes.length,
  })

  for (const [b, band] of bands.entries()) {
    problem.bandKind[b] = BAND_KIND[band.kind]
    problem.bandFill[b] = band.kind === 'headroom' ? band.fill : 1
  }
  for (const [l, { capacity }] of links.entries()) problem.linkRoom[l] = capacity
  problem.linkVirtual.fill(1, links.length)
  for (const e of ceilings) problem.linkRoom[envelopeLink[e]!] = envelopes[e]!.ceiling!
  problem.envelopeLink.set(envelopeLink)
  problem.envelopeParent.set(parents)
  const bandNumber = numbersOf(bands)
  for (const [e, { weight, guarantee }] of envelopes.entries()) {
    problem.envelopeWeight[e] = weight ?? Number.NaN
    problem.envelopeGuarantee[e] = guarantee?.size ?? 0
    problem.envelopeGuaranteeBand[e] = guarantee === undefined ? -1 : bandNumber.get(guarantee.band)!
  }

  const order = Array.from(flows.keys())
  const isSorted = flows.every(({ id }, n) => n === 0 || flows[n - 1]!.id < id)
  if (!isSorted) order.sort((a, b) => (flows[a]!.id < flows[b]!.id ? -1 : 1))
  const flowIndex = new Uint32Array(flows.length)
  for (const [i, n] of order.entries()) flowIndex[n] = i
  fillFlows(problem, file, order, virtual)
  return { problem, file, flowIndex }
}

function fillFlows(
  p: Problem,
  file: ProblemFile,
  order: readonly number[],
  virtual: readonly (readonly number[])[],
): void {
  const linkNumber = numbersOf(file.links)
  const bandNumber = numbersOf(file.bands)
  const envelopeNumber = numbersOf(file.envelopes)
  let entry = 0
  let segment = 0
  const cross = (link: number, fraction: number): void => {
    p.pathLink[entry] = link
    p.pathFraction[entry++] = fraction
  }
  for (const [i, n] of order.entries()) {
    const flow = file.flows[n]!
    p.demand[i] = flow.demand ?? Number.POSITIVE_INFINITY
    p.ceiling[i] = flow.ceiling ?? Number.POSITIVE_INFINITY
    p.recent[i] = flow.recent ?? 0
    p.flowEnvelope[i] = flow.envelope === undefined ? -1 : envelopeNumber.get(flow.envelope)!
    for (const step of flow.path) {
      if (typeof step === 'string') cross(linkNumber.get(step)!, 1)
      else cross(linkNumber.get(step.link)!, step.fraction)
    }
    for (const link of virtual[n]!) cross(link, 1)
    p.pathStart[i + 1] = entry
    for (const { band, size, weight, upTo } of inBandOrder(flow.segments, bandNumber)) {
      p.segmentBand[segment] = bandNumber.get(band)!
      p.segmentSize[segment] = size ?? 0
      p.segmentWeight[segment] = weight ?? 1
      p.segmentUpTo[segment++] = upTo ?? Number.POSITIVE_INFINITY
    }
    p.segmentStart[i + 1] = segment
  }
}

/** A file may list a flow's segments in any order of bands; within a band their order is the order of the weights. */
function inBandOrder(segments: readonly SegmentEntry[], bandNumber: Numbers): readonly SegmentEntry[] {
  const isBefore = (a: SegmentEntry, b: SegmentEntry): boolean => bandNumber.get(a.band)! <= bandNumber.get(b.band)!
  if (segments.every((segment, n) => n === 0 || isBefore(segments[n - 1]!, segment))) return segments
  return segments.toSorted((a, b) => bandNumber.get(a.band)! - bandNumber.get(b.band)!)
}
