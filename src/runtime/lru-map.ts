// A map of what was used last: at most so many entries, of which the one least recently used goes first. For values
// that cost something to make and can be made again.

export class LruMap<V> {
  readonly #most: number
  readonly #dropped: (value: V) => void
  /** In the order of use, as Map keeps the order in which keys were set. */
  readonly #entries = new Map<string, V>()

  /** @param dropped told of each value that is kept no more */
  constructor(most: number, dropped: (value: V) => void = () => undefined) {
    this.#most = most
    this.#dropped = dropped
  }

  /** What is kept under this key, or else is made now; null is not kept. Counts as a use. */
  get(key: string, make: () => V): V
  get(key: string, make: () => V | null): V | null
  get(key: string, make: () => V | null): V | null {
    const found = this.#entries.get(key) ?? make()
    if (found !== null) this.set(key, found)
    return found
  }

  set(key: string, value: V): void {
    const before = this.#entries.get(key)
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (before !== undefined && before !== value) this.#dropped(before)
    if (this.#entries.size > this.#most) this.delete(this.#entries.keys().next().value!)
  }

  /** Where one more would not fit, lets go of the one used least recently, before what takes its place is made. */
  makeRoom(): void {
    if (this.#entries.size > 0 && this.#entries.size >= this.#most) this.delete(this.#entries.keys().next().value!)
  }

  /** What is kept under this key; does not count as a use. */
  peek(key: string): V | undefined {
    return this.#entries.get(key)
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  delete(key: string): void {
    const value = this.#entries.get(key)
    this.#entries.delete(key)
    if (value !== undefined) this.#dropped(value)
  }
}
