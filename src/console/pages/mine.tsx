// The page of one's own institution, for whoever speaks for it: what it is entitled to, asks for, gets and uses, and
// why; its statements; what was asked for and what was answered; and asking for more.

import { formatMinutes, percentOf } from '../../model/units.js'
import { type Call, ifThere, Refused, type Schema } from '../call.js'
import { type Names, namesOf, useNames } from '../names.js'
import { definePage, type Loading } from '../page.js'
import { missing } from '../parts/institution-rows.js'
import { amountSaid } from '../parts/money.js'
import { Answer, placesOf, type Request, useServiceName, Wanted, Withdraw } from '../parts/request.js'
import { RequestForm } from '../parts/request-form.js'
import { type Column, Table } from '../parts/table.js'
import { useWords } from '../store.js'
import { LEDGER } from '../words/ledger-texts.js'
import { REQUEST } from '../words/request-texts.js'
import { TEXTS, type Text } from '../words/texts.js'

type Detail = Schema['InstitutionDetail']
type Flow = Detail['flows'][number]
type Statement = Schema['Statement']
type Why = Pick<Schema['Explanation'], 'service' | 'direction' | 'sentence' | 'steps' | 'lifting'>

interface Closed {
  /** The latest first. */
  readonly items: readonly Statement[]
  /** Months in which it had no part. */
  readonly without: readonly string[]
  /** Whether others come with a later reading. */
  readonly areMore: boolean
}

const NONE: Closed = { items: [], without: [], areMore: false }

interface MineData {
  readonly detail: Detail
  /** Of what something holds. */
  readonly why: readonly Why[]
  /** Of closed months, the latest first. */
  readonly statements: Closed
  /** The latest first. */
  readonly requests: readonly Request[]
  readonly choices: Schema['RequestChoices']
  readonly names: Names
}

/** Closed months never change. */
const MONTHS = 12
const FIRST_MONTHS = 3
/** Of services in two directions. */
const MOST_FLOWS = 8

async function load({ call, before, isFirst }: Loading<MineData>): Promise<MineData> {
  const me = await call('get', '/v1/me', {})
  const [id] = me.roles.includes('member') ? (me.scope?.institutions ?? []) : []
  if (id === undefined) throw new Refused(403, { code: 'FORBIDDEN' })
  const path = { id }
  const [detail, choices, requests, statements] = await Promise.all([
    call('get', '/v1/institutions/{id}', { path }),
    call('get', '/v1/institutions/{id}/choices', { path }),
    call('get', '/v1/requests', { query: { pageSize: 1_000, institution: id } }),
    statementsOf(call, id, before?.detail.id === id ? before.statements : NONE, isFirst ? FIRST_MONTHS : MONTHS),
  ])
  const why = await Promise.all(
    detail.flows
      .filter(isHeld)
      .slice(0, MOST_FLOWS)
      .map(async ({ service, direction }) => {
        const told = await call('get', '/v1/institutions/{id}/explain', { path, query: { service, direction } })
        return { service, direction, sentence: told.sentence, steps: told.steps, lifting: told.lifting }
      }),
  )
  const places = [
    ...requests.items.flatMap(placesOf),
    ...[`categories/${detail.category}`, `regions/${detail.region}`, `tiers/${detail.tier}`],
  ]
  const asked = [...requests.items].sort((a, b) => (a.at < b.at ? 1 : -1))
  return { detail, why, statements, requests: asked, choices, names: await namesOf(call, places, before?.names) }
}

/** Something keeps it from what it asks for. */
const isHeld = ({ limitedBy: { code } }: Flow): boolean => code !== 'DEMAND'

/** One after the other: whoever looks back has few places. */
async function statementsOf(call: Call, id: string, known: Closed, most: number): Promise<Closed> {
  const months = await ifThere(call('get', '/v1/ledger', {}))
  const closed = (months?.items ?? []).filter(({ closing }) => closing !== null).slice(0, most)
  const items: Statement[] = []
  const without: string[] = []
  let areMore = months === null
  for (const { month } of closed) {
    const kept = known.items.find((one) => one.month === month)
    if (kept !== undefined) items.push(kept)
    else if (known.without.includes(month)) without.push(month)
    else if (!areMore) {
      try {
        items.push(await call('get', '/v1/institutions/{id}/statement', { path: { id }, query: { month } }))
      } catch (error) {
        if (!(error instanceof Refused) || error.status === 401) throw error
        if (error.status === 404) without.push(month)
        else areMore = true
      }
    }
  }
  return { items, without, areMore }
}

function Mine({ data: { detail, why, statements, requests, choices, names } }: { readonly data: MineData }) {
  const { say, lang } = useWords()
  const named = useNames(names)
  return (
    <>
      <h1>{detail.name[lang]}</h1>
      <p class="quiet">
        {detail.id} · {say(TEXTS.category)} {named('categories', detail.category)} · {say(TEXTS.region)}{' '}
        {named('regions', detail.region)} · {say(TEXTS.tier)} {named('tiers', detail.tier)}
      </p>
      <Now flows={detail.flows} />
      <section id="why">
        <h2>{say(REQUEST.why)}</h2>
        {why.length === 0 && <p class="sentence">{say(REQUEST.allMet)}</p>}
        {why.map((one) => (
          <WhyOne key={`${one.service} ${one.direction}`} why={one} />
        ))}
        {why.length > 0 && why.length < detail.flows.length && <p class="quiet">{say(REQUEST.restMet)}</p>}
      </section>
      <Statements id={detail.id} closed={statements} />
      <section>
        <h2>{say(REQUEST.requests)}</h2>
        <Table<Request>
          id="requests"
          label={REQUEST.requests}
          empty={REQUEST.none}
          rows={requests}
          keyOf={({ id }) => id}
          columns={[
            { head: REQUEST.request, cell: ({ id }) => <a href={`/requests/${encodeURIComponent(id)}`}>{id}</a> },
            { head: TEXTS.time, look: 'time', cell: ({ at }) => <Time at={at} /> },
            { head: REQUEST.wanted, look: 'prose', cell: (request) => <Wanted {...request} names={names} /> },
            { head: TEXTS.reason, look: 'prose', cell: ({ reason }) => reason },
            {
              ...{ head: REQUEST.answer, look: 'prose', cell: (request) => <Answer request={request} /> },
              mark: ({ state }) => (state === 'open' ? 'warn' : undefined),
            },
            { head: TEXTS.act, look: 'act', cell: ({ id, state }) => (state === 'open' ? <Withdraw id={id} /> : null) },
          ]}
        />
      </section>
      <section>
        <h2>{say(REQUEST.ask)}</h2>
        <p class="quiet">{say(REQUEST.askHow)}</p>
        <RequestForm choices={choices} />
      </section>
    </>
  )
}

function Time({ at }: { readonly at: string }) {
  return <>{useWords().time(at)}</>
}

function Now({ flows }: { readonly flows: readonly Flow[] }) {
  const { say, rate, about, limit } = useWords()
  const service = useServiceName()
  const amount = (head: Text, name: 'guarantee' | 'demand' | 'need' | 'carried'): Column<Flow> => ({
    ...{ head, isNumber: true },
    cell: (flow) => (name === 'demand' ? about(flow.demand, flow) : rate(flow[name])),
  })
  return (
    <section>
      <h2>{say(REQUEST.nowTitle)}</h2>
      <Table<Flow>
        id="now"
        label={REQUEST.nowTitle}
        rows={flows}
        keyOf={(flow) => `${flow.service} ${flow.direction}`}
        columns={[
          {
            head: TEXTS.service,
            look: 'prose',
            cell: (flow) => `${service(flow.service)}, ${say(TEXTS[flow.direction])}`,
          },
          amount(REQUEST.entitled, 'guarantee'),
          amount(REQUEST.asked, 'demand'),
          amount(REQUEST.served, 'need'),
          amount(REQUEST.used, 'carried'),
          {
            ...{ head: REQUEST.missed, isNumber: true, mark: (flow) => missing(flow) ?? undefined },
            cell: (flow) => (flow.unmet > 0 ? about(flow.unmet, flow) : say(TEXTS.none)),
          },
          { head: TEXTS.limitedBy, cell: ({ limitedBy }) => limit(limitedBy) },
        ]}
      />
    </section>
  )
}

/** Stands where somebody else is not named. */
const NOT_NAMED = '…'

function WhyOne({ why: { service, direction, sentence, steps, lifting } }: { readonly why: Why }) {
  const { say, lang } = useWords()
  const named = useServiceName()
  const shown = steps.filter((step) => step[lang] !== NOT_NAMED)
  const help = lifting[lang] === NOT_NAMED ? '' : lifting[lang]
  return (
    <div>
      <h3>
        {named(service)}, {say(TEXTS[direction])}
      </h3>
      <p class="sentence">{sentence[lang]}</p>
      {help !== '' && <p>{help}</p>}
      {shown.length > 0 && (
        <details>
          <summary>{say(REQUEST.steps)}</summary>
          <ol class="steps">
            {shown.map((step) => (
              <li key={step.en}>{step[lang]}</li>
            ))}
          </ol>
        </details>
      )}
    </div>
  )
}

const KILOBIT = 1_000

interface StatementsProps {
  readonly id: string
  readonly closed: Closed
}

function Statements({ id, closed: { items: statements, areMore } }: StatementsProps) {
  const { say, rate, lang } = useWords()
  const mean = (head: Text, name: 'asked' | 'served' | 'used' | 'missed'): Column<Statement> => ({
    ...{ head, isNumber: true },
    cell: ({ institution: { [name]: kbps } }) => (kbps === null ? say(LEDGER.unseen) : rate(kbps * KILOBIT)),
  })
  const isPriced = statements.some(({ totals }) => totals !== null)
  const amount: Column<Statement> = {
    ...{ head: REQUEST.amount, isNumber: true },
    cell: ({ totals }) =>
      Object.entries(totals ?? {})
        .map(([currency, sum]) => amountSaid(currency, sum))
        .join(', '),
  }
  return (
    <section>
      <h2>{say(REQUEST.statements)}</h2>
      <Table<Statement>
        id="statements"
        label={REQUEST.statements}
        empty={REQUEST.noStatements}
        rows={statements}
        keyOf={({ month }) => month}
        columns={[
          {
            head: REQUEST.month,
            look: 'time',
            cell: ({ month }) => (
              <a
                href={`/v1/institutions/${encodeURIComponent(id)}/statement?month=${month}&lang=${lang}`}
                target="_blank"
                rel="noopener"
              >
                {month}
              </a>
            ),
          },
          {
            ...{ head: REQUEST.entitled, isNumber: true },
            cell: ({ institution: { entitled } }) => rate(KILOBIT * sumOf(Object.values(entitled))),
          },
          mean(REQUEST.asked, 'asked'),
          mean(REQUEST.served, 'served'),
          mean(REQUEST.used, 'used'),
          mean(REQUEST.missed, 'missed'),
          {
            ...{ head: REQUEST.below, isNumber: true },
            cell: ({ institution }) => formatMinutes(institution.minutesBelow),
          },
          {
            ...{ head: REQUEST.kept, isNumber: true },
            cell: ({ institution: { attainment } }) => (attainment === null ? say(TEXTS.none) : percentOf(attainment)),
          },
          ...(isPriced ? [amount] : []),
        ]}
      />
      {areMore && <p class="quiet">{say(REQUEST.moreStatements)}</p>}
      {statements.length > 0 && !isPriced && <p class="quiet">{say(REQUEST.noAmounts)}</p>}
    </section>
  )
}

const sumOf = (pairs: readonly { readonly down: number; readonly up: number }[]): number =>
  pairs.reduce((sum, { down, up }) => sum + down + up, 0)

export const page = definePage<MineData>({ View: Mine, load, concerns: [] })
