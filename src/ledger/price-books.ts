// Changes of the price book: one officer puts a book with a reason, and where a guard of the policy asks for a second
// person, the book waits in the store until another officer agrees to it by its fingerprint. What waits is made on one
// version: a change of the book, or a newer book that waits, takes its place.

import { canonicalJson } from '../model/canonical.js'
import type { PolicyDocument } from '../policy/document/document.js'
import type { Clock } from '../runtime/clock.js'
import { invalid, MizaniError } from '../runtime/errors.js'
import type { Sealing } from '../runtime/sealing.js'
import { shapeFaults } from '../runtime/shape-faults.js'
import { bookFaults, changedMonths, type PriceBook, priceBookShape } from './price-book.js'
import { type BookChange, changedKeys, guardsOfBook, namedKeys } from './price-change.js'
import type { LedgerStore } from './store.js'

export interface PriceBooksDeps {
  readonly store: LedgerStore
  readonly policy: { readonly document: PolicyDocument }
  readonly sealing: Pick<Sealing, 'fingerprint'>
  readonly clock: Clock
}

/** Who changes the price book, and why. */
export interface PriceAuthor {
  readonly by: string
  readonly reason: string
}

/** `guards`: ids of those that ask for a second person; `version` is in force. */
export interface PricesPut {
  readonly version: string
  readonly change: BookChange
  readonly guards: readonly string[]
}

export class PriceBooks {
  readonly #deps: PriceBooksDeps

  constructor(deps: PriceBooksDeps) {
    this.#deps = deps
  }

  /**
   * Puts a book in force, or keeps it for a second person where a guard of the policy asks for one.
   * @throws MizaniError POLICY_INVALID with every fault, PRECONDITION_FAILED when others were faster.
   */
  async put(said: unknown, expected: string, { by, reason }: PriceAuthor): Promise<PricesPut> {
    const { store, policy, clock } = this.#deps
    const parsed = priceBookShape.safeParse(said)
    if (!parsed.success) throw invalid('POLICY_INVALID', 'The price book', shapeFaults(parsed.error.issues))
    const book = parsed.data
    const { book: kept, months } = await this.#checked(book)
    const at = clock.wall()
    const keys = changedKeys(book, kept)
    const change = { at, by, reason, fingerprint: this.#fingerprint(book), ...namedKeys(keys) }
    const guards = guardsOfBook(policy.document, keys, at)
    if (guards.length > 0) {
      await store.keepWaiting({ ...change, version: expected, guards, book })
      return { version: expected, change, guards }
    }
    const version = await store.setPrices(book, { ...change, approvedBy: null }, { version: expected }, months)
    return { version, change, guards }
  }

  /**
   * Puts the book that waits in force.
   * @param fingerprint of the book that the second person has read
   * @throws MizaniError NOT_FOUND, SELF_APPROVAL, POLICY_INVALID, PRECONDITION_FAILED.
   */
  async approve(fingerprint: string, actor: string): Promise<PricesPut> {
    const { store } = this.#deps
    const { waiting, waitingText } = await store.kept()
    if (waiting === null) throw new MizaniError({ code: 'NOT_FOUND', message: 'No price book waits for approval.' })
    if (waiting.by === actor) {
      const message = `${actor} has put this price book; another finance officer has to agree to it.`
      throw new MizaniError({ code: 'SELF_APPROVAL', message })
    }
    if (waiting.fingerprint !== fingerprint) {
      const message = 'Another price book waits than the one that you name.'
      const advice = 'Read the one that waits, and approve it by its fingerprint: mizani ledger prices.'
      throw new MizaniError({ code: 'PRECONDITION_FAILED', message, advice })
    }
    const { version: expected, guards, book, ...change } = waiting
    const { months } = await this.#checked(book)
    const about = { ...change, approvedBy: actor }
    const version = await store.setPrices(book, about, { version: expected, waitingText }, months)
    return { version, change, guards }
  }

  /** @throws MizaniError POLICY_INVALID with every fault. */
  async #checked(book: PriceBook): Promise<{ readonly book: PriceBook | null; readonly months: string[] }> {
    const { store, policy } = this.#deps
    const [{ book: kept }, closed] = await Promise.all([store.kept(), store.closed()])
    const faults = bookFaults(book, kept, policy.document, new Set(closed.keys()))
    if (faults.length > 0) throw invalid('POLICY_INVALID', 'The price book', faults)
    return { book: kept, months: kept === null ? [] : changedMonths(book, kept) }
  }

  #fingerprint(book: PriceBook): string {
    return this.#deps.sealing.fingerprint(canonicalJson(book))
  }
}
