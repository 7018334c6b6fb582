// What was found in a sheet, as the text in which it is answered: written where the sheet was laid, for it has as many
// parts as the sheet has rows.

import type { ImportPlan, ImportRow } from './plan.js'

type Found = Pick<ImportPlan, 'rows' | 'missing' | 'columns' | 'warnings'>

const VERDICTS: readonly ImportRow['verdict'][] = ['new', 'changed', 'same', 'closed']

/** JSON. */
export function foundText({ rows, missing, columns, warnings }: Found, pruned: boolean): string {
  const count = (wanted: ImportRow['verdict']): number => rows.filter(({ verdict }) => verdict === wanted).length
  return JSON.stringify({
    counts: Object.fromEntries(VERDICTS.map((verdict) => [verdict, count(verdict)])),
    rows,
    warnings: warnings.map(({ message, ...row }) => ({ ...row, detail: message })),
    missing,
    pruned,
    columns: columns.map(({ header, means }) => ({ header, means })),
  })
}

/** Of a sheet that was not looked at again. */
export const NOTHING_FOUND = foundText({ rows: [], missing: [], columns: [], warnings: [] }, false)
