// A plan with its safe rates, as a controller makes it.

import type { Plan } from '../../src/model/plan.js'
import { type Compiled, withSafe } from '../../src/policy/compile/compile.js'
import { atOnce } from '../../src/runtime/pieces.js'
import { Integers } from '../../src/solve/integers.js'
import type { Problem } from '../../src/solve/problem.js'
import { createSolver } from '../../src/solve/solve.js'

/** The problem of its safe rates, solved. */
export function safeOf({ makeSafe }: Compiled): Problem {
  const problem = atOnce(makeSafe())
  createSolver(problem.shape).solve(problem)
  new Integers(problem.shape).round(problem)
  return problem
}

export const sealed = (compiled: Compiled): Plan => withSafe(compiled.plan, Uint32Array.from(safeOf(compiled).kbps))
