// A month of the ledger for whoever sees restricted institutions in a sum alone: at the end one row for all of them.
// Agreements, causes and tiers are somebody's own and not told; means are over the time in which each was seen.

import type { MonthView } from '../../ledger/views.js'
import { RESTRICTED } from '../../model/plan.js'
import { inMinutes } from '../../model/units.js'

type Institution = MonthView['institutions'][number]

/** @param isShown whether an institution is listed by itself */
export function withSum(month: MonthView, isShown: (institution: string) => boolean): MonthView {
  const hidden = month.institutions.filter(({ institution }) => !isShown(institution))
  if (hidden.length === 0) return month
  const shown = month.institutions.filter(({ institution }) => isShown(institution))
  return { ...month, institutions: [...shown, sumOf(hidden)] }
}

function sumOf(rows: readonly Institution[]): Institution {
  const sum = (of: (row: Institution) => number): number => rows.reduce((total, row) => total + of(row), 0)
  const sumKnown = (of: (row: Institution) => number | null): number | null =>
    rows.every((row) => of(row) === null) ? null : sum((row) => of(row) ?? 0)
  const services = [...new Set(rows.flatMap(({ entitled }) => Object.keys(entitled)))]
  const entitled = (service: string, way: 'down' | 'up'): number => sum((row) => row.entitled[service]?.[way] ?? 0)
  return {
    institution: RESTRICTED,
    tiers: [],
    entitled: Object.fromEntries(services.map((id) => [id, { down: entitled(id, 'down'), up: entitled(id, 'up') }])),
    asked: sumKnown(({ asked }) => asked),
    served: sumKnown(({ served }) => served),
    used: sumKnown(({ used }) => used),
    missed: sumKnown(({ missed }) => missed),
    seen: sum(({ seen }) => seen),
    slots: sum(({ slots }) => slots),
    minutesBelow: inMinutes(sum(({ minutesBelow }) => 60 * minutesBelow)),
    causes: [],
    attainment: null,
    agreements: [],
  }
}
