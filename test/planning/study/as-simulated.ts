// What a sweep says of a cut, beside what `simulate` says of the same cut in the same five minutes: the same
// institutions, the same volume missing, the same least part kept; and who has no way left at all, or at some site.

import { HOUR } from '../../../src/model/units.js'
import { wordsOf } from '../../../src/planning/ledger.js'
import { compileUnder, simulate } from '../../../src/planning/run.js'
import type { Cut } from '../../../src/planning/study/cuts.js'
import type { CutResult } from '../../../src/planning/study/failures.js'
import { type Study, timeOfStep } from '../../../src/planning/study/study.js'
import { linksOf } from '../../../src/solve/problem.js'

interface Seen {
  readonly institutions: readonly string[]
  readonly missingKbps: number
  readonly keptMillionths: number
  /** Those with a service that some of their sites have no way to, and those with one that none has. */
  readonly cutOff: readonly string[]
  readonly lost: readonly string[]
}

/** @param step place in the day; the one step that the sweep looked at */
export async function asSimulated(study: Study, { cut }: CutResult, step: number): Promise<Seen> {
  const at = timeOfStep(study, step)
  const from = at - (at % HOUR)
  const name = { en: 'Cut', sw: 'Mkato' }
  const events = { cut: { name, from, to: from + HOUR, conditions: cut.conditions } }
  const scenario = { ...study.scenario, from, horizon: HOUR, events }
  const { ledger, plan } = await simulate(scenario, study.document, { workers: 1, habits: study.habits })
  const n = (at - from) / scenario.step
  const { rows } = ledger.shape
  const below = plan.institutions.filter(
    (_, i) => ((ledger.stepBelow[n * wordsOf(ledger.shape) + (i >> 5)]! >> (i & 31)) & 1) === 1,
  )
  return {
    institutions: below.map(({ id }) => id),
    missingKbps: Math.round(ledger.stepMissing[(n + 1) * rows - 1]! / 1_000),
    keptMillionths: Math.round(1e6 * ledger.stepKept[(n + 1) * rows - 1]!),
    ...withoutWay(study, cut),
  }
}

/** By the names of flows in the plan under the cut, and nothing of the sweep's own. */
function withoutWay({ document, plan: intact }: Study, { conditions }: Cut): Pick<Seen, 'cutOff' | 'lost'> {
  const { plan, problem } = compileUnder(document, conditions)
  const hadWay = (i: number): boolean => !intact.unreachable.has(i)
  const portIsCut = (i: number): boolean =>
    linksOf(problem, i).some((l) => plan.links[l]!.kind === 'port' && problem.linkRoom[l] === 0)
  const hasWay = (i: number): boolean => !plan.unreachable.has(i) && !portIsCut(i)
  const namesOf = (isMeant: (flows: readonly number[]) => boolean): string[] =>
    plan.institutions.flatMap(({ id, flows }) => {
      const known = flows.filter(hadWay)
      const keyOf = (i: number): string => `${plan.flows[i]!.service} ${plan.flows[i]!.direction}`
      const each = [...new Set(known.map(keyOf))].map((key) => known.filter((i) => keyOf(i) === key))
      return each.some(isMeant) ? [id] : []
    })
  return {
    cutOff: namesOf((flows) => !flows.every(hasWay)),
    lost: namesOf((flows) => !flows.some(hasWay)),
  }
}

/** Whoever is unreachable and asks for nothing lacks nothing. */
export function asSwept({ plan }: Study, { hurts, partly, unreachable }: CutResult): Seen {
  const namesOf = (places: ReadonlySet<number>): string[] =>
    [...places].sort((a, b) => a - b).map((n) => plan.institutions[n]!.id)
  const counted = hurts.filter(({ missing }) => missing >= 1_000)
  return {
    institutions: [...new Set(counted.map(({ institution }) => plan.institutions[institution]!.id))],
    missingKbps: Math.round(counted.reduce((sum, { missing }) => sum + missing, 0) / 1_000),
    keptMillionths: Math.round(1e6 * Math.min(1, ...counted.map(({ kept }) => kept))),
    cutOff: namesOf(new Set([...partly, ...unreachable])),
    lost: namesOf(unreachable),
  }
}
