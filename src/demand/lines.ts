// What the lines of a flow can carry: the most that its edge can be believed to have counted of it. An edge counts at
// its shaper, and a link lies on one side of that:
//
//   down   upstream -> backbone -> uplink -> port --arrived--> SHAPER --carried--> access line
//   up     access line --arrived--> SHAPER --carried--> port -> uplink -> backbone -> upstream

import type { Direction } from '../model/network.js'
import type { Plan, PlanLink } from '../model/plan.js'
import { eachHop, type Problem } from '../solve/problem.js'

/** Every link but the access line lies on the far side of the shaper: what comes down it has not met it yet. */
export const isBeforeShaper = (direction: Direction, kind: PlanLink['kind']): boolean =>
  (direction === 'down') !== (kind === 'access')

/** Columns by flow, bit/s: what can arrive at the shaper, and what can be carried past it on the whole way. */
export interface Lines {
  readonly arrives: Float64Array
  readonly passes: Float64Array
}

/** Of links as they are built: what monitoring says of them may be late. */
export function linesOf({ flows, links }: Plan, problem: Problem): Lines {
  const column = (): Float64Array => new Float64Array(flows.length).fill(Number.POSITIVE_INFINITY)
  const lines = { arrives: column(), passes: column() }
  flows.forEach(({ direction }, f) => {
    eachHop(problem, f, (l, fraction) => {
      const { capacity, kind, virtual } = links[l]!
      if (virtual || fraction === 0) return
      const most = capacity / fraction
      lines.passes[f] = Math.min(lines.passes[f]!, most)
      if (isBeforeShaper(direction, kind)) lines.arrives[f] = Math.min(lines.arrives[f]!, most)
    })
  })
  return lines
}
