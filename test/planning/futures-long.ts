// Futures of the nation, and their interval against a thousand years that happen: too long for every `npm test`.
//
//   npm run planning:futures [seed] [draws] [years]
//
// One line a check with its size, time, memory and result, then a verdict; exit 1 where one fails. Times count on a
// quiet machine.

import { seeded } from '../../bench/harness.js'
import { type FuturesOptions, futuresOf } from '../../src/planning/study/futures.js'
import { poolRunner } from '../../src/planning/study/futures-parts.js'
import { futuresReport } from '../../src/planning/study/futures-report.js'
import { fiscalYear } from '../../src/planning/study/futures-years.js'
import { readOdds } from '../../src/planning/study/odds.js'
import { resultHash } from '../../src/planning/study/plan-report.js'
import { readStudy } from '../../src/planning/study/study.js'
import { shippedFile } from '../../src/runtime/config.js'
import { mindMemory } from '../../src/runtime/heap.js'
import { held } from './study/synthetic-years.js'

const SEED = Number(process.argv[2] ?? 1)
const DRAWS = Number(process.argv[3] ?? 10_000)
const YEARS = Number(process.argv[4] ?? 1_000)
/** States of the network at moments of the day under levels of demand, each answered. */
const ANSWERS = 360_000
const [MOST_SECONDS, MOST_MB] = [120, 350]

let failed = 0
async function check(name: string, run: () => Promise<{ ok: boolean; words: string }>): Promise<void> {
  const begun = performance.now()
  const { ok, words } = await run()
  if (!ok) failed++
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}, seed ${SEED}, ${seconds} s: ${words}`)
}

// As the command does.
mindMemory()
const study = readStudy({ plane: shippedFile('config/taifa'), day: '2026-11-25', seed: SEED }, 0)
const odds = readOdds(shippedFile('config/odds/example.csv'), study.document)
const growth = { mean: 0.25, spread: 0.08 }
const nation: FuturesOptions = { year: fiscalYear(study), draws: DRAWS, growth, odds, moments: 24, minutes: 0.999 }

await check(`${DRAWS} years of the nation, 2 workers`, async () => {
  const begun = performance.now()
  const { looked, states, solves } = await futuresOf(study, nation, (input) => poolRunner(input, 2))
  const seconds = (performance.now() - begun) / 1_000
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const [cpu, mb] = [(userCPUTime + systemCPUTime) / 1e6, maxRSS / 1_024]
  const words =
    `${states} states, ${looked} of their moments, ${solves} solved, ` +
    `${cpu.toFixed(0)} s of processor, ${mb.toFixed(0)} MB`
  return { ok: looked >= ANSWERS && seconds <= MOST_SECONDS && mb <= MOST_MB, words }
})

await check('200 years of the nation for 1, 2 and 8 workers, and with half of the threads killed', async () => {
  const few = { ...nation, draws: 200 }
  const hashes: string[] = []
  for (const workers of [1, 2, 8]) {
    const futures = await futuresOf(study, few, (input) => poolRunner(input, workers))
    hashes.push(resultHash(futuresReport(futures, null, {})))
  }
  const chance = seeded(SEED)
  let killed = 0
  const futures = await futuresOf(study, few, (input) => {
    const runner = poolRunner(input, 2)
    return {
      ...runner,
      async run(name, part) {
        if (chance() < 0.5) {
          const dying = poolRunner(input, 1, AbortSignal.timeout(Math.round(1_000 * (1 + 2 * chance()))))
          await dying.run(name, part).catch(() => killed++)
          await dying.close()
        }
        return runner.run(name, part)
      },
    }
  })
  hashes.push(resultHash(futuresReport(futures, null, {})))
  const ok = new Set(hashes).size === 1 && killed > 0
  return { ok, words: `${[...new Set(hashes)].join(', ')}, ${killed} killed` }
})

await check(`${YEARS} years that happen, in 20 worlds`, async () => {
  const { held: inside, of } = await held(SEED, 20, Math.ceil(YEARS / 20))
  const part = inside / of
  return { ok: part >= 0.87 && part <= 0.93, words: `${(100 * part).toFixed(1)} % lie between P5 and P95` }
})

console.log(failed === 0 ? 'VERDICT ok' : `VERDICT ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
