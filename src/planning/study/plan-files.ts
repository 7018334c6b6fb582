// A report as files: a page in each language, a sheet for each table, JSON, text.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderPage } from './plan-page.js'
import { type Language, type PlanReport, renderCsv, renderJson, renderText } from './plan-report.js'

/** Name of each file to its content. */
export function renderFiles(report: PlanReport, lang: Language): Map<string, string> {
  return new Map([
    ['report.en.html', renderPage(report, 'en')],
    ['report.sw.html', renderPage(report, 'sw')],
    ...report.tables.map((table): [string, string] => [`${table.id}.csv`, renderCsv(report, table)]),
    ['report.json', renderJson(report)],
    ['summary.txt', renderText(report, lang)],
  ])
}

export function writeFiles(files: ReadonlyMap<string, string>, folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of files) writeFileSync(join(folder, name), content)
}
