// The package for programs: `import { solve, certify } from 'mizani'`. One problem in, its allocation and the proof of
// it out: weighted max-min fair, in bands, as every tick of the engine has it. Rates are bit/s at layer 2; what a
// problem may say is told by `problemSchema()`, a JSON Schema, and in the README ("A problem of your own").

import { allocate, proveAllocation } from './planning/allocate.js'
import type { AllocationOutput } from './planning/allocation-output.js'
import { checkProblem } from './planning/problem-file.js'
import { type ProblemInput, problemJsonSchema } from './planning/problem-schema.js'
import type { GivenFlow } from './planning/proof.js'

export type * from './planning/allocation-output.js'
export type { ProblemInput } from './planning/problem-schema.js'
export type { GivenFlow } from './planning/proof.js'

/**
 * The allocation of a problem, with its certificate; the same problem gives the same numbers, to the last bit.
 * @param problem as in a file for `mizani allocate`; rates are bit/s, or text with a unit such as "20Mbps"
 * @returns flows and links in the order of the problem: `need` and `rate` in bit/s, `kbps` the whole kbit/s that an
 *   edge would be told, what each band gave at which level, and what limits the flow
 * @throws Error with `code` PROBLEM_INVALID, and every fault in `faults` with a JSON pointer
 */
export const solve = (problem: ProblemInput): AllocationOutput => allocate(checkProblem(problem))

/**
 * Whether an allocation is *the* max-min fair one of a problem, without solving it: whoever worked it out.
 * @param allocation of each flow `need`, `rate`, and by band the amount, level and bottleneck, as `solve` says them
 * @returns `ok`, or up to 100 violations: of which flow or link, in which band, and what is wrong
 * @throws Error with `code` PROBLEM_INVALID, or ALLOCATION_INVALID: a flow is missing, or a name is not there
 */
export const certify = (
  problem: ProblemInput,
  allocation: { readonly flows: readonly GivenFlow[] },
): AllocationOutput['certificate'] => proveAllocation(checkProblem(problem), allocation.flows)

/** What a problem may say: JSON Schema, draft 2020-12. */
export const problemSchema: () => object = problemJsonSchema
