// How often one edge may say what its lines carry. Each word is written to the store and the trail and starts a tick,
// so an edge that repeats itself would make the controller work for it alone. Kept in memory, by each controller.

import type { Milliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { LINK_WORD_EVERY, MAX_EDGES, MAX_LINK_WORDS } from '../../runtime/limits.js'

/** An edge is named for this long after its last word that was refused. */
const NAMED_FOR: Milliseconds = 60_000

interface Said {
  /** Words that it may say now; grows by one per `LINK_WORD_EVERY`. */
  readonly left: number
  readonly at: Milliseconds
}

export class LinkWordLimit {
  readonly #clock: Clock
  readonly #said = new Map<string, Said>()
  readonly #refused = new Map<string, Milliseconds>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes one word of an edge. @returns null, or, where it has none left, the time until it has one. */
  take(edge: string): Milliseconds | null {
    const now = this.#clock.monotonic()
    const known = this.#said.get(edge)
    const grown = known === undefined ? MAX_LINK_WORDS : known.left + (now - known.at) / LINK_WORD_EVERY
    const left = Math.min(MAX_LINK_WORDS, grown)
    if (left < 1) {
      this.#refused.set(edge, now)
      return (1 - left) * LINK_WORD_EVERY
    }
    this.#said.delete(edge)
    this.#said.set(edge, { left: left - 1, at: now })
    // Edges that were removed are forgotten; the one that spoke longest ago comes first.
    for (const oldest of this.#said.keys()) {
      if (this.#said.size <= MAX_EDGES) break
      this.#said.delete(oldest)
    }
    return null
  }

  /** Edges of which a word was refused within the last minute. */
  limited(): readonly string[] {
    const now = this.#clock.monotonic()
    for (const [edge, at] of this.#refused) if (now - at > NAMED_FOR) this.#refused.delete(edge)
    return [...this.#refused.keys()]
  }
}
