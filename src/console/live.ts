// What changes, as it changes: one stream of events for the page that somebody looks at. News make it read anew what
// it shows, one reading at a time and never more than the line takes: after each it rests three times as long as that
// took.
// Where news are late it says so within two seconds and keeps what it has; the line is tried again until it is back.
// News are a later tick: an API that answers, but of the same moment, has none.

import { Refused } from './call.js'
import { after, now } from './clock.js'
import { RESET, type Store } from './store.js'

/** A tick a second; this is late. */
const LATE = 1_700
const LOOK = 250
const RETRY = 2_000
/** A line that says nothing for so long is a dead one, even if nobody has closed it. */
const DEAD = 6_000
const REST = 3
/** After a failure, and after each that follows it twice as long. */
const LEAST_REST = 1_000
const MOST_REST = 10_000
/** Even on the slowest line, older than this is late. */
const LATEST = 20_000

const KINDS = ['tick', 'alarm', 'revision', 'override', 'edge', 'simulation', RESET]

export class Live {
  readonly #store: Store
  readonly #signedOut: () => void
  #source: EventSource | null = null
  #stopLooking: () => void = () => undefined
  #stopRetry: () => void = () => undefined
  #heard = 0
  /** When the tick that is shown came; null: none has been looked for yet. */
  #fresh: number | null = null
  #shown = ''
  #failures = 0
  /** Between two readings, where the line is as it should be. */
  #usual = 1_000
  #restUntil = 0
  /** Kinds of what has happened since it was read. */
  #news = new Set<string>()
  #isReading = false

  /** @param signedOut whoever looked is nobody any more */
  constructor(store: Store, signedOut: () => void) {
    this.#store = store
    this.#signedOut = signedOut
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#pause()
      else if (this.#isOn) this.start()
    })
  }

  #isOn = false

  /** Begins, or begins anew after a pause, in which what is shown has grown older. */
  start(): void {
    this.stop()
    this.#isOn = true
    this.#heard = now()
    this.#fresh ??= now()
    this.#shown ||= this.#tick()
    this.#open()
    this.#look()
  }

  stop(): void {
    this.#isOn = false
    this.#pause()
    this.#store.silence.value = null
  }

  /** Something has happened: reads anew as soon as it may. */
  due(kind = RESET): void {
    this.#news.add(kind)
    void this.#read()
  }

  #pause(): void {
    this.#source?.close()
    this.#source = null
    this.#stopLooking()
    this.#stopRetry()
  }

  #open(): void {
    this.#source?.close()
    const source = new EventSource('/v1/events')
    this.#source = source
    for (const kind of KINDS)
      source.addEventListener(kind, () => {
        this.#heard = now()
        this.due(kind)
      })
    source.addEventListener('error', () => {
      if (this.#source === source && source.readyState === EventSource.CLOSED) this.#retryLater()
    })
    this.due()
  }

  #retryLater(): void {
    this.#stopRetry()
    this.#stopRetry = after(RETRY, () => this.#open())
    this.#heard = now()
  }

  #look(): void {
    this.#stopLooking = after(LOOK, () => {
      this.#look()
      if (now() - this.#heard > DEAD) this.#retryLater()
      if (this.#news.size > 0) void this.#read()
      this.#tell()
    })
  }

  #tell(): void {
    const age = now() - (this.#fresh ?? now())
    const late = Math.min(LATEST, Math.max(LATE, LATE * (this.#usual / 1_000)))
    this.#store.silence.value = age > late ? Math.round(age / 1_000) : null
  }

  /** Which tick is shown. */
  #tick(): string {
    const { seq, at } = this.#store.status.value ?? {}
    return `${seq} ${at}`
  }

  /** A reading has ended: whether it is of a later tick. */
  #compare(): void {
    const tick = this.#tick()
    if (tick === this.#shown) return
    const ended = now()
    if (this.#store.silence.value === null) this.#usual = Math.max(1_000, ended - (this.#fresh ?? ended))
    this.#shown = tick
    this.#fresh = ended
    this.#tell()
  }

  async #read(): Promise<void> {
    if (this.#isReading || now() < this.#restUntil || this.#source === null) return
    this.#isReading = true
    const news = this.#news
    this.#news = new Set()
    const begun = now()
    try {
      await this.#store.refresh(news)
      this.#failures = 0
      this.#compare()
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.#signedOut()
      // Whoever may not look is told so by the page; asking again each second helps nobody.
      if (error instanceof Refused && error.status === 403) this.stop()
      // Otherwise what is shown grows older, which is shown too.
      for (const kind of news) this.#news.add(kind)
      this.#failures++
    } finally {
      this.#isReading = false
      this.#restUntil = now() + Math.max(REST * Math.min(now() - begun, RETRY), this.#penance())
    }
  }

  #penance(): number {
    return this.#failures === 0 ? 0 : Math.min(MOST_REST, LEAST_REST * 2 ** (this.#failures - 1))
  }
}
