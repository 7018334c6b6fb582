// Bars of one or two columns of a table of a report, each with its figure. The table is the twin.

import { useWords } from '../store.js'
import { cellSaid, columnAt, type PlanTable } from './plan-table.js'
import { Scroll } from './scroll.js'

interface Props {
  readonly table: PlanTable
  readonly label: string
  readonly values: readonly string[]
}

const BAR = { left: 170, wide: 480, high: 16, gap: 8, right: 110 }

export function PlanBars({ table, label, values }: Props) {
  const words = useWords()
  const { say } = words
  const named = columnAt(table, label)
  const places = values.map((name) => columnAt(table, name))
  const most = Math.max(1e-9, ...table.rows.flatMap((row) => places.map((c) => Number(row[c] ?? 0))))
  const step = places.length * BAR.high + BAR.gap
  const title = say([table.title.en, table.title.sw])
  return (
    <Scroll label={title}>
      <svg
        class="plan"
        viewBox={`0 0 ${BAR.left + BAR.wide + BAR.right} ${table.rows.length * step}`}
        role="img"
        aria-label={title}
      >
        {table.rows.map((row, r) => (
          <g key={JSON.stringify(row)} transform={`translate(0 ${r * step})`}>
            <text x={BAR.left - 8} y={BAR.high - 3} text-anchor="end">
              {cellSaid(row[named] ?? null, 'text', words)}
            </text>
            {places.map((c, n) => {
              const value = Number(row[c] ?? 0)
              const wide = (BAR.wide * value) / most
              return (
                <g key={values[n]} class={n === 0 ? 'refused' : 'kept'}>
                  <rect x={BAR.left} y={n * BAR.high} width={wide} height={BAR.high - 3} />
                  <text x={BAR.left + wide + 6} y={n * BAR.high + BAR.high - 4}>
                    {cellSaid(value, table.columns[c]?.kind ?? 'count', words)}
                  </text>
                </g>
              )
            })}
          </g>
        ))}
      </svg>
    </Scroll>
  )
}
