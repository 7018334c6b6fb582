// From the kernel's counters to those of a report: each leaf under the name of its flow, and the number of their life.
//
// The kernel counts from 0 again when a class, a device or the machine was made anew. Whoever reads differences must
// know: `generation` rises whenever a counter has gone back. It starts at the second in which this process started to
// look, so that it rises across restarts too.

import type { LeafCounters, RateRecord } from '../../../model/lease.js'
import { toSeconds } from '../../../model/units.js'
import type { Clock } from '../../../runtime/clock.js'
import type { Stats } from '../../driver.js'
import { CONTROL_INDEX, CONTROL_MINOR, leafName, UNMAPPED_INDEX, UNMAPPED_MINOR } from './layout.js'
import type { KernelTree } from './parse.js'

export interface Counters {
  /** Remembers under which service the edge's own two flows are known: their classes do not tell. */
  learn(records: readonly RateRecord[]): void
  /** `trees` by direction. */
  read(trees: readonly KernelTree[]): Stats
}

export function createCounters(clock: Clock): Counters {
  let generation = Math.floor(toSeconds(clock.wall()))
  /** Bytes by direction and minor, when last seen. */
  const seen: readonly Map<number, number>[] = [new Map(), new Map()]
  const own = new Map([
    [UNMAPPED_MINOR, { institution: UNMAPPED_INDEX, service: 0, class: 0 }],
    [CONTROL_MINOR, { institution: CONTROL_INDEX, service: 0, class: 0 }],
  ])

  return {
    learn(records) {
      for (const { institution, service } of records) {
        if (institution === UNMAPPED_INDEX) own.get(UNMAPPED_MINOR)!.service = service
        if (institution === CONTROL_INDEX) own.get(CONTROL_MINOR)!.service = service
      }
    },
    read(trees) {
      const leaves: LeafCounters[] = []
      let wentBack = false
      for (const direction of [0, 1] as const) {
        const last = seen[direction]!
        for (const { minor, stats } of trees[direction]!.values()) {
          const name = own.get(minor) ?? leafName(minor)
          if (!name) continue
          leaves.push({ ...name, direction, ...stats })
          if (stats.bytes < (last.get(minor) ?? 0)) wentBack = true
          last.set(minor, stats.bytes)
        }
      }
      if (wentBack) generation++
      return { generation, leaves }
    },
  }
}
