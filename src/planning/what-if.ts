// What would give a flow more: room where it is stopped, its own ceiling, or more weight; each by solving again.

import type { WouldBe } from '../model/explanation.js'
import { Spares } from '../solve/copies.js'
import { type Counterfactual, type Question, WhatIf } from '../solve/counterfactual.js'
import { viewProblem } from '../solve/problem.js'
import { solverFor } from './solvers.js'

const TWICE = 2
/** A change of a need below this part changes nothing for anybody. */
const SAME = 1e-6

const spares = new Spares()

export function answerWhatIf({ shape, buffer, flow }: Question): WouldBe[] {
  const base = viewProblem(shape, buffer)
  const copy = spares.lend(base)
  const whatIf = new WhatIf(base, solverFor(base), copy)
  const lifted = whatIf.lift(flow)
  // Who is at its own ceiling has nothing from more weight.
  const weighed = lifted?.change === 'CEILING' ? undefined : whatIf.weigh(flow, TWICE)
  spares.takeBack(copy)
  return [lifted, weighed]
    .filter(isChange)
    .map(({ change, by, after, losers }) => ({ change, by, need: after, losers }))
}

const isChange = (found: Counterfactual | undefined): found is Counterfactual =>
  found !== undefined && Math.abs(found.after - found.before) > SAME * found.before
