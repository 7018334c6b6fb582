// What a sweep says of a cut, beside what `simulate` says of the same cut in the same five minutes: the same
// institutions, the same volume missing, the same least part kept.

import { HOUR } from '../../../src/model/units.js'
import { wordsOf } from '../../../src/planning/ledger.js'
import { simulate } from '../../../src/planning/run.js'
import type { CutResult } from '../../../src/planning/study/failures.js'
import { type Study, timeOfStep } from '../../../src/planning/study/study.js'

interface Seen {
  readonly institutions: readonly string[]
  readonly missingKbps: number
  readonly keptMillionths: number
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
  }
}

/** Whoever is unreachable and asks for nothing lacks nothing. */
export function asSwept({ plan }: Study, { hurts }: CutResult): Seen {
  const counted = hurts.filter(({ missing }) => missing >= 1_000)
  return {
    institutions: [...new Set(counted.map(({ institution }) => plan.institutions[institution]!.id))],
    missingKbps: Math.round(counted.reduce((sum, { missing }) => sum + missing, 0) / 1_000),
    keptMillionths: Math.round(1e6 * Math.min(1, ...counted.map(({ kept }) => kept))),
  }
}
