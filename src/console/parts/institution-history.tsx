// What an institution asked for, got and carried over the last day, as a chart and as a table; a gap is a gap, not
// zero.

import { useMemo } from 'preact/hooks'
import type { Schema } from '../call.js'
import { useWords } from '../store.js'
import { institutionSentences } from '../words/institution-sentences.js'
import { INSTITUTION } from '../words/institution-texts.js'
import { TEXTS } from '../words/texts.js'
import { Chart } from './chart.js'
import { Table } from './table.js'

interface Props {
  readonly history: Schema['InstitutionHistory'] | null
  readonly why: Schema['Explanation']
}

/** One point is no line. */
const LEAST_POINTS = 2

type Point = Schema['InstitutionHistory']['flows'][number]['points'][number]

export function History({ history, why }: Props) {
  const { say, lang, rate } = useWords()
  const { historySaid } = institutionSentences(lang)
  const flow = history?.flows.find((one) => one.flow.startsWith(`${why.institution}/${why.service}/${why.direction}`))
  const points = flow?.points ?? []
  const chart = useMemo(() => chartOf(points, why.guarantee), [history, flow?.flow, why.guarantee])
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
          <p>{historySaid(rate(Math.max(...carried)), Math.round(below))}</p>
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
          <Twin points={points} />
        </>
      )}
    </section>
  )
}

function chartOf(points: readonly Point[], guarantee: number) {
  const times = points.map(({ at }) => Date.parse(at) / 1_000)
  const marks = points.flatMap(({ at, revision }, i) => {
    const last = points.slice(0, i).findLast((point) => point.revision !== null)?.revision
    if (revision === null || last === undefined || revision === last) return []
    return [{ at: Date.parse(at) / 1_000, said: `r${revision}` }]
  })
  return {
    ...{ times, marks },
    asked: points.map(({ demand }) => demand),
    need: points.map(({ need }) => need),
    carried: points.map((point) => point.carried),
    guarantee: points.map(() => guarantee),
  }
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
