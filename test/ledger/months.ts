// The long run: random months of a nation, whose 554 statements must add up to the invoice to the cent. `npm run
// ledger:months`, with MIZANI_SEED and MIZANI_RUNS to choose others.

import fc from 'fast-check'
import { chargeOf } from '../../src/ledger/month.js'
import { faultOf, randomMonths } from './random-month.js'

const SEED = Number(process.env.MIZANI_SEED ?? 21)
const RUNS = Number(process.env.MIZANI_RUNS ?? 10_000)
const begun = performance.now()
let [statements, contracts] = [0, 0]
let verdict = 'every statement adds up'
try {
  const property = fc.property(randomMonths({ min: 554, max: 554 }), (month) => {
    const charges = month.contracts.map(({ of, prices }) => chargeOf(of, prices))
    contracts += charges.length
    statements += Math.max(...charges.map(({ shares }) => shares.length))
    const fault = faultOf(month, charges)
    if (fault !== null) throw new Error(fault)
  })
  fc.assert(property, { seed: SEED, numRuns: RUNS, endOnFailure: true })
} catch (error) {
  verdict = 'THEY DO NOT ADD UP'
  process.exitCode = 1
  console.error((error as Error).message)
}
const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
console.log(
  `ledger:months: seed ${SEED}, ${RUNS} months, ${contracts} contracts, ` +
    `${statements} statements, ${seconds} s: ${verdict}`,
)
