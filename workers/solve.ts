// The solver's thread: views over the shared arena, and the pure functions called in order. No logic.
//
// Views are made once per arena, and scratch once for all arenas over the same paths: a tick's two share theirs. Of a
// large problem that is solved once nothing is kept; scratch of a small one serves the next. All numbers come back in
// the arena's own columns; timing[0] and [1] are the microseconds of solve and proof.

import { systemClock } from '../src/runtime/clock.js'
import { IdleCollector } from '../src/runtime/heap.js'
import { LruMap } from '../src/runtime/lru-map.js'
import { Certifier } from '../src/solve/certificate.js'
import { Integers } from '../src/solve/integers.js'
import { Paths } from '../src/solve/paths.js'
import { isEqualShape, type Problem, type Shape, viewProblem } from '../src/solve/problem.js'
import { createSolver, type Solver } from '../src/solve/solve.js'

/** A tick's. */
const MOST_ARENAS = 2
/** Those of now, and those of before a link broke. */
const MOST_PATHS = 2

/** Scratch of so many entries of paths takes a megabyte or two. */
const MAX_KEPT_NON_ZEROS = 20_000

interface Task {
  readonly id: number
  readonly shape: Shape
  readonly buffer: SharedArrayBuffer
  readonly certify: boolean
  readonly once: boolean
}

/** What is prepared for paths. */
interface Prepared {
  readonly shape: Shape
  readonly solver: Solver
  readonly integers: Integers
  /** Made when the first proof is asked for. */
  readonly certifier: () => Certifier
}

/** By the arena's number. */
const problems = new LruMap<Problem>(MOST_ARENAS)
/** The one used last comes last. */
const prepared: Prepared[] = []
/** For problems that are solved once. */
let spare: Prepared | null = null
const collector = new IdleCollector(systemClock)

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
  let certifier: Certifier | undefined
  return {
    shape,
    solver: createSolver(shape, paths),
    integers: new Integers(shape, paths),
    certifier() {
      certifier ??= new Certifier(shape, paths)
      return certifier
    },
  }
}

/** Scratch for a problem that is solved once. */
function spareFor(shape: Shape): Prepared {
  if (spare !== null && isEqualShape(spare.shape, shape)) return spare
  const isSmall = shape.nonZeros <= MAX_KEPT_NON_ZEROS
  const made = prepare(shape)
  if (isSmall) spare = made
  else collector.noteGarbage()
  return made
}

export default function solve(task: Task): void {
  const { id, shape, buffer, once } = task
  collector.noteTask()
  if (once) {
    solveWith(spareFor(shape), viewProblem(shape, buffer), task)
  } else {
    const problem = problems.get(`${id}`, () => viewProblem(shape, buffer))
    solveWith(preparedFor(problem), problem, task)
  }
}

function solveWith({ solver, integers, certifier }: Prepared, problem: Problem, { certify }: Task): void {
  const begun = systemClock.monotonic()
  solver.solve(problem)
  integers.round(problem)
  const solved = systemClock.monotonic()
  if (certify) certifier().certify(problem)
  problem.timing[0] = (solved - begun) * 1000
  problem.timing[1] = (systemClock.monotonic() - solved) * 1000
}
