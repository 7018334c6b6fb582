// A binary min-heap of links by the level at which each would fill.
//
// It is lazy. A flow that stops or slows on a link can only raise the level at which that link fills, so a key that
// was right once stays a lower bound: nobody touches the heap when a flow freezes, and only the link at the top is
// looked at again (`raise`) before it is believed. Ties go to the smaller link, so that equal input gives equal
// output.

export class LinkHeap {
  size = 0
  private readonly heap: Uint32Array
  /** By link: the level it is filed under. */
  readonly key: Float64Array

  constructor(links: number) {
    this.heap = new Uint32Array(links)
    this.key = new Float64Array(links)
  }

  clear(): void {
    this.size = 0
  }

  /** Adds a link; call `heapify` after the last one. */
  add(link: number, level: number): void {
    this.key[link] = level
    this.heap[this.size++] = link
  }

  heapify(): void {
    for (let n = (this.size >> 1) - 1; n >= 0; n--) this.sink(n)
  }

  top(): number {
    return this.heap[0]!
  }

  /** Files the top link under a higher level. */
  raise(level: number): void {
    this.key[this.heap[0]!] = level
    this.sink(0)
  }

  pop(): void {
    this.heap[0] = this.heap[--this.size]!
    if (this.size > 1) this.sink(0)
  }

  private sink(from: number): void {
    const { heap, key, size } = this
    const link = heap[from]!
    const level = key[link]!
    let n = from
    for (;;) {
      let child = 2 * n + 1
      if (child >= size) break
      let other = heap[child]!
      if (child + 1 < size) {
        const right = heap[child + 1]!
        if (key[right]! < key[other]! || (key[right] === key[other] && right < other)) {
          child++
          other = right
        }
      }
      if (level < key[other]! || (level === key[other] && link < other)) break
      heap[n] = other
      n = child
    }
    heap[n] = link
  }
}
