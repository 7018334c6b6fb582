// The solver's thread: views over the shared arena, and the pure functions called in order. No logic.
//
// Views are made once per arena, and scratch once for all arenas over the same paths: a tick's two share theirs. Both
// are kept for the few that are in use: the tick's, that of safe rates, and a moment of the past that somebody asks
// about. All numbers come back in the arena's own columns; timing[0] and [1] are the microseconds of solve and proof.

import { systemClock } from '../src/runtime/clock.js'
import { LruMap } from '../src/runtime/lru-map.js'
import { Certifier } from '../src/solve/certificate.js'
import { Integers } from '../src/solve/integers.js'
import { Paths } from '../src/solve/paths.js'
import { isEqualShape, type Problem, type Shape, viewProblem } from '../src/solve/problem.js'
import { createSolver, type Solver } from '../src/solve/solve.js'

const MOST_ARENAS = 4
const MOST_PATHS = 3

interface Task {
  readonly id: number
  readonly shape: Shape
  readonly buffer: SharedArrayBuffer
  readonly certify: boolean
}

/** What is prepared for paths. */
interface Prepared {
  readonly shape: Shape
  readonly solver: Solver
  readonly integers: Integers
  readonly certifier: Certifier
}

/** By the arena's number. */
const problems = new LruMap<Problem>(MOST_ARENAS)
/** The one used last comes last. */
const prepared: Prepared[] = []

/** When all places are taken, one of the same shape serves on: such memory is seldom freed. */
function preparedFor(problem: Problem): Prepared {
  const { shape } = problem
  const ready = prepared.findIndex(({ solver }) => solver.isReadyFor(problem))
  const isFull = prepared.length === MOST_PATHS
  const at = ready < 0 && isFull ? prepared.findIndex((one) => isEqualShape(one.shape, shape)) : ready
  const found = at < 0 ? prepare(shape) : prepared.splice(at, 1)[0]!
  prepared.push(found)
  if (prepared.length > MOST_PATHS) prepared.shift()
  return found
}

function prepare(shape: Shape): Prepared {
  const paths = new Paths(shape)
  return {
    shape,
    solver: createSolver(shape, paths),
    integers: new Integers(shape, paths),
    certifier: new Certifier(shape, paths),
  }
}

export default function solve({ id, shape, buffer, certify }: Task): void {
  const problem = problems.get(`${id}`, () => viewProblem(shape, buffer))
  const { solver, integers, certifier } = preparedFor(problem)
  const begun = systemClock.monotonic()
  solver.solve(problem)
  integers.round(problem)
  const solved = systemClock.monotonic()
  if (certify) certifier.certify(problem)
  problem.timing[0] = (solved - begun) * 1000
  problem.timing[1] = (systemClock.monotonic() - solved) * 1000
}
