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
    const { version, book } = await this.kept()
    if (book !== null) return { version, book }
    // What is wrong with it is not said: that would quote prices.
    const message = `The price book in the store, version ${version}, cannot be read.`
    const advice = `Put a whole one in its place, with If-Match "${version}".`
    throw new MizaniError({ code: 'STORE_CORRUPT', message, advice })
  }

  /** The book as it is kept; null: it cannot be read. */
  async kept(): Promise<{ readonly version: string; readonly book: PriceBook | null }> {
    const read = (redis: Parameters<Parameters<DurableStore['read']>[1]>[0]) =>
      redis.hmget(this.#keys.prices, 'version', 'text')
    const [version, text] = await this.#store.read('Reading the prices', read)
    if (!version || !text) return { version: '0', book: EMPTY_BOOK }
    return { version, book: priceBookShape.safeParse(jsonOrNull(text)).data ?? null }
  }

  /**
   * @param months that the change is about: none of them may be closed
   * @throws MizaniError PRECONDITION_FAILED when others have changed it since it was read, or closed such a month.
   */
  async setPrices(book: PriceBook, expected: string, months: readonly string[]): Promise<string> {
    await this.#store.assertDurable()
    const args = [expected, JSON.stringify(book), ...months]
    const at = [this.#keys.prices, this.#keys.months]
    const answer = await this.#store.call(LIBRARY, 'mizani_ledger_prices_1', at, args, 'Writing prices')
    const [verdict, version] = answer as [string, string]
    if (verdict === 'OK') return version
    if (verdict === 'CLOSED')
      throw new MizaniError({
        code: 'PRECONDITION_FAILED',
        message: `${version} was closed meanwhile: its invoices and corrections stay as they are.`,
        advice: 'Enter a correction in a later month.',
      })
    const message = `The price book has changed: it is version ${version} now, not ${expected}.`
    throw new MizaniError({ code: 'PRECONDITION_FAILED', message, advice: 'Read it again and repeat the change.' })
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
    const verdict = await this.#store.call(LIBRARY, 'mizani_ledger_close_1', at, args, 'Closing a month')
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
