// Solvers that are kept, for whoever plans in this thread: preparing one for a network takes longer than to solve.

import type { Problem } from '../solve/problem.js'
import { createSolver, type Solver } from '../solve/solve.js'

/** The one used last comes last. Most plans leave paths alone, and paths are what takes a solver time to prepare. */
const solvers: Solver[] = []
/** Of the intact network, of what is broken now, and of each upstream, which policies are usually tested without. */
const MOST_SOLVERS = 5

/** A solver that is ready for the problem, if one of the last ones is. */
export function solverFor(problem: Problem): Solver {
  const at = solvers.findIndex((solver) => solver.isReadyFor(problem))
  const solver = at < 0 ? createSolver(problem.shape) : solvers.splice(at, 1)[0]!
  solvers.push(solver)
  if (solvers.length > MOST_SOLVERS) solvers.shift()
  return solver
}
