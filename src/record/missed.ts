// What an incident has cost whom: from the record of the time it lasted, every institution that it concerns and that
// was below its guarantee or got less than it asked for, with minutes and Mbit. Who missed something at the same time
// for another reason is not named.

import type { Alarm } from '../model/alarm.js'
import type { LimitCode } from '../model/explanation.js'
import type { Plan } from '../model/plan.js'
import { inMinutes, slotOf, type UnixMilliseconds } from '../model/units.js'
import type { AlarmKind } from './alarm-kind.js'
import { ALARMS } from './alarm-table.js'
import type { Archive, Asked } from './archive.js'
import { readKeptPlan } from './moment.js'

export interface Missed {
  readonly institution: string
  /** In which at least one of its flows was below its guarantee. */
  readonly minutesBelowGuarantee: number
  readonly mbitMissing: number
}

export interface MissedAsked extends Asked {
  readonly concerns: AlarmKind['concerns']
  /** What the alarm names: edges, links or institutions. */
  readonly named: readonly string[]
}

interface Sum {
  /** Seconds below guarantee of its worst flow, by slot. */
  readonly below: Map<UnixMilliseconds, number>
  kbit: number
}

/** What is asked of the record to find who missed what while an alarm lasted. */
export function missedDuring(alarm: Alarm, now: UnixMilliseconds): MissedAsked {
  const { code, members, since, cleared } = alarm
  const { concerns } = (ALARMS as Record<string, Partial<AlarmKind>>)[code] ?? {}
  const named = concerns === 'edges' ? members.map(edgeIn) : members
  return { from: slotOf(since), before: cleared ?? now, concerns, named }
}

/** What is found of an edge is named after it: `dar-1 (down)`. */
const edgeIn = (member: string): string => member.split(' ', 1)[0]!

/** The most first. Five minutes count whole: the record is no finer. Runs in the archive's thread. */
export async function missedIn(archive: Archive, asked: MissedAsked): Promise<Missed[]> {
  if (asked.concerns === undefined) return []
  const sums = new Map<string, Sum>()
  const concerned = concernedIn(archive, asked)
  const columns = ['slot', 'seconds', 'flow', 'unmet', 'below_guarantee_s', 'plan', 'm_limit'] as const
  for await (const rows of archive.walkFlows(columns, asked)) {
    for (const [i, flow] of rows.flow.entries()) {
      const below = rows.below_guarantee_s[i]!
      const kbit = (rows.unmet[i] ?? 0) * rows.seconds[i]!
      if (below === 0 && kbit === 0) continue
      if (!concerned({ flow, slot: rows.slot[i]!, plan: rows.plan[i]!, limit: rows.m_limit[i]! })) continue
      const institution = flow.split('/', 1)[0]!
      const sum = sums.get(institution) ?? { below: new Map(), kbit: 0 }
      sums.set(institution, sum)
      sum.kbit += kbit
      if (below > 0) sum.below.set(rows.slot[i]!, Math.max(below, sum.below.get(rows.slot[i]!) ?? 0))
    }
  }
  return [...sums]
    .map(([institution, { below, kbit }]) => ({
      institution,
      minutesBelowGuarantee: inMinutes([...below.values()].reduce((a, b) => a + b, 0)),
      mbitMissing: Math.round(kbit / 1_000),
    }))
    .filter(({ minutesBelowGuarantee, mbitMissing }) => minutesBelowGuarantee > 0 || mbitMissing > 0)
    .sort((a, b) => b.mbitMissing - a.mbitMissing)
}

interface Row {
  readonly flow: string
  readonly slot: UnixMilliseconds
  /** Its name in the record. */
  readonly plan: string
  /** What kept the flow from what it asked at the worst moment: a code, and where there is one an id. */
  readonly limit: string
}

function concernedIn(archive: Archive, { concerns, named }: MissedAsked): (row: Row) => boolean {
  const names = new Set(named)
  const plans = new Map<string, Plan>()
  const planOf = ({ slot, plan: name }: Row): Plan => {
    const plan = plans.get(name) ?? readKeptPlan(archive.readPlan(slot, name)).plan
    plans.set(name, plan)
    return plan
  }
  switch (concerns) {
    case 'edges':
      return (row) => {
        const plan = planOf(row)
        const flow = plan.flowIndex.get(row.flow)
        return flow !== undefined && names.has(plan.flows[flow]!.edge)
      }
    case 'links':
      return (row) => isHeldByOne(planOf(row), row, names)
    case 'institutions':
      return ({ flow }) => names.has(flow.split('/', 1)[0]!)
    case 'pinned':
      return ({ limit }) => limit === ('PINNED' satisfies LimitCode)
    default:
      return () => concerns === 'all'
  }
}

/** By one of these links, or by a link that is full because their traffic goes over it now. */
function isHeldByOne({ links, flowIndex, detours }: Plan, { flow, limit }: Row, names: ReadonlySet<string>): boolean {
  const [code, id] = limit.split(' ', 2)
  const isNamed = (index: number): boolean => names.has(links[index]!.id) || names.has(links[index]!.link)
  // Records of earlier releases may have none.
  const { from = [], to = [] } = detours?.[flowIndex.get(flow) ?? -1] ?? {}
  if (code === ('NO_PATH' satisfies LimitCode)) return from.some(isNamed)
  if (code !== ('LINK' satisfies LimitCode)) return false
  const index = links.findIndex((link) => link.id === id)
  return index >= 0 && (isNamed(index) || (to.includes(index) && from.some(isNamed)))
}
