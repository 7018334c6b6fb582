// The cheapest set of offers that keeps the promises of those who must be kept, in the intact network and under any one
// of the failures that are asked about.
//
// More capacity can make somebody worse off, so a set says nothing of the sets around it: all are tried, in the order
// of their cost, until one keeps everything. Two things make that quick and leave the answer what it is. A failure that
// has just refused a set is tried first on the next. And where a failure refuses a set, the links that are not full in
// that solve could be larger without changing it: every later set that differs in such links alone is refused by the
// same failure, and its witness is known without another solve.

import type { Conditions } from '../../model/network.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { usageError } from '../../runtime/errors.js'
import type { Cut } from './cuts.js'
import { type Choice, conditionsOf, costOf, type Offer, withAllOffers } from './offers.js'
import { type FirstHurt, type Steps, Sweep } from './sweep.js'

/** More sets than this are not tried one by one. */
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

  /** Flows that lose their only way to a failure, whatever is bought. */
  strandedBy(): { readonly cut: Cut; readonly flows: readonly number[] }[] {
    const { watched } = this.parts
    return this.#failures.flatMap(({ cut, excused }) => {
      const flows = cut === null ? [] : watched.filter((i) => excused[i] === 1)
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

  /** In the order of cost, of equal costs the fewest offers first: each set refused, then the one that is not. */
  *cheapest(): Generator<Tried> {
    const { offers, months } = this.parts
    for (const { choice, cost } of setsByCost(offers, months)) {
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

/** Every set: by cost, then by the number of offers, then by the order of the offers. */
export function setsByCost(
  offers: readonly Offer[],
  months: number,
): { readonly choice: Choice; readonly cost: number }[] {
  const count = offers.reduce((product, { steps }) => product * (steps.length + 1), 1)
  if (count > MOST_SETS)
    throw usageError(
      `--offers: ${count} sets of these offers; the most that are tried is ${MOST_SETS}`,
      'Leave some out.',
    )
  let choices: number[][] = [[]]
  for (const { steps } of offers) choices = [-1, ...steps.keys()].flatMap((step) => choices.map((c) => [...c, step]))
  const boughtIn = (choice: Choice): number => choice.filter((step) => step >= 0).length
  return choices
    .map((choice) => ({ choice, cost: costOfChoice(offers, choice, months) }))
    .sort((a, b) => a.cost - b.cost || boughtIn(a.choice) - boughtIn(b.choice) || order(a.choice, b.choice))
}

const order = (a: Choice, b: Choice): number => {
  const n = a.findIndex((step, at) => step !== b[at])
  return n < 0 ? 0 : b[n]! - a[n]!
}
