// Columns carried between a problem and a solver.
//
// `set` copies shared memory word by word, for other threads may look; `fill` copies it as memory is copied, in a third
// of the time. Nobody looks at a problem while it is being solved.

import { areAlike, bytesIn, copyColumns, createProblem, isEqualShape, type Problem, type Solved } from './problem.js'

/** The same bytes in another buffer of the same length, which it returns. */
export function copyBuffer<Memory extends ArrayBufferLike>(from: ArrayBufferLike, to: Memory): Memory {
  Buffer.from(to).fill(Buffer.from(from))
  return to
}

/** What solvers prepare once for a buffer: there it must not change. */
const STATIC = [
  ...(['pathStart', 'pathLink', 'pathFraction', 'linkVirtual', 'segmentStart', 'segmentBand'] as const),
  ...(['bandKind', 'bandFill', 'flowEnvelope', 'envelopeParent', 'envelopeGuaranteeBand', 'envelopeLink'] as const),
]
const MOST_SPARE = 8

/**
 * Copies of problems in memory that is used again, where nothing differs but numbers: the collector does not see how
 * large shared memory is, least of all in threads that have looked at it, and lets it pile up.
 */
export class Spares {
  private readonly free: Problem[] = []

  lend(p: Solved): Problem {
    const { shape } = p
    const at = this.free.findIndex((spare) => isEqualShape(spare.shape, shape) && areAlike(spare, p, STATIC))
    const spare = this.free.splice(at, at < 0 ? 0 : 1)[0] ?? createProblem(shape)
    copyColumns(p, spare)
    return spare
  }

  /** Not after a failure: a thread might still write to it. */
  takeBack(spare: Problem): void {
    this.free.push(spare)
    if (this.free.length > MOST_SPARE) this.free.shift()
  }
}

/** Two columns of one length. */
type Pair = readonly [to: ArrayBufferView, from: ArrayBufferView]

interface Bytes {
  readonly to: Buffer
  readonly from: Buffer
}

export class Copies {
  private readonly columns: (p: Solved) => readonly Pair[]
  /** By problem: a controller solves two by turns. */
  private readonly known = new WeakMap<Solved, readonly Bytes[]>()

  /** What is copied for a problem: found once for each, whose columns stay where they are. */
  constructor(columns: (p: Solved) => readonly Pair[]) {
    this.columns = columns
  }

  make(p: Solved): void {
    for (const { to, from } of this.known.get(p) ?? this.find(p)) to.fill(from)
  }

  private find(p: Solved): readonly Bytes[] {
    const filled = this.columns(p).filter(([to]) => to.byteLength > 0) // `fill` takes no empty value
    const bytes = filled.map(([to, from]) => ({ to: bytesIn(to), from: bytesIn(from) }))
    this.known.set(p, bytes)
    return bytes
  }
}
