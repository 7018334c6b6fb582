// How long the questions of a planner take on the plane that ships: cuts, pairs of cuts, run-out, a purchase.
//
// Goal: what a person waits for at a terminal, threads and their start included. Not the goal: whether the answers are
// right (`npm run planning`). The result hash of each report says that two machines answered the same.
//
//   npm run bench plans

import { availableParallelism } from 'node:os'
import { buy } from '../src/planning/study/buy.js'
import { cutsNamed } from '../src/planning/study/cuts.js'
import { failuresOf } from '../src/planning/study/failures.js'
import { failuresReport } from '../src/planning/study/failures-report.js'
import { keptOnes } from '../src/planning/study/keep.js'
import { readOffers, withAllOffers } from '../src/planning/study/offers.js'
import { resultHash } from '../src/planning/study/plan-report.js'
import { runoutOf } from '../src/planning/study/runout.js'
import { runoutReport } from '../src/planning/study/runout-report.js'
import { readStudy } from '../src/planning/study/study.js'
import { shippedFile } from '../src/runtime/config.js'
import { printTable, SEED, shown } from './harness.js'

/** A Wednesday. */
const DAY = '2026-11-25'

/** Asks each question once. */
async function run(workers: number): Promise<void> {
  const study = readStudy({ plane: shippedFile('config/taifa'), day: DAY, seed: SEED }, 0)
  const rows: string[][] = []
  const time = async (question: string, goal: string, ask: () => Promise<string> | string): Promise<void> => {
    const begun = performance.now()
    const before = process.cpuUsage()
    const answer = await ask()
    const { user, system } = process.cpuUsage(before)
    rows.push([question, shown(performance.now() - begun), goal, shown((user + system) / 1_000), answer])
  }
  for (const [busiest, pairs, goal] of [
    [12, false, '2 s'],
    [288, false, '8 s'],
    [12, true, '15 s'],
  ] as const) {
    const question = pairs ? 'all pairs of links and groups' : 'all single cuts'
    await time(`${question}, ${busiest} steps`, goal, async () =>
      resultHash(failuresReport(await failuresOf(study, { busiest, pairs, workers }), { busiest, pairs })),
    )
  }
  const growth = { mean: 0.25, spread: 0 }
  await time('run-out in 5 years, any one upstream', '5 s', async () => {
    const cuts = cutsNamed('upstream', study.document)
    const runout = await runoutOf(study, { growth: growth.mean, years: 5, cuts, workers })
    return resultHash(runoutReport(runout, { growth, years: 5, anyOne: 'upstream' }, null))
  })
  await time('cheapest purchase for 42 institutions, 11 steps of 7 offers', '10 s', () => {
    const offers = readOffers(shippedFile('config/offers/example.csv'), study.document)
    const cuts = cutsNamed('upstream', withAllOffers(study.document, offers))
    const keep = keptOnes('university,national', study.plan)
    const { chosen, tried } = buy(study, { offers, keep, cuts, growth: growth.mean, years: 3, busiest: 3 })
    return `${tried.length} sets, cost ${chosen?.cost}`
  })
  console.log(`plane taifa, ${DAY}, seed ${SEED}, ${workers} workers`)
  printTable(['question', 'time', 'goal', 'CPU of all threads', 'answer'], rows)
}

await run(availableParallelism())
