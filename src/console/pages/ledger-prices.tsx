// The price book, for the role finance alone: what contracts and tiers cost, what providers ask, and corrections of
// months that are closed. Each change is of the book as it is shown.

import type { ComponentChildren } from 'preact'
import { definePage } from '../page.js'
import { turnNow } from '../page-turn.js'
import { amountSaid, parted } from '../parts/money.js'
import { BookHistory } from '../parts/price-book-history.js'
import { type Book, PriceDeed, type Priced } from '../parts/price-deed.js'
import { type Column, Table } from '../parts/table.js'
import { useWords } from '../store.js'
import { LEDGER } from '../words/ledger-texts.js'
import { TEXTS, type Text } from '../words/texts.js'

interface PricesData {
  readonly turn: number
  readonly priced: Priced
  readonly contracts: readonly string[]
  readonly tiers: readonly string[]
}

type Part = 'tariffs' | 'tiers' | 'invoices' | 'corrections'
type Chosen = readonly (readonly [string, string])[]

const chosen = (ids: readonly string[]): Chosen => ids.map((id) => [id, id] as const)

/** What a contract is paid in stands with its price. */
function inCurrency({ book: { tariffs } }: Priced, contract: string, amount: string): string {
  const currency = tariffs[contract]?.currency
  return currency === undefined ? parted(amount) : amountSaid(currency, amount)
}

/** All but one. */
function without<Value>(all: Readonly<Record<string, Value>>, id: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => key !== id))
}

function Prices({ data: { priced, contracts, tiers } }: { readonly data: PricesData }) {
  const { say } = useWords()
  return (
    <>
      <p>
        <a href="/ledger">{say(TEXTS.ledger)}</a>
      </p>
      <h1>{say(LEDGER.prices)}</h1>
      <p class="quiet">
        {say(LEDGER.pricesHow)} {say(LEDGER.version)} {priced.version}.
      </p>
      <BookHistory priced={priced} />
      <Tariffs priced={priced} contracts={contracts} />
      <Tiers priced={priced} tiers={tiers} />
      <Invoices priced={priced} contracts={contracts} />
      <Corrections priced={priced} contracts={contracts} />
    </>
  )
}

interface SectionProps<Row> {
  readonly part: Part
  readonly title: Text
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  readonly priced: Priced
  keyOf(row: Row): string
  /** The book without it. */
  remove(book: Book, row: Row): Book
  readonly children: ComponentChildren
}

/** A part of the book: its rows, each of which can go, and what enters another. */
function Section<Row>({ part, title, rows, columns, priced, keyOf, remove, children }: SectionProps<Row>) {
  const { say } = useWords()
  const gone = (row: Row) => (
    <PriceDeed
      title={LEDGER.remove}
      done={LEDGER.wasSet}
      isGrave
      fields={[]}
      of={priced}
      change={(book) => remove(book, row)}
    />
  )
  return (
    <section id={part}>
      <h2>{say(title)}</h2>
      <Table<Row>
        label={title}
        empty={LEDGER.none}
        rows={rows}
        keyOf={keyOf}
        columns={[...columns, { head: TEXTS.act, look: 'act', cell: gone }]}
      />
      <p>{children}</p>
    </section>
  )
}

interface PartProps {
  readonly priced: Priced
  readonly contracts: readonly string[]
}

function Tariffs({ priced, contracts }: PartProps) {
  return (
    <Section<[string, Book['tariffs'][string]]>
      {...{ part: 'tariffs', title: LEDGER.tariffs, priced, rows: Object.entries(priced.book.tariffs) }}
      keyOf={([id]) => id}
      remove={(book, [id]) => ({ ...book, tariffs: without(book.tariffs, id) })}
      columns={[
        { head: LEDGER.contract, cell: ([id]) => id },
        { head: LEDGER.monthly, isNumber: true, cell: ([, { currency, monthly }]) => amountSaid(currency, monthly) },
        { head: LEDGER.perMbps, isNumber: true, cell: ([, { currency, perMbps }]) => amountSaid(currency, perMbps) },
      ]}
    >
      <PriceDeed
        id="set-tariff"
        title={LEDGER.set}
        done={LEDGER.wasSet}
        of={priced}
        fields={[
          { name: 'contract', label: LEDGER.contract, options: chosen(contracts) },
          { name: 'currency', label: LEDGER.currency },
          { name: 'monthly', label: LEDGER.monthly },
          { name: 'perMbps', label: LEDGER.perMbps, value: '0' },
        ]}
        change={(book, { contract = '', currency = '', monthly = '', perMbps = '' }) => {
          const tariff = { currency: currency.trim().toUpperCase(), monthly: monthly.trim(), perMbps: perMbps.trim() }
          return { ...book, tariffs: { ...book.tariffs, [contract]: tariff } }
        }}
      />
    </Section>
  )
}

function Tiers({ priced, tiers }: { readonly priced: Priced; readonly tiers: readonly string[] }) {
  return (
    <Section<[string, string]>
      {...{ part: 'tiers', title: LEDGER.tiers, priced, rows: Object.entries(priced.book.tiers) }}
      keyOf={([id]) => id}
      remove={(book, [id]) => ({ ...book, tiers: without(book.tiers, id) })}
      columns={[
        { head: LEDGER.tier, cell: ([id]) => id },
        { head: LEDGER.price, isNumber: true, cell: ([, price]) => price },
      ]}
    >
      <PriceDeed
        id="set-tier"
        title={LEDGER.set}
        done={LEDGER.wasSet}
        of={priced}
        fields={[
          { name: 'tier', label: LEDGER.tier, options: chosen(tiers) },
          { name: 'price', label: LEDGER.price },
        ]}
        change={(book, { tier = '', price = '' }) => ({ ...book, tiers: { ...book.tiers, [tier]: price.trim() } })}
      />
    </Section>
  )
}

interface Invoice {
  readonly month: string
  readonly contract: string
  readonly amount: string
}

function Invoices({ priced, contracts }: PartProps) {
  const rows = Object.entries(priced.book.invoices).flatMap(([month, of]) =>
    Object.entries(of).map(([contract, amount]): Invoice => ({ month, contract, amount })),
  )
  rows.sort((a, b) => (a.month === b.month ? 0 : a.month < b.month ? 1 : -1))
  return (
    <Section<Invoice>
      {...{ part: 'invoices', title: LEDGER.invoices, priced, rows }}
      keyOf={({ month, contract }) => `${month} ${contract}`}
      remove={(book, { month, contract }) => {
        const left = without(book.invoices[month] ?? {}, contract)
        const others = without(book.invoices, month)
        return { ...book, invoices: Object.keys(left).length === 0 ? others : { ...others, [month]: left } }
      }}
      columns={[
        { head: LEDGER.month, look: 'time', cell: ({ month }) => month },
        { head: LEDGER.contract, cell: ({ contract }) => contract },
        { head: LEDGER.amount, isNumber: true, cell: ({ contract, amount }) => inCurrency(priced, contract, amount) },
      ]}
    >
      <PriceDeed
        id="set-invoice"
        title={LEDGER.typeIn}
        done={LEDGER.wasSet}
        of={priced}
        fields={[
          { name: 'month', label: LEDGER.month },
          { name: 'contract', label: LEDGER.contract, options: chosen(contracts) },
          { name: 'amount', label: LEDGER.amount },
        ]}
        change={(book, { month = '', contract = '', amount = '' }) => {
          const at = month.trim()
          const of = { ...book.invoices[at], [contract]: amount.trim() }
          return { ...book, invoices: { ...book.invoices, [at]: of } }
        }}
      />
    </Section>
  )
}

function Corrections({ priced, contracts }: PartProps) {
  const { say } = useWords()
  return (
    <Section<[string, Book['corrections'][string]]>
      {...{ part: 'corrections', title: LEDGER.corrections, priced, rows: Object.entries(priced.book.corrections) }}
      keyOf={([id]) => id}
      remove={(book, [id]) => ({ ...book, corrections: without(book.corrections, id) })}
      columns={[
        { head: LEDGER.entry, cell: ([id]) => id },
        { head: LEDGER.enteredIn, look: 'time', cell: ([, { month }]) => month },
        { head: LEDGER.about, look: 'time', cell: ([, { of }]) => of },
        { head: LEDGER.contract, cell: ([, { contract }]) => contract },
        { head: TEXTS.institution, cell: ([, { institution }]) => institution ?? say(TEXTS.everything) },
        {
          head: LEDGER.amount,
          isNumber: true,
          cell: ([, { contract, amount }]) => inCurrency(priced, contract, amount),
        },
        { head: TEXTS.reason, look: 'prose', cell: ([, { reason }]) => reason },
      ]}
    >
      <small>{say(LEDGER.correctionsHow)}</small>{' '}
      <PriceDeed
        id="set-correction"
        title={LEDGER.correct}
        done={LEDGER.wasSet}
        of={priced}
        fields={[
          { name: 'id', label: LEDGER.entry },
          { name: 'month', label: LEDGER.enteredIn },
          { name: 'of', label: LEDGER.about },
          { name: 'contract', label: LEDGER.contract, options: chosen(contracts) },
          { name: 'institution', label: LEDGER.whose, isFree: true },
          { name: 'amount', label: LEDGER.amount },
          { name: 'reason', label: TEXTS.reason },
        ]}
        change={(book, { id = '', month = '', of = '', contract = '', institution = '', amount = '', reason = '' }) => {
          const whose = institution.trim() === '' ? null : institution.trim()
          const about = { month: month.trim(), of: of.trim(), contract, institution: whose }
          const entry = { ...about, amount: amount.trim(), reason }
          return { ...book, corrections: { ...book.corrections, [id.trim()]: entry } }
        }}
      />
    </Section>
  )
}

export const page = definePage<PricesData>({
  View: Prices,
  concerns: ['revision'],
  async load({ call, before }) {
    if (before?.turn === turnNow()) return before
    const [priced, policy] = await Promise.all([call('get', '/v1/ledger/prices', {}), call('get', '/v1/policy', {})])
    const idsOf = (part: 'contracts' | 'tiers'): string[] => Object.keys(policy[part] ?? {}).sort()
    return { turn: turnNow(), priced, contracts: idsOf('contracts'), tiers: idsOf('tiers') }
  },
})
