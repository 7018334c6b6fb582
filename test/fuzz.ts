// The long run: 20,000 random problems of each class put to every judge. `npm run fuzz`, with MIZANI_SEED and
// MIZANI_RUNS to choose others; a failure prints the shrunk problem as a file for `mizani allocate`.

import { acceptsFalse, acceptsWrongCause, disagreement } from './solve/agree.js'
import { forAll, SEED } from './solve/problems.js'

const RUNS = Number(process.env.MIZANI_RUNS ?? 20_000)
const moved = { count: 0 }
const told = new Map<string, number>()
const begun = performance.now()
let verdict = 'agree'
try {
  for (const envelopes of [false, true]) {
    forAll({ envelopes }, RUNS, disagreement)
    forAll({ envelopes }, RUNS / 4, (file) => acceptsFalse(file, moved))
    forAll({ envelopes }, RUNS / 4, (file) => acceptsWrongCause(file, told))
  }
} catch (error) {
  verdict = 'DISAGREE'
  process.exitCode = 1
  console.error((error as Error).message)
}
const seconds = ((performance.now() - begun) / 1000).toFixed(1)
const wrong = [...told.values()].reduce((sum, count) => sum + count, 0)
console.log(
  `fuzz: seed ${SEED}, 2 x ${RUNS} problems, causes and levels included, ${moved.count} false allocations, ` +
    `${wrong} wrong causes, ${seconds} s: ${verdict}`,
)
