// Columns carried between a problem and a solver.
//
// `set` copies shared memory word by word, for other threads may look; `fill` copies it as memory is copied, in a third
// of the time. Nobody looks at a problem while it is being solved.

import { bytesIn, type Problem } from './problem.js'

/** Two columns of one length. */
type Pair = readonly [to: ArrayBufferView, from: ArrayBufferView]

export class Copies {
  private readonly columns: (p: Problem) => readonly Pair[]
  private known: SharedArrayBuffer | undefined
  private pairs: readonly { readonly to: Buffer; readonly from: Buffer }[] = []

  /** What is copied for a problem: found once for each buffer, in which its columns stay where they are. */
  constructor(columns: (p: Problem) => readonly Pair[]) {
    this.columns = columns
  }

  make(p: Problem): void {
    if (this.known !== p.buffer) this.find(p)
    for (const { to, from } of this.pairs) to.fill(from)
  }

  private find(p: Problem): void {
    const filled = this.columns(p).filter(([to]) => to.byteLength > 0) // `fill` takes no empty value
    this.pairs = filled.map(([to, from]) => ({ to: bytesIn(to), from: bytesIn(from) }))
    this.known = p.buffer
  }
}
