// Who loses and who gains, counted in institutions: nobody thinks in flows, and a hospital with four services that lose
// is one hospital. Nothing is cut off here: what an approver agrees to is the whole list.

import type { InstitutionShift, Shift, Sum } from '../model/preview.js'

/** The rows of each institution summed, direction by direction; the largest change first. */
export function byInstitution(rows: readonly Shift[]): InstitutionShift[] {
  const found = new Map<string, { institution: string; down: Sum | null; up: Sum | null }>()
  for (const row of rows) {
    const { institution, direction } = row
    const known = found.get(institution) ?? { institution, down: null, up: null }
    known[direction] = plus(known[direction], row)
    found.set(institution, known)
  }
  return [...found.values()].sort((a, b) => sizeOf(b) - sizeOf(a) || (a.institution < b.institution ? -1 : 1))
}

/** Their ids, each once, in order. */
export const institutionsOf = (rows: readonly { readonly institution: string }[]): string[] =>
  [...new Set(rows.map(({ institution }) => institution))].sort()

const plus = (sum: Sum | null, { before, after, keptBefore, keptAfter }: Sum): Sum => ({
  before: (sum?.before ?? 0) + before,
  after: (sum?.after ?? 0) + after,
  keptBefore: (sum?.keptBefore ?? 0) + keptBefore,
  keptAfter: (sum?.keptAfter ?? 0) + keptAfter,
})

const sizeOf = ({ down, up }: InstitutionShift): number => Math.max(changeOf(down), changeOf(up))

const changeOf = (sum: Sum | null): number =>
  sum === null ? 0 : Math.max(Math.abs(sum.after - sum.before), Math.abs(sum.keptAfter - sum.keptBefore))
