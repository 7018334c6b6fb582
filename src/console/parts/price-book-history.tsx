// Who put the price book in force and why, and the book that waits for a second finance officer.

import { turning } from '../page-turn.js'
import { useStore, useWords } from '../store.js'
import { LEDGER } from '../words/ledger-texts.js'
import { TEXTS } from '../words/texts.js'
import { Deed } from './deed.js'
import type { Priced } from './price-deed.js'
import { Table } from './table.js'

type Change = NonNullable<Priced['about']>

export function BookHistory({ priced: { about, waiting } }: { readonly priced: Priced }) {
  const { say } = useWords()
  const store = useStore()
  const rows: (Omit<Change, 'approvedBy'> & { readonly who: string; readonly state: string })[] = [
    ...(waiting === null ? [] : [{ ...waiting, who: '', state: say(LEDGER.bookWaits) }]),
    ...(about === null ? [] : [{ ...about, who: about.approvedBy ?? '', state: say(LEDGER.inForce) }]),
  ]
  if (rows.length === 0) return null
  return (
    <section id="book">
      <h2>{say(LEDGER.bookChange)}</h2>
      <Table<(typeof rows)[number]>
        label={LEDGER.bookChange}
        empty={LEDGER.none}
        rows={rows}
        keyOf={({ fingerprint, state }) => `${state} ${fingerprint}`}
        columns={[
          { head: LEDGER.state, look: 'prose', cell: ({ state }) => state },
          { head: LEDGER.author, cell: ({ by }) => by },
          { head: LEDGER.approver, cell: ({ who }) => who },
          { head: TEXTS.reason, look: 'prose', cell: ({ reason }) => reason },
          { head: LEDGER.changedKeys, look: 'prose', cell: ({ changed }) => changed.join(', ') },
          { head: LEDGER.fingerprint, cell: ({ fingerprint }) => <code>{fingerprint.slice(0, 16)}</code> },
        ]}
      />
      {waiting !== null && waiting.by !== store.me.value?.actor && (
        <Deed
          id="approve-prices"
          title={LEDGER.approveBook}
          done={LEDGER.wasSet}
          fields={[]}
          act={() =>
            turning(store.call('post', '/v1/ledger/prices/approve', { body: { fingerprint: waiting.fingerprint } }))
          }
        />
      )}
    </section>
  )
}
