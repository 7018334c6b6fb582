// What a set of offers costs against what is still missing with it, as points. The tables below are the twin.

import { useWords } from '../store.js'
import { PLAN } from '../words/plan-texts.js'
import type { Text } from '../words/texts.js'
import { cellSaid, columnAt, type PlanTable } from './plan-table.js'

export interface PricedPoint {
  readonly set: string
  readonly cost: number
  /** bit/s. */
  readonly lacks: number
}

/** Sets that were refused, then the one that keeps everything, if there is one. */
export function pointsOf(refused: PlanTable, options: PlanTable, lang: 'en' | 'sw', most: number): PricedPoint[] {
  const point = (table: PlanTable, name: string, row: PlanTable['rows'][number]): PricedPoint | null => {
    const cell = row[columnAt(table, name)] ?? null
    const set = typeof cell === 'object' && cell !== null ? cell[lang] : String(cell)
    const lacks = row[columnAt(table, 'lacks')]
    const cost = Number(row[columnAt(table, 'cost')])
    if (table === options) return { set, cost, lacks: 0 }
    // Who has no way is not measured in bit/s.
    return typeof lacks === 'number' ? { set, cost, lacks } : null
  }
  const found = refused.rows.slice(0, most).map((row) => point(refused, 'set', row))
  const kept = options.rows.length > 1 ? point(options, 'buys', options.rows.at(-1)!) : null
  return [...found, kept].filter((one) => one !== null)
}

const GRAPH = { left: 170, top: 30, wide: 560, high: 240, below: 44 }

interface Props {
  readonly points: readonly PricedPoint[]
  /** Of the column of costs, with its currency. */
  readonly costHead: Text
}

export function CostRisk({ points, costHead }: Props) {
  const words = useWords()
  const { say } = words
  if (points.length < 2) return null
  const cost = Math.max(1, ...points.map((point) => point.cost))
  const lacks = Math.max(1, ...points.map((point) => point.lacks))
  const x = (value: number): number => GRAPH.left + (GRAPH.wide * value) / cost
  const y = (value: number): number => GRAPH.top + GRAPH.high * (1 - value / lacks)
  const floor = GRAPH.top + GRAPH.high
  const money = (value: number): string => cellSaid(value, 'money', words)
  const size = `0 0 ${GRAPH.left + GRAPH.wide + 40} ${floor + GRAPH.below}`
  return (
    <section>
      <h2>{say(PLAN.costRisk)}</h2>
      <p class="quiet">{say(PLAN.costRiskHow)}</p>
      <p class="quiet">
        → {say(costHead)} · ↑ {say(PLAN.lacks)}
      </p>
      <svg id="cost-risk" class="plan" viewBox={size} role="img" aria-label={say(PLAN.costRisk)}>
        <path class="axis" d={`M${GRAPH.left} ${GRAPH.top}V${floor}H${GRAPH.left + GRAPH.wide}`} />
        <text x={GRAPH.left - 8} y={GRAPH.top + 8} text-anchor="end">
          {words.rate(lacks)}
        </text>
        <text x={GRAPH.left - 8} y={floor} text-anchor="end">
          0
        </text>
        <text x={GRAPH.left} y={floor + 30}>
          0
        </text>
        <text x={GRAPH.left + GRAPH.wide} y={floor + 30} text-anchor="end">
          {money(cost)}
        </text>
        {points.map((point) => {
          const keeps = point.lacks === 0
          const verdict = say(keeps ? PLAN.keepsAll : PLAN.refusedSet)
          return (
            <g key={`${point.set} ${point.cost}`} class={keeps ? 'kept' : 'refused'}>
              <title>{`${point.set}: ${money(point.cost)}, ${words.rate(point.lacks)} (${verdict})`}</title>
              {keeps ? (
                <rect x={x(point.cost) - 7} y={y(point.lacks) - 7} width={14} height={14} />
              ) : (
                <circle cx={x(point.cost)} cy={y(point.lacks)} r={5} />
              )}
            </g>
          )
        })}
      </svg>
      <ul class="legend">
        <li>
          <svg class="plan key" viewBox="0 0 40 12" aria-hidden="true">
            <g class="kept">
              <rect x={14} width={12} height={12} />
            </g>
          </svg>{' '}
          {say(PLAN.keepsAll)}
        </li>
        <li>
          <svg class="plan key" viewBox="0 0 40 12" aria-hidden="true">
            <g class="refused">
              <circle cx={20} cy={6} r={5} />
            </g>
          </svg>{' '}
          {say(PLAN.refusedSet)}
        </li>
      </ul>
    </section>
  )
}
