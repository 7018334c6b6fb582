// What planning says of the nation, held against slower ways to the same answer: too long for every `npm test`.
//
//   npm run planning [seed]
//
// One line a check with its size and time, then a verdict; exit 1 where one fails.

import { seeded } from '../../bench/harness.js'
import { failuresOf } from '../../src/planning/study/failures.js'
import { readStudy } from '../../src/planning/study/study.js'
import { shippedFile } from '../../src/runtime/config.js'
import { asSimulated, asSwept } from './study/as-simulated.js'

const SEED = Number(process.argv[2] ?? 1)
const SAMPLES = 100

let failed = 0
async function check(name: string, run: () => Promise<string | null>): Promise<void> {
  const begun = performance.now()
  const fault = await run()
  if (fault !== null) failed++
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
  console.log(
    `${fault === null ? 'ok  ' : 'FAIL'} ${name}, seed ${SEED}, ${seconds} s${fault === null ? '' : `: ${fault}`}`,
  )
}

/** Rows of the sweep of the grown nation, drawn by chance. */
async function sampledRows(): Promise<string | null> {
  const scenario = shippedFile('config/scenarios/one-upstream-30.yaml')
  const study = readStudy({ scenario, plane: '' }, 0)
  const { cuts, steps } = await failuresOf(study, { busiest: 1, pairs: false, workers: 2 })
  const chance = seeded(SEED)
  for (let n = 0; n < SAMPLES; n++) {
    const result = cuts[Math.floor(chance() * cuts.length)]!
    const [swept, simulated] = [asSwept(study, result), await asSimulated(study, result, steps[0]!)]
    if (JSON.stringify(swept) !== JSON.stringify(simulated)) return `${result.cut.id} differs`
  }
  return null
}

await check(`${SAMPLES} sampled rows of plan failures equal simulate`, sampledRows)
console.log(failed === 0 ? 'VERDICT ok' : `VERDICT ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
