// One question and its answer: sentences first, then the picture of its kind beside the table that says the same, then
// the other tables of its report.

import { everyPage, ifThere, type Schema } from '../call.js'
import { type Address, definePage } from '../page.js'
import { BreakCalendar } from '../parts/break-calendar.js'
import { type BreakDate, meanOf } from '../parts/break-months.js'
import { CostRisk, type PricedPoint, pointsOf } from '../parts/cost-risk.js'
import { type CutMatrix, Matrix, matrixOf, namedBy } from '../parts/cut-matrix.js'
import { Deed } from '../parts/deed.js'
import { PlanBars } from '../parts/plan-bars.js'
import { columnAt, PlanRows, type PlanTable, withColumns } from '../parts/plan-table.js'
import { SimulationState, TakeBack } from '../parts/simulation-state.js'
import { useStore, useWords } from '../store.js'
import { askedSaid, PLAN, PLAN_ASKED, PLAN_KINDS } from '../words/plan-texts.js'
import { TEXTS } from '../words/texts.js'
import type { Words } from '../words/words.js'

type Answer = Schema['SimulationAnswer']
type Kind = Answer['kind']

interface SimulationData {
  readonly answer: Answer
  readonly matrix: CutMatrix | null
  readonly breaks: readonly BreakDate[]
  readonly points: { readonly en: readonly PricedPoint[]; readonly sw: readonly PricedPoint[] }
  /** Others of its kind that are answered. */
  readonly others: readonly Schema['Simulation'][]
  readonly service: string | null
  readonly isWhole: boolean
}

/** What a page of that kind asks for; of a report the rest stands in its files. */
const TABLES: Readonly<Record<Kind, readonly string[]>> = {
  failures: ['cuts', 'tiers', 'cuts-by-tier'],
  runout: ['tiers', 'links', 'institutions'],
  buy: ['options', 'offers', 'losers', 'second-paths', 'cheaper-sets'],
  futures: ['year', 'range', 'months', 'outages', 'tiers', 'availability'],
  simulate: ['tiers', 'bands', 'links'],
  compare: ['differences'],
}
/** Of a scenario that was played; the other columns stand in its files. */
const PLAYED: Readonly<Record<string, readonly string[]>> = {
  tiers: [
    ...['tier', 'institutions', 'institutions_below', 'longest_minutes_below', 'longest_spell_minutes'],
    ...['lacks_mbps', 'worst_kept'],
  ],
  bands: [
    'band',
    'from',
    'to',
    'events',
    'most_institutions_short',
    'minutes_anyone_short',
    'lacks_mbps',
    'worst_kept',
  ],
  links: [
    ...['link', 'kind', 'worst_hour_utilisation', 'worst_hour', 'worst_hour_load_mbps', 'worst_hour_room_mbps'],
    ...['p95_utilisation', 'minutes_full', 'minutes_dead'],
  ],
}
const MOST_CUTS = 60
/** Of a table: all institutions of a nation, and cuts by tier of more cuts than are shown. */
const MOST_ROWS = 2_000
const MOST_POINTS = 300
/** In the page as the server writes it. */
const FIRST_ROWS = 15
const FIRST_POINTS = 100
const USUAL_YEARS = 5

function Simulation({ data, address }: { readonly data: SimulationData; readonly address: Address }) {
  const store = useStore()
  const { say, lang, time } = useWords()
  const { answer, others } = data
  const { id, kind, findings, refusal, revision, proposal, author, at, state } = answer
  const told = (text: { readonly en: string; readonly sw: string }): string => say([text.en, text.sw])
  return (
    <>
      <p>
        <a href="/planner">{say(TEXTS.planner)}</a>
      </p>
      <h1>{say(PLAN_KINDS[kind])}</h1>
      <p id="state">
        <SimulationState simulation={answer} />
      </p>
      <p class="quiet">
        {proposal !== null && `${say(PLAN.proposal)} ${proposal} · `}
        {say(PLAN.revision)} {revision} · {author} · {time(at)}
      </p>
      {refusal !== null && <Refused refusal={refusal} />}
      {findings === null && refusal === null && <p>{say(PLAN.notYet)}</p>}
      {findings?.findings.map((text) => (
        <p key={text.en} class="finding">
          {told(text)}
        </p>
      ))}
      <p class="row">
        {findings !== null && (
          <a class="button" href={`/v1/simulations/${id}/report?lang=${lang}`} target="_blank" rel="noreferrer">
            {say(PLAN.report)}
          </a>
        )}
        {findings !== null && others.length > 0 && <Compare id={id} others={others} />}
        <TakeBack
          simulation={answer}
          done={() => {
            if (state === 'done') store.go('/planner')
          }}
        />
      </p>
      {findings !== null && <Pictures data={data} address={address} />}
      {answer.tables.map((table) => (
        <PlanRows
          key={table.id}
          {...{ id, table }}
          all={findings?.tables.find((one) => one.id === table.id)?.rows ?? table.rows.length}
        />
      ))}
      {findings !== null && <Made answer={answer} findings={findings} />}
    </>
  )
}

/** What the command itself has said is English, as it is on a command line. */
function Refused({ refusal: { code, message, words, faults } }: { readonly refusal: NonNullable<Answer['refusal']> }) {
  const { say, lang, problem } = useWords()
  return (
    <section class="card">
      <p class="bad">
        {words !== null ? (
          words[lang]
        ) : (
          <>
            {lang !== 'en' && `${problem(code) === code ? say(PLAN.noAnswer) : problem(code)}: `}
            <span lang="en">{message}</span>
          </>
        )}
      </p>
      <ul lang="en">
        {faults.map(({ pointer = '', message }) => (
          <li key={`${pointer} ${message}`}>{[pointer, message].filter(Boolean).join(': ')}</li>
        ))}
      </ul>
    </section>
  )
}

function Pictures({ data, address }: { readonly data: SimulationData; readonly address: Address }) {
  const store = useStore()
  const { lang, say } = useWords()
  const { answer, matrix, breaks, points } = data
  const { asked, findings, tables } = answer
  const tableOf = (id: string): PlanTable | undefined => tables.find((table) => table.id === id)
  if (matrix !== null) return <Matrix matrix={matrix} address={address} />
  if (answer.kind === 'runout' && findings?.from != null) {
    const years = typeof asked.years === 'number' ? asked.years : USUAL_YEARS
    const ask = async (growth: string): Promise<void> => {
      try {
        const body = { ...asked, growth } as Schema['SimulationAskedInput']
        const { id } = await store.call('post', '/v1/simulations', { body })
        store.go(`/planner/${id}`)
      } catch (error) {
        store.complain(error)
      }
    }
    const until = findings.from + Math.round(365.25 * years) * 86_400_000
    const growth = meanOf(String(asked.growth))
    return <BreakCalendar {...{ breaks, from: findings.from, until, growth, ask }} />
  }
  if (answer.kind === 'buy') {
    const head = tableOf('options')?.columns.find(({ id }) => id === 'cost')?.head
    return <CostRisk points={points[lang]} costHead={head === undefined ? PLAN.cost : [head.en, head.sw]} />
  }
  const [range, tiers] = [tableOf('range'), answer.kind === 'simulate' ? tableOf('tiers') : undefined]
  return (
    <>
      {range !== undefined && (
        <section>
          <h2>{say([range.title.en, range.title.sw])}</h2>
          <p class="quiet">{say(PLAN.ofHundred)}</p>
          <PlanBars table={range} label="years" value="missing_mbps_hours" />
        </section>
      )}
      {tiers !== undefined && (
        <section>
          <h2>{say(PLAN.belowByTier)}</h2>
          <PlanBars table={tiers} label="tier" value="institutions_below" />
        </section>
      )}
    </>
  )
}

function Compare({ id, others }: { readonly id: string; readonly others: SimulationData['others'] }) {
  const store = useStore()
  const words = useWords()
  return (
    <Deed
      id="compare"
      title={PLAN.compare}
      done={PLAN.compared}
      fields={[{ name: 'with', label: PLAN.with, options: others.map((one) => [one.id, saidOf(one, words)] as const) }]}
      act={async (values) => {
        const body = { kind: 'compare', a: values.with ?? '', b: id } as const
        const made = await store.call('post', '/v1/simulations', { body })
        store.go(`/planner/${made.id}`)
      }}
    />
  )
}

function Made({ answer, findings }: { readonly answer: Answer; readonly findings: NonNullable<Answer['findings']> }) {
  const { say } = useWords()
  return (
    <section id="made">
      {findings.limits.length > 0 && <h2>{say(PLAN.limits)}</h2>}
      {findings.limits.map((text) => (
        <p key={text.en}>{say([text.en, text.sw])}</p>
      ))}
      <h2>{say(PLAN.made)}</h2>
      <dl class="figures facts">
        {findings.facts.map(({ name, value }) => (
          <div key={name.en}>
            <dt>{say([name.en, name.sw])}</dt>
            <dd>{typeof value === 'string' ? value : say([value.en, value.sw])}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">
        {say(PLAN.command)} <code>{findings.command}</code> · {findings.inputHash.slice(0, 23)} · {findings.result} ·
        Mizani {answer.build}
      </p>
    </section>
  )
}

// ---- what it is drawn from

function breaksIn(table: PlanTable | undefined): BreakDate[] {
  if (table === undefined) return []
  const [named, at] = [columnAt(table, 'institution'), columnAt(table, 'break_date')]
  return table.rows.flatMap((row): BreakDate[] => {
    const date = row[at]
    return typeof date === 'number' ? [{ institution: namedBy(row[named]), at: date }] : []
  })
}

/** What a person tells it from: who asked what when. */
function saidOf({ asked, author, at, revision }: Schema['Simulation'], { lang, time, say }: Words): string {
  const words = Object.entries(asked).flatMap(([name, value]) =>
    name === 'kind' || value === false ? [] : [askedSaid(lang, name, value) || say(PLAN_ASKED[name] ?? PLAN.ask)],
  )
  return [time(at), author, `${say(PLAN.revision)} ${revision}`, ...words].join(' · ').slice(0, 120)
}

const isOther = (one: Schema['Simulation'], id: string, kind: string): boolean =>
  one.id !== id && one.kind === kind && one.kind !== 'compare' && one.state === 'done'

export const page = definePage<SimulationData>({
  View: Simulation,
  concerns: ['simulation'],
  async load({ call, address, before, isFirst }) {
    const id = address.names.id ?? ''
    const [kind = ''] = id.split('-')
    const service = address.query.get('service')
    const wanted = kind in TABLES ? TABLES[kind as Kind] : []
    const list = await ifThere(
      everyPage((pageToken) => call('get', '/v1/simulations', { query: { pageSize: 1_000, pageToken } })),
    )
    const others = (list ?? []).filter((one) => isOther(one, id, kind))
    // An answer does not change: its tables are asked for once.
    if (before?.isWhole && before.answer.id === id && before.service === service) return { ...before, others }
    const query = { tables: wanted.join(',') || 'none', rows: MOST_ROWS }
    const answer = await call('get', '/v1/simulations/{id}', { path: { id }, query })
    const tableOf = (name: string): PlanTable | undefined => answer.tables.find((table) => table.id === name)
    const [sheet, refused, options] = [tableOf('cuts-by-tier'), tableOf('cheaper-sets'), tableOf('options')]
    const most = isFirst ? FIRST_POINTS : MOST_POINTS
    const points = (lang: 'en' | 'sw') => (refused && options ? pointsOf(refused, options, lang, most) : [])
    const shown = answer.tables
      .filter((table) => table !== sheet && (kind !== 'compare' || table.rows.length > 0))
      .map((table) => (kind === 'simulate' ? withColumns(table, PLAYED[table.id] ?? []) : table))
    const rows = isFirst ? FIRST_ROWS : undefined
    return {
      answer: { ...answer, tables: shown.map((table) => ({ ...table, rows: table.rows.slice(0, rows) })) },
      matrix: sheet === undefined ? null : matrixOf(sheet, service, isFirst ? FIRST_ROWS : MOST_CUTS),
      breaks: breaksIn(tableOf('institutions')),
      points: { en: points('en'), sw: points('sw') },
      ...{ others, service, isWhole: !isFirst && answer.state === 'done' },
    }
  },
})
