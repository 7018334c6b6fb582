// Whether a report was made just now. The code under a report proves its author, not its age: whoever may write to the
// rates store can copy reports, silence their edge and send the copies again. So who leads draws a nonce each tick,
// sends it to every edge with a key inside its signed messages (wire version 6), and takes in no report of such an edge
// that does not repeat one of them:
//
//   drawn in this term             what was said to another leader, or before a restart of this one, is over
//   at most GOOD_FOR ago           a report that was held back can be used that long
//   at most LATE before the        of several boots or agents none says again what it said before another spoke
//   newest that the edge repeated
//   with a stamp that is newer     nothing counts twice
//   than the last of its boot
//
// What is not shown to be new changes nothing, but that the edge is sent the nonce in a version that has it; it shows
// itself in its next report. If that goes on, it is named (unproven.ts).
//
// A standby hears the nonces of who leads on the channels of the edges, and takes reports in by those; when it leads it
// begins with its own. An agent that says that it reads no version 6 is of the release before: what it says counts as
// it always did, until a report under its key has once shown that its agent knows better.

import { randomBytes } from 'node:crypto'
import { MINUTE, type Milliseconds, SECOND } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { NONCE_BYTES, PROVING_VERSION, type RateMessage, type ReportMessage } from '../wire/messages.js'
import { Unproven } from './unproven.js'

const GOOD_FOR: Milliseconds = 5 * MINUTE
/** More than the ways of two agents of one edge differ by. */
const LATE: Milliseconds = 10 * SECOND
/** Boots and agents of one edge within LATE: more than there ever are. */
const MOST_SPEAKERS = 64

/** What is known of an edge in this term. */
interface Heard {
  /** When the newest nonce was drawn that it has repeated. */
  newestAt: Milliseconds
  /** By agent and boot: its newest stamp, and when the nonce was drawn that it repeated with it. */
  readonly speakers: Map<string, { readonly stamp: Milliseconds; readonly at: Milliseconds }>
}

/** A report as it is judged. */
export type Judged = Pick<ReportMessage, 'edge' | 'version' | 'reads' | 'stamp' | 'instance' | 'echo'>

export class Freshness {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #draw: () => string
  readonly #unproven: Unproven
  #leads = false
  #epoch = 0
  /** Those of this term, the oldest first, and when each was drawn; of another leader, when it was heard first. */
  readonly #nonces = new Map<string, Milliseconds>()
  #nonce = ''
  readonly #heard = new Map<string, Heard>()
  /** Whether another leader asks this edge to repeat its nonces. */
  readonly #isAsked = new Map<string, boolean>()
  /** Names of keys under which something has been shown to be new. */
  readonly #proven = new Set<string>()

  constructor(clock: Pick<Clock, 'monotonic'>, draw = () => randomBytes(NONCE_BYTES).toString('hex')) {
    this.#clock = clock
    this.#draw = draw
    this.#unproven = new Unproven(clock)
  }

  /** A term begins here: what was said to others counts no more. */
  lead(epoch: number): void {
    if (this.#leads && this.#epoch === epoch) return
    this.#leads = true
    this.#begin(epoch)
    this.next()
  }

  /** Another leads. */
  watch(): void {
    this.#leads = false
  }

  #begin(epoch: number): void {
    this.#epoch = epoch
    this.#nonces.clear()
    this.#heard.clear()
    this.#isAsked.clear()
    this.#unproven.clear()
  }

  /** Draws the nonce for what goes out from now on. */
  next(): void {
    const now = this.#clock.monotonic()
    this.#nonce = this.#draw()
    this.#nonces.set(this.#nonce, now)
    this.#forgetOld(now)
  }

  #forgetOld(now: Milliseconds): void {
    for (const [nonce, at] of this.#nonces) {
      if (now - at <= GOOD_FOR) return
      this.#nonces.delete(nonce)
    }
  }

  /** 32 hex digits; for edges that read it. */
  get nonce(): string {
    return this.#nonce
  }

  /** The highest wire version that an edge reads by a report which counts for nothing else; null: there is none. */
  readsOf(edge: string): number | null {
    return this.#unproven.readsOf(edge)
  }

  /**
   * Whether reports come in the name of this edge, again and again, of which none is shown to be new. A standby does
   * not say: where nobody leads there is nothing to repeat.
   */
  isUnproven(edge: string): boolean {
    return this.#leads && this.#unproven.goesOn(edge)
  }

  /** What another leader tells an edge, as it is told. */
  follow({ edge, epoch, nonce }: Pick<RateMessage, 'edge' | 'epoch' | 'nonce'>): void {
    if (this.#leads || epoch < this.#epoch) return
    if (epoch > this.#epoch) this.#begin(epoch)
    this.#isAsked.set(edge, nonce !== undefined)
    if (nonce === undefined || this.#nonces.has(nonce)) return
    const now = this.#clock.monotonic()
    this.#nonces.set(nonce, now)
    this.#forgetOld(now)
  }

  /**
   * Whether a report, whose author is proven, counts. Not what was heard before.
   * @param key names the key that it is under
   * @param lay it was read from the store, where it may lie for long
   */
  admits(report: Judged, key: string, lay: boolean): boolean {
    const { edge, version, reads, stamp } = report
    const verdict = version < PROVING_VERSION ? this.#judgeOld(report, key) : this.#judge(report)
    if (verdict === 'unproven') this.#unproven.note(edge, reads, lay ? `${stamp.boot} ${stamp.at}` : null)
    if (verdict !== 'fresh') return false
    if (version >= PROVING_VERSION) this.#proven.add(key)
    this.#unproven.end(edge)
    return true
  }

  /** An agent that could repeat a nonce was not asked to, or has not heard of it yet. */
  #judgeOld({ edge, reads }: Judged, key: string): 'fresh' | 'unproven' {
    if (!this.#leads && this.#isAsked.get(edge) === false) return 'fresh'
    return reads < PROVING_VERSION && !this.#proven.has(key) ? 'fresh' : 'unproven'
  }

  #judge({ edge, stamp, instance, echo }: Judged): 'fresh' | 'again' | 'unproven' {
    const now = this.#clock.monotonic()
    const at = echo === undefined ? undefined : this.#nonces.get(echo)
    if (at === undefined || now - at > GOOD_FOR) return 'unproven'
    const heard = this.#heard.get(edge) ?? { newestAt: at, speakers: new Map() }
    if (at < heard.newestAt - LATE) return 'unproven'
    const name = `${instance ?? ''} ${stamp.boot}`
    const last = heard.speakers.get(name)
    // A report comes by the channel and lies in the store; later than that somebody sends it again.
    if (last !== undefined && stamp.at <= last.stamp) return now - at > LATE ? 'unproven' : 'again'
    heard.newestAt = Math.max(heard.newestAt, at)
    for (const [other, { at }] of heard.speakers) if (at < heard.newestAt - LATE) heard.speakers.delete(other)
    if (heard.speakers.size >= MOST_SPEAKERS && !heard.speakers.has(name)) return 'unproven'
    heard.speakers.set(name, { stamp: stamp.at, at: Math.max(at, last?.at ?? at) })
    this.#heard.set(edge, heard)
    return 'fresh'
  }
}
