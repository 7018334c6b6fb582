// One leader after another, and those who watch. The store holds what every edge was told; from it a standby keeps up
// with the leader each tick, and a new leader learns what edges may still be enforcing: everything that the store holds
// and that they have not acknowledged to be past.

import { type RateRecord, recordKey, type Serial } from '../model/lease.js'
import type { Plan } from '../model/plan.js'
import type { Milliseconds } from '../model/units.js'
import { grantsOf, type LeaseTable } from '../publish/lease-table.js'
import type { Publisher } from '../publish/publisher.js'

interface Desk {
  readonly plan: Plan
  readonly leases: LeaseTable
}

/** Takes in what the leader told each edge last, and returns its serials by edge. */
export async function followLeader(
  { plan, leases }: Desk,
  store: Pick<Publisher, 'readSnapshots'>,
  now: Milliseconds,
): Promise<ReadonlyMap<string, Serial>> {
  const snapshots = await store.readSnapshots(plan.edges.map(({ id }) => id))
  for (const [edge, snapshot] of snapshots) {
    const { epoch, seq } = snapshot
    leases.follow(edge, { epoch, seq, ...grantsOf(plan, leases.edges.get(edge)!, [snapshot]) }, now)
  }
  return snapshots
}

/** What an edge was told of flows that the plan does not have there, at their most. */
function strangers(plan: Plan, edge: string, contents: readonly { readonly records: readonly RateRecord[] }[]) {
  const flows = plan.edges.find(({ id }) => id === edge)!.flows
  const known = new Set(flows.map((f) => recordKey(plan.flows[f]!.record)))
  const found = new Map<number, RateRecord>()
  for (const record of contents.flatMap(({ records }) => records)) {
    const key = recordKey(record)
    if (known.has(key)) continue
    const { rate, safe } = found.get(key) ?? { rate: 0, safe: 0 }
    found.set(key, { ...record, rate: Math.max(rate, record.rate), safe: Math.max(safe, record.safe) })
  }
  return [...found.values()]
}

/** Takes in everything that edges may be enforcing by the word of earlier leaders. */
export async function takeOver(
  { plan, leases }: Desk,
  store: Pick<Publisher, 'readSnapshots' | 'readContents'>,
  now: Milliseconds,
): Promise<void> {
  const snapshots = await store.readSnapshots(plan.edges.map(({ id }) => id))
  await Promise.all(
    [...snapshots].map(async ([edge, snapshot]) => {
      const { contents, whole } = await store.readContents(edge)
      const lease = leases.edges.get(edge)!
      const { epoch, seq } = snapshot
      const newest = { epoch, seq, ...grantsOf(plan, lease, [snapshot]) }
      const most = grantsOf(plan, lease, [...contents, snapshot])
      leases.recover(edge, { newest, most, since: whole ? null : (contents[0] ?? snapshot) }, now)
      leases.haunt(edge, strangers(plan, edge, [...contents, snapshot]), snapshot)
    }),
  )
}
