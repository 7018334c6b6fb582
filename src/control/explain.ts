// The solver's reasons in names: from indices of the problem to ids of the plan.

import type { Board } from '../model/board.js'
import { type BandStep, type Explanation, isOwnLimit } from '../model/explanation.js'
import type { Plan } from '../model/plan.js'
import { explain, guaranteeOf } from '../solve/explain.js'
import type { Problem } from '../solve/problem.js'

type Unexplained = Omit<Board, 'explain' | 'whatIf'>

const SHARERS_SHOWN = 20
const known = (n: number): number | null => (Number.isNaN(n) ? null : n)

export function explainFlow(plan: Plan, problem: Problem, board: Unexplained, flow: number): Explanation {
  const { id, institution, tier, guarantee, ceiling } = plan.flows[flow]!
  const reason = explain(problem, flow)
  const limitedBy = board.flows.limitedBy[flow]!
  const nameOf = (bottleneck: number): string | null =>
    (bottleneck <= -2 ? plan.envelopes[guaranteeOf(bottleneck)]?.id : plan.links[bottleneck]?.id) ?? null
  const bands = reason.bands.map(({ band, amount, cap, level, kept, bottleneck }): BandStep => {
    const { id: name, kind } = plan.bands[band]!
    return { band: name, kind, amount, cap, level: known(level), kept, bottleneck: nameOf(bottleneck) }
  })
  const sharers = reason.sharers.filter((s) => s.flow !== flow)
  const others = sharers.flatMap((s) => {
    const other = plan.flows[s.flow]!
    return other.kind === 'institution' && other.institution !== institution ? [other.institution] : []
  })
  const waits = limitedBy.code === 'PENDING' || limitedBy.code === 'SAFE'
  return {
    flow: id,
    at: new Date(board.at).toISOString(),
    revision: plan.revision,
    seq: board.serial.seq,
    tier,
    guarantee,
    ceiling,
    demand: board.flows.demand[flow]!,
    need: board.flows.need[flow]!,
    rate: board.flows.rate[flow]!,
    applied: known(board.flows.applied[flow]!),
    measured: known(board.flows.measured[flow]!),
    limitedBy,
    bands,
    sharers: sharers.slice(0, SHARERS_SHOWN).map((s) => ({
      flow: plan.flows[s.flow]!.id,
      need: s.need,
      level: known(s.level),
    })),
    sharersTotal: sharers.length,
    sharingInstitutions: new Set(others).size,
    // What an override denies is lifted by what would lift the policy's own limit; its id names neither.
    lift: waits
      ? { by: 'WAIT', id: null }
      : { by: reason.lift.by, id: isOwnLimit(limitedBy.code) ? null : limitedBy.id },
  }
}
