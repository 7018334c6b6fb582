// A binary min-heap of small whole numbers by key, which knows where each stands, so that any key can change or
// leave. Equal keys come in the order of their numbers: equal input gives equal output.

const ABSENT = 0xffffffff

export class Heap {
  size = 0
  private readonly heap: Uint32Array
  private readonly place: Uint32Array
  /** By item; behind the last is that of nobody, Infinity. */
  readonly key: Float64Array
  private readonly nobody: number

  constructor(items: number) {
    this.heap = new Uint32Array(items)
    this.place = new Uint32Array(items).fill(ABSENT)
    this.key = new Float64Array(items + 1).fill(Number.POSITIVE_INFINITY)
    this.nobody = items
  }

  clear(): void {
    for (let n = 0; n < this.size; n++) this.place[this.heap[n]!] = ABSENT
    this.size = 0
  }

  /** The item with the smallest key; in an empty heap nobody. */
  top(): number {
    return this.size > 0 ? this.heap[0]! : this.nobody
  }

  /** The smallest key but that of the top. */
  second(): number {
    const left = this.size > 1 ? this.key[this.heap[1]!]! : Number.POSITIVE_INFINITY
    const right = this.size > 2 ? this.key[this.heap[2]!]! : Number.POSITIVE_INFINITY
    return Math.min(left, right)
  }

  /** Files the item under key[item], whether it was here or not; a number handed over might be boxed. */
  file(item: number): void {
    if (this.place[item] === ABSENT) this.place[item] = this.size++
    this.sink(this.rise(this.place[item]!, item), item)
  }

  delete(item: number): void {
    const at = this.place[item]!
    if (at === ABSENT) return
    this.place[item] = ABSENT
    const moved = this.heap[--this.size]!
    if (moved !== item) this.sink(this.rise(at, moved), moved)
  }

  private before(a: number, b: number): boolean {
    return this.key[a]! < this.key[b]! || (this.key[a] === this.key[b] && a < b)
  }

  private rise(from: number, item: number): number {
    let n = from
    while (n > 0) {
      const parent = (n - 1) >> 1
      const other = this.heap[parent]!
      if (!this.before(item, other)) break
      this.put(n, other)
      n = parent
    }
    return n
  }

  private sink(from: number, item: number): void {
    let n = from
    for (;;) {
      let child = 2 * n + 1
      if (child >= this.size) break
      if (child + 1 < this.size && this.before(this.heap[child + 1]!, this.heap[child]!)) child++
      const other = this.heap[child]!
      if (!this.before(other, item)) break
      this.put(n, other)
      n = child
    }
    this.put(n, item)
  }

  private put(n: number, item: number): void {
    this.heap[n] = item
    this.place[item] = n
  }
}
