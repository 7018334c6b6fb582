// Looks into a process from inside, for the bench of memory: loaded before the process (`--import`), it tells over IPC
// what each of its threads holds, and writes down the heap of the main one. What is loaded before a process is not
// meant for its threads, so it sees to it that each of them loads it as well.

import { basename } from 'node:path'
import { getHeapStatistics, writeHeapSnapshot } from 'node:v8'
import workers, { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads'

/** What one thread holds, bytes. */
export interface ThreadMemory {
  readonly thread: number
  /** Of the heap: what of it is in memory, and what is used, garbage that is not yet collected included. */
  readonly heap: number
  readonly used: number
  /** Array buffers that are not shared. */
  readonly buffers: number
  /** Shared memory that this thread has made and somebody still looks at, by the file that made it. */
  readonly shared: Readonly<Record<string, number>>
}

export interface ProcessMemory {
  readonly threads: readonly (ThreadMemory & { readonly name: string })[]
}

/** Threads that do not answer for so long are at work; they are left out. */
const ANSWER_WITHIN = 2_000
const CHANNEL = 'mizani-memory'

const made: { readonly by: string; readonly buffer: WeakRef<SharedArrayBuffer> }[] = []
const { SharedArrayBuffer: Shared } = globalThis
/** Of the first file of ours on the stack that is not the one that only makes columns. */
const maker = (): string =>
  /\/(?:src|workers)\/((?!solve\/problem|solve\/copies)[\w/-]+)\.js/.exec(new Error('made').stack ?? '')?.[1] ??
  'others'

globalThis.SharedArrayBuffer = class extends Shared {
  constructor(length: number) {
    super(length)
    made.push({ by: maker(), buffer: new WeakRef(this) })
  }
} as SharedArrayBufferConstructor

function memoryHere(): ThreadMemory {
  const { total_physical_size: heap, used_heap_size: used } = getHeapStatistics()
  const shared: Record<string, number> = {}
  for (const { by, buffer } of made) shared[by] = (shared[by] ?? 0) + (buffer.deref()?.byteLength ?? 0)
  const ofOthers = Object.values(shared).reduce((sum, bytes) => sum + bytes, 0)
  return { thread: threadId, heap, used, buffers: process.memoryUsage().arrayBuffers - ofOthers, shared }
}

const channel = new BroadcastChannel(CHANNEL)
channel.unref()

if (isMainThread) {
  const names = new Map<number, string>([[0, 'main']])
  const Before = workers.Worker
  workers.Worker = class extends Before {
    constructor(file: string | URL, options: workers.WorkerOptions = {}) {
      super(file, { ...options, execArgv: [...(options.execArgv ?? []), '--import', import.meta.url] })
    }

    /** Piscina says in its first message what the thread is for. */
    override postMessage(message: { filename?: string }, ...rest: []): void {
      if (message?.filename) names.set(this.threadId, basename(message.filename, '.js'))
      super.postMessage(message, ...rest)
    }
  }
  const askThreads = async (): Promise<ThreadMemory[]> => {
    const told: ThreadMemory[] = []
    channel.onmessage = (event) => told.push((event as MessageEvent).data as ThreadMemory)
    channel.postMessage(null)
    await new Promise((done) => setTimeout(done, ANSWER_WITHIN))
    return told
  }
  process.on('message', async ({ snapshot }: { readonly snapshot: string | null }) => {
    if (snapshot === null) {
      const all = [memoryHere(), ...(await askThreads())]
      process.send!({ threads: all.map((one) => ({ ...one, name: names.get(one.thread) ?? `thread ${one.thread}` })) })
    } else {
      writeHeapSnapshot(snapshot)
      process.send!({ threads: [] })
    }
  })
  process.channel?.unref()
} else {
  channel.onmessage = (event) => {
    if ((event as MessageEvent).data === null) channel.postMessage(memoryHere())
  }
}
