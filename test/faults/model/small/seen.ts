// The keys of the worlds that were seen, in memory that threads share: whoever adds one first has found it. 64 bits of
// a hash stand for a world; of ten million, two share them with a probability of three in a million.

const BYTES = 8
/** Keys that stand one after the other: the table is full long before. */
const MAX_PROBES = 10_000

export class Seen {
  readonly buffer: SharedArrayBuffer
  readonly #slots: BigInt64Array
  readonly #mask: number

  /** @param from as many slots as are a power of two, or the memory of another such table */
  constructor(from: number | SharedArrayBuffer) {
    this.buffer = typeof from === 'number' ? new SharedArrayBuffer(from * BYTES) : from
    this.#slots = new BigInt64Array(this.buffer)
    this.#mask = this.#slots.length - 1
  }

  /** False: it is there already. @param key not 0 */
  add(key: bigint): boolean {
    let slot = Number(key & 0x3fff_ffffn) & this.#mask
    for (let probes = 0; probes < MAX_PROBES; probes++) {
      const found = Atomics.compareExchange(this.#slots, slot, 0n, key)
      if (found === 0n) return true
      if (found === key) return false
      slot = (slot + 1) & this.#mask
    }
    throw new Error(`no room for more states than ${this.#slots.length}`)
  }
}
