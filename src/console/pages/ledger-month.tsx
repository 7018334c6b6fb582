// A month: of every contract what was bought, promised, asked, carried and left idle, with what it costs for whoever
// may see that; the statements of all institutions; and how it is held against the provider's bill, and closed.

import { fromKbps } from '../../model/units.js'
import { everyPage, type Schema } from '../call.js'
import { type Names, namesOf } from '../names.js'
import { definePage } from '../page.js'
import { turning, turnNow } from '../page-turn.js'
import { Deed } from '../parts/deed.js'
import { MonthStatements } from '../parts/ledger-statements.js'
import { amountSaid } from '../parts/money.js'
import { Reconcile } from '../parts/reconcile.js'
import { Table } from '../parts/table.js'
import { useStore, useWords } from '../store.js'
import { LEDGER, slotsSaid } from '../words/ledger-texts.js'
import { unbroken } from '../words/rates.js'
import { TEXTS, type Text } from '../words/texts.js'

type Month = Schema['LedgerMonth']
type Contract = Month['contracts'][number]
type Said = NonNullable<Month['toClose']>['words']['gaps'][number]
type Charge = NonNullable<Month['charges']>[number]

interface MonthData {
  readonly turn: number
  readonly month: Month
  /** Of institutions, closed ones among them, and tiers. */
  readonly names: Names
  readonly isWhole: boolean
}

/** In the page as the server writes it. */
const FIRST_ROWS = 50

function MonthPage({ data: { month, names } }: { readonly data: MonthData }) {
  const store = useStore()
  const { say, time } = useWords()
  const { closing } = month
  return (
    <>
      <p>
        <a href="/ledger">{say(TEXTS.ledger)}</a>
      </p>
      <h1>
        {say(LEDGER.month)} {month.month}
      </h1>
      <p id="state">
        {closing === null ? say(LEDGER.open) : `${say(LEDGER.closed)} ${time(closing.at)} · ${closing.by}`}
      </p>
      {closing !== null && (
        <p class="quiet raw">
          {say(LEDGER.fingerprint)} {closing.fingerprint}
        </p>
      )}
      {month.toClose !== null && <Closing month={month.month} {...month.toClose} />}
      <Bought contracts={month.contracts} />
      {month.charges === null ? (
        <p class="quiet">{say(LEDGER.noPrices)}</p>
      ) : (
        <Costs charges={month.charges.filter(({ cost }) => cost !== null)} />
      )}
      {store.may('finance') && <Reconcile month={month.month} contracts={month.contracts} isOpen={closing === null} />}
      <MonthStatements month={month} names={names} />
    </>
  )
}

/** What is missing is said before the button is there. */
function Closing({ month, words: { missing, gaps } }: { readonly month: string } & NonNullable<Month['toClose']>) {
  const store = useStore()
  const { say } = useWords()
  const path = { month }
  return (
    <section class="card" id="closing">
      <h2>{say(LEDGER.closing)}</h2>
      <Reasons title={LEDGER.missing} reasons={missing} />
      <Reasons title={LEDGER.gaps} reasons={gaps} />
      {missing.length + gaps.length === 0 && <p>{say(LEDGER.ready)}</p>}
      {missing.length === 0 && (
        <Deed
          id="close"
          title={gaps.length === 0 ? LEDGER.close : LEDGER.acceptGaps}
          done={LEDGER.wasClosed}
          isGrave
          fields={[]}
          act={() => {
            const query = gaps.length === 0 ? {} : { gaps: 'accepted' as const }
            return turning(store.call('post', '/v1/ledger/{month}/close', { path, query }))
          }}
        />
      )}
    </section>
  )
}

function Reasons({ title, reasons }: { readonly title: Text; readonly reasons: readonly Said[] }) {
  const { say, lang } = useWords()
  if (reasons.length === 0) return null
  return (
    <>
      <p>{say(title)}</p>
      <ul>
        {reasons.map((reason) => (
          <li key={reason.en} class="warn">
            {reason[lang]}
          </li>
        ))}
      </ul>
    </>
  )
}

function Bought({ contracts }: { readonly contracts: readonly Contract[] }) {
  const { say, lang, rate } = useWords()
  const known = (kbps: number | null): string => (kbps === null ? say(LEDGER.unknown) : unbroken(rate(fromKbps(kbps))))
  const pair = (of: { readonly down: number | null; readonly up: number | null }): string =>
    of.down === null && of.up === null ? say(LEDGER.unknown) : `${known(of.down)}\u00a0/ ${known(of.up)}`
  const both = (of: (usage: Contract['down']) => number | null) => (one: Contract) =>
    pair({ down: of(one.down), up: of(one.up) })
  return (
    <section>
      <h2>{say(LEDGER.contracts)}</h2>
      <p class="quiet">{say(LEDGER.bothWays)}</p>
      <Table<Contract>
        id="contracts"
        label={LEDGER.contracts}
        empty={LEDGER.noContracts}
        rows={contracts}
        keyOf={({ contract }) => contract}
        columns={[
          {
            head: LEDGER.contract,
            cell: ({ contract }) => <a href={`/policy/contracts/${encodeURIComponent(contract)}`}>{contract}</a>,
          },
          { head: LEDGER.provider, cell: ({ provider }) => provider },
          { head: LEDGER.bought, isNumber: true, cell: ({ committed }) => known(committed) },
          { head: LEDGER.promised, isNumber: true, cell: ({ promised }) => pair(promised) },
          { head: LEDGER.asked, isNumber: true, cell: ({ asked }) => pair(asked) },
          { head: LEDGER.billed, isNumber: true, cell: ({ billed }) => known(billed) },
          { head: LEDGER.mean, isNumber: true, cell: both(({ mean }) => mean) },
          { head: LEDGER.peak, isNumber: true, cell: both(({ peak }) => peak) },
          { head: LEDGER.idle, isNumber: true, cell: ({ idle }) => known(idle) },
          {
            head: LEDGER.counted,
            cell: ({ down }) => slotsSaid(lang, down.counted, down.slots),
            mark: ({ down }) => (down.counted * 2 < down.slots ? 'warn' : undefined),
          },
          { head: LEDGER.rule, cell: ({ rule }) => rule ?? say(LEDGER.none) },
        ]}
      />
    </section>
  )
}

function Costs({ charges }: { readonly charges: readonly Charge[] }) {
  const { say, rate } = useWords()
  const amountIn =
    (nothing: Text) =>
    (of: (cost: NonNullable<Charge['cost']>) => string | null) =>
    ({ currency, cost }: Charge): string => {
      const amount = cost && of(cost)
      return amount === null ? say(nothing) : amountSaid(currency, amount)
    }
  const [money, asked] = [amountIn(LEDGER.unknown), amountIn(TEXTS.none)]
  if (charges.length === 0) return null
  return (
    <section>
      <h2>{say(LEDGER.costs)}</h2>
      <Table<Charge>
        id="costs"
        label={LEDGER.costs}
        rows={charges}
        keyOf={({ contract }) => contract}
        columns={[
          { head: LEDGER.contract, cell: ({ contract }) => contract },
          { head: LEDGER.bill, isNumber: true, cell: money(({ bill }) => bill) },
          { head: LEDGER.invoice, isNumber: true, cell: asked(({ invoice }) => invoice) },
          {
            ...{ head: LEDGER.difference, isNumber: true, cell: asked(({ difference }) => difference) },
            mark: (one) => (Number(one.cost?.difference ?? 0) === 0 ? undefined : 'warn'),
          },
          { head: LEDGER.idleCost, isNumber: true, cell: money(({ idle }) => idle) },
          { head: LEDGER.total, isNumber: true, cell: money(({ total }) => total) },
          {
            ...{ head: LEDGER.unshared, isNumber: true, cell: money(({ unshared }) => unshared) },
            mark: (one) => (Number(one.cost?.unshared ?? 0) === 0 ? undefined : 'warn'),
          },
          {
            ...{ head: LEDGER.advice, isNumber: true },
            cell: ({ cost }) => (cost?.commitAdvice == null ? say(TEXTS.none) : rate(fromKbps(cost.commitAdvice))),
          },
        ]}
      />
    </section>
  )
}

/** The first of them, with what these alone pay. */
function cut(month: Month): Month {
  const institutions = month.institutions.slice(0, FIRST_ROWS)
  const shown = new Set(institutions.map(({ institution }) => institution))
  const charges = month.charges?.map((one) => ({
    ...one,
    shares: one.shares.filter(({ institution }) => shown.has(institution)),
  }))
  return { ...month, institutions, charges: charges ?? null }
}

export const page = definePage<MonthData>({
  View: MonthPage,
  async load({ call, address, before, isFirst }) {
    const asked = address.names.month ?? ''
    if (before?.turn === turnNow() && before.month.month === asked && before.isWhole) return before
    const [month, known] = await Promise.all([
      call('get', '/v1/ledger/{month}', { path: { month: asked } }),
      everyPage((pageToken) => call('get', '/v1/institutions', { query: { pageSize: 1_000, pageToken } })),
    ])
    const shown = isFirst ? cut(month) : month
    const ids = new Set(shown.institutions.map(({ institution }) => institution))
    const named = known.flatMap(({ id, name }) =>
      ids.has(id) ? [[`institutions/${id}`, [name.en, name.sw] as const] as const] : [],
    )
    const tiers = shown.institutions.flatMap((one) => one.tiers.map((tier) => `tiers/${tier}`))
    const there = new Set(known.map(({ id }) => id))
    const closed = [...ids].flatMap((id) => (there.has(id) ? [] : [`former/${id}`]))
    const names = { ...(await namesOf(call, [...tiers, ...closed], before?.names)), ...Object.fromEntries(named) }
    return { turn: turnNow(), month: shown, names, isWhole: shown === month }
  },
})
