// The one owner of Piscina. A pool runs one worker file in its own threads; what crosses
// with each tick is a SharedArrayBuffer and a few numbers (a copy of 1,000 flow objects costs more than solving them).

import { getPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { Milliseconds } from '../model/units.js'
import { MizaniError } from './errors.js'
import { AWAITED, BEHIND, stepsFrom } from './priority.js'

export interface Pool<Task, Result> {
  /**
   * Runs a task in a free thread, or queues it: those that wait are begun in the order in which they were asked for. An
   * aborted task ends its thread, and the next one starts a fresh thread; one that waits is told at its turn.
   * @throws MizaniError STOPPING for a task that was aborted, or that the end of the pool met; else what the task threw
   */
  run(task: Task, signal?: AbortSignal): Promise<Result>
  /** Ends the threads, whatever they do. */
  close(): Promise<void>
}

export interface PoolOptions {
  /** Its one thread starts when there is something to do, and ends when there is nothing for a while. */
  readonly rare?: boolean
  /** A tick or a rollback waits for it. All other threads come behind at the processor: priority.ts. */
  readonly urgent?: boolean
  /** Somebody at a screen waits for it. */
  readonly awaited?: boolean
  /** Most of a thread's heap, where it makes much that it soon lets go: V8 would let it grow to gigabytes first. */
  readonly heapMb?: number
}

/** A rare thread is kept so long for whoever comes next. */
const IDLE: Milliseconds = 30_000
/** A heap beyond this ends the thread, and with it the task; never the process. */
const MOST_HEAP_MB = 512
/** What a thread has just made takes so much at most before V8 looks at it. */
const MOST_YOUNG_MB = 6

/**
 * Of Node, for a thread. Not the parent's: what is loaded before a process is not meant for its threads. And modules by
 * `import` alone: a thread that is ended while it loads one by `require` aborts the whole process (Node 20: V8's check
 * `IsGraphAsync`, one ending in a hundred).
 */
export const THREAD_ARGUMENTS: readonly string[] = ['--no-experimental-require-module']

/** Threads start at once and stay: a tick must not wait for a thread to start. */
export function createPool<Task, Result>(
  name: string,
  threads: number,
  { rare = false, urgent = false, awaited = false, heapMb = rare ? MOST_HEAP_MB : undefined }: PoolOptions = {},
): Pool<Task, Result> {
  const piscina = new Piscina<Task, Result>({
    filename: fileURLToPath(new URL(`../../workers/${name}.js`, import.meta.url)),
    minThreads: rare ? 0 : threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    recordTiming: false,
    // Else a thread that waits for a task stands still, and gives no memory back: ten nations held 100 MB more.
    atomics: 'disabled',
    niceIncrement: urgent ? 0 : stepsFrom(getPriority(), awaited ? AWAITED : BEHIND),
    idleTimeout: rare ? IDLE : 0,
    resourceLimits: {
      maxYoungGenerationSizeMb: MOST_YOUNG_MB,
      ...(heapMb === undefined ? {} : { maxOldGenerationSizeMb: heapMb }),
    },
    execArgv: [...THREAD_ARGUMENTS],
  })
  const closed = new AbortController()
  const line = new Line(threads)
  const underWay = new Set<AbortController>()
  // A thread failed before it had a task, so that no task failed with it: one that waits for it would wait for ever.
  piscina.on('error', (why) => {
    for (const ending of underWay) ending.abort(why)
  })
  return {
    async run(task, signal) {
      await line.turn()
      const ending = new AbortController()
      const abort = (): void => ending.abort()
      underWay.add(ending)
      signal?.addEventListener('abort', abort)
      try {
        closed.signal.throwIfAborted()
        if (signal?.aborted) abort()
        return await piscina.run(task, { signal: ending.signal })
      } catch (cause) {
        if (!closed.signal.aborted && !signal?.aborted) throw ending.signal.aborted ? ending.signal.reason : cause
        const message = 'This process is stopping: ask another one, or ask again.'
        throw new MizaniError({ code: 'STOPPING', message, cause })
      } finally {
        signal?.removeEventListener('abort', abort)
        underWay.delete(ending)
        line.next()
      }
    },
    close() {
      closed.abort()
      return piscina.destroy()
    },
  }
}

/**
 * Who waits for a thread. Piscina would let them wait as well, but begins them in no order, and whoever adds up results
 * in theirs would keep most of them until the end.
 */
class Line {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(threads: number) {
    this.#free = threads
  }

  async turn(): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((begin) => this.#waiting.push(begin))
  }

  next(): void {
    const begin = this.#waiting.shift()
    if (begin === undefined) this.#free++
    else begin()
  }
}
