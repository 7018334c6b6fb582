// The solver's thread: views over the shared arena, and the pure functions called in order. No logic.
//
// Views and scratch are made once per arena and kept for the few that are in use: the tick's two, that of safe rates,
// and a moment of the past that somebody asks about. All numbers come back in the arena's own columns; timing[0] and
// [1] are the microseconds of solve and proof.

import { systemClock } from '../src/runtime/clock.js'
import { Certifier } from '../src/solve/certificate.js'
import { Integers } from '../src/solve/integers.js'
import { Paths } from '../src/solve/paths.js'
import { isEqualShape, type Problem, type Shape, viewProblem } from '../src/solve/problem.js'
import { createSolver, type Solver } from '../src/solve/solve.js'

const MOST_ARENAS = 4

interface Task {
  readonly id: number
  readonly shape: Shape
  readonly buffer: SharedArrayBuffer
  readonly certify: boolean
}

interface Arena {
  readonly problem: Problem
  readonly solver: Solver
  readonly integers: Integers
  readonly certifier: Certifier
}

/** By id, the one used longest ago first. */
const arenas = new Map<number, Arena>()

function enter({ id, shape, buffer }: Task): Arena {
  const arena = arenas.get(id) ?? lend(shape, buffer) ?? prepare(shape, buffer)
  arenas.delete(id)
  arenas.set(id, arena)
  return arena
}

/** When all places are taken, what the arena used longest ago had serves one like it: such memory is seldom freed. */
function lend(shape: Shape, buffer: SharedArrayBuffer): Arena | null {
  if (arenas.size < MOST_ARENAS) return null
  const [id, oldest] = arenas.entries().next().value!
  arenas.delete(id)
  return isEqualShape(oldest.problem.shape, shape) ? { ...oldest, problem: viewProblem(shape, buffer) } : null
}

function prepare(shape: Shape, buffer: SharedArrayBuffer): Arena {
  const paths = new Paths(shape)
  return {
    problem: viewProblem(shape, buffer),
    solver: createSolver(shape, paths),
    integers: new Integers(shape, paths),
    certifier: new Certifier(shape, paths),
  }
}

export default function solve(task: Task): void {
  const { problem, solver, integers, certifier } = enter(task)
  const begun = systemClock.monotonic()
  solver.solve(problem)
  integers.round(problem)
  const solved = systemClock.monotonic()
  if (task.certify) certifier.certify(problem)
  problem.timing[0] = (solved - begun) * 1000
  problem.timing[1] = (systemClock.monotonic() - solved) * 1000
}
