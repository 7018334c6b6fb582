// The tick as the main thread sees it: a thread of its own that is told what holds, and whose pictures are painted
// here. What it is told comes before the wish to be woken, so the tick that is woken is made by it. A tick whose
// picture still waited when there was the next is not seen here at all: it is counted, and the record knows by the time
// of each tick for how long one stands.

import type { Registry } from 'prom-client'
import { Counter } from 'prom-client'
import type { Board } from '../model/board.js'
import type { EdgeKey } from '../model/edge-account.js'
import type { Milliseconds } from '../model/units.js'
import type { LinkSample } from '../record/counters.js'
import type { Finding } from '../record/findings.js'
import type { SolvedTick } from '../record/tick.js'
import { anotherRound, type Clock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { startThread, type Thread } from '../runtime/thread.js'
import type { Situation } from '../tick/planner.js'
import { boardOf, type Shown, solvedTickOf } from '../tick/shown.js'
import type { WhatIfs } from '../tick/what-if.js'
import { beatMetric } from './beat.js'
import type { Network } from './demo-links.js'
import {
  type FromTicks,
  type Picture,
  revisionNews,
  shownOf,
  type TickData,
  type TickState,
  type ToTicks,
} from './tick-words.js'

/** A thread that is in the midst of a tick when the end comes may end it. */
const STOPS_WITHIN: Milliseconds = 1_500

export interface TicksOptions {
  readonly data: TickData
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Registry
  /** What holds now. */
  situation(): Situation
  /** The keys of edges that have any; the same lists while they are the same keys. */
  keys(): ReadonlyMap<string, readonly EdgeKey[]>
  readonly whatIf: WhatIfs['ask']
  /** Of each tick that is seen here, once. */
  see(tick: SolvedTick): Promise<void>
  /** Without its tick this process is of no use. */
  ended(why: Error): void
}

export class Ticks {
  readonly #o: TicksOptions
  readonly #thread: Thread<ToTicks, FromTicks>
  readonly #late: (late: Milliseconds) => void
  readonly #unseen: Counter
  /** What was told last, and those that a picture may still come back for. */
  #told: Situation | null = null
  #number = 0
  readonly #situations = new Map<number, Situation>()
  #keys: ReadonlyMap<string, readonly EdgeKey[]> = new Map()
  #state: TickState = { failing: '', leadsUntil: Number.NEGATIVE_INFINITY, findings: [] }
  #shown: Shown | null = null
  #board: Board | null = null
  readonly #asked = new Map<number, { number: number; done(): void }>()
  #names = 0
  #networkHeard: (network: Network) => void = () => {}
  /** Why the last picture could not be shown; empty: it was. */
  #unshown = ''
  #stopped: () => void = () => {}
  #stopping: Promise<void> | null = null

  constructor(options: TicksOptions) {
    this.#o = options
    this.#late = beatMetric(options.metrics)
    this.#unseen = new Counter({
      name: 'mizani_ticks_unseen_total',
      help: 'Ticks that edges were told of and nobody saw here: the thread that answers was busy',
      registers: [options.metrics],
    })
    const file = new URL('./tick-thread.js', import.meta.url)
    this.#thread = startThread<ToTicks, FromTicks>(file, options.data, options.ended, { urgent: true })
    this.#thread.onMessage((message) => this.#hear(message))
    this.tell()
  }

  #hear(message: FromTicks): void {
    if (message.kind === 'beat') {
      this.#late(message.late)
      // What time alone has changed: a deadline has passed, a key is announced.
      this.tell()
    } else if (message.kind === 'state') this.#state = message.state
    else if (message.kind === 'picture') void this.#take(message.picture)
    else if (message.kind === 'ticked') {
      this.#asked.get(message.name)!.number = message.number
      this.#answer()
    } else this.#stopped()
  }

  /** Edges have been told already: a picture that cannot be shown is said, and the next one comes all the same. */
  async #take(picture: Picture): Promise<void> {
    try {
      await this.#show(picture)
      this.#unshown = ''
    } catch (error) {
      const reason = messageOf(error)
      if (reason !== this.#unshown) this.#o.log.error({ err: error }, 'a tick cannot be shown')
      this.#unshown = reason
    }
    this.#thread.tell({ kind: 'seen' })
    this.#answer()
  }

  async #show(picture: Picture): Promise<void> {
    const before = this.#shown
    const situation = this.#situations.get(picture.situation)!
    for (const number of this.#situations.keys()) if (number < picture.situation) this.#situations.delete(number)
    const shown = shownOf(picture, situation, before)
    // The thread takes it for known from here on.
    this.#shown = shown
    if (shown.plan !== before?.plan) this.#networkHeard({ plan: shown.plan, problems: [shown.problem] })
    const board = boardOf(shown, this.#o.whatIf)
    this.#board = board
    const isNew = shown.number !== before?.number
    if (isNew) {
      this.#unseen.inc(shown.number - (before?.number ?? 0) - 1)
      await anotherRound()
      await this.#o.see(solvedTickOf(shown, board))
    }
  }

  /** Tells what holds, where that is something else than before. To be called when it may have changed. */
  tell(): void {
    this.#tellKeys()
    const now = this.#o.situation()
    const before = this.#told
    if (before !== null && isSame(now, before)) return
    const { revision, inForce, ...beside } = now
    const { overrides, modes, links, freeze } = inForce
    const number = ++this.#number
    const news = revision === before?.revision ? null : revisionNews(revision, before?.revision ?? null)
    const rest = { inForce: { overrides, modes, links, freeze }, ...beside }
    this.#thread.tell({ kind: 'situation', news: { number, revision: news, ...rest } })
    this.#told = now
    this.#situations.set(number, now)
  }

  #tellKeys(): void {
    const keys = this.#o.keys()
    const before = this.#keys
    if (keys.size === before.size && [...keys].every(([edge, own]) => before.get(edge) === own)) return
    this.#thread.tell({ kind: 'keys', keys })
    this.#keys = keys
  }

  /** What the counters of a link say. */
  tellSample(link: string, sample: LinkSample): void {
    this.#thread.tell({ kind: 'sample', link, sample })
  }

  /** The picture of the last tick that was seen here; null before the first. */
  get board(): Board | null {
    return this.#board
  }

  /** Ticks since the start, up to that one. */
  get ticks(): number {
    return this.#shown?.number ?? 0
  }

  /** Told of each plan, with the paths of its flows, from the next tick on. */
  onNetwork(hear: (network: Network) => void): void {
    this.#networkHeard = hear
  }

  get leads(): boolean {
    return this.#o.clock.monotonic() < this.#state.leadsUntil
  }

  /** Null while ticks do what they are for, else why not. */
  notReady(): string | null {
    return this.#state.failing || this.#unshown || (this.#board ? null : 'the first tick has not ended yet')
  }

  findings(): readonly Finding[] {
    return this.#state.findings
  }

  start(): void {
    this.#thread.tell({ kind: 'start' })
  }

  /** Something changed that cannot wait for the next tick. */
  wake(): void {
    this.tell()
    this.#thread.tell({ kind: 'wake' })
  }

  /** A tick now; resolves when it is on the board, or has failed. */
  tick(): Promise<void> {
    this.tell()
    const name = ++this.#names
    return new Promise((done) => {
      this.#asked.set(name, { number: Number.POSITIVE_INFINITY, done })
      this.#thread.tell({ kind: 'tick', name })
    })
  }

  #answer(): void {
    for (const [name, { number, done }] of this.#asked) {
      if (number > this.ticks) continue
      this.#asked.delete(name)
      done()
    }
  }

  /** No tick after this, and the term is free for a standby. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve
    })
    this.#thread.expectEnd()
    this.#thread.tell({ kind: 'stop' })
    const late = new AbortController()
    await Promise.race([stopped, this.#o.clock.sleep(STOPS_WITHIN, late.signal)])
    late.abort()
    await this.#thread.close()
    for (const { done } of this.#asked.values()) done()
    this.#asked.clear()
  }
}

/** What changes is made anew; what people say of edges is made whenever it is asked for. */
function isSame(a: Situation, b: Situation): boolean {
  return a.revision === b.revision && a.inForce === b.inForce && a.switches === b.switches && saidOf(a) === saidOf(b)
}

const saidOf = ({ confirmations, drains, replacements }: Situation): string =>
  JSON.stringify([confirmations, drains, replacements])
