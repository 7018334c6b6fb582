// One institution's month: what it was guaranteed, what it asked, got and used, for how long it had less and why, each
// agreement, and what it pays by which rule. To print there is a page of its own.

import { formatMinutes, formatRate, fromKbps, percentOf } from '../../model/units.js'
import type { Schema } from '../call.js'
import { type Names, namesOf, useNames } from '../names.js'
import { definePage } from '../page.js'
import { turnNow } from '../page-turn.js'
import { partSaid } from '../parts/ledger-statements.js'
import { amountSaid } from '../parts/money.js'
import { useServiceName } from '../parts/request.js'
import { Table } from '../parts/table.js'
import { useWords } from '../store.js'
import { LEDGER, slotsSaid } from '../words/ledger-texts.js'
import { TEXTS, type Text } from '../words/texts.js'

type Statement = Schema['Statement']
type Agreement = Statement['institution']['agreements'][number]
type Charge = NonNullable<Statement['charges']>[number]

interface StatementData {
  readonly turn: number
  readonly statement: Statement
  /** Null: it is not there any more. */
  readonly name: { readonly en: string; readonly sw: string } | null
  readonly names: Names
}

function StatementPage({ data: { statement, name, names } }: { readonly data: StatementData }) {
  const named = useNames(names)
  const { say, lang, time } = useWords()
  const { month, zone, closing, institution: one } = statement
  const mean = (kbps: number | null): string => (kbps === null ? say(LEDGER.unseen) : formatRate(fromKbps(kbps)))
  const facts: readonly (readonly [Text, string])[] = [
    [LEDGER.tier, one.tiers.map((tier) => named('tiers', tier)).join(', ')],
    [LEDGER.asked, mean(one.asked)],
    [LEDGER.served, mean(one.served)],
    [LEDGER.used, mean(one.used)],
    [LEDGER.missed, mean(one.missed)],
    [LEDGER.counted, slotsSaid(lang, one.seen, one.slots)],
    [LEDGER.below, formatMinutes(one.minutesBelow)],
    [LEDGER.kept, partSaid(one.attainment) ?? say(LEDGER.unseen)],
  ]
  const paper = `/v1/institutions/${encodeURIComponent(one.institution)}/statement?month=${month}&lang=${lang}`
  return (
    <>
      <p>
        <a href={`/ledger/${month}`}>
          {say(TEXTS.ledger)} {month}
        </a>
      </p>
      <h1>{name?.[lang] ?? one.institution}</h1>
      <p>
        {say(LEDGER.statement)} {month} ({zone}) ·{' '}
        {closing === null ? say(LEDGER.open) : `${say(LEDGER.closed)} ${time(closing.at)}`}
      </p>
      <p class="row">
        <a id="print" class="button" href={paper} target="_blank" rel="noreferrer">
          {say(LEDGER.print)}
        </a>
        <a class="button" href={`/institutions/${encodeURIComponent(one.institution)}`}>
          {say(TEXTS.institution)}
        </a>
      </p>
      <dl id="facts">
        {facts.map(([what, said]) => (
          <div key={what[0]}>
            <dt>{say(what)}</dt>
            <dd>{said}</dd>
          </div>
        ))}
      </dl>
      <Entitled entitled={one.entitled} />
      <Agreements agreements={one.agreements} />
      {one.causes.length > 0 && (
        <section>
          <h2>{say(LEDGER.causes)}</h2>
          <Table
            label={LEDGER.causes}
            rows={one.causes}
            keyOf={({ limit }) => limit}
            columns={[
              { head: LEDGER.causes, cell: ({ limit }) => <Limit limit={limit} /> },
              { head: LEDGER.minutes, isNumber: true, cell: ({ minutes }) => formatMinutes(minutes) },
            ]}
          />
        </section>
      )}
      <Charges statement={statement} />
    </>
  )
}

/** As it is recorded: a code, and of what. */
function Limit({ limit }: { readonly limit: string }) {
  const words = useWords()
  const [code = '', ...id] = limit.split(' ')
  return <>{words.limit({ code, id: id.join(' ') || null } as Parameters<typeof words.limit>[0])}</>
}

function Entitled({ entitled }: Pick<Statement['institution'], 'entitled'>) {
  const { say } = useWords()
  const serviceName = useServiceName()
  const rate = (kbps: number): string => formatRate(fromKbps(kbps))
  return (
    <section>
      <h2>{say(LEDGER.entitled)}</h2>
      <p class="quiet">{say(LEDGER.bothWays)}</p>
      <Table
        label={LEDGER.entitled}
        rows={Object.entries(entitled)}
        keyOf={([service]) => service}
        columns={[
          { head: TEXTS.service, cell: ([service]) => serviceName(service) },
          { head: LEDGER.entitled, isNumber: true, cell: ([, { down, up }]) => `${rate(down)} / ${rate(up)}` },
        ]}
      />
    </section>
  )
}

function Agreements({ agreements }: { readonly agreements: readonly Agreement[] }) {
  const { say } = useWords()
  const serviceName = useServiceName()
  const verdict = ({ kept }: Agreement): Text =>
    kept === null ? LEDGER.unseen : kept ? LEDGER.wasKept : LEDGER.notKept
  return (
    <section>
      <h2>{say(LEDGER.agreed)}</h2>
      <Table<Agreement>
        id="agreements"
        label={LEDGER.agreed}
        empty={LEDGER.none}
        rows={agreements}
        keyOf={({ id }) => id}
        columns={[
          {
            head: LEDGER.agreed,
            cell: ({ id, reference }) => <a href={`/policy/agreements/${encodeURIComponent(id)}`}>{reference}</a>,
          },
          { head: TEXTS.service, cell: ({ services }) => services.map(serviceName).join(', ') },
          { head: LEDGER.promised, isNumber: true, cell: ({ attainment }) => percentOf(attainment, attainment) },
          {
            ...{ head: LEDGER.kept, isNumber: true },
            cell: ({ reached, attainment }) => partSaid(reached, attainment) ?? say(LEDGER.unseen),
          },
          {
            ...{ head: LEDGER.state, cell: (one) => say(verdict(one)) },
            mark: ({ kept }) => (kept === false ? 'bad' : undefined),
          },
        ]}
      />
    </section>
  )
}

function Charges({ statement: { charges, totals } }: { readonly statement: Statement }) {
  const { say } = useWords()
  if (charges === null) return <p class="quiet">{say(LEDGER.noPrices)}</p>
  return (
    <section>
      <h2>{say(LEDGER.toPay)}</h2>
      <Table<Charge>
        id="charges"
        label={LEDGER.toPay}
        empty={LEDGER.none}
        rows={charges}
        keyOf={({ contract }) => contract}
        columns={[
          { head: LEDGER.contract, cell: ({ contract, provider }) => `${contract} (${provider})` },
          { head: LEDGER.rule, cell: ({ rule }) => rule ?? say(LEDGER.none) },
          { head: LEDGER.amount, isNumber: true, cell: ({ currency, amount }) => amountSaid(currency, amount) },
        ]}
      />
      {Object.entries(totals ?? {}).map(([currency, total]) => (
        <p key={currency}>
          <strong>
            {say(LEDGER.toPay)}: {amountSaid(currency, total)}
          </strong>
        </p>
      ))}
    </section>
  )
}

export const page = definePage<StatementData>({
  View: StatementPage,
  async load({ call, address, before }) {
    const { month = '', id = '' } = address.names
    const known = before?.statement
    const isSame = known?.month === month && known.institution.institution === id
    if (before?.turn === turnNow() && isSame) return before
    const path = { id }
    const [statement, found] = await Promise.all([
      call('get', '/v1/institutions/{id}/statement', { path, query: { month } }),
      call('get', '/v1/institutions', { query: { q: id, pageSize: 1_000 } }),
    ])
    const name = found.items.find((one) => one.id === id)?.name ?? null
    const places = statement.institution.tiers.map((tier) => `tiers/${tier}`)
    return { turn: turnNow(), statement, name, names: await namesOf(call, places) }
  },
})
