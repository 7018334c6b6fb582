// Break dates as a calendar: a row a year, a field a month, and in it how many institutions are short for the first
// time. The slider asks the same answer about another growth: demand that has grown by a factor has done so on another
// day, so every break moves by the ratio of the logarithms; what lies behind the end of the study stays unknown.

import { useState } from 'preact/hooks'
import { civilTime } from '../../model/civil-time.js'
import { DAY } from '../../model/units.js'
import { useWords } from '../store.js'
import { heatSaid, knownUntil, PLAN } from '../words/plan-texts.js'
import { TEXTS } from '../words/texts.js'
import { type BreakDate, type Month, monthsOf, movedTo } from './break-months.js'
import { shadeOf } from './cut-matrix.js'
import { Table } from './table.js'

interface Props {
  readonly breaks: readonly BreakDate[]
  /** The day of the study, and the first one that it did not look at. */
  readonly from: number
  readonly until: number
  /** Of a year, as it was asked; the mean of a range. */
  readonly growth: number
  /** Asks for another growth. */
  ask(growth: string): Promise<void>
}

/** Most that is drawn: the slider can push dates far away. */
const MOST_YEARS = 12
const MOST_GROWTH = 100

export function BreakCalendar({ breaks, from, until, growth, ask }: Props) {
  const { say, lang, zone } = useWords()
  const asked = Math.round(100 * growth)
  const [percent, setPercent] = useState(asked)
  const [isBusy, setBusy] = useState(false)
  const part = percent === asked ? growth : percent / 100
  const moved = breaks.map((one) => ({ ...one, at: movedTo(one.at, from, growth, part) }))
  const end = Math.min(movedTo(until, from, growth, part), from + MOST_YEARS * 366 * DAY)
  const months = monthsOf(moved, zone, end)
  const run = async (): Promise<void> => {
    setBusy(true)
    await ask(String(part)).finally(() => setBusy(false))
  }
  return (
    <section>
      <h2>{say(PLAN.calendar)}</h2>
      {growth > 0 && (
        <div class="row card">
          <label>
            {say(PLAN.slider)}
            <input
              type="range"
              id="growth"
              min="1"
              max={MOST_GROWTH}
              value={percent}
              onInput={({ currentTarget }) => setPercent(Number(currentTarget.value))}
            />
          </label>
          <output id="grown" for="growth">
            {percent} % {say(PLAN.aYear)}
          </output>
          {percent === asked ? (
            <span class="quiet">{say(PLAN.asAsked)}</span>
          ) : (
            <button type="button" id="ask-exactly" disabled={isBusy} onClick={() => void run()}>
              {say(PLAN.askExactly)}
            </button>
          )}
        </div>
      )}
      <p class="quiet">{say(percent === asked ? PLAN.calendarHow : PLAN.sliderHow)}</p>
      {months.length === 0 ? <p id="never">{say(PLAN.neverBreaks)}</p> : <Years months={months} />}
      {percent !== asked && Number.isFinite(end) && <p class="quiet">{knownUntil(lang, civilTime(end, zone).date)}</p>}
      <details>
        <summary>{say(TEXTS.asTable)}</summary>
        <Table
          id="months"
          label={PLAN.calendar}
          empty={PLAN.neverBreaks}
          rows={months}
          keyOf={({ month }) => month}
          columns={[
            { head: PLAN.month, cell: ({ month }) => month },
            { head: PLAN.newly, isNumber: true, cell: ({ newly }) => newly },
            { head: PLAN.inAll, isNumber: true, cell: ({ inAll }) => inAll },
            {
              head: PLAN.firstOf,
              cell: ({ first }) => <a href={`/institutions/${encodeURIComponent(first.id)}`}>{say(first.name)}</a>,
            },
          ]}
        />
      </details>
    </section>
  )
}

/** With room for figures that stay readable where the picture is as narrow as a phone. */
const FIELD = { wide: 64, high: 40, left: 80, top: 34 }
const MONTHS = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12']

function Years({ months }: { readonly months: readonly Month[] }) {
  const { say, lang } = useWords()
  const most = Math.max(...months.map(({ newly }) => newly))
  const newly = new Map(months.map((one) => [one.month, one.newly]))
  const [first, last] = [months[0]!, months.at(-1)!].map(({ month }) => Number(month.slice(0, 4)))
  const years = Array.from({ length: last! - first! + 1 }, (_, n) => first! + n)
  const size = `0 0 ${FIELD.left + 12 * FIELD.wide} ${FIELD.top + years.length * FIELD.high}`
  return (
    <svg id="calendar" class="plan" viewBox={size} role="img" aria-label={say(PLAN.calendar)}>
      {MONTHS.map((month, m) => (
        <text key={month} x={FIELD.left + (m + 0.5) * FIELD.wide} y={24} text-anchor="middle">
          {month}
        </text>
      ))}
      {years.map((year, y) => (
        <g key={year} transform={`translate(0 ${FIELD.top + y * FIELD.high})`}>
          <text x={FIELD.left - 8} y={28} text-anchor="end">
            {year}
          </text>
          {MONTHS.map((month, m) => {
            const name = `${year}-${month}`
            const count = newly.get(name) ?? 0
            const x = FIELD.left + m * FIELD.wide
            return (
              <g key={month} class={`heat${shadeOf(count / most)}`}>
                <title>{heatSaid(lang, name, count)}</title>
                <rect x={x + 1} y={1} width={FIELD.wide - 2} height={FIELD.high - 2} rx={3} />
                {count > 0 && (
                  <text x={x + FIELD.wide / 2} y={28} text-anchor="middle">
                    {count}
                  </text>
                )}
              </g>
            )
          })}
        </g>
      ))}
    </svg>
  )
}
