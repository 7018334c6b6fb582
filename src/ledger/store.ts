// Prices and closed months in the durable store. A month closes in one step of the store, which also notes that the
// trail has still to be told: whatever dies when, the month is open or it is closed, and who reads the store next tells
// the trail what it was not told. What is closed is kept packed and says the same bytes for ever.

import { type DurableOptions, DurableStore } from '../runtime/durable.js'
import { MizaniError } from '../runtime/errors.js'
import { jsonOrNull } from '../runtime/json.js'
import { readLibrary } from '../runtime/redis.js'
import * as z from '../runtime/zod.js'
import { keys } from '../wire/redis-keys.js'
import { EMPTY_BOOK, type PriceBook, priceBookShape } from './price-book.js'
import { type AboutBook, aboutBookShape, type WaitingBook, waitingBookShape } from './price-change.js'

const LIBRARY = readLibrary(new URL('./functions.lua', import.meta.url))

const aboutShape = z.object({
  ...{ at: z.number(), by: z.string(), fingerprint: z.string() },
  billed: z.record(z.string(), z.number()).default({}),
})
/** Who closed a month and when, what its bytes are recognized by, and the kbit/s that contracts were billed by. */
export type Closing = z.infer<typeof aboutShape>

export interface VersionedBook {
  readonly version: string
  readonly book: PriceBook
  /** Who put it in force and why; null: an earlier release did not note it, or nobody has put one yet. */
  readonly about: AboutBook | null
  /** The book that waits for a second person; null: none does. */
  readonly waiting: WaitingBook | null
}

export interface LedgerStoreOptions extends DurableOptions {
  readonly plane: string
}

/** Each @throws MizaniError READ_ONLY, STORE_UNAVAILABLE, OUTCOME_UNKNOWN. */
export class LedgerStore {
  readonly #store: DurableStore
  readonly #keys: ReturnType<typeof keys>['ledger']

  constructor({ plane, ...options }: LedgerStoreOptions) {
    this.#store = new DurableStore(options)
    this.#keys = keys(plane).ledger
  }

  async prices(): Promise<VersionedBook> {
    const { version, book, about, waiting } = await this.kept()
    if (book !== null) return { version, book, about, waiting }
    // What is wrong with it is not said: that would quote prices.
    const message = `The price book in the store, version ${version}, cannot be read.`
    const advice = `Put a whole one in its place, with If-Match "${version}".`
    throw new MizaniError({ code: 'STORE_CORRUPT', message, advice })
  }

  /** The book as it is kept, and the text of the one that waits; null: it cannot be read. */
  async kept(): Promise<
    Omit<VersionedBook, 'book'> & { readonly book: PriceBook | null; readonly waitingText: string }
  > {
    const read = (redis: Parameters<Parameters<DurableStore['read']>[1]>[0]) =>
      redis.hmget(this.#keys.prices, 'version', 'text', 'about', 'waiting')
    const [version, text, about, waiting] = await this.#store.read('Reading the prices', read)
    const waits = waitingBookShape.safeParse(jsonOrNull(waiting ?? '')).data ?? null
    const others = { waiting: waits, waitingText: waiting ?? '' }
    if (!version || !text) return { ...others, version: '0', book: EMPTY_BOOK, about: null }
    const said = aboutBookShape.safeParse(jsonOrNull(about ?? '')).data ?? null
    return { ...others, version, book: priceBookShape.safeParse(jsonOrNull(text)).data ?? null, about: said }
  }

  /**
   * @param expected the version that was read, and the text of the book that waits where this is that one
   * @param months that the change is about: none of them may be closed
   * @throws MizaniError PRECONDITION_FAILED when others have changed it since it was read, or closed such a month.
   */
  async setPrices(
    book: PriceBook,
    about: AboutBook,
    { version: expected, waitingText = '' }: { readonly version: string; readonly waitingText?: string },
    months: readonly string[],
  ): Promise<string> {
    await this.#store.assertDurable()
    const args = [expected, JSON.stringify(book), JSON.stringify(about), waitingText, ...months]
    const at = [this.#keys.prices, this.#keys.months]
    const answer = await this.#store.call(LIBRARY, 'mizani_ledger_prices_2', at, args, 'Writing prices')
    const [verdict, version] = answer as [string, string]
    if (verdict === 'OK') return version
    if (verdict === 'CLOSED')
      throw new MizaniError({
        code: 'PRECONDITION_FAILED',
        message: `${version} was closed meanwhile: its invoices and corrections stay as they are.`,
        advice: 'Enter a correction in a later month.',
      })
    throw changedMeanwhile(version, expected)
  }

  /** Keeps a book until a second person agrees; it takes the place of one that waited. @throws as `setPrices` */
  async keepWaiting(waiting: WaitingBook): Promise<void> {
    await this.#store.assertDurable()
    const args = [waiting.version, JSON.stringify(waiting)]
    const answer = await this.#store.call(LIBRARY, 'mizani_ledger_wait_2', [this.#keys.prices], args, 'Writing prices')
    const [verdict, version] = answer as [string, string]
    if (verdict !== 'OK') throw changedMeanwhile(version, waiting.version)
  }

  /** Closed months with who closed them, the earliest first. */
  async closed(): Promise<Map<string, Closing>> {
    const found = await this.#store.read('Reading the months', (redis) => redis.hgetall(this.#keys.closings))
    const known = Object.entries(found).flatMap(([month, text]) => {
      const about = aboutShape.safeParse(jsonOrNull(text)).data
      return about === undefined ? [] : [[month, about] as const]
    })
    return new Map(known.sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** The bytes of a closed month; null: it is open. */
  month(month: string): Promise<Uint8Array | null> {
    return this.#store.read('Reading a month', (redis) => redis.hgetBuffer(this.#keys.months, month))
  }

  /** @param version of the prices it was counted with. @returns whether it was still open */
  async close(month: string, packed: Uint8Array, about: Closing, version: string): Promise<boolean> {
    await this.#store.assertDurable()
    const { prices, months, closings, untold } = this.#keys
    const args = [month, Buffer.from(packed), JSON.stringify(about), version]
    const at = [prices, months, closings, untold]
    const verdict = await this.#store.call(LIBRARY, 'mizani_ledger_close_2', at, args, 'Closing a month')
    if (verdict !== 'STALE') return verdict === 'OK'
    const message = 'Prices have changed while the month was counted.'
    throw new MizaniError({ code: 'PRECONDITION_FAILED', message, advice: 'Look at it again, and close it then.' })
  }

  /** Closed months that the trail has still to be told of. */
  untold(): Promise<string[]> {
    return this.#store.read('Reading the months', (redis) => redis.smembers(this.#keys.untold))
  }

  async told(month: string): Promise<void> {
    await this.#store.write(['SREM', this.#keys.untold, month], 'Noting a month as told')
  }
}

function changedMeanwhile(version: string, expected: string): MizaniError {
  const message = `The price book has changed: it is version ${version} now, not ${expected}.`
  return new MizaniError({ code: 'PRECONDITION_FAILED', message, advice: 'Read it again and repeat the change.' })
}
