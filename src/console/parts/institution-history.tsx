// What an institution asked for, got and carried over the last day, as a chart and as a table; a gap is a gap, not
// zero.

import { useMemo } from 'preact/hooks'
import { formatMinutes } from '../../model/units.js'
import type { Schema } from '../call.js'
import { type Committed, type Cut, type Happening, happeningsOf } from '../happenings.js'
import { useWords } from '../store.js'
import { institutionSentences } from '../words/institution-sentences.js'
import { INSTITUTION } from '../words/institution-texts.js'
import { TEXTS } from '../words/texts.js'
import { Chart } from './chart.js'
import { Table } from './table.js'

/** What the record has of a day, and what else was then. */
export interface Recorded {
  /** When it was read. */
  readonly read: number
  readonly of: Schema['InstitutionHistory']
  readonly span: { readonly from: number; readonly to: number }
  readonly revisions: readonly Committed[]
  /** Alarms about links. */
  readonly cuts: readonly Cut[]
  /** What was laid on it and is over. */
  readonly ended: readonly Schema['Override'][]
}

interface Props {
  readonly history: Recorded | null
  readonly why: Schema['Explanation']
  /** What is laid on it. */
  readonly overrides: readonly Schema['Override'][]
}

/** One point is no line. */
const LEAST_POINTS = 2
/** Of a day, so much is as wide as a number. */
const NEAR = 1_800_000

type Point = Schema['InstitutionHistory']['flows'][number]['points'][number]

export function History({ history: recorded, why, overrides }: Props) {
  const { say, lang, rate } = useWords()
  const { historySaid } = institutionSentences(lang)
  const history = recorded?.of ?? null
  const flow = history?.flows.find((one) => one.flow.startsWith(`${why.institution}/${why.service}/${why.direction}`))
  const points = flow?.points ?? []
  const happened = useMemo(
    () =>
      recorded &&
      happeningsOf(points, recorded.revisions, recorded.cuts, [...overrides, ...recorded.ended], recorded.span),
    [recorded, flow?.flow, overrides.map(({ id }) => id).join()],
  )
  const chart = useMemo(() => chartOf(points, why.guarantee, happened ?? []), [happened, why.guarantee])
  const isEmpty = points.filter(({ need }) => need !== null).length < LEAST_POINTS
  const carried = points.map((point) => point.carried ?? 0)
  const below = points.reduce((sum, point) => sum + (point.minutesBelowGuarantee ?? 0), 0)
  return (
    <section id="history">
      <h2>{say(INSTITUTION.history)}</h2>
      {isEmpty ? (
        <p class="quiet">{history?.empty?.[lang] ?? say(INSTITUTION.noHistory)}</p>
      ) : (
        <>
          <p>{historySaid(rate(Math.max(...carried)), formatMinutes(below))}</p>
          <Chart
            label={say(INSTITUTION.history)}
            times={chart.times}
            marks={chart.marks}
            series={[
              { label: say(TEXTS.demand), values: chart.asked, colour: '--tight' },
              { label: say(TEXTS.need), values: chart.need, colour: '--bad' },
              { label: say(TEXTS.carried), values: chart.carried, colour: '--free' },
              { label: say(INSTITUTION.guarantee), values: chart.guarantee, colour: '--quiet', dashed: true },
            ]}
          />
          <Happenings happened={happened ?? []} />
          <Twin points={points} />
        </>
      )}
    </section>
  )
}

/** Numbered as in the picture, where there is room for no more. */
function Happenings({ happened }: { readonly happened: readonly Happening[] }) {
  const { say, lang, time, hour } = useWords()
  const { happening } = institutionSentences(lang)
  if (happened.length === 0) return null
  return (
    <>
      <h3>{say(INSTITUTION.happened)}</h3>
      <ol id="happened">
        {happened.map((one) => (
          <li key={`${one.at} ${one.kind} ${happening(one, hour)}`}>
            {time(new Date(one.at).toISOString())} · {happening(one, hour)}
          </li>
        ))}
      </ol>
    </>
  )
}

function chartOf(points: readonly Point[], guarantee: number, happened: readonly Happening[]) {
  return {
    times: points.map(({ at }) => Date.parse(at) / 1_000),
    marks: marksOf(happened),
    asked: points.map(({ demand }) => demand),
    need: points.map(({ need }) => need),
    carried: points.map((point) => point.carried),
    guarantee: points.map(() => guarantee),
  }
}

/** Together where there is no room beside one another. */
function marksOf(happened: readonly Happening[]) {
  const marks: { readonly at: number; readonly first: number; readonly last: number }[] = []
  for (const [n, { at }] of happened.entries()) {
    const before = marks.at(-1)
    if (before !== undefined && at - before.at < NEAR) marks[marks.length - 1] = { ...before, last: n + 1 }
    else marks.push({ at, first: n + 1, last: n + 1 })
  }
  return marks.map(({ at, first, last }) => ({
    at: at / 1_000,
    said: first === last ? String(first) : `${first}–${last}`,
  }))
}

function Twin({ points }: { readonly points: readonly Point[] }) {
  const { say, rate, time } = useWords()
  return (
    <details>
      <summary>{say(TEXTS.asTable)}</summary>
      <Table
        label={INSTITUTION.history}
        rows={points.toReversed()}
        keyOf={({ at }) => at}
        columns={[
          { head: TEXTS.time, look: 'time', cell: ({ at }) => time(at) },
          { head: TEXTS.demand, isNumber: true, cell: ({ demand }) => rate(demand) },
          { head: TEXTS.need, isNumber: true, cell: ({ need }) => rate(need) },
          { head: TEXTS.carried, isNumber: true, cell: ({ carried }) => rate(carried) },
          { head: TEXTS.unmet, isNumber: true, cell: ({ unmet }) => rate(unmet) },
        ]}
      />
    </details>
  )
}
