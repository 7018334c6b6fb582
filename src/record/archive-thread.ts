// The client of the archive's thread: each call is one of the archive's own, by name.

import type { Bytes, UnixMilliseconds } from '../model/units.js'
import { createPool } from '../runtime/pool.js'
import { Archive, type Asked, type Bound } from './archive.js'
import { type BusyDay, busiestOf } from './busy-hour.js'
import { keepDemand } from './demand-digest.js'
import { type Missed, missedIn } from './missed.js'
import { type GatheredPart, partOf } from './slot-rows.js'
import type { FlowMeans, FlowRows, LinkRows } from './tables.js'
import { keepUsage } from './usage.js'

export type ArchiveTask = { readonly folder: string } & (
  | { readonly call: 'write'; readonly part: GatheredPart }
  | { readonly call: 'tidy'; readonly now: UnixMilliseconds; readonly bound: Bound }
  | { readonly call: 'readFlows' | 'readFlowMeans' | 'readLinks' | 'busiest' | 'missed'; readonly asked: Asked }
  | { readonly call: 'readPlan'; readonly slot: UnixMilliseconds; readonly name: string }
  | { readonly call: 'readInForce'; readonly slot: UnixMilliseconds; readonly at: UnixMilliseconds }
)

/** The archive as others use it. @throws what the disk says; STOPPING for what is only read, as the process ends. */
export interface ArchivePort {
  write(part: GatheredPart): Promise<boolean>
  tidy(now: UnixMilliseconds, bound: Bound): Promise<Bytes>
  readFlows(asked: Asked): Promise<FlowRows>
  readFlowMeans(asked: Asked): Promise<FlowMeans>
  readLinks(asked: Asked): Promise<LinkRows>
  busiest(asked: Asked): Promise<BusyDay>
  missed(asked: Asked): Promise<Missed[]>
  readPlan(slot: UnixMilliseconds, name: string): Promise<Uint8Array>
  readInForce(slot: UnixMilliseconds, at: UnixMilliseconds): Promise<ReturnType<Archive['readInForce']>>
}

/** Runs in the thread. */
export function runArchiveTask(task: ArchiveTask): unknown {
  const archive = new Archive(task.folder)
  switch (task.call) {
    case 'write':
      return archive.write(partOf(task.part))
    case 'tidy':
      return archive.tidy(task.now, task.bound).finally(() => keepDigests(archive))
    case 'readFlows':
      return archive.readFlows(task.asked)
    case 'readFlowMeans':
      return archive.readFlowMeans(task.asked)
    case 'readLinks':
      return archive.readLinks(task.asked)
    case 'busiest':
      return busiestOf(archive, task.asked)
    case 'missed':
      return missedIn(archive, task.asked)
    case 'readPlan':
      return archive.readPlan(task.slot, task.name)
    case 'readInForce':
      return archive.readInForce(task.slot, task.at)
  }
}

async function keepDigests(archive: Archive): Promise<void> {
  await keepUsage(archive)
  await keepDemand(archive)
}

/** A day of a plane as large as limits allow is put together in it. */
const MOST_HEAP_MB = 2_048

/** @param ending whoever reads is not waited for then, so that the thread is free for what is still to be written */
export function archiveThread(folder: string, ending: AbortSignal): ArchivePort & { close(): Promise<void> } {
  new Archive(folder) // makes the folder now, so that a wrong one is said at the start
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
