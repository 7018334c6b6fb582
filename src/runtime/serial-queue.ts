// One piece of work after another, in the order in which they were asked for. A failure is told to whoever asked for
// that piece; the next one runs all the same.

export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined) // told to the asker, who holds `done`
    return done
  }

  /** Resolves when all that was asked for until now has ended. Never rejects. */
  async idle(): Promise<void> {
    await this.#last
  }
}
