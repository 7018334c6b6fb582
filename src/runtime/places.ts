// So many at once, and so many of one: who asks for much is refused before those who ask for little. Null is the
// machine itself, which asks for what it needs and is never refused.

import { MizaniError } from './errors.js'

export class Places {
  readonly #what: string
  readonly #most: number
  readonly #each: number
  readonly #taken = new Map<string, number>()
  #all = 0

  /** @param what is under way, for whoever is refused: "previews" */
  constructor(what: string, most: number, each: number) {
    this.#what = what
    this.#most = most
    this.#each = each
  }

  /** @returns what gives the place back, once. @throws MizaniError RATE_LIMITED. */
  take(who: string | null): () => void {
    if (who === null) return () => undefined
    const mine = this.#taken.get(who) ?? 0
    if (mine >= this.#each) throw this.#refused(`${who} has ${this.#each} ${this.#what} under way already`)
    if (this.#all >= this.#most) throw this.#refused(`${this.#most} ${this.#what} are under way already`)
    this.#taken.set(who, mine + 1)
    this.#all++
    let given = false
    return () => {
      if (given) return
      given = true
      this.#all--
      const left = this.#taken.get(who)! - 1
      if (left === 0) this.#taken.delete(who)
      else this.#taken.set(who, left)
    }
  }

  #refused(why: string): MizaniError {
    return new MizaniError({ code: 'RATE_LIMITED', remedy: 'retry', message: `${why}; try again in a second.` })
  }
}
