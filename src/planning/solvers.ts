// Solvers that are kept, for whoever plans in this thread: preparing one for a network takes longer than to solve.
// Those of one size differ in paths alone, and lie in one memory: they work one after the other, and what each fills
// anew is there once for all of them.

import { Paths } from '../solve/paths.js'
import { hasRoomFor, type Problem, type Shape } from '../solve/problem.js'
import { createSolver, type Solver } from '../solve/solve.js'

/** Of the intact network, of what is broken now, and of each upstream, which policies are usually tested without. */
const MOST_SOLVERS = 5
/** Of a policy, and of one with more institutions. */
const MOST_SIZES = 2
/** Where something is broken, ways are longer: by this part there is room for more. */
const LONGER = 0.25

/** The one used last comes last. */
const sizes: Solvers[] = []

class Solvers {
  /** Paths may be shorter. */
  readonly shape: Shape
  #paths: Paths | null = null
  /** The one used last comes last. */
  readonly #solvers: Solver[] = []

  constructor(shape: Shape) {
    this.shape = { ...shape, nonZeros: Math.ceil((1 + LONGER) * shape.nonZeros) }
  }

  /** One that is ready for the problem, or else the one whose turn is longest ago. */
  for(problem: Problem): Solver {
    const at = this.#solvers.findIndex((solver) => solver.isReadyFor(problem))
    const isFull = this.#solvers.length === MOST_SOLVERS
    const solver = at < 0 && !isFull ? this.#made() : this.#solvers.splice(Math.max(0, at), 1)[0]!
    this.#solvers.push(solver)
    return solver
  }

  #made(): Solver {
    this.#paths = new Paths(this.shape, this.#paths)
    return createSolver(this.shape, this.#paths)
  }
}

/** A solver that is ready for the problem, if one of the last ones is. Until the next one is asked for. */
export function solverFor(problem: Problem): Solver {
  const at = sizes.findIndex(({ shape }) => hasRoomFor(problem.shape, shape))
  const solvers = at < 0 ? new Solvers(problem.shape) : sizes.splice(at, 1)[0]!
  sizes.push(solvers)
  if (sizes.length > MOST_SIZES) sizes.shift()
  return solvers.for(problem)
}
