// The board as it is shown to whoever sees restricted institutions in a sum alone: the lists of everybody without their
// rows, and at the end a row for all of them, whose figures are the sums of theirs. It is made once for a board and a
// sight, like the lists themselves, and rows of which nothing is left out are the very same.
//
// What a row says beside its figures changes with the plan alone; so whether it is shown, and whether it names somebody
// who is not, is found out once for a plan and a sight.

import type { Plan } from '../model/plan.js'
import { Listing } from './lists.js'
import { allocationSums, institutionSum } from './restricted-sums.js'
import type { ScopedSight } from './scoped-sight.js'
import type { AllocationView, FiguresView, FlowView, InstitutionView, LinkView } from './shapes.js'
import { type FlowKind, figuresView } from './views.js'

/** What is shown of a board to each of them in another way. */
export interface BoardLists {
  readonly links: Listing<LinkView>
  readonly allocations: Listing<AllocationView>
  /** With their flows of this kind alone. */
  institutionsOf(of: FlowKind): Listing<InstitutionView>
  figures(of: FlowKind): Listing<FiguresView>
}

type Row = { readonly id: string }
type Verdict = 'hidden' | 'plain' | 'naming'
/** Verdicts by list and id. */
const found = new WeakMap<ScopedSight, WeakMap<Plan, Map<string, Verdict>>>()

export class SeenBoard implements BoardLists {
  readonly #whole: BoardLists
  readonly #sight: ScopedSight
  readonly #services: Plan['services']
  readonly #verdicts: Map<string, Verdict>
  readonly #lists = new Map<string, unknown>()
  readonly #forAll: <T>(make: () => T) => T

  /** @param forAll makes a thing that all who ask are given alike */
  constructor(whole: BoardLists, sight: ScopedSight, plan: Plan, forAll: <T>(make: () => T) => T) {
    this.#forAll = forAll
    this.#whole = whole
    this.#sight = sight
    this.#services = plan.services
    const ofSight = found.get(sight) ?? new WeakMap<Plan, Map<string, Verdict>>()
    found.set(sight, ofSight)
    this.#verdicts = ofSight.get(plan) ?? new Map()
    ofSight.set(plan, this.#verdicts)
  }

  institutionsOf(of: FlowKind): Listing<InstitutionView> {
    const whole = this.#whole.institutionsOf(of)
    return this.#kept('institutions', of, () => this.#seen('institutions', whole, (hidden) => institutionSum(hidden)))
  }

  figures(of: FlowKind): Listing<FiguresView> {
    const whole = this.#whole.figures(of)
    const sums = (): FiguresView[] => this.institutionsOf({}).seen!.sums.flatMap((sum) => figuresView(sum, of))
    return this.#kept('figures', of, () => this.#seen('institutions', whole, sums))
  }

  get allocations(): Listing<AllocationView> {
    return this.#kept('allocations', {}, () => this.#seen('allocations', this.#whole.allocations, allocationSums))
  }

  /** Lines of theirs are left out: what a line carries is no figure of a list of institutions. */
  get links(): Listing<LinkView> {
    return this.#kept('links', {}, () => this.#seen('links', this.#whole.links, () => []))
  }

  #kept<List>(name: string, { service, direction }: FlowKind, make: () => List): List {
    const key = JSON.stringify([name, service, direction])
    // The lists of a name are all of one kind.
    const made = (this.#lists.get(key) as List | undefined) ?? this.#forAll(make)
    // Of what the plane does not have anybody could ask for without end.
    if (service === undefined || this.#services.some(({ id }) => id === service)) this.#lists.set(key, made)
    return made
  }

  /** @param sums what stands for the rows that are hidden, where there are any */
  #seen<Of extends Row>(name: string, whole: Listing<Of>, sums: (hidden: readonly Of[]) => readonly Of[]): Listing<Of> {
    const hidden: Of[] = []
    const rows = whole.rows.flatMap((row): Of[] => {
      const verdict = this.#verdictOf(name, row)
      if (verdict === 'hidden') hidden.push(row)
      return verdict === 'hidden' ? [] : [this.#shown(row, verdict)]
    })
    const { length } = hidden
    return new Listing(rows, { sight: this.#sight, whole, sums: length === 0 ? [] : sums(hidden) })
  }

  #verdictOf(name: string, row: Row): Verdict {
    const key = `${name} ${row.id}`
    const before = this.#verdicts.get(key)
    if (before !== undefined) return before
    const verdict = this.#judge(row)
    this.#verdicts.set(key, verdict)
    return verdict
  }

  #judge(row: Row): Verdict {
    if (this.#sight.hides(row)) return 'hidden'
    const text = JSON.stringify(row, (key, value) => (key === 'limitedBy' ? undefined : value))
    return JSON.stringify(this.#sight.of(JSON.parse(text), false)) === text ? 'plain' : 'naming'
  }

  #shown<Of extends Row>(row: Of, verdict: Verdict): Of {
    const told = this.#withLimits(row)
    // A row that is shown stays a row: texts of it go, no field.
    return verdict === 'plain' ? told : (this.#sight.of(told, false) as Of)
  }

  /** Without the names of what limits it, where they are of somebody who is not shown. */
  #withLimits<Of extends Row>(row: Of): Of {
    if ('flows' in row && Array.isArray(row.flows)) {
      const flows: FlowView[] = row.flows
      return flows.some((flow) => this.#isNaming(flow))
        ? { ...row, flows: flows.map((flow) => this.#masked(flow)) }
        : row
    }
    return this.#isNaming(row) ? this.#masked(row) : row
  }

  #masked<Of extends object>(row: Of): Of {
    return this.#isNaming(row) ? { ...row, limitedBy: { ...row.limitedBy, id: null } } : row
  }

  #isNaming(row: object): row is Pick<FlowView, 'limitedBy'> {
    if (!('limitedBy' in row)) return false
    const { id } = (row as Pick<FlowView, 'limitedBy'>).limitedBy
    return id !== null && this.#verdictOf('limit', { id }) === 'hidden'
  }
}
