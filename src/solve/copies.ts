// Columns carried between a problem and a solver.
//
// `set` copies shared memory word by word, for other threads may look; `fill` copies it as memory is copied, in a third
// of the time. Nobody looks at a problem while it is being solved.

import { bytesIn, type Problem } from './problem.js'

/** Two columns of one length. */
type Pair = readonly [to: ArrayBufferView, from: ArrayBufferView]

interface Bytes {
  readonly to: Buffer
  readonly from: Buffer
}

export class Copies {
  private readonly columns: (p: Problem) => readonly Pair[]
  /** By buffer: a controller solves in two by turns. */
  private readonly known = new WeakMap<SharedArrayBuffer, readonly Bytes[]>()

  /** What is copied for a problem: found once for each buffer, in which its columns stay where they are. */
  constructor(columns: (p: Problem) => readonly Pair[]) {
    this.columns = columns
  }

  make(p: Problem): void {
    for (const { to, from } of this.known.get(p.buffer) ?? this.find(p)) to.fill(from)
  }

  private find(p: Problem): readonly Bytes[] {
    const filled = this.columns(p).filter(([to]) => to.byteLength > 0) // `fill` takes no empty value
    const bytes = filled.map(([to, from]) => ({ to: bytesIn(to), from: bytesIn(from) }))
    this.known.set(p.buffer, bytes)
    return bytes
  }
}
