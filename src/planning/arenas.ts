// Memory of problems that are compared and let go, used again. A preview lays out three, of megabytes each: the
// collector does not see how large shared memory is and would let it pile up, and the first touch of each page of new
// memory costs more than to clear it.

import type { Bytes } from '../model/units.js'

/** A little more or less is asked for from policy to policy: it is lent in multiples of this. */
const ROUNDED: Bytes = 262_144
/** What is lent may be larger than what was asked for by this part of it. */
const LARGER = 0.25
/** Kept while nobody has them. */
const MOST_FREE = 2

export class Arenas {
  /** The one given back last comes last. */
  readonly #free: SharedArrayBuffer[] = []

  /** So many bytes at least, all 0. */
  lend(bytes: Bytes): SharedArrayBuffer {
    const at = this.#free.findLastIndex(
      ({ byteLength }) => byteLength >= bytes && byteLength <= (1 + LARGER) * bytes + ROUNDED,
    )
    if (at < 0) return new SharedArrayBuffer(ROUNDED * Math.ceil(bytes / ROUNDED))
    const arena = this.#free.splice(at, 1)[0]!
    // Shared memory is filled element by element: by the widest.
    new Float64Array(arena).fill(0)
    return arena
  }

  /** Nobody looks at it any more, through columns that were laid out there. */
  takeBack(arena: SharedArrayBuffer): void {
    this.#free.push(arena)
    if (this.#free.length > MOST_FREE) this.#free.shift()
  }
}
