// A thread for one thing that goes on as long as the process does, with an event loop, a heap and a place at the
// processor of its own. Its two ends tell each other messages, which are copied; memory that is handed over is not.
//
// It shares the fate of the process: whoever starts one is told when it ends by itself, and cannot go on without it.

import workers, { parentPort, type Worker, workerData } from 'node:worker_threads'
import { messageOf } from './errors.js'
import { withOwnNursery } from './heap.js'
import { THREAD_ARGUMENTS } from './pool.js'

/** One end of what connects two threads. */
export interface ThreadEnd<Said, Heard> {
  /** @param handedOver buffers within the message, which this end gives away */
  tell(message: Said, handedOver?: readonly ArrayBuffer[]): void
  /** To be called once, at the start: what is told before it is called may be lost. */
  onMessage(hear: (message: Heard) => void): void
}

export interface Thread<Said, Heard> extends ThreadEnd<Said, Heard> {
  /** From now on it may end by itself: it was told to. */
  expectEnd(): void
  /** Ends it, whatever it does. */
  close(): Promise<void>
}

/** What it has just made takes so much at most, in two halves and a rest, before V8 looks at it. */
const MOST_YOUNG_MB = 3
/** The same of one that makes much at once, and that others wait for. */
const MOST_YOUNG_URGENT_MB = 6

/**
 * Starts a thread on a file of ours.
 * @param data what it finds as its own
 * @param ended told when it ends without having been closed, and why
 * @param urgent others wait for what it does
 */
export function startThread<Said, Heard>(
  file: URL,
  data: object,
  ended: (why: Error) => void,
  { urgent = false }: { readonly urgent?: boolean } = {},
): Thread<Said, Heard> {
  // By way of the module's own object: whoever measures this process (bench/memory-probe.ts) takes its place there.
  const start = (): Worker =>
    new workers.Worker(file, {
      workerData: data,
      execArgv: [...THREAD_ARGUMENTS],
      resourceLimits: { maxYoungGenerationSizeMb: urgent ? MOST_YOUNG_URGENT_MB : MOST_YOUNG_MB },
    })
  const worker = urgent ? withOwnNursery(start) : start()
  let isOver = false
  const over = (why: Error): void => {
    if (!isOver) ended(why)
    isOver = true
  }
  worker.on('error', (error: unknown) => over(error instanceof Error ? error : new Error(messageOf(error))))
  // What cannot be read would be waited for for ever.
  worker.on('messageerror', over)
  worker.on('exit', (code) => over(new Error(`it ended with code ${code}`)))
  return {
    tell: (message, handedOver = []) => worker.postMessage(message, [...handedOver]),
    onMessage: (hear) => void worker.on('message', hear),
    expectEnd() {
      isOver = true
    },
    async close() {
      isOver = true
      await worker.terminate()
    },
  }
}

/** The thread's own end, and what it was given. @throws Error where this is no such thread. */
export function thisThread<Said, Heard, Data>(): ThreadEnd<Said, Heard> & { readonly data: Data } {
  const port = parentPort
  if (port === null) throw new Error('this file runs as a thread alone')
  return {
    // Whoever started it says what it is given.
    data: workerData as Data,
    tell: (message, handedOver = []) => port.postMessage(message, [...handedOver]),
    onMessage(hear) {
      port.on('message', hear)
      port.on('messageerror', (error: Error) => {
        throw error
      })
    },
  }
}
