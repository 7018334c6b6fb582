// How often things fail and how long they are away, as a sheet: a row for each link, shared-risk group or node, or for
// each of a sort of them that has no row of its own. Where a link and a node have one name, `node:NAME` is the node.

import { readFileSync } from 'node:fs'
import type { PolicyDocument } from '../../policy/document/document.js'
import { type Fault, invalid, MizaniError } from '../../runtime/errors.js'
import { didYouMean } from '../../runtime/near-word.js'
import { readSheet } from '../../runtime/sheet.js'
import { unreadable } from '../../runtime/unreadable.js'
import { type Cut, cutsNamed, namesOf, SORTS, singleCuts } from './cuts.js'

/** Something that fails by chance. */
export interface Odds {
  readonly cut: Cut
  /** Failures a year, as long as it works or not: a second one while it is away changes nothing. */
  readonly failures: number
  /** The mean; how long one takes is exponential. */
  readonly hours: number
}

const COLUMNS = ['what', 'failures_per_year', 'hours_to_repair']
/** Beside them a person may say where a number is from. */
const NOTE = 'note'
const MOST_ROWS = 10_000
const MOST_FAILURES = 366
const MOST_HOURS = 8_766

/**
 * Reads a sheet of odds, in the order of the ids.
 * @throws MizaniError ODDS_INVALID with every fault and its line
 */
export function readOdds(file: string, document: PolicyDocument): Odds[] {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new MizaniError({ code: 'FILE_UNREADABLE', message: unreadable(file, error), exitCode: 2 })
  }
  return parseOdds(bytes, file, document)
}

export function parseOdds(bytes: Uint8Array | string, file: string, document: PolicyDocument): Odds[] {
  const { header, rows } = readSheet(bytes, MOST_ROWS)
  const faults: Fault[] = []
  const refuse = (line: number, message: string): void => void faults.push({ code: 'INVALID', file, line, message })
  const columns = header.map((name) => name.trim().toLowerCase().replaceAll(' ', '_'))
  for (const [n, name] of columns.entries()) {
    if (![...COLUMNS, NOTE].includes(name)) refuse(1, `no column "${name}" is known${didYouMean(name, COLUMNS)}`)
    if (columns.indexOf(name) < n) refuse(1, `column "${name}" stands twice`)
  }
  for (const name of COLUMNS) if (!columns.includes(name)) refuse(1, `expected a column "${name}"`)
  if (faults.length > 0) throw invalid('ODDS_INVALID', `${file} is not a sheet of odds`, faults)

  const cuts = singleCuts(document)
  const known = new Set([...SORTS, ...cuts.flatMap(namesOf)])
  const seen = new Map<string, Omit<Odds, 'cut'>>()
  for (const { line, cells } of rows) {
    const cell = (column: string): string => cells[columns.indexOf(column)]?.trim() ?? ''
    const number = (column: string, most: number): number => {
      const text = cell(column).replaceAll(/[\s']/g, '')
      if (/^\d{1,4}(\.\d{1,9})?$/.test(text) && Number(text) <= most) return Number(text)
      const range = `expected a number from 0 to ${most.toLocaleString('en-GB')}`
      refuse(line, `${column}: ${range}, found "${cell(column)}"`)
      return 0
    }
    if (cells.length > columns.length)
      refuse(line, `expected ${columns.length} cells, as the header has columns; found ${cells.length}`)
    const what = cell('what')
    if (!known.has(what)) refuse(line, `what: the plane has no "${what}" that can fail${didYouMean(what, known)}`)
    const [alone, ...others] = cuts.filter((cut) => namesOf(cut).includes(what))
    const names = alone === undefined || others.length > 0 ? [what] : namesOf(alone)
    if (names.some((name) => seen.has(name))) refuse(line, `what: ${what} has a row already`)
    seen.set(what, {
      failures: number('failures_per_year', MOST_FAILURES),
      hours: number('hours_to_repair', MOST_HOURS),
    })
  }
  if (seen.size === 0) refuse(1, 'has no odds')
  if (faults.length > 0) throw invalid('ODDS_INVALID', `${file} has odds that cannot be read`, faults)

  const found = new Map<Cut, Omit<Odds, 'cut'>>()
  // A row of its own counts before that of a sort, and one with its sort before all.
  const ordered = [...seen].sort(([a], [b]) => rankOf(a) - rankOf(b))
  for (const [what, odds] of ordered)
    for (const { id, kind } of cutsNamed(what, document))
      for (const cut of cuts) if (cut.id === id && cut.kind === kind) found.set(cut, odds)
  const byId = ([a]: [Cut, unknown], [b]: [Cut, unknown]): number => (a.id < b.id ? -1 : 1)
  const all = [...found].sort(byId).map(([cut, odds]): Odds => ({ cut, ...odds }))
  return all.filter(({ failures, hours }) => failures > 0 && hours > 0)
}

/** Higher: it says more of what it means. */
const rankOf = (what: string): number => (what.includes(':') ? 2 : SORTS.includes(what) ? 0 : 1)
