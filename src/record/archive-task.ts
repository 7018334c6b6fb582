// What the archive's thread does: each task is one call of the archive, by name.

import type { UnixMilliseconds } from '../model/units.js'
import { Archive, type Asked, type Bound } from './archive.js'
import { busiestOf } from './busy-hour.js'
import { keepDemand } from './demand-digest.js'
import { type MissedAsked, missedIn } from './missed.js'
import { type GatheredPart, partOf } from './slot-rows.js'
import { keepUsage } from './usage.js'

export type ArchiveTask = { readonly folder: string } & (
  | { readonly call: 'write'; readonly part: GatheredPart }
  | { readonly call: 'tidy'; readonly now: UnixMilliseconds; readonly bound: Bound }
  | { readonly call: 'readFlows' | 'readFlowMeans' | 'readLinks' | 'busiest'; readonly asked: Asked }
  | { readonly call: 'missed'; readonly asked: MissedAsked }
  | { readonly call: 'readPlan'; readonly slot: UnixMilliseconds; readonly name: string }
  | { readonly call: 'readInForce'; readonly slot: UnixMilliseconds; readonly at: UnixMilliseconds }
)

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
