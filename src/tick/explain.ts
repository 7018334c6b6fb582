// The solver's reasons in names: from indices of the problem to ids of the plan.

import type { Board } from '../model/board.js'
import { type BandStep, type Explanation, isMovable, isOwnLimit, type Reserved } from '../model/explanation.js'
import type { Plan } from '../model/plan.js'
import type { Difference } from '../model/published.js'
import { type Reason, reasonInWords } from '../model/reason.js'
import type { BitsPerSecond } from '../model/units.js'
import { promisedOf } from '../publish/profile.js'
import { explain, guaranteeOf } from '../solve/explain.js'
import { BAND_KIND, eachHop, type Solved } from '../solve/problem.js'
import { causesBehind } from './behind.js'
import { type Asked, nameLimiter } from './board.js'

type Unexplained = Omit<Board, Asked>

const SHARERS_SHOWN = 20

function lastReportOf({ edges }: Unexplained, edge: string): string | null {
  const at = edges.find(({ id }) => id === edge)?.lastReport ?? null
  return at === null ? null : new Date(at).toISOString()
}

/** Each band is in bit/s, what is published in kbit/s: less is rounding. */
const ROUNDING: BitsPerSecond = 2_000

const known = (n: number): number | null => (Number.isNaN(n) ? null : n)

const since = (at: number): string | null => (Number.isNaN(at) ? null : new Date(at).toISOString())

/** What was decided of a flow beside the answer; of the past it is not known. */
interface Decided {
  /** What its edge was told of the reason; undefined: nothing. */
  readonly told?: Reason | null | undefined
  /** It is granted less than it is to have, until others have given back. */
  readonly isWaiting?: boolean
}

export function explainFlow(
  plan: Plan,
  problem: Solved,
  board: Unexplained,
  flow: number,
  { told, isWaiting = false }: Decided = {},
): Explanation {
  const { id, edge, institution, tier, ceiling } = plan.flows[flow]!
  const reason = explain(problem, flow)
  const limitedBy = board.flows.limitedBy[flow]!
  const nameOf = (bottleneck: number): string | null =>
    (bottleneck <= -2 ? plan.envelopes[guaranteeOf(bottleneck)]?.id : plan.links[bottleneck]?.id) ?? null
  const bands = reason.bands.map(({ band, amount, cap, level, kept, bottleneck }): BandStep => {
    const { id: name, kind } = plan.bands[band]!
    return { band: name, kind, amount, cap, level: known(level), kept, bottleneck: nameOf(bottleneck) }
  })
  // Who waits, or takes no rates, is held by nothing that others use.
  const sharers = isMovable(limitedBy.code) ? reason.sharers.filter((s) => s.flow !== flow) : []
  const together = isMovable(limitedBy.code) ? reason.with.map((limiter) => nameLimiter(plan, limiter)) : []
  const others = sharers.flatMap((s) => {
    const other = plan.flows[s.flow]!
    return other.kind === 'institution' && other.institution !== institution ? [other.institution] : []
  })
  const computed = bands.reduce((sum, { amount }) => sum + amount, 0)
  const waits = limitedBy.code === 'PENDING' || limitedBy.code === 'SAFE'
  return {
    flow: id,
    edge,
    at: new Date(board.at).toISOString(),
    // A plan that was recorded by an older release has none.
    timezone: plan.timezone ?? 'UTC',
    revision: plan.revision,
    seq: board.serial.seq,
    tier,
    guarantee: guaranteeOfPart(plan, problem, flow),
    ceiling,
    demand: board.flows.demand[flow]!,
    atLeast: board.flows.atLeast[flow]!,
    estimatedSince: since(board.flows.estimatedSince[flow]!),
    waits: board.flows.waits[flow] === 1,
    need: board.flows.need[flow]!,
    rate: board.flows.rate[flow]!,
    computed,
    differs: differenceOf(board, flow, computed, isWaiting),
    applied: known(board.flows.applied[flow]!),
    arrived: known(board.flows.arrived[flow]!),
    carried: known(board.flows.carried[flow]!),
    lastReport: lastReportOf(board, plan.flows[flow]!.edge),
    limitedBy,
    atBox: told === undefined ? null : reasonInWords(told, promisedOf(plan.flows[flow]!)),
    with: together,
    behind: causesBehind(plan, board.inForce(), flow, limitedBy, together),
    bands,
    sharers: sharers.slice(0, SHARERS_SHOWN).map((s) => ({
      flow: plan.flows[s.flow]!.id,
      need: s.need,
      level: known(s.level),
    })),
    sharersTotal: sharers.length,
    sharingInstitutions: new Set(others).size,
    reserved: limitedBy.code === 'LINK' ? reservedOn(limitedBy.id!, plan, problem, board) : [],
    // What an override denies is lifted by what would lift the policy's own limit; its id names neither.
    lift: waits
      ? { by: 'WAIT', id: null }
      : { by: reason.lift.by, id: isOwnLimit(limitedBy.code) ? null : limitedBy.id },
  }
}

function differenceOf(
  { flows, learning }: Unexplained,
  flow: number,
  computed: BitsPerSecond,
  isWaiting: boolean,
): Difference | null {
  if (Math.abs(flows.rate[flow]! - computed) <= ROUNDING) return null
  const { code } = flows.limitedBy[flow]!
  if (code === 'PINNED' || code === 'OBSERVE' || code === 'SAFE' || code === 'NO_PATH') return 'FIXED'
  if (isWaiting || code === 'PENDING') return 'WAITS'
  return learning ? 'LEARNS' : 'KEPT'
}

/** Flows that are not shared out are charged at what their edge may be letting through, which is their need. */
function reservedOn(id: string, plan: Plan, problem: Solved, { flows }: Unexplained): Reserved[] {
  const link = plan.links.findIndex((one) => one.id === id)
  const byEdge = new Map<string, Reserved>()
  const configured = new Set(plan.edges.flatMap(({ id, pace }) => (pace === 'static' ? [id] : [])))
  plan.flows.forEach(({ edge }, flow) => {
    const { code } = flows.limitedBy[flow]!
    if (code !== 'PINNED' && code !== 'OBSERVE' && code !== 'SAFE') return
    eachHop(problem, flow, (l, fraction) => {
      if (l !== link) return
      const rate = (byEdge.get(edge)?.rate ?? 0) + fraction * flows.need[flow]!
      byEdge.set(edge, { edge, rate, by: configured.has(edge) ? 'STATIC' : code })
    })
  })
  return [...byEdge.values()].filter(({ rate }) => rate > 0).sort((a, b) => b.rate - a.rate)
}

/** What the flow itself is promised: one of several edges has a part of the whole. */
function guaranteeOfPart(plan: Plan, p: Solved, flow: number): number {
  const { family, guarantee } = plan.flows[flow]!
  if (family < 0) return guarantee
  let sum = 0
  for (let s = p.segmentStart[flow]!; s < p.segmentStart[flow + 1]!; s++) {
    if (p.bandKind[p.segmentBand[s]!] === BAND_KIND.guarantee) sum += p.segmentSize[s]!
  }
  return sum
}
