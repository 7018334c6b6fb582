// The cheapest set by trying all of them the slow way: a policy of its own for each, compiled under each cut,
// everything solved.

import { seeded } from '../../../bench/harness.js'
import { claimOf, keptOf, lackOf } from '../../../src/planning/claims.js'
import { compileUnder } from '../../../src/planning/run.js'
import type { BuyOptions } from '../../../src/planning/study/buy.js'
import { singleCuts } from '../../../src/planning/study/cuts.js'
import { keptOnes } from '../../../src/planning/study/keep.js'
import { type Choice, type Offer, parseOffers } from '../../../src/planning/study/offers.js'
import type { Study } from '../../../src/planning/study/study.js'
import type { Steps } from '../../../src/planning/study/sweep.js'
import { createSolver } from '../../../src/solve/solve.js'
import { RING, ringStudy } from './ring-plane.js'

/** Three steps on each of so many links, at prices by chance; every single link may fail; all are kept. */
export function ringPurchase(seed: number, links: number): { study: Study; options: BuyOptions } {
  const study = ringStudy(seed, 1.6)
  const chance = seeded(seed + 1_000)
  const rows = Object.keys(RING)
    .slice(0, links)
    .flatMap((link) =>
      [50, 100, 200].map((size) => `${link},${link},${size}Mbps,${Math.round(size * (1 + chance()))},${size / 10},30`),
    )
  const sheet = ['offer,link,capacity,once,monthly,lead_days', ...rows].join('\n')
  const options = {
    ...{ offers: parseOffers(sheet, 'offers.csv', study.document), keep: keptOnes('everyone', study.plan) },
    ...{ cuts: singleCuts(study.document).filter(({ kind }) => kind === 'link'), growth: 0, years: 1, busiest: 1 },
  }
  return { study, options }
}

/** Written down one after the other, then sorted by their price alone. */
export function allSets(
  offers: readonly Offer[],
  months: number,
): { readonly choice: Choice; readonly cost: number }[] {
  let sets: { choice: number[]; cost: number }[] = [{ choice: [], cost: 0 }]
  for (const { steps } of offers) {
    sets = sets.flatMap(({ choice, cost }) => [
      { choice: [...choice, -1], cost },
      ...steps.map(({ once, monthly }, n) => ({ choice: [...choice, n], cost: cost + once + months * monthly })),
    ])
  }
  return sets.sort((a, b) => a.cost - b.cost)
}

/** Null: no set keeps them. */
export function cheapestOfAll(study: Study, { offers, keep, cuts }: BuyOptions, steps: Steps): number | null {
  // The failure that refused the last set stands in front.
  const failures = [{}, ...cuts.map((cut) => cut.conditions)]
  for (const { choice, cost } of allSets(offers, 12)) {
    const refusing = failures.findIndex((conditions) => !isKept(conditions, choice))
    if (refusing < 0) return cost
    failures.unshift(...failures.splice(refusing, 1))
  }
  return null

  function isKept(conditions: Readonly<Record<string, number>>, choice: Choice): boolean {
    const { plan, problem } = compileUnder(bought(study, offers, choice), conditions)
    const solver = createSolver(problem.shape)
    const { flows } = problem.shape
    for (let step = 0; step < steps.count; step++) {
      problem.demand.set(steps.demand.subarray(step * flows, (step + 1) * flows))
      problem.recent.set(problem.demand)
      solver.solve(problem)
      for (const n of keep)
        for (const i of plan.institutions[n]!.flows)
          if (!plan.unreachable.has(i) && lackOf(claimOf(problem, i), keptOf(problem, i)) > 0) return false
    }
    return true
  }
}

function bought({ document }: Study, offers: readonly Offer[], choice: Choice) {
  const links = { ...document.links }
  for (const [n, { link, steps }] of offers.entries()) {
    const more = steps[choice[n]!]?.capacity ?? { down: 0, up: 0 }
    const { capacity } = links[link]!
    links[link] = { ...links[link]!, capacity: { down: capacity.down + more.down, up: capacity.up + more.up } }
  }
  return { ...document, links }
}
