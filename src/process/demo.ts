// The edges of the demonstration as the main thread sees them: a thread of their own, for nobody who asks the API
// something is to wait for traffic that is made up. It is told which network there is, and whom to switch on and off.

import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { identityOf, type Logger } from '../runtime/log.js'
import { startThread, type Thread } from '../runtime/thread.js'
import type { Network } from './demo-links.js'
import type { Asked, DemoData, FromDemo, ToDemo } from './demo-thread.js'
import { networkNews, type Told, toldOf } from './demo-words.js'

/** A thread that is in the midst of something when the end comes may end it. */
const STOPS_WITHIN: Milliseconds = 1_500

export interface DemoOptions {
  readonly plane: string
  /** The part of a link's capacity that may be handed out. */
  usableOf(link: string): number
  readonly clock: Clock
  readonly log: Logger
  ended(why: Error): void
}

export class Demo {
  readonly #o: DemoOptions
  readonly #thread: Thread<ToDemo, FromDemo>
  readonly #asked = new Map<number, (said: boolean | Error) => void>()
  #told: Told | null = null
  #names = 0

  constructor(options: DemoOptions) {
    const { plane, log, ended } = options
    this.#o = options
    const data: DemoData = { plane, log: identityOf(log) }
    this.#thread = startThread<ToDemo, FromDemo>(new URL('./demo-thread.js', import.meta.url), data, ended)
    this.#thread.onMessage(({ name, said }) => {
      this.#asked.get(name)?.(said)
      this.#asked.delete(name)
    })
  }

  /** The plan in force, for how much each institution would send, and over which links. */
  tellNetwork(network: Network): void {
    const told = toldOf(network.plan, this.#o.usableOf)
    this.#thread.tell({ kind: 'network', news: networkNews(told, network, this.#told) })
    this.#told = told
  }

  /** @param urls store URL of each edge, with its own user and password */
  startAll(urls: ReadonlyMap<string, string>): Promise<boolean> {
    return this.#ask({ what: 'startAll', urls })
  }

  /** Multiplies what the institution offers at every edge that serves it; false: none does. */
  setLoad(institution: string, factor: number): Promise<boolean> {
    return this.#ask({ what: 'setLoad', institution, factor })
  }

  startEdge(edge: string): Promise<boolean> {
    return this.#ask({ what: 'startEdge', edge })
  }

  stopEdge(edge: string): Promise<boolean> {
    return this.#ask({ what: 'stopEdge', edge })
  }

  async stop(): Promise<void> {
    this.#thread.expectEnd()
    const late = new AbortController()
    await Promise.race([this.#ask({ what: 'stopAll' }), this.#o.clock.sleep(STOPS_WITHIN, late.signal)])
    late.abort()
    await this.#thread.close()
    for (const answer of this.#asked.values()) answer(false)
    this.#asked.clear()
  }

  #ask(asked: Asked): Promise<boolean> {
    const name = ++this.#names
    return new Promise((known, failed) => {
      this.#asked.set(name, (said) => (typeof said === 'boolean' ? known(said) : failed(said)))
      this.#thread.tell({ kind: 'asked', name, asked })
    })
  }
}
