// The heap of a process that goes on for long, or plays much. V8 lets a heap grow to three times what lives in it
// before it looks for what can go: of the default plane 40 MB live, and 200 were held. A controller shares its machine
// with its stores, and makes little that it drops later, so V8 is told to look when a third has been added
// (bench/README.md, memory, says what that costs); and so it is where a month is played or ten thousand years are
// drawn, of which each thread drops every step. While a controller is at work for many, it would look every second and
// keep them waiting for it: then it looks when more than half as much has been.

import type { EventEmitter } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Milliseconds } from '../model/units.js'
import type { Clock, Timer } from './clock.js'

/** Percent of what lives that may be added before V8 looks: where little goes on, and where much does. */
const CALM = 30
const AT_WORK = 60
/** Of a processor, for so long: what one nation and its people take is a fifth of that. */
const WORK = 0.5
const WORKED_FOR: Milliseconds = 2_000
/** What a start takes says nothing of what comes after it. */
const STARTED: Milliseconds = 30_000

/** To be called before much is made; holds for threads as well. */
export function mindMemory(percent = CALM): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`)
}

/** The same for a process that serves. Until it is cancelled. */
export function mindMemoryWhileCalm(clock: Pick<Clock, 'monotonic' | 'setTimer'>): Timer {
  mindMemory()
  spare(true)
  let [took, at] = [processorTime(), clock.monotonic()]
  const look = (): void => {
    const [before, since] = [took, at]
    ;[took, at] = [processorTime(), clock.monotonic()]
    const isCalm = took - before <= WORK * (at - since)
    mindMemory(isCalm ? CALM : AT_WORK)
    spare(isCalm)
    timer = clock.setTimer(WORKED_FOR, look)
  }
  let timer = clock.setTimer(STARTED, look)
  return { cancel: () => timer.cancel() }
}

let isSparing = false

/**
 * Whether V8 gives pages back as soon as they are empty, or keeps them for what comes next. While it spares, every
 * thread that starts gets the least nursery there is, whatever was said for it, and so it would go on afterwards.
 */
function spare(whether: boolean): void {
  isSparing = whether
  setFlagsFromString(`--${whether ? '' : 'no-'}optimize-for-size`)
  if (!whether) setFlagsFromString('--max-semi-space-size=0')
}

/** Starts a thread whose nursery is the one that its limits say: V8 looks at both when the thread begins. */
export function withOwnNursery<Started extends EventEmitter>(start: () => Started): Started {
  const before = isSparing
  if (before) spare(false)
  const thread = start()
  if (before) thread.once('online', () => spare(true))
  return thread
}

/** Of all threads. */
function processorTime(): Milliseconds {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

let collector: (() => void) | undefined

/**
 * Looks for all that can go, now: memory that V8 does not count among what it watches would wait for its next look.
 * Takes tens of milliseconds of this thread: where nobody waits for it.
 */
function collect(): void {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as () => void
  }
  collector()
}

/** A thread counts as idle when nobody has asked it for so long. */
const IDLE: Milliseconds = 200

/** Collects for a thread in which somebody waits for each answer: only once nobody has asked for a while. */
export class IdleCollector {
  readonly #clock: Pick<Clock, 'setTimer'>
  #timer: Timer | null = null

  constructor(clock: Pick<Clock, 'setTimer'>) {
    this.#clock = clock
  }

  /** The thread has let go of much. */
  noteGarbage(): void {
    this.#wait()
  }

  /** The thread is asked again: what is to be collected waits on. */
  noteTask(): void {
    if (this.#timer !== null) this.#wait()
  }

  #wait(): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.setTimer(IDLE, () => {
      this.#timer = null
      collect()
    })
  }
}
