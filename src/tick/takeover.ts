// A leader takes over from another, and standbys follow who leads. The store holds what every edge was granted; from it
// a standby keeps up with the leader each tick, and a new leader learns what edges may still be enforcing: everything
// that the store holds and that they have not acknowledged to be past. Where the store has lost that, or is behind,
// the standby's log stands in for it.

import type { DemandTable } from '../demand/table.js'
import { compareSerial, type RateRecord, recordKey, type Serial } from '../model/lease.js'
import { staleAfter } from '../model/line.js'
import type { Plan } from '../model/plan.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { type Columns, type EdgeLease, isKnown, reportAt } from '../publish/edge-lease.js'
import type { LeaseTable } from '../publish/lease-table.js'
import type { StandbyFeed } from '../publish/standby-feed.js'
import { type EdgeLog, isBaseOf, sinceApplied } from '../publish/standby-log.js'
import type { Problem } from '../solve/problem.js'
import type { RateMessage } from '../wire/messages.js'
import type { Instances } from './instances.js'
import type { PlanState } from './plan-state.js'

/**
 * Epochs come of clocks. What an edge claims counts up to a century from now: further than any clock was ever wrong by,
 * and far below where whole numbers stop being exact. An epoch that was raised by a claim is soon within it as well.
 */
const CENTURY: Milliseconds = 100 * 366 * 86_400_000

type PlanLeases = Pick<PlanState, 'plan' | 'leases'>

/** Takes in what the leader granted each edge last, and returns its serials by edge. */
export async function followLeader(
  { plan, leases }: PlanLeases,
  feed: Pick<StandbyFeed, 'watch'>,
  now: Milliseconds,
  instances?: Pick<Instances, 'follow'>,
): Promise<ReadonlyMap<string, Serial>> {
  const newest = new Map<string, Serial>()
  const applied = [...leases.edges].map(([edge, { report }]) => [edge, report?.applied ?? null] as const)
  for (const [edge, snapshot] of await feed.watch(new Map(applied))) {
    if (snapshot === null) {
      leases.markUnreadable(edge, now)
      continue
    }
    const { epoch, seq } = snapshot
    instances?.follow(edge, snapshot.instance ?? null)
    const { most, gone } = grantsOf(plan, leases.edges.get(edge)!, [snapshot])
    leases.follow(edge, { epoch, seq, ...most }, now)
    // Whoever began under this plan has never had them, and the store may lose this before it leads.
    leases.chargeOrphans(edge, gone, snapshot)
    newest.set(edge, { epoch, seq })
  }
  return newest
}

/** Takes in everything that edges may be enforcing by the word of earlier leaders. */
export async function takeOver(
  { plan, leases }: PlanLeases,
  feed: Pick<StandbyFeed, 'readSnapshots' | 'readContents' | 'logOf'>,
  now: Milliseconds,
  instances?: Pick<Instances, 'follow'>,
): Promise<void> {
  const snapshots = await feed.readSnapshots(plan.edges.map(({ id }) => id))
  await Promise.all(
    plan.edges.map(async ({ id, pace }) => {
      const snapshot = snapshots.get(id)
      if (snapshot === null) return leases.markUnreadable(id, now)
      instances?.follow(id, snapshot?.instance ?? null)
      const lease = leases.edges.get(id)!
      const applied = lease.report?.applied ?? lease.applied
      const stored = snapshot ? await feed.readContents(id) : { contents: [], whole: false }
      const { contents, isComplete } = grantedBefore(snapshot, stored, feed.logOf(id), applied)
      const last = contents.at(-1)
      if (!last) {
        // What nobody kept we saw from tick to tick only, which is enough where a device hears once a minute.
        if (pace === 'live') leases.markUnverified(id, now)
        return
      }
      // It holds what nobody here knows: who led before granted it that, and it was lost.
      if (pace === 'live' && applied && compareSerial(applied, last) > 0) return leases.markUnreadable(id, now)
      const { epoch, seq } = last
      const newest = { epoch, seq, ...grantsOf(plan, lease, [last]).most }
      const isSlow = !snapshot && pace !== 'live' && isKnown(lease)
      const { most, gone } = grantsOf(plan, lease, sinceApplied(contents, applied))
      leases.recover(id, { newest, most, isComplete: isComplete || isSlow }, now)
      leases.chargeOrphans(id, gone, last)
    }),
  )
}

/**
 * What an edge was granted, oldest first, by the store and by what was heard, whichever knows more; and whether it can
 * hold nothing else.
 */
function grantedBefore(
  snapshot: RateMessage | undefined,
  stored: { readonly contents: readonly RateMessage[]; readonly whole: boolean },
  heard: EdgeLog,
  applied: Serial | null,
): { readonly contents: readonly RateMessage[]; readonly isComplete: boolean } {
  const isBehind = heard.contents.length > 0 && !(snapshot && compareSerial(snapshot, heard.contents.at(-1)!) >= 0)
  const contents = isBehind ? heard.contents : snapshot ? [...stored.contents, snapshot] : []
  const last = contents.at(-1)
  if (!last || (applied && compareSerial(applied, last) > 0)) return { contents, isComplete: false }
  const isKnown = applied ? contents.some((content) => isBaseOf(content, applied)) : !isBehind && stored.whole
  return { contents, isComplete: isKnown && !(isBehind && heard.hasGap) }
}

/** The highest epoch seen anywhere: by ourselves, or by an edge as far as it can be believed. */
export function epochFloor({ edges }: LeaseTable, own: number, now: UnixMilliseconds): number {
  const seen = [...edges.values()].map(({ applied }) => applied?.epoch ?? 0)
  return Math.max(own, ...seen.filter((epoch) => epoch <= now + CENTURY))
}

/**
 * Whether a term began below what edges hold, who take nothing of it then: the store has lost everything, its clock
 * went back, and nobody had heard of edges yet. More than half of them must say so, for one could lie.
 */
export function isBelowEdges({ edges }: LeaseTable, epoch: number, now: UnixMilliseconds): boolean {
  const held = [...edges.values()].flatMap(({ report }) => (report ? [report.applied?.epoch ?? 0] : []))
  return held.filter((one) => one > epoch && one <= now + CENTURY).length > held.length / 2
}

/**
 * A new leader does not know yet what edges ask for. Until every edge that speaks has been measured, or one lease has
 * passed since it began, nothing grows, and nothing shrinks but by policy.
 */
export function isLearning(
  { leases, plan, demand }: PlanLeases & { readonly demand: DemandTable },
  since: Milliseconds,
  now: Milliseconds,
): boolean {
  const { tick, lease } = plan.timing
  const awaited = plan.edges.some(({ id, line, flows }) => {
    const speaks = now - Math.max(reportAt(leases.edges.get(id)!), since) <= staleAfter(plan.timing, line) + tick
    return speaks && !demand.isMeasured(flows)
  })
  return awaited && now - since <= lease
}

/** Whoever was granted a rate is taken to ask for it: only a change of policy or network can then take it away. */
export function askForGranted(problem: Problem, { granted }: LeaseTable): void {
  granted.forEach((kbps, f) => {
    if (kbps === 0) return
    problem.demand[f] = kbps * 1_000
    problem.recent[f] = kbps * 1_000
  })
}

/** Contents of an edge, each flow at its most: those that the plan has there, and those that are gone from it. */
function grantsOf(
  plan: Plan,
  { flows }: EdgeLease,
  contents: readonly { readonly records: readonly RateRecord[] }[],
): { readonly most: Columns; readonly gone: readonly RateRecord[] } {
  const position = new Map(flows.map((f, k) => [recordKey(plan.flows[f]!.record), k]))
  const most = { rates: new Uint32Array(flows.length), safe: new Uint32Array(flows.length) }
  const gone = new Map<number, RateRecord>()
  for (const { records } of contents) {
    for (const record of records) {
      const key = recordKey(record)
      const k = position.get(key)
      if (k === undefined) {
        const { rate, safe } = gone.get(key) ?? record
        gone.set(key, { ...record, rate: Math.max(rate, record.rate), safe: Math.max(safe, record.safe) })
        continue
      }
      most.rates[k] = Math.max(most.rates[k]!, record.rate)
      most.safe[k] = Math.max(most.safe[k]!, record.safe)
    }
  }
  return { most, gone: [...gone.values()] }
}
