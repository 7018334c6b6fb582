// Answers that were given under an idempotency key, kept for a day in the durable store: whoever did not hear the
// answer sends the same request again, and gets it, and nothing is done twice.

import { type DurableOptions, DurableStore } from '../../runtime/durable.js'
import { keys, type PlaneKeys } from '../../wire/redis-keys.js'

const KEPT_SECONDS = 86_400
/** A request that has not ended after this time never will. */
const RUNNING_SECONDS = 60
const DOING = 'Keeping the answer of a write'

export interface KeptAnswer {
  /** Of the request: method, address and body. */
  readonly digest: string
  /** Null: it is still being worked on. */
  readonly answer: { readonly status: number; readonly body: string } | null
}

export class AnswerStore {
  readonly #store: DurableStore
  readonly #keys: PlaneKeys

  constructor({ plane, ...store }: DurableOptions & { readonly plane: string }) {
    this.#store = new DurableStore(store)
    this.#keys = keys(plane)
  }

  /** Null: the key is new, and this request's from now on. Otherwise what is known under it. */
  async begin(id: string, digest: string): Promise<KeptAnswer | null> {
    const key = this.#keys.answer(id)
    const begun: KeptAnswer = { digest, answer: null }
    const text = JSON.stringify(begun)
    const set = await this.#store.write(['SET', key, text, 'NX', 'EX', String(RUNNING_SECONDS)], DOING)
    if (set === 'OK') return null
    const known = await this.#store.read(DOING, (redis) => redis.get(key))
    // Only this class writes here, and what it writes is a KeptAnswer.
    return known === null ? this.begin(id, digest) : (JSON.parse(known) as KeptAnswer)
  }

  async keep(id: string, kept: KeptAnswer): Promise<void> {
    await this.#store.write(['SET', this.#keys.answer(id), JSON.stringify(kept), 'EX', String(KEPT_SECONDS)], DOING)
  }

  /** The request was refused: the same key may be tried again. */
  async forget(id: string): Promise<void> {
    await this.#store.write(['DEL', this.#keys.answer(id)], DOING)
  }
}
