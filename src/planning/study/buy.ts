// What to buy: the cheapest set that keeps what must be kept, what became of every other offer, and who loses by it.

import type { Direction } from '../../model/network.js'
import type { BitsPerSecond } from '../../model/units.js'
import type { Cut } from './cuts.js'
import { busiestOf } from './failures.js'
import type { Choice, Offer } from './offers.js'
import { costOfChoice, Purchase, type Tried, type Witness } from './purchase.js'
import { type Found, workingDays } from './runout.js'
import { growthAfter } from './scan.js'
import { demandOfDay, STEPS_A_DAY, type Study } from './study.js'
import type { Steps } from './sweep.js'

export interface BuyOptions {
  readonly offers: readonly Offer[]
  /** Institutions that must be kept, by their place in the plan. */
  readonly keep: readonly number[]
  readonly cuts: readonly Cut[]
  /** Of a year, and the years until which promises are to be kept. */
  readonly growth: number
  /** The most growth that is expected; absent: `growth` is certain. */
  readonly mostGrowth?: number
  readonly years: number
  readonly busiest: number
  /** Days in which a set has to be there; absent: any time will do. */
  readonly within?: number
  /** Sets tried so far. */
  readonly onProgress?: (tried: number) => void
}

/** A set that does, but only after somebody has been short. */
export interface Late {
  readonly set: Tried
  /** Days until it is there. */
  readonly days: number
  /** Who must be kept and is short before that with nothing bought; the earliest first. */
  readonly short: readonly Found[]
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
  readonly service: string
  readonly direction: Direction
  readonly before: BitsPerSecond
  readonly after: BitsPerSecond
  readonly cut: Cut | null
}

export interface Bought {
  readonly study: Study
  readonly options: BuyOptions
  readonly purchase: Purchase
  /** The same steps with the most growth that is expected. */
  readonly atMost: Purchase
  /** Buying nothing, then the sets that were tried in the order of cost, the answer last. */
  readonly tried: readonly Tried[]
  /** Null: no set keeps what must be kept. */
  readonly chosen: Tried | null
  /** The cheapest of all sets, where it cannot be there before it is needed; `chosen` is the same where none can. */
  readonly late?: Late
  readonly rejected: readonly Rejected[]
  readonly losers: readonly Loser[]
}

export function buy(study: Study, options: BuyOptions): Bought {
  const { offers, keep, cuts, growth, mostGrowth = growth, years, busiest } = options
  // The last day that a run-out looks at: what refuses a set has a break date until then.
  const factorOf = (rate: number): number => growthAfter(rate, workingDays(study, { growth: rate, years }).at(-1) ?? 0)
  const watched = keep.flatMap((n) => [...study.plan.institutions[n]!.flows])
  const over = (places: readonly number[], rate: number): Purchase =>
    new Purchase({
      ...{ document: study.document, offers, watched, cuts, months: 12 * years },
      steps: grown(study, places, factorOf(rate)),
    })
  let { at } = busiestOf(study, busiest)
  let purchase = over(at, growth)
  let tried = triedOf(purchase, options)
  const day = Array.from({ length: STEPS_A_DAY }, (_, step) => step)
  // What the busiest steps let pass has to hold in every step of the day; one in which it does not is looked at too.
  if (at.length < day.length) {
    const whole = over(day, growth)
    for (;;) {
      const { choice, witness } = tried.at(-1)!
      const against = witness === null ? whole.witnessAgainst(choice) : null
      if (against === null) break
      at = [...at, against.hurt.step].sort((a, b) => a - b)
      purchase = over(at, growth)
      tried = triedOf(purchase, options)
    }
  }
  const last = tried.at(-1)!
  const chosen = last.witness === null ? last : null
  const atMost = mostGrowth === growth ? purchase : over(at, mostGrowth)
  return {
    ...{ study, options, purchase, atMost, tried, chosen },
    rejected: rejectedBy(purchase, tried[0]!, chosen),
    losers: chosen === null || chosen.choice.every((step) => step < 0) ? [] : losersBy(study, purchase, chosen, cuts),
  }
}

function triedOf(purchase: Purchase, { within, onProgress = () => undefined }: BuyOptions): Tried[] {
  const tried: Tried[] = []
  for (const one of purchase.cheapest(within)) onProgress(tried.push(one))
  return tried
}

/** These steps of the day, everything asked for so many times. */
function grown(study: Study, places: readonly number[], factor: number): Steps {
  const flows = study.plan.flows.length
  const day = demandOfDay(study)
  const demand = new Float64Array(places.length * flows)
  for (const [n, step] of places.entries()) {
    const asked = day.subarray(step * flows, (step + 1) * flows)
    for (let i = 0; i < flows; i++) demand[n * flows + i] = asked[i]! * factor
  }
  return { count: places.length, demand }
}

function rejectedBy(purchase: Purchase, nothing: Tried, chosen: Tried | null): Rejected[] {
  const { offers, months, watched } = purchase.parts
  const none = nothing.choice
  const decisive = nothing.witness
  const missingWith = (choice: Choice): number =>
    decisive === null
      ? 0
      : purchase.sweep.solved(purchase.conditionsUnder(choice, decisive.cut), [decisive.hurt.step], watched)[0]!.missing
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

/** In every step that was looked at, in the intact network and under each failure; by service and direction. */
function losersBy({ plan }: Study, purchase: Purchase, chosen: Tried, cuts: readonly Cut[]): Loser[] {
  const none = chosen.choice.map(() => -1)
  const worst = new Map<string, Loser>()
  for (const cut of [null, ...cuts]) {
    const needsOf = (choice: Choice): Float64Array[] => {
      const steps = Array.from({ length: purchase.parts.steps.count }, (_, n) => n)
      return purchase.sweep.solved(purchase.conditionsUnder(choice, cut), steps, []).map(({ need }) => need)
    }
    const [old, now] = [needsOf(none), needsOf(chosen.choice)]
    for (const [institution, { flows }] of plan.institutions.entries()) {
      const groups = new Map<string, number[]>()
      for (const i of flows) {
        const key = `${institution} ${plan.flows[i]!.service} ${plan.flows[i]!.direction}`
        groups.set(key, [...(groups.get(key) ?? []), i])
      }
      for (const [key, own] of groups) {
        const { service, direction } = plan.flows[own[0]!]!
        for (const [n, needs] of old.entries()) {
          const before = own.reduce((sum, i) => sum + needs[i]!, 0)
          const after = own.reduce((sum, i) => sum + now[n]![i]!, 0)
          if (before - after < LOSS_LEAST || before - after < LOSS_PART * before) continue
          const known = worst.get(key)
          if (known === undefined || known.before - known.after < before - after)
            worst.set(key, { institution, service, direction, before, after, cut })
        }
      }
    }
  }
  return [...worst.values()].sort((a, b) => b.before - b.after - (a.before - a.after) || a.institution - b.institution)
}
