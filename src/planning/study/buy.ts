// What to buy: the cheapest set that keeps what must be kept, what became of every other offer, and who loses by it.

import type { Direction } from '../../model/network.js'
import type { BitsPerSecond } from '../../model/units.js'
import type { Cut } from './cuts.js'
import { busiestOf } from './failures.js'
import type { Choice, Offer } from './offers.js'
import { costOfChoice, Purchase, type Tried, type Witness } from './purchase.js'
import { workingDays } from './runout.js'
import { growthAfter } from './scan.js'
import type { Study } from './study.js'

export interface BuyOptions {
  readonly offers: readonly Offer[]
  /** Institutions that must be kept, by their place in the plan. */
  readonly keep: readonly number[]
  readonly cuts: readonly Cut[]
  /** Of a year, and the years until which promises are to be kept. */
  readonly growth: number
  readonly years: number
  readonly busiest: number
}

/** What became of an offer that was not bought, tried alone at its largest step. */
export interface Rejected {
  readonly offer: Offer
  /** Null: alone it would do. */
  readonly witness: Witness | null
  readonly cost: number
  /** What is missing in the failure that decides against buying nothing, without it and with it. */
  readonly before: BitsPerSecond
  readonly after: BitsPerSecond
}

/** Who gets less than with nothing bought, by more than a hundredth and 64 kbit/s, where it is worst. */
export interface Loser {
  readonly institution: number
  readonly direction: Direction
  readonly before: BitsPerSecond
  readonly after: BitsPerSecond
  readonly cut: Cut | null
}

export interface Bought {
  readonly study: Study
  readonly options: BuyOptions
  readonly purchase: Purchase
  /** Buying nothing, then the sets that were tried in the order of cost, the answer last. */
  readonly tried: readonly Tried[]
  /** Null: no set keeps what must be kept. */
  readonly chosen: Tried | null
  readonly rejected: readonly Rejected[]
  readonly losers: readonly Loser[]
}

export function buy(study: Study, options: BuyOptions): Bought {
  const { offers, keep, cuts, growth, years, busiest } = options
  const { steps } = busiestOf(study, busiest)
  // The last day that a run-out looks at: what refuses a set has a break date until then.
  const factor = growthAfter(growth, workingDays(study, { growth, years }).at(-1) ?? 0)
  const watched = keep.flatMap((n) => [...study.plan.institutions[n]!.flows])
  const purchase = new Purchase({
    ...{ document: study.document, offers, watched, cuts, months: 12 * years },
    steps: { count: steps.count, demand: steps.demand.map((rate) => rate * factor) },
  })
  const tried = [...purchase.cheapest()]
  const last = tried.at(-1)!
  const chosen = last.witness === null ? last : null
  return {
    ...{ study, options, purchase, tried, chosen },
    rejected: rejectedBy(purchase, tried[0]!, chosen),
    losers: chosen === null || chosen.choice.every((step) => step < 0) ? [] : losersBy(study, purchase, chosen, cuts),
  }
}

function rejectedBy(purchase: Purchase, nothing: Tried, chosen: Tried | null): Rejected[] {
  const { offers, months, watched } = purchase.parts
  const none = nothing.choice
  const decisive = nothing.witness
  const missingWith = (choice: Choice): number =>
    decisive === null
      ? 0
      : purchase.sweep.solved(purchase.conditionsUnder(choice, decisive.cut), decisive.hurt.step, watched).missing
  const before = missingWith(none)
  return offers.flatMap((offer, n): Rejected[] => {
    if (chosen !== null && chosen.choice[n]! >= 0) return []
    const alone = none.map((step, at) => (at === n ? offer.steps.length - 1 : step))
    const cost = costOfChoice(offers, alone, months)
    return [{ offer, witness: purchase.witnessAgainst(alone), cost, before, after: missingWith(alone) }]
  })
}

/** As a preview counts losers. */
const LOSS_PART = 0.01
const LOSS_LEAST: BitsPerSecond = 64_000

/** In the first step that was looked at, in the intact network and under each failure. */
function losersBy({ plan }: Study, purchase: Purchase, chosen: Tried, cuts: readonly Cut[]): Loser[] {
  const none = chosen.choice.map(() => -1)
  const worst = new Map<string, Loser>()
  for (const cut of [null, ...cuts]) {
    const needOf = (choice: Choice): Float64Array =>
      purchase.sweep.solved(purchase.conditionsUnder(choice, cut), 0, []).need
    const [old, now] = [needOf(none), needOf(chosen.choice)]
    for (const [institution, { flows }] of plan.institutions.entries()) {
      for (const direction of ['down', 'up'] as const) {
        const own = flows.filter((i) => plan.flows[i]!.direction === direction)
        const before = own.reduce((sum, i) => sum + old[i]!, 0)
        const after = own.reduce((sum, i) => sum + now[i]!, 0)
        if (before - after < LOSS_LEAST || before - after < LOSS_PART * before) continue
        const key = `${institution} ${direction}`
        const known = worst.get(key)
        if (known === undefined || known.before - known.after < before - after)
          worst.set(key, { institution, direction, before, after, cut })
      }
    }
  }
  return [...worst.values()].sort((a, b) => b.before - b.after - (a.before - a.after) || a.institution - b.institution)
}
