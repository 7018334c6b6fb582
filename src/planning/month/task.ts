// The months of some institutions, in a thread: it reads their rows of every day of the month and writes their pages, so
// that a nation's month never lies in memory.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Archive } from '../../record/archive.js'
import { renderPage } from '../study/plan-page.js'
import { COLUMNS, InstitutionMonth, type Span } from './figures.js'
import { type MonthWords, monthReport, type Subject, summaryRow } from './report.js'

export interface MonthTask {
  readonly folder: string
  readonly span: Span
  /** Of the month; each is read once. */
  readonly days: readonly Span[]
  /** In the order of their rows: by id with a slash behind it. */
  readonly subjects: readonly Subject[]
  readonly words: MonthWords
  readonly out: string
}

/** A line of the sheet for each, in their order. */
export type MonthAnswer = readonly (readonly (string | number | null)[])[]

export async function writeMonths({ folder, span, days, subjects, words, out }: MonthTask): Promise<MonthAnswer> {
  const archive = new Archive(folder)
  const months = new Map(subjects.map(({ id }) => [id, new InstitutionMonth(span, days)]))
  // `0` is what follows `/`.
  const range = { from: `${subjects[0]!.id}/`, before: `${subjects.at(-1)!.id}0` }
  for await (const rows of archive.walkFlows(COLUMNS, { ...span, subjects: range }))
    for (const [i, flow] of rows.flow.entries()) months.get(flow.slice(0, flow.indexOf('/')))?.add(rows, i)
  return subjects.map((subject) => {
    const figures = months.get(subject.id)!.figures()
    const report = monthReport(subject, figures, words)
    for (const lang of ['en', 'sw'] as const)
      writeFileSync(join(out, `${subject.id}.${lang}.html`), renderPage(report, lang))
    return summaryRow(subject, figures)
  })
}
