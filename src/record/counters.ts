// Counters of links that monitoring systems post: what a router says its interface carries. The last one of a directed
// link counts, as long as it is fresh; an older sample than the last is passed over, so that posts may come twice.

import type { BitsPerSecond, Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { LinkCounters } from './gathering.js'

/** Monitoring systems poll each five minutes; twice that is silence. */
const FRESH_FOR: Milliseconds = 660_000
/** How far a counter and what edges say may be apart: headers, and moments that differ. */
export const DIFFERS_PART = 0.15
export const DIFFERS_LEAST: BitsPerSecond = 5_000_000

export interface LinkSample {
  readonly at: UnixMilliseconds
  /** bit/s as counted, a mean since the sample before. */
  readonly rate: BitsPerSecond
  readonly source: string
}

export class Counters implements LinkCounters {
  readonly #last = new Map<string, LinkSample>()
  #taken: (link: string, sample: LinkSample) => void = () => {}

  /** For whoever keeps the same elsewhere. */
  onTaken(taken: (link: string, sample: LinkSample) => void): void {
    this.#taken = taken
  }

  /** @returns false when a newer one is known; one from beyond now is of before the clock was set back. */
  take(link: string, sample: LinkSample, now: UnixMilliseconds): boolean {
    const last = this.#last.get(link)
    if (last && last.at >= sample.at && last.at <= now + FRESH_FOR) return false
    this.#last.set(link, sample)
    this.#taken(link, sample)
    return true
  }

  latest(link: string, now: UnixMilliseconds): LinkSample | undefined {
    const last = this.#last.get(link)
    return last && Math.abs(now - last.at) <= FRESH_FOR ? last : undefined
  }

  measured(link: string, now: UnixMilliseconds): BitsPerSecond | undefined {
    return this.latest(link, now)?.rate
  }
}
