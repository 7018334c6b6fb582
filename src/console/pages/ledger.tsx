// The ledger: its months, and the way to what is in writing and to prices.

import { ifThere, type Schema } from '../call.js'
import { definePage } from '../page.js'
import { turnNow } from '../page-turn.js'
import { Table } from '../parts/table.js'
import { useStore, useWords } from '../store.js'
import { LEDGER } from '../words/ledger-texts.js'
import { TEXTS } from '../words/texts.js'

interface LedgerData {
  readonly turn: number
  readonly months: readonly { readonly month: string; readonly closing: Schema['LedgerMonth']['closing'] }[]
}

function Ledger({ data }: { readonly data: LedgerData }) {
  const store = useStore()
  const { say, time } = useWords()
  const ways = [
    ['/ledger/register', LEDGER.register],
    ...(store.may('finance') ? ([['/ledger/prices', LEDGER.prices]] as const) : []),
    ['/policy/contracts', LEDGER.contracts],
    ['/policy/agreements', LEDGER.agreements],
    ['/policy/sharing', LEDGER.sharing],
    ...(store.may('operator') ? ([['/import', LEDGER.sheets]] as const) : []),
  ] as const
  return (
    <>
      <h1>{say(TEXTS.ledger)}</h1>
      <p class="quiet">{say(LEDGER.how)}</p>
      <p class="row">
        {ways.map(([address, said]) => (
          <a key={address} class="button" href={address}>
            {say(said)}
          </a>
        ))}
      </p>
      <section>
        <h2>{say(LEDGER.months)}</h2>
        <Table
          id="months"
          label={LEDGER.months}
          rows={data.months}
          keyOf={({ month }) => month}
          columns={[
            { head: LEDGER.month, look: 'time', cell: ({ month }) => <a href={`/ledger/${month}`}>{month}</a> },
            {
              head: LEDGER.state,
              cell: ({ closing }) =>
                closing === null ? say(LEDGER.open) : `${say(LEDGER.closed)} ${time(closing.at)} · ${closing.by}`,
            },
          ]}
        />
      </section>
    </>
  )
}

export const page = definePage<LedgerData>({
  View: Ledger,
  async load({ call, before }) {
    if (before?.turn === turnNow()) return before
    const found = await ifThere(call('get', '/v1/ledger', {}))
    return { turn: turnNow(), months: found?.items ?? [] }
  },
})
