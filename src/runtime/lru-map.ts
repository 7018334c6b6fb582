// A map of what was used last: at most so many entries, of which the one least recently used goes first. For values
// that cost something to make and can be made again.

export class LruMap<V> {
  readonly #most: number
  /** In the order of use, as Map keeps the order in which keys were set. */
  readonly #entries = new Map<string, V>()

  constructor(most: number) {
    this.#most = most
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
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.#most) this.#entries.delete(this.#entries.keys().next().value!)
  }

  /** What is kept under this key; does not count as a use. */
  peek(key: string): V | undefined {
    return this.#entries.get(key)
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }
}
