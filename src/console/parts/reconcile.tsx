// Our month against the provider's: an invoice is typed into the price book, and what LibreNMS has counted comes as its
// file. Nothing is kept of the file.

import { useState } from 'preact/hooks'
import type { ApiAnswered } from '../../client/api-operations.js'
import { fromKbps, percentOf } from '../../model/units.js'
import type { Schema } from '../call.js'
import { useStore, useWords } from '../store.js'
import { LEDGER } from '../words/ledger-texts.js'
import { TEXTS } from '../words/texts.js'
import { FileChoice } from './file-choice.js'
import { PriceDeed } from './price-deed.js'
import { useReady } from './ready.js'
import { Table } from './table.js'

type Found = ApiAnswered<'post', '/v1/ledger/{month}/reconcile'>

interface ReconcileProps {
  readonly month: string
  readonly contracts: Schema['LedgerMonth']['contracts']
  readonly isOpen: boolean
}

export function Reconcile({ month, contracts, isOpen }: ReconcileProps) {
  const store = useStore()
  const { say } = useWords()
  const isReady = useReady()
  const [found, setFound] = useState<Found | null>(null)
  const compare = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const file = new FormData(event.currentTarget as HTMLFormElement).get('file')
    try {
      const text = file instanceof File && file.size > 0 ? await file.text() : null
      const body = text === null ? {} : { libreNms: JSON.parse(text) as unknown }
      setFound(await store.call('post', '/v1/ledger/{month}/reconcile', { path: { month }, body }))
    } catch (error) {
      if (error instanceof SyntaxError) store.say(say(LEDGER.notJson), true)
      else store.complain(error)
    }
  }
  return (
    <section id="reconcile">
      <h2>{say(LEDGER.reconcile)}</h2>
      <p class="quiet">{say(LEDGER.reconcileHow)}</p>
      {isOpen && contracts.length > 0 && (
        <p>
          <PriceDeed
            id="invoice"
            title={LEDGER.typeIn}
            done={LEDGER.typedIn}
            fields={[
              {
                ...{ name: 'contract', label: LEDGER.contract },
                options: contracts.map(({ contract }) => [contract, contract] as const),
              },
              { name: 'amount', label: LEDGER.amount },
            ]}
            change={(book, { contract = '', amount = '' }) => ({
              ...book,
              invoices: { ...book.invoices, [month]: { ...book.invoices[month], [contract]: amount.trim() } },
            })}
          />
        </p>
      )}
      <form method="post" class="row" onSubmit={compare}>
        <FileChoice label={LEDGER.file} accept="application/json,.json" />
        <button type="submit" disabled={!isReady}>
          {say(LEDGER.compare)}
        </button>
      </form>
      {found !== null && <Compared found={found} />}
    </section>
  )
}

function Compared({ found: { rows, unknown, unclear } }: { readonly found: Found }) {
  const { say, rate } = useWords()
  const known = (kbps: number | null): string => (kbps === null ? say(TEXTS.none) : rate(fromKbps(kbps)))
  return (
    <>
      <Table<Found['rows'][number]>
        id="compared"
        label={LEDGER.reconcile}
        rows={rows}
        keyOf={({ contract }) => contract}
        columns={[
          { head: LEDGER.contract, cell: ({ contract }) => contract },
          { head: LEDGER.ours, isNumber: true, cell: ({ ours }) => known(ours) },
          { head: LEDGER.theirs, isNumber: true, cell: ({ theirs }) => known(theirs) },
          {
            head: LEDGER.apart,
            isNumber: true,
            cell: ({ apart }) => (apart === null ? say(TEXTS.none) : percentOf(apart)),
          },
          { head: LEDGER.bill, isNumber: true, cell: ({ bill }) => bill ?? say(TEXTS.none) },
          { head: LEDGER.invoice, isNumber: true, cell: ({ invoice }) => invoice ?? say(TEXTS.none) },
          { head: LEDGER.difference, isNumber: true, cell: ({ difference }) => difference ?? say(TEXTS.none) },
        ]}
      />
      {unknown.length > 0 && (
        <p class="warn">
          {say(LEDGER.ofNone)}: {unknown.join(', ')}
        </p>
      )}
      {unclear.length > 0 && (
        <p class="warn">
          {say(LEDGER.unclear)}: {unclear.join(', ')}
        </p>
      )}
    </>
  )
}
