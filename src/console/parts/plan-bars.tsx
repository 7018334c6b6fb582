// Bars of one column of a table of a report, each with its figure, under the heads of both columns, which have the
// units. The table is the twin. Words stand beside the bars and not in the picture: they keep their size on a phone.

import { useWords } from '../store.js'
import { cellSaid, columnAt, type PlanTable } from './plan-table.js'

interface Props {
  readonly table: PlanTable
  /** Ids of columns. */
  readonly label: string
  readonly value: string
  readonly most?: number
}

export function PlanBars({ table, label, value, most = 30 }: Props) {
  const words = useWords()
  const [named, at] = [columnAt(table, label), columnAt(table, value)]
  const [name, column] = [table.columns[named], table.columns[at]]
  if (name === undefined || column === undefined) return null
  const rows = table.rows.slice(0, most)
  const largest = Math.max(1e-9, ...rows.map((row) => Number(row[at] ?? 0)))
  return (
    <div class="bars" role="group" aria-label={words.say([table.title.en, table.title.sw])}>
      <p class="quiet">
        <span>{words.say([name.head.en, name.head.sw])}</span>
        <span>{words.say([column.head.en, column.head.sw])}</span>
      </p>
      {rows.map((row) => (
        <p key={JSON.stringify(row)}>
          <span>{cellSaid(row[named] ?? null, 'text', words)}</span>
          <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            <rect width={Math.round((1_000 * Number(row[at] ?? 0)) / largest) / 10} height={10} />
          </svg>
          <span class="number">{cellSaid(row[at] ?? null, column.kind, words)}</span>
        </p>
      ))}
    </div>
  )
}
