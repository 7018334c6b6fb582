// A recorded moment as a board, so that the past is explained by the very same code as the present. What edges had
// applied then is not recorded flow by flow at that instant, and is said not to be known.

import type { Board } from '../model/board.js'
import { LIMIT_CODES, type LimitCode, type LimitedBy } from '../model/explanation.js'
import { fromKbps } from '../model/units.js'
import type { PastMoment } from '../record/past.js'
import type { Asked } from './board.js'
import { crossingOf, standingOf } from './crossing.js'
import { explainFlow } from './explain.js'
import type { WhatIfs } from './what-if.js'

export function boardOfPast(past: PastMoment, whatIf?: WhatIfs['ask']): Board {
  const { plan, problem, at, moment, need, told, arrived, carried, limits } = past
  const unknown = (n: number): Float64Array => new Float64Array(n).fill(Number.NaN)
  const { links, flows } = problem.shape
  const board: Omit<Board, Asked> = {
    plan,
    leader: 'history',
    leads: false,
    excess: 0,
    inForce: () => past.inForce,
    serial: { epoch: 0, seq: 0 },
    at,
    learning: false,
    flows: {
      demand: moment.asked,
      // What of it was an estimate is not recorded.
      ...{ atLeast: moment.asked, estimatedSince: unknown(flows), waits: new Uint8Array(flows) },
      need,
      rate: told.map((kbps) => fromKbps(kbps)),
      applied: unknown(flows),
      arrived: arrived.map((kbps) => fromKbps(kbps)),
      carried: carried.map((kbps) => fromKbps(kbps)),
      limitedBy: limits.map(limitOf),
    },
    links: {
      needLoad: problem.linkNeedLoad,
      load: problem.linkLoad,
      arrived: unknown(links),
      carried: unknown(links),
      unheard: new Float64Array(links),
      unmet: new Float64Array(links),
      level: unknown(links),
    },
    edges: [],
    satisfied: { all: 0, short: 0, belowGuarantee: 0, maybeBelow: 0 },
    tick: { lastMs: 0, solveMs: 0, kept: 0, moved: 0 },
    certificate: { ok: true, checkedSeq: 0 },
  }
  return {
    ...board,
    explain: (flow) => explainFlow(plan, problem, board, flow),
    crossing: (link) => crossingOf(problem, link),
    standing: (flow) => standingOf(plan, problem, flow),
    whatIf: async (flow) => (await whatIf?.(problem, flow)) ?? [],
  }
}

/** "LINK transit-a.down" */
function limitOf(text: string): LimitedBy {
  const [word, id = null] = text.split(' ', 2)
  const code = LIMIT_CODES.find((known): known is LimitCode => known === word) ?? 'DEMAND'
  return { code, id }
}
