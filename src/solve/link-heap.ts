// A binary min-heap of links by the level at which each would fill.
//
// It is lazy. A flow that stops or slows on a link can only raise the level at which that link fills, so a level that
// was right once stays a lower bound: nobody touches the heap when a flow freezes, and only the link at the top is
// looked at again (`raise`) before it is believed. Ties go to the smaller link, so that equal input gives equal
// output.

export class LinkHeap {
  size = 0
  /** By place, the top first: the link, and the level it is filed under. */
  readonly link: Uint32Array
  readonly level: Float64Array

  constructor(links: number) {
    this.link = new Uint32Array(links + 1)
    this.level = new Float64Array(links + 1)
  }

  clear(): void {
    this.size = 0
  }

  /** Adds a link; call `heapify` after the last one. */
  add(link: number, level: number): void {
    this.link[this.size] = link
    this.level[this.size++] = level
  }

  heapify(): void {
    for (let n = (this.size >> 1) - 1; n >= 0; n--) this.sink(n)
  }

  /** Files the top link under the level that level[0] was set to. */
  raise(): void {
    this.sink(0)
  }

  pop(): void {
    this.link[0] = this.link[--this.size]!
    this.level[0] = this.level[this.size]!
    if (this.size > 1) this.sink(0)
  }

  private sink(from: number): void {
    const { link, level, size } = this
    const l = link[from]!
    const at = level[from]!
    let n = from
    for (let child = 2 * n + 1; child < size; child = 2 * n + 1) {
      const left = level[child]!
      const right = level[child + 1]!
      const isTie = Number(right === left) & Number(link[child + 1]! < link[child]!)
      child += Number(child + 1 < size) & (Number(right < left) | isTie)
      const first = level[child]!
      if (at < first || (at === first && l < link[child]!)) break
      link[n] = link[child]!
      level[n] = first
      n = child
    }
    link[n] = l
    level[n] = at
  }
}
