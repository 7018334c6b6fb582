// Problems to measure with: the shipped nation, random networks of any size, and the same within envelopes.

import { compile, provisionalIndexes } from '../src/policy/compile/compile.js'
import { loadPlane } from '../src/policy/files/files.js'
import { shippedFile } from '../src/runtime/config.js'
import { BAND_KIND, createProblem, type Problem } from '../src/solve/problem.js'
import { seeded } from './harness.js'

/** The problem of the plane that ships, with demands at `load` times half the ceilings on average. */
export function nation(seed: number, load: number): Problem {
  const { document } = loadPlane(shippedFile('config/taifa'))
  if (document === null) throw new Error('the shipped plane does not load')
  const { problem } = compile(document, { revision: 1, hash: '', indexes: provisionalIndexes(document) })
  drawDemand(problem, seeded(seed), load)
  return problem
}

/** Draws all demands anew: skewed as traffic is, many small and few large. */
export function drawDemand(p: Problem, random: () => number, load: number): void {
  for (let i = 0; i < p.shape.flows; i++) drawOne(p, i, random, load)
}

/** Moves a part of the demands. */
export function moveDemand(p: Problem, random: () => number, load: number, part: number): void {
  for (let n = 0; n < p.shape.flows * part; n++) drawOne(p, Math.floor(random() * p.shape.flows), random, load)
}

function drawOne(p: Problem, i: number, random: () => number, load: number): void {
  p.demand[i] = Math.round(p.ceiling[i]! * load * 1.5 * random() ** 2)
  p.recent[i] = Math.round(p.demand[i]! * (1 + random() / 2))
}

export interface Size {
  readonly flows: number
  readonly links: number
  /** Links a flow crosses, on average. */
  readonly crossings: number
  readonly envelopes?: number
}

/** One share band, whole paths over random links, every link with room for 0.4 to 1.2 of what is asked of it. */
export function randomNetwork({ flows, links, crossings, envelopes = 0 }: Size, seed: number): Problem {
  const random = seeded(seed)
  const pathStart = new Uint32Array(flows + 1)
  const pathLink: number[] = []
  const path = new Set<number>()
  for (let i = 0; i < flows; i++) {
    const length = Math.min(links, Math.max(1, Math.round(crossings - 1.5 + 3 * random())))
    path.clear()
    while (path.size < length) path.add(Math.floor(random() * links))
    for (const l of path) pathLink.push(l)
    pathStart[i + 1] = pathLink.length
  }
  const p = createProblem({ flows, links, bands: 1, nonZeros: pathLink.length, segments: flows, envelopes })
  p.pathStart.set(pathStart)
  p.pathLink.set(pathLink)
  p.pathFraction.fill(1)
  p.bandKind[0] = BAND_KIND.share
  p.bandFill[0] = 1
  p.ceiling.fill(Number.POSITIVE_INFINITY)
  p.segmentUpTo.fill(Number.POSITIVE_INFINITY)
  p.flowEnvelope.fill(-1)
  const asked = new Float64Array(links)
  for (let i = 0; i < flows; i++) {
    p.demand[i] = Math.round(1e6 * Math.exp(3 * random()))
    p.segmentStart[i + 1] = i + 1
    p.segmentWeight[i] = 1 + Math.floor(8 * random())
    for (let e = pathStart[i]!; e < pathStart[i + 1]!; e++) asked[pathLink[e]!]! += p.demand[i]!
  }
  for (let l = 0; l < links; l++) p.linkRoom[l] = Math.round(asked[l]! * (0.4 + 0.8 * random()))
  if (envelopes > 0) enclose(p, random)
  return p
}

/** Two layers of envelopes, every fourth an outer one, and nine flows in ten within one. */
function enclose(p: Problem, random: () => number): void {
  const { flows, envelopes } = p.shape
  const outer = Math.ceil(envelopes / 4)
  p.envelopeGuaranteeBand.fill(-1)
  p.envelopeLink.fill(-1)
  p.envelopeWeight.fill(Number.NaN)
  for (let e = 0; e < envelopes; e++) p.envelopeParent[e] = e < outer ? -1 : Math.floor(random() * outer)
  for (let i = 0; i < flows; i++) if (random() < 0.9) p.flowEnvelope[i] = Math.floor(random() * envelopes)
}
