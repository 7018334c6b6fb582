// What a tick shows: the columns that it made, the solved problem behind them, and what was said of edges. A picture is
// painted of it by whoever looks, at any time later and at any thread, for all that it is made of is here.

import type { Board } from '../model/board.js'
import type { WholeSegments } from '../model/families.js'
import { recordKey } from '../model/lease.js'
import type { Plan } from '../model/plan.js'
import type { Reason } from '../model/reason.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { causesInForce } from '../policy/in-force/in-force.js'
import type { SolvedTick } from '../record/tick.js'
import type { Solved } from '../solve/problem.js'
import { type Asked, countSatisfied, paintFlows, paintLinks, type TickColumns } from './board.js'
import { crossingOf, standingOf } from './crossing.js'
import { explainFlow } from './explain.js'
import type { Situation } from './planner.js'
import type { WhatIfs } from './what-if.js'

/** Of a controller that ticks here the problem holds until its next tick but one begins. */
export interface Shown<Shows extends Solved = Solved> {
  /** Ticks since the start, this one included; the same for what was granted after it. */
  readonly number: number
  /** When the tick had been made. */
  readonly made: Milliseconds
  readonly plan: Plan
  readonly whole: WholeSegments
  readonly problem: Shows
  /** Part of its family's promise that each flow holds. */
  readonly phi: Float64Array
  readonly columns: TickColumns
  /** Why flows are limited, as edges have been told by now: by edge. */
  readonly told: ReadonlyMap<string, readonly Reason[]>
  /** By which the tick went. */
  readonly situation: Pick<Situation, 'revision' | 'inForce'>
  /** As it stands on the board. */
  readonly said: Pick<
    Board,
    'leader' | 'leads' | 'serial' | 'at' | 'learning' | 'edges' | 'tick' | 'certificate' | 'excess'
  >
}

export function boardOf({ plan, problem, columns, told, situation, said }: Shown, whatIf?: WhatIfs['ask']): Board {
  const flows = paintFlows(plan, problem, columns)
  const links = paintLinks(plan, problem, columns, flows)
  const board: Omit<Board, Asked> = {
    ...{ plan, ...said, flows, links, satisfied: countSatisfied(plan, flows), inForce: lasting(situation, said.at) },
  }
  return {
    ...board,
    explain: (flow) =>
      explainFlow(plan, problem, board, flow, {
        told: toldOf(plan.flows[flow]!, told),
        isWaiting: columns.granted[flow]! < columns.target[flow]!,
      }),
    crossing: (link) => crossingOf(problem, link),
    standing: (flow) => standingOf(plan, problem, flow),
    whatIf: async (flow) => (await whatIf?.(problem, flow)) ?? [],
  }
}

/** Null: that nothing limits it; undefined: its edge was told nothing yet. */
function toldOf({ edge, record }: Plan['flows'][number], told: Shown['told']): Reason | null | undefined {
  const reasons = told.get(edge)
  const key = recordKey(record)
  return reasons && (reasons.find((reason) => recordKey(reason) === key) ?? null)
}

export const solvedTickOf = ({ made, problem, whole, phi, columns: { charged } }: Shown, board: Board): SolvedTick => ({
  ...{ board, made, problem, whole, phi, charged },
})

/** What is in force, made when somebody asks. */
function lasting({ revision, inForce }: Shown['situation'], at: UnixMilliseconds): Board['inForce'] {
  let made: ReturnType<typeof causesInForce> | undefined
  return () => {
    made ??= causesInForce(revision.document, inForce, at)
    return made
  }
}
