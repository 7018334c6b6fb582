// The cheapest set of offers that keeps the promises of those who must be kept, in the intact network and under any one
// of the failures that are asked about.
//
// More capacity can make somebody worse off, so a set says nothing of the sets around it: all are tried, in the order
// of their cost, until one keeps everything. Two things make that quick and leave the answer what it is. A failure that
// has just refused a set is tried first on the next. And where a failure refuses a set, the links that are not full in
// that solve could be larger without changing it: every later set that differs in such links alone is refused by the
// same failure, and its witness is known without another solve.

import TinyQueue from 'tinyqueue'
import type { Conditions } from '../../model/network.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { type MizaniError, usageError } from '../../runtime/errors.js'
import type { Cut } from './cuts.js'
import { type Choice, conditionsOf, costOf, type Offer, withAllOffers } from './offers.js'
import { type FirstHurt, type Steps, Sweep } from './sweep.js'

/** Sets that are tried one by one, the cheapest first: some minutes, and some hundred megabytes of witnesses. */
const MOST_SETS = 1_000_000

export interface PurchaseParts {
  readonly document: PolicyDocument
  readonly offers: readonly Offer[]
  /** Places of flows in the plan. */
  readonly watched: readonly number[]
  readonly cuts: readonly Cut[]
  readonly steps: Steps
  /** Period over which a monthly price counts. */
  readonly months: number
}

/** Why a set is refused: a failure (null: the intact network) in which somebody who must be kept is hurt. */
export interface Witness {
  readonly cut: Cut | null
  readonly hurt: FirstHurt
}

export interface Tried {
  readonly choice: Choice
  readonly cost: number
  /** Null: it keeps everything. */
  readonly witness: Witness | null
}

/** Knows what each set of offers does. */
export class Purchase {
  /** `whole`: the policy with every offer at its largest step. */
  readonly parts: PurchaseParts & { readonly whole: PolicyDocument }
  readonly sweep: Sweep
  /** By failure, the intact network first: flows that no offer gives a way. */
  readonly #failures: { readonly cut: Cut | null; readonly conditions: Conditions; readonly excused: Int32Array }[]
  /** Refusals so far: any set with these steps of these offers, and at least those of all others. */
  readonly #refusals: { readonly witness: Witness; readonly choice: Choice; readonly matters: readonly boolean[] }[] =
    []
  readonly #linkOf: readonly string[]

  constructor(parts: PurchaseParts) {
    const { document, offers, cuts, steps } = parts
    const whole = withAllOffers(document, offers)
    this.parts = { ...parts, whole }
    this.sweep = new Sweep(whole, steps)
    this.#linkOf = this.sweep.links
    this.#failures = [null, ...cuts].map((cut) => {
      const conditions = cut?.conditions ?? {}
      return { cut, conditions, excused: this.sweep.cutOffUnder(conditions) }
    })
  }

  /** Flows that have no way with nothing cut, whatever is bought. */
  wayless(): ReadonlySet<number> {
    const { excused } = this.#failures.find(({ cut }) => cut === null)!
    return new Set(this.parts.watched.filter((i) => excused[i] === 1))
  }

  /** Flows that lose their only way to a failure, whatever is bought. */
  strandedBy(): { readonly cut: Cut; readonly flows: readonly number[] }[] {
    const { watched } = this.parts
    const wayless = this.wayless()
    return this.#failures.flatMap(({ cut, excused }) => {
      const flows = cut === null ? [] : watched.filter((i) => excused[i] === 1 && !wayless.has(i))
      return cut === null || flows.length === 0 ? [] : [{ cut, flows }]
    })
  }

  conditionsUnder(choice: Choice, cut: Cut | null): Conditions {
    const { document, offers } = this.parts
    return joined(conditionsOf(document, offers, choice), cut?.conditions ?? {})
  }

  /** Why a set is refused; null: it keeps everything. */
  witnessAgainst(choice: Choice): Witness | null {
    const known = this.#refusals.find((refusal) =>
      choice.every((step, n) => (refusal.matters[n] ? step === refusal.choice[n] : step >= refusal.choice[n]!)),
    )
    if (known !== undefined) return known.witness
    const { document, offers, watched } = this.parts
    const bought = conditionsOf(document, offers, choice)
    for (const [n, failure] of this.#failures.entries()) {
      const hurt = this.sweep.firstHurt(joined(bought, failure.conditions), watched, failure.excused)
      if (hurt === null) continue
      this.#failures.unshift(...this.#failures.splice(n, 1))
      const witness = { cut: failure.cut, hurt }
      this.#refusals.push({ witness, choice, matters: offers.map((offer) => this.#matters(offer, hurt)) })
      return witness
    }
    return null
  }

  /** All failures that refuse a set, each with whom it hurts. */
  refusing(choice: Choice): Witness[] {
    return this.#failures.flatMap(({ cut, excused }) => {
      const hurt = this.sweep.firstHurt(this.conditionsUnder(choice, cut), this.parts.watched, excused)
      return hurt === null ? [] : [{ cut, hurt }]
    })
  }

  /** Whether another step of the offer could change that solve: by room on a full link, or by other routes. */
  #matters({ link, fresh }: Offer, { full }: FirstHurt): boolean {
    const { links, services } = this.parts.document
    if (fresh !== null) return true
    const isAnchor = Object.values(services).some(({ via }) => via.includes(link))
    return isAnchor || full.some((l) => this.#linkOf[l] === link) || links[link] === undefined
  }

  /**
   * In the order of cost, of equal costs the fewest offers first: each set refused, then the one that is not.
   * @param within days in which a set has to be there: others are left out
   */
  *cheapest(within = Infinity): Generator<Tried> {
    const { offers, months } = this.parts
    let tried = 0
    for (const { choice, cost } of setsByCost(offers, months)) {
      if (leadOf(offers, choice) > within) continue
      if (++tried > MOST_SETS) throw tooMany(offers)
      const witness = this.witnessAgainst(choice)
      yield { choice, cost, witness }
      if (witness === null) return
    }
  }
}

function joined(bought: Conditions, failed: Conditions): Conditions {
  return { ...bought, ...failed }
}

export const costOfChoice = (offers: readonly Offer[], choice: Choice, months: number): number =>
  offers.reduce((sum, { steps }, n) => sum + (choice[n]! < 0 ? 0 : costOf(steps[choice[n]!]!, months)), 0)

/** Days until all of a set is there. */
export const leadOf = (offers: readonly Offer[], choice: Choice): number =>
  Math.max(0, ...offers.map(({ steps }, n) => steps[choice[n]!]?.leadDays ?? 0))

/** How many there are. */
export const setsOf = (offers: readonly Offer[]): number =>
  offers.reduce((product, { steps }) => product * (steps.length + 1), 1)

function tooMany(offers: readonly Offer[]): MizaniError {
  const all = setsOf(offers).toLocaleString('en-GB')
  const most = MOST_SETS.toLocaleString('en-GB')
  return usageError(
    `--offers: the ${most} cheapest of ${all} sets are refused, and no more are tried`,
    'Leave out offers that move nothing (`--keep` fewer, or `--any-one` of fewer, names them), or smaller steps.',
  )
}

interface PricedSet {
  readonly choice: Choice
  readonly cost: number
}

/** A set on its way: the step of each offer by its price, and the last offer that was looked at. */
interface Candidate {
  readonly places: readonly number[]
  readonly last: number
  readonly cost: number
}

/**
 * Every set: by cost, then by the number of offers, then by the order of the offers. Sets are found as they are asked
 * for: each but the empty one follows from one cheaper set, by a dearer step of the last offer or a step of the next.
 */
export function* setsByCost(offers: readonly Offer[], months: number): Generator<PricedSet> {
  const stepsOf = (offer: Offer): number[] => {
    const prices = offer.steps.map((step) => costOf(step, months))
    return [-1, ...[...prices.keys()].sort((a, b) => prices[a]! - prices[b]! || a - b)]
  }
  const byPrice = offers.map(stepsOf)
  const choiceOf = (places: readonly number[]): number[] => places.map((place, n) => byPrice[n]![place]!)
  const costAt = (places: readonly number[]): number => costOfChoice(offers, choiceOf(places), months)
  const nothing = offers.map(() => 0)
  // From the offer with the cheapest first step on: whoever passes one by pays no less for the next.
  const least = (n: number): number => costAt(nothing.with(n, 1))
  const turns = [...offers.keys()].sort((a, b) => least(a) - least(b) || a - b)
  const queue = new TinyQueue<Candidate>([{ places: nothing, last: -1, cost: 0 }], (a, b) => a.cost - b.cost)
  const add = (places: readonly number[], last: number): void => queue.push({ places, last, cost: costAt(places) })
  let equals: PricedSet[] = []
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (equals.length > 0 && next.cost > equals[0]!.cost) {
      yield* equals.sort(inOrder)
      equals = []
    }
    equals.push({ choice: choiceOf(next.places), cost: next.cost })
    follow(next)
  }
  yield* equals.sort(inOrder)

  function follow({ places, last }: Candidate): void {
    const at = turns[last]
    const after = turns[last + 1]
    if (at !== undefined && places[at]! < offers[at]!.steps.length) add(places.with(at, places[at]! + 1), last)
    if (after === undefined) return
    add(places.with(after, 1), last + 1)
    if (at !== undefined && places[at] === 1) add(places.with(at, 0).with(after, 1), last + 1)
  }
}

const boughtIn = (choice: Choice): number => choice.filter((step) => step >= 0).length

function inOrder(a: PricedSet, b: PricedSet): number {
  const n = a.choice.findIndex((step, at) => step !== b.choice[at])
  return boughtIn(a.choice) - boughtIn(b.choice) || (n < 0 ? 0 : b.choice[n]! - a.choice[n]!)
}
