// Long work on a thread that must stay free for something else: it is written as a generator that yields where others
// may come between, and whoever does it says whether they do. What it makes does not depend on that.

export type InPieces<T> = Generator<undefined, T, undefined>

/** All of it, one piece after the other. */
export function atOnce<T>(work: InPieces<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/** A piece at a time, and `between` after each. */
export async function byPieces<T>(work: InPieces<T>, between: () => Promise<void>): Promise<T> {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    await between()
  }
}
