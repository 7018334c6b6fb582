// Plain columns for a terminal: no borders, no colours, so that the text can be mailed and compared. A line at a time,
// for a table may have a hundred thousand rows.

import { printableLine } from './printable.js'

const GAP = '  '

export interface TextTable {
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Columns of numbers, which end where their head ends. */
  readonly right?: readonly number[]
}

/** The lines of a table, its heads first. */
export function* textLines({ heads, rows: found, right = [] }: TextTable): Generator<string> {
  const rows = found.map((row) => row.map(printableLine))
  const widths = heads.map((head) => head.length)
  for (const row of rows) for (const [c, cell] of row.entries()) widths[c] = Math.max(widths[c]!, cell.length)
  const isRight = heads.map((_, c) => right.includes(c))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, c) => (isRight[c] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join(GAP)
      .trimEnd()
  yield line(heads)
  for (const row of rows) yield line(row)
}

export const textTable = (table: TextTable): string => [...textLines(table)].join('\n')
