// Bars of one column of a table of a report, each with its figure. The table is the twin.

import { useWords } from '../store.js'
import { cellSaid, columnAt, type PlanTable } from './plan-table.js'
import { Scroll } from './scroll.js'

interface Props {
  readonly table: PlanTable
  /** Ids of columns. */
  readonly label: string
  readonly value: string
}

const BAR = { left: 170, wide: 480, high: 16, step: 24, right: 110 }

export function PlanBars({ table, label, value }: Props) {
  const words = useWords()
  const [named, at] = [columnAt(table, label), columnAt(table, value)]
  const column = table.columns[at]
  if (column === undefined) return null
  const most = Math.max(1e-9, ...table.rows.map((row) => Number(row[at] ?? 0)))
  const said = words.say([`${table.title.en}: ${column.head.en}`, `${table.title.sw}: ${column.head.sw}`])
  const size = `0 0 ${BAR.left + BAR.wide + BAR.right} ${table.rows.length * BAR.step}`
  return (
    <Scroll label={said}>
      <svg class="plan" viewBox={size} role="img" aria-label={said}>
        {table.rows.map((row, r) => {
          const wide = (BAR.wide * Number(row[at] ?? 0)) / most
          return (
            <g key={JSON.stringify(row)} class="refused" transform={`translate(0 ${r * BAR.step})`}>
              <text x={BAR.left - 8} y={BAR.high} text-anchor="end">
                {cellSaid(row[named] ?? null, 'text', words)}
              </text>
              <rect x={BAR.left} y={3} width={wide} height={BAR.high} />
              <text x={BAR.left + wide + 6} y={BAR.high}>
                {cellSaid(row[at] ?? null, column.kind, words)}
              </text>
            </g>
          )
        })}
      </svg>
    </Scroll>
  )
}
