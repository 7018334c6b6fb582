// What planning says of the nation, held against slower ways to the same answer: too long for every `npm test`.
//
//   npm run planning [seed] [networks]
//
// One line a check with its size and time, then a verdict; exit 1 where one fails.

import { seeded } from '../../bench/harness.js'
import { buy } from '../../src/planning/study/buy.js'
import { failuresOf } from '../../src/planning/study/failures.js'
import { readStudy } from '../../src/planning/study/study.js'
import { shippedFile } from '../../src/runtime/config.js'
import { cheapestOfAll, ringPurchase } from './study/all-sets.js'
import { asSimulated, asSwept } from './study/as-simulated.js'
import { coverage } from './study/synthetic-months.js'

const SEED = Number(process.argv[2] ?? 1)
const NETWORKS = Number(process.argv[3] ?? 200)
const SAMPLES = 100
const FORECASTS = 200

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

/** Purchases on seeded networks of eight links, three steps on each, against trying every set. */
async function purchases(): Promise<string | null> {
  let sets = 0
  for (let n = 0; n < NETWORKS; n++) {
    const { study, options } = ringPurchase(SEED + n, 8)
    const { chosen, tried, purchase } = buy(study, options)
    sets += tried.length
    const [found, least] = [chosen?.cost ?? null, cheapestOfAll(study, options, purchase.parts.steps)]
    if (found !== least) return `seed ${SEED + n}: ${found}, and the cheapest is ${least}`
    if (tried.some((one) => one !== chosen && one.witness === null)) return `seed ${SEED + n}: a set without a witness`
  }
  console.log(`     ${sets} sets, each but the chosen ones with a witness`)
  return null
}

/** Crossings of months 10 to 12 in the range of a forecast from months 1 to 9. */
async function forecasts(season: number, least: number): Promise<string | null> {
  const { held, seeds, share, medianWidth, medianMiss } = coverage(SEED, FORECASTS, season)
  const share100 = (100 * share).toFixed(1)
  const found = `${held} of ${seeds} held (${share100} %), median range ${medianWidth} days, middle ${medianMiss} off`
  console.log(`     ${found}`)
  if (share < least || share > 0.97) return `expected ${100 * least} to 97 %`
  return medianWidth < 250 || season > 0 ? null : 'the range says nothing'
}

await check(`${FORECASTS} forecasts hold the crossing of months 10 to 12 in >= 90 %`, () => forecasts(0, 0.9))
await check(`${FORECASTS} of demand with a season of 5 % that nobody knows`, () => forecasts(0.05, 0.87))
await check(`${SAMPLES} sampled rows of plan failures equal simulate`, sampledRows)
await check(`${NETWORKS} purchases of 8 links x 3 steps equal exhaustive search`, purchases)
console.log(failed === 0 ? 'VERDICT ok' : `VERDICT ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
