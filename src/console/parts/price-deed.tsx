// A change of the price book: of the book as it is now, unless the page shows one; then of that one and no other, so
// that what others have entered meanwhile is not lost.

import type { ApiAnswered } from '../../client/api-operations.js'
import { turning } from '../page-turn.js'
import { useStore } from '../store.js'
import { Deed, type DeedProps } from './deed.js'

export type Priced = ApiAnswered<'get', '/v1/ledger/prices'>
export type Book = Priced['book']

interface PriceDeedProps extends Omit<DeedProps, 'act'> {
  /** The book that is shown; absent: none is. */
  readonly of?: Priced
  change(book: Book, values: Readonly<Record<string, string>>): Book
}

export function PriceDeed({ of, change, ...deed }: PriceDeedProps) {
  const store = useStore()
  return (
    <Deed
      {...deed}
      act={async (values) => {
        const { version, book } = of ?? (await store.call('get', '/v1/ledger/prices', {}))
        const headers = { 'if-match': `"${version}"` }
        await turning(store.call('put', '/v1/ledger/prices', { body: change(book, values), headers }))
      }}
    />
  )
}
