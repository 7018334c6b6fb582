// The proof of an allocation that somebody says is the answer to a problem, whoever worked it out: nothing is solved.
// What is said of it counts as well: levels, bottlenecks, and the first band in which a flow was short.

import { invalid } from '../runtime/errors.js'
import { didYouMean } from '../runtime/near-word.js'
import { shown } from '../runtime/printable.js'
import { shapeFaults } from '../runtime/shape-faults.js'
import * as z from '../runtime/zod.js'
import { Certifier, type Verdict } from '../solve/certificate.js'
import { guaranteeOf } from '../solve/explain.js'
import type { Problem } from '../solve/problem.js'
import type { FlowOutput } from './allocation-output.js'
import { buildProblem, type NamedProblem } from './problem-columns.js'
import type { ProblemFile } from './problem-file.js'

/** What has to be said of a flow; rates are bit/s. */
export type GivenFlow = Pick<FlowOutput, 'id' | 'need' | 'rate' | 'bands'> & {
  readonly limitedBy: Pick<FlowOutput['limitedBy'], 'band'>
}

/** Any number, for what cannot be is what the proof finds. */
const number = z.custom<number>((value) => typeof value === 'number', { error: 'expected a number' })
const band = z.looseObject({
  ...{ band: z.string(), amount: number, level: number.nullable(), bottleneck: z.string().nullable() },
})
const givenFlows = z.array(
  z.looseObject({
    ...{ id: z.string(), need: number, rate: number, bands: z.array(band) },
    limitedBy: z.looseObject({ band: z.string().nullable() }),
  }),
)

export interface Proof extends NamedProblem {
  readonly verdict: Verdict
}

/** @throws MizaniError ALLOCATION_INVALID for what is no flow, or is missing, or a name that the problem has not. */
export function prove(file: ProblemFile, given: readonly GivenFlow[]): Proof {
  const { error } = givenFlows.safeParse(given)
  if (error) throw invalid('ALLOCATION_INVALID', 'flows of the allocation', shapeFaults(error.issues))
  const named = buildProblem(file)
  const { problem } = named
  const { bottlenecks, bands } = fill(named, given)
  const certifier = new Certifier(problem.shape)
  const verdict = certifier.certify(problem)
  let isAnother = false
  for (const { reason, band, flow } of verdict.violations) {
    const at = band * problem.shape.flows + flow
    const other = reason === 'WRONG_CAUSE' ? bottlenecks.get(at) : undefined
    if (other !== undefined) problem.bottleneck[at] = other
    else if (reason === 'WRONG_BAND' && bands.has(flow)) problem.shortIn[flow] = band
    else continue
    isAnother = true
  }
  return { ...named, verdict: isAnother ? certifier.certify(problem) : verdict }
}

/** What can be read in two ways. */
interface Unsaid {
  /** An envelope holds back by its ceiling or by its promise, and has one name for both: the other, by place. */
  readonly bottlenecks: Map<number, number>
  /** Flows of which no band is told, for in the end they have all that they want. */
  readonly bands: Set<number>
}

/** Writes what is given into the columns of the answer. */
function fill({ problem: p, file, flowIndex }: NamedProblem, given: readonly GivenFlow[]): Unsaid {
  const placeOf = places(file, p)
  const bands = new Map(file.bands.map(({ id }, b) => [id, b]))
  const byId = new Map(given.map((flow) => [flow.id, flow]))
  const unsaid: Unsaid = { bottlenecks: new Map(), bands: new Set() }
  p.amount.fill(0)
  p.level.fill(Number.NaN)
  p.bottleneck.fill(-1)
  for (const [n, { id }] of file.flows.entries()) {
    const flow = byId.get(id)
    if (flow === undefined) throw refuse(`nothing is said of the flow ${shown(id)}`)
    const i = flowIndex[n]!
    p.need[i] = flow.need
    p.rate[i] = flow.rate
    const { band: short } = flow.limitedBy
    if (short === null) unsaid.bands.add(i)
    p.shortIn[i] = short === null ? -1 : numberOf(bands, 'band', short)
    for (const { band, amount, level, bottleneck } of flow.bands) {
      const at = numberOf(bands, 'band', band) * p.shape.flows + i
      p.amount[at] = amount
      // JSON has no word for a level above all others.
      p.level[at] = level ?? Number.POSITIVE_INFINITY
      if (bottleneck === null) continue
      const [place, other] = numberOf(placeOf, 'link or envelope', bottleneck)
      p.bottleneck[at] = place
      if (other !== undefined) unsaid.bottlenecks.set(at, other)
    }
  }
  return unsaid
}

type Place = readonly [number, other?: number]

/** What a bottleneck may be called. */
function places(file: ProblemFile, p: Problem): ReadonlyMap<string, Place> {
  const found = new Map<string, Place>(file.links.map(({ id }, l) => [id, [l]]))
  for (const [e, { id, ceiling, guarantee }] of file.envelopes.entries()) {
    if (found.has(id)) continue // a link of the same name comes first, as in what `allocate` prints
    const promise = guaranteeOf(e)
    if (ceiling === undefined) found.set(id, [promise])
    else found.set(id, guarantee === undefined ? [p.envelopeLink[e]!] : [p.envelopeLink[e]!, promise])
  }
  return found
}

function numberOf<T>(known: ReadonlyMap<string, T>, what: string, id: string): T {
  const found = known.get(id)
  if (found === undefined) throw refuse(`there is no ${what} ${shown(id)}${didYouMean(id, [...known.keys()])}`)
  return found
}

const refuse = (message: string): Error =>
  invalid('ALLOCATION_INVALID', 'the allocation', [{ code: 'ALLOCATION_INVALID', message }])
