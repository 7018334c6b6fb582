// A change of the price book: of the book as it is now, unless the page shows one; then of that one and no other, so
// that what others have entered meanwhile is not lost.

import type { ApiAnswered } from '../../client/api-operations.js'
import { turning } from '../page-turn.js'
import { useStore, useWords } from '../store.js'
import { LEDGER } from '../words/ledger-texts.js'
import { Deed, type DeedProps } from './deed.js'

export type Priced = ApiAnswered<'get', '/v1/ledger/prices'>
export type Book = Priced['book']

interface PriceDeedProps extends Omit<DeedProps, 'act'> {
  /** The book that is shown; absent: none is. */
  readonly of?: Priced
  change(book: Book, values: Readonly<Record<string, string>>): Book
}

export function PriceDeed({ of, change, fields, ...deed }: PriceDeedProps) {
  const store = useStore()
  const { say } = useWords()
  return (
    <Deed
      {...deed}
      fields={[...fields, { name: 'why', label: LEDGER.why }]}
      act={async ({ why = '', ...values }) => {
        const { version, book } = of ?? (await store.call('get', '/v1/ledger/prices', {}))
        const headers = { 'if-match': `"${version}"` }
        const asked = { body: change(book, values), headers, query: { reason: why } }
        const { waitsFor } = await turning(store.call('put', '/v1/ledger/prices', asked))
        return waitsFor.length > 0 ? say(LEDGER.bookWaits) : undefined
      }}
    />
  )
}
