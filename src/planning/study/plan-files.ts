// A report as files: a page in each language, a sheet for each table, JSON, text.

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { renderPage } from './plan-page.js'
import { type Language, type PlanReport, renderCsv, renderJson, renderText } from './plan-report.js'

/** Each file with its content in pieces, to be written one after the other: together they can be long. */
function* renderFiles(report: PlanReport, lang: Language): Generator<readonly [string, Iterable<string>]> {
  yield ['report.en.html', [renderPage(report, 'en')]]
  yield ['report.sw.html', [renderPage(report, 'sw')]]
  for (const table of [...report.tables, ...(report.sheets ?? [])]) yield [`${table.id}.csv`, renderCsv(report, table)]
  yield ['report.json', renderJson(report)]
  yield ['summary.txt', [renderText(report, lang)]]
}

export function writeFiles(report: PlanReport, lang: Language, folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, pieces] of renderFiles(report, lang)) {
    const file = openSync(join(folder, name), 'w')
    try {
      for (const text of inChunks(pieces)) writeSync(file, text)
    } finally {
      closeSync(file)
    }
  }
}

const CHUNK = 1 << 16

/** Of some size, so that not each piece is a write of its own. */
export function* inChunks(pieces: Iterable<string>): Generator<string> {
  let chunk = ''
  for (const piece of pieces) {
    chunk += piece
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = ''
  }
  yield chunk
}
