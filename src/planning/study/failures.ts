// What breaks: every single cut, or every two together, and whom it hurts.

import { type Cut, cutName, eventsOf, pairCuts, singleCuts } from './cuts.js'
import type { Harm, Hurt, Moment } from './harm.js'
import { busiestSteps, demandOfDay, type Study } from './study.js'
import type { Steps } from './sweep.js'
import { type SweepOptions, sweepAll } from './sweep-task.js'

export interface FailureOptions extends SweepOptions {
  /** So many steps of the day, those in which most is asked for. */
  readonly busiest: number
  readonly pairs: boolean
}

export interface CutResult {
  readonly cut: Cut
  /** By institution, then service. */
  readonly hurts: readonly Hurt[]
  /** Institutions with a service that is short, partly unreachable, or unreachable: some are several of these. */
  readonly short: ReadonlySet<number>
  readonly partly: ReadonlySet<number>
  readonly unreachable: ReadonlySet<number>
  /** Of a pair: institutions that neither of the two hurts alone. */
  readonly onlyTogether: ReadonlySet<number>
  /** What all that are short lack together, and when that is most; of a tier and service likewise. */
  readonly most: Moment
  readonly tiers: Harm['tiers']
  /** The one that keeps least of all that are short; null: none is. */
  readonly worst: Hurt | null
}

export interface Failures {
  readonly study: Study
  /** Places of the steps in the day. */
  readonly steps: readonly number[]
  /** Who is hurt with nothing cut. */
  readonly intact: CutResult
  /** Of pairs what only the two together do first; then most institutions, then most missing, then by id. */
  readonly cuts: readonly CutResult[]
}

/** The steps of a day that are looked at, and their demand. */
export function busiestOf(study: Study, count: number): { readonly at: readonly number[]; readonly steps: Steps } {
  const flows = study.plan.flows.length
  const day = demandOfDay(study)
  const at = busiestSteps(day, flows, count)
  const demand = new Float64Array(at.length * flows)
  for (const [n, step] of at.entries()) demand.set(day.subarray(step * flows, (step + 1) * flows), n * flows)
  return { at, steps: { count: at.length, demand } }
}

export async function failuresOf(study: Study, { busiest, pairs, ...options }: FailureOptions): Promise<Failures> {
  const { at, steps } = busiestOf(study, busiest)
  const singles = singleCuts(study.document)
  const all = pairs ? [...singles, ...pairCuts(singles, study.document)] : eventsOf(singles, study.document)
  const [intact, ...found] = await sweepAll(
    study.document,
    steps,
    [{}, ...all.map(({ conditions }) => conditions)],
    options,
  )
  const alone = new Map(
    all.flatMap(({ id, kind }, n) =>
      kind === 'link' || kind === 'group' ? [[id, institutionsOf(found[n]!.hurts)]] : [],
    ),
  )
  const cuts = all.map((cut, n) => resultOf(cut, found[n]!, alone))
  const order = (a: CutResult, b: CutResult): number =>
    b.onlyTogether.size - a.onlyTogether.size ||
    countOf(b) - countOf(a) ||
    b.most.missing - a.most.missing ||
    (cutName(a.cut) < cutName(b.cut) ? -1 : 1)
  const shown = cuts.filter(({ cut }) => (cut.kind === 'pair') === pairs)
  const nothing: Cut = { id: 'nothing', kind: 'link', conditions: {} }
  return { study, steps: at, intact: resultOf(nothing, intact!, alone), cuts: shown.sort(order) }
}

const institutionsOf = (hurts: readonly Hurt[]): Set<number> => new Set(hurts.map(({ institution }) => institution))

/** Institutions that a cut hurts in any way. */
const countOf = ({ hurts }: Pick<CutResult, 'hurts'>): number => institutionsOf(hurts).size

function resultOf(cut: Cut, { hurts, most, tiers }: Harm, alone: ReadonlyMap<string, ReadonlySet<number>>): CutResult {
  const ofKind = (kind: Hurt['kind']): Hurt[] => hurts.filter((hurt) => hurt.kind === kind)
  const short = ofKind('short')
  const parts = [cut.id, ...(cut.also ?? [])].flatMap((pair) => pair.split(' + ')).map((name) => alone.get(name))
  const together = cut.kind !== 'pair' ? [] : [...institutionsOf(hurts)].filter((n) => !parts.some((p) => p?.has(n)))
  return {
    ...{ cut, hurts, most, tiers, short: institutionsOf(short) },
    ...{ partly: institutionsOf(ofKind('partly')), unreachable: institutionsOf(ofKind('unreachable')) },
    onlyTogether: new Set(together),
    worst: short.reduce<Hurt | null>((worst, hurt) => (worst && worst.kept <= hurt.kept ? worst : hurt), null),
  }
}
