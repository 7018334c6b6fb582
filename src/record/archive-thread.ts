// The client of the archive's thread: each call is one of the archive's own, by name.

import { mkdirSync } from 'node:fs'
import type { Bytes, UnixMilliseconds } from '../model/units.js'
import { createPool } from '../runtime/pool.js'
import type { Archive, Asked, Bound } from './archive.js'
import type { ArchiveTask } from './archive-task.js'
import type { BusyDay } from './busy-hour.js'
import type { Missed, MissedAsked } from './missed.js'
import type { GatheredPart } from './slot-rows.js'
import type { FlowMeans, FlowRows, LinkRows } from './tables.js'

/** The archive as others use it. @throws what the disk says; STOPPING for what is only read, as the process ends. */
export interface ArchivePort {
  write(part: GatheredPart): Promise<boolean>
  tidy(now: UnixMilliseconds, bound: Bound): Promise<Bytes>
  readFlows(asked: Asked): Promise<FlowRows>
  readFlowMeans(asked: Asked): Promise<FlowMeans>
  readLinks(asked: Asked): Promise<LinkRows>
  busiest(asked: Asked): Promise<BusyDay>
  missed(asked: MissedAsked): Promise<Missed[]>
  readPlan(slot: UnixMilliseconds, name: string): Promise<Uint8Array>
  readInForce(slot: UnixMilliseconds, at: UnixMilliseconds): Promise<ReturnType<Archive['readInForce']>>
}

/** A day of a plane as large as limits allow is put together in it. */
const MOST_HEAP_MB = 2_048

/** @param ending whoever reads is not waited for then, so that the thread is free for what is still to be written */
export function archiveThread(folder: string, ending: AbortSignal): ArchivePort & { close(): Promise<void> } {
  // Now, so that a wrong one is said at the start.
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const pool = createPool<ArchiveTask, unknown>('archive', 1, { rare: true, heapMb: MOST_HEAP_MB })
  const whileWeLive = (task: ArchiveTask): Promise<unknown> => pool.run(task, ending)
  // Each cast is the answer that runArchiveTask gives for this very call.
  return {
    write: (part) => pool.run({ folder, call: 'write', part }) as Promise<boolean>,
    tidy: (now, bound) => whileWeLive({ folder, call: 'tidy', now, bound }) as Promise<Bytes>,
    readFlows: (asked) => whileWeLive({ folder, call: 'readFlows', asked }) as Promise<FlowRows>,
    readFlowMeans: (asked) => whileWeLive({ folder, call: 'readFlowMeans', asked }) as Promise<FlowMeans>,
    readLinks: (asked) => whileWeLive({ folder, call: 'readLinks', asked }) as Promise<LinkRows>,
    busiest: (asked) => whileWeLive({ folder, call: 'busiest', asked }) as Promise<BusyDay>,
    missed: (asked) => whileWeLive({ folder, call: 'missed', asked }) as Promise<Missed[]>,
    readPlan: (slot, name) => whileWeLive({ folder, call: 'readPlan', slot, name }) as Promise<Uint8Array>,
    readInForce: (slot, at) =>
      whileWeLive({ folder, call: 'readInForce', slot, at }) as Promise<ReturnType<Archive['readInForce']>>,
    close: () => pool.close(),
  }
}
