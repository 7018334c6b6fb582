// From the kernel's counters to those of a report: each leaf under the name of its flow, and the number of their life.
//
// The kernel counts from 0 again when a class, a device or the machine was made anew. Whoever reads differences must
// know: `generation` rises whenever a counter has gone back. It starts at the second in which this process started to
// look, so that it rises across restarts too. Where a direction has several devices their counters are one.

import type { LeafCounters, RateRecord } from '../../../model/lease.js'
import { toSeconds } from '../../../model/units.js'
import type { Clock } from '../../../runtime/clock.js'
import type { Stats } from '../../driver.js'
import type { Device } from './devices.js'
import { CONTROL_INDEX, CONTROL_MINOR, leafName, UNMAPPED_INDEX, UNMAPPED_MINOR } from './layout.js'
import type { ClassStats, CountedTree } from './parse.js'

export interface Counters {
  /** Remembers under which service the edge's own two flows are known: their classes do not tell. */
  learn(records: readonly RateRecord[]): void
  /** By device; null: it is away. */
  read(trees: readonly (CountedTree | null)[]): Stats
}

export function createCounters(clock: Clock, devices: readonly Device[]): Counters {
  let generation = Math.floor(toSeconds(clock.wall()))
  /** Bytes by device and minor, when last seen. */
  const seen: readonly Map<number, number>[] = devices.map(() => new Map())
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
      let wentBack = false
      const sums = [new Map<number, LeafCounters>(), new Map<number, LeafCounters>()] as const
      for (const [k, { direction }] of devices.entries()) {
        const last = seen[k]!
        const tree = trees[k]
        // What it has counted is missing in the sum until it is back.
        if (!tree) {
          wentBack ||= [...last.values()].some((bytes) => bytes > 0)
          last.clear()
          continue
        }
        for (const { minor, bytes, packets, drops, backlog } of tree.values()) {
          const name = own.get(minor) ?? leafName(minor)
          if (!name) continue
          const sum = sums[direction].get(minor)
          const stats = { bytes, packets, drops, backlog }
          sums[direction].set(minor, sum ? plus(sum, stats) : { ...name, direction, ...stats })
          if (bytes < (last.get(minor) ?? 0)) wentBack = true
          last.set(minor, bytes)
        }
      }
      if (wentBack) generation++
      return { generation, leaves: sums.flatMap((sum) => [...sum.values()]) }
    },
  }
}

const plus = (sum: LeafCounters, { bytes, packets, drops, backlog }: ClassStats): LeafCounters => ({
  ...sum,
  bytes: sum.bytes + bytes,
  packets: sum.packets + packets,
  drops: sum.drops + drops,
  backlog: sum.backlog + backlog,
})
