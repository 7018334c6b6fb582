// A table of a report: its columns say of what kind their cells are, and what is a sentence stands in both languages.

import { civilTime, timeInWords } from '../../model/civil-time.js'
import type { Schema } from '../call.js'
import { useWords } from '../store.js'
import { moreSaid, PLAN } from '../words/plan-texts.js'
import type { Words } from '../words/words.js'
import { Table } from './table.js'

export type PlanTable = Schema['SimulationAnswer']['tables'][number]
export type PlanCell = PlanTable['rows'][number][number]
type PlanColumn = PlanTable['columns'][number]

const NUMERIC: readonly string[] = ['count', 'rate', 'part', 'money']

export function cellSaid(cell: PlanCell, kind: string, { zone, rate, say }: Words): string {
  if (cell === null) return '–'
  if (typeof cell === 'object') return say([cell.en, cell.sw])
  if (typeof cell === 'string') return cell
  if (kind === 'rate') return rate(cell)
  if (kind === 'part') return `${(100 * cell).toFixed(1)} %`
  if (kind === 'time') return timeInWords(cell, zone)
  if (kind === 'date') return civilTime(cell, zone).date
  // Numbers look alike in both languages.
  return cell.toLocaleString('en-GB', { maximumFractionDigits: Math.abs(cell) < 100 ? 2 : 0 })
}

/** Of a body the one that files have; else what stands there in English. */
export const cellId = (cell: PlanCell | undefined): string =>
  typeof cell === 'object' && cell !== null ? (cell.id ?? cell.en) : String(cell ?? '')

/** Some of its columns, in that order; those that it has. */
export function withColumns(table: PlanTable, ids: readonly string[]): PlanTable {
  const places = ids.map((id) => columnAt(table, id)).filter((c) => c >= 0)
  const some = <T,>(of: readonly T[]): T[] => places.map((c) => of[c]!)
  return { ...table, columns: some(table.columns), rows: table.rows.map(some) }
}

/** Place of a column; -1: it has no such. */
export const columnAt = ({ columns }: PlanTable, id: string): number => columns.findIndex((column) => column.id === id)

interface Row {
  readonly cells: readonly PlanCell[]
  readonly n: number
}

interface Props {
  readonly id: string
  readonly table: PlanTable
  /** That it has in all. */
  readonly all: number
  /** Rows that are shown; the rest stands in the sheet. */
  readonly most?: number
}

export function PlanRows({ id, table, all, most = 40 }: Props) {
  const words = useWords()
  const { say, lang } = words
  const { title, columns, rows } = table
  const shown = rows.slice(0, most).map((cells, n) => ({ cells, n }))
  const used = columns.flatMap((column, c) => (rows.some((row) => row[c] !== null) ? [{ column, c }] : []))
  const more = all - shown.length
  if (all === 0)
    return (
      <section>
        <h2>{say([title.en, title.sw])}</h2>
        <p class="quiet">{say(PLAN.noRows)}</p>
      </section>
    )
  return (
    <section>
      <h2>{say([title.en, title.sw])}</h2>
      <Table<Row>
        id={table.id}
        label={[title.en, title.sw]}
        rows={shown}
        keyOf={({ n }) => String(n)}
        columns={used.map(({ column, c }) => columnOf(column, c, words))}
      />
      <p class="row quiet">
        {more > 0 && moreSaid(lang, more)}
        <a href={`/v1/simulations/${id}/report?table=${table.id}`} target="_self">
          {say(PLAN.asCsv)}
        </a>
      </p>
    </section>
  )
}

function columnOf({ head, kind, id }: PlanColumn, c: number, words: Words) {
  return {
    ...{ id, head: [head.en, head.sw] as const },
    isNumber: NUMERIC.includes(kind),
    ...(kind === 'time' || kind === 'date' ? { look: 'time' as const } : {}),
    cell: ({ cells }: Row) => cellSaid(cells[c] ?? null, kind, words),
  }
}
