// Drafts in a thread: a change of the policy comes in, and everything that is to be known before it is made goes out.
// The thread that answers requests does none of it: not the validation, not the comparison of the
// documents, not the solves.
//
// The thread keeps the last few policies by their hashes, each with its forecast, so that what is in force is compiled
// and solved once and not for every draft. What a draft does not change it shares with its base, down to the routes.

import type { Conditions } from '../model/network.js'
import type { Plan } from '../model/plan.js'
import type { Preview } from '../model/preview.js'
import type { Milliseconds } from '../model/units.js'
import { Topology } from '../policy/compile/topology.js'
import { createHasher } from '../policy/document/canonical.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { validateEdit } from '../policy/document/validate-edit.js'
import { policyAt } from '../policy/in-force/holding.js'
import { overBudget } from '../policy/revisions/budget.js'
import type { BudgetedChange } from '../policy/revisions/budget-moments.js'
import type { Asked, DrafterAnswer, DrafterTask, Moment, Named, RecordedHour } from '../policy/revisions/draft.js'
import { guardsOf } from '../policy/revisions/guards.js'
import { outsideScope } from '../policy/revisions/scope.js'
import type { Fault } from '../runtime/errors.js'
import { LruMap } from '../runtime/lru-map.js'
import { readEdit } from './edit-reading.js'
import { type Demand, Forecast } from './forecast.js'
import { previewChange } from './preview.js'

/** In force, its parent, and the drafts of a few people: they share all that they do not change. */
const DOCUMENTS_KEPT = 6
/** In force, and the newest draft, which is asked about again when it is committed: each takes some five megabytes. */
const FORECASTS_KEPT = 2

export function createDrafter(now: () => Milliseconds): (task: DrafterTask) => DrafterAnswer {
  const hashOf = createHasher()
  const documents = new LruMap<PolicyDocument>(DOCUMENTS_KEPT)
  const forecasts = new LruMap<Forecast>(FORECASTS_KEPT, (forecast) => forecast.release())
  let topology: Topology | null = null
  let listed: Listed | null = null
  let hour: RecordedHour | null = null

  /** How the policy stands at that moment. */
  const forecastOf = (hash: string, document: PolicyDocument, { inForce, at }: Moment): [Forecast, Conditions] => {
    const held = policyAt(document, inForce, at)
    const forecast = forecasts.get(`${hash} ${JSON.stringify(held.holdings)}`, () => {
      forecasts.makeRoom()
      topology = Topology.of(held.document, topology)
      return new Forecast(held.document, now, topology)
    })
    return [forecast, held.conditions]
  }

  const compare = (before: Known, after: Known, moment: Moment, losing: Conditions = {}): Preview => {
    const [was, conditions] = forecastOf(before.hash, before.document, moment)
    const [is] = forecastOf(after.hash, after.document, moment)
    const present = { demand: demandOf(moment.asked), busyHour: moment.busyHour && hour, conditions }
    return previewChange(was, is, present, losing)
  }

  const demandOf = (asked: Asked | null): Demand | null =>
    asked && (({ flowIndex }) => columnAt(listed!.placesIn(flowIndex), asked.demand))

  const known = ({ hash, document }: Named): Known | null => {
    const found = documents.get(hash, () => document)
    return found && { hash, document: found }
  }

  return (task) => {
    const { asked, busyHour } = task
    if (asked?.flows) listed = new Listed(asked.list, asked.flows)
    if (busyHour?.demand) hour = { ...busyHour, demand: busyHour.demand }
    // An hour that is not over grows.
    const knowsHour = busyHour === null || (busyHour.at === hour?.at && busyHour.slots === hour.slots)
    const knowsDemands = (asked === null || asked.list === listed?.list) && knowsHour
    const before = known(task.kind === 'draft' ? task.base : task.before)
    if (before === null || !knowsDemands) return { kind: 'unknown' }
    if (task.kind === 'compare') {
      const after = known(task.after)
      if (after === null) return { kind: 'unknown' }
      return { kind: 'compared', preview: compare(before, after, task, task.losing) }
    }
    const { scope, looking = false } = task
    const reading = readEdit(before.document, task.edit)
    if ('answer' in reading) return reading.answer
    const checked = validateEdit(before.document, reading.edit)
    if (checked.document === null) return reading.refused(checked.faults)
    const { document, changes } = checked
    const faults = planeFaults(before.document, document)
    if (faults.length > 0) return { kind: 'refused', faults }
    // Whoever sees only their own is refused also where nothing changes: it would say that they have guessed right.
    const outside = outsideScope(before.document, document, scope, scope?.reads === 'scope' ? reading.names : [])
    if (outside.length > 0) return { kind: 'outside', outside }
    const over = overBudget(budgeted(task, before.document, document), scope)
    if (over.length > 0) return { kind: 'over', faults: over }
    const hash = changes.length === 0 ? before.hash : hashOf(document)
    documents.get(hash, () => document)
    const preview = compare(before, { hash, document }, task)
    const guards = guardsOf(before.document, changes, preview, task.at)
    return { kind: 'drafted', hash, changes: looking ? [] : changes, preview, guards, found: reading.found }
  }
}

function columnAt(places: Int32Array, values: Float64Array): Float64Array {
  const column = new Float64Array(places.length)
  for (let f = 0; f < places.length; f++) column[f] = values[places[f]!] ?? 0
  return column
}

/** The flows that a demand is about, which many demands have in common. */
class Listed {
  readonly list: number
  readonly #places: ReadonlyMap<string, number>
  /** By the ids of a plan's flows. */
  readonly #known = new WeakMap<Plan['flowIndex'], Int32Array>()

  constructor(list: number, flows: readonly string[]) {
    this.list = list
    this.#places = new Map(flows.map((id, f) => [id, f]))
  }

  /** Of each flow of a plan; -1: it is not in the list. */
  placesIn(flowIndex: Plan['flowIndex']): Int32Array {
    const places = this.#known.get(flowIndex) ?? Int32Array.from(flowIndex.keys(), (id) => this.#places.get(id) ?? -1)
    this.#known.set(flowIndex, places)
    return places
  }
}

/** What is laid over a policy for a while, or taken away, leaves the document as it is. */
function budgeted(
  { laid, ends, inForce: { overrides, modes }, at }: Extract<DrafterTask, { kind: 'draft' }>,
  document: PolicyDocument,
  after: PolicyDocument,
): BudgetedChange {
  const before = { document, overrides, modes }
  if (ends !== undefined) {
    const until = overrides.find(({ id }) => id === ends)?.until ?? at
    return { before, after: { ...before, overrides: overrides.filter(({ id }) => id !== ends) }, from: at, until }
  }
  if (laid === undefined) return { before, after: { ...before, document: after }, from: at, until: null }
  const added = { ...before, overrides: [...overrides, { id: 'this one', ...laid }] }
  return { before, after: added, from: Math.max(at, laid.from), until: laid.until }
}

interface Known {
  readonly hash: string
  readonly document: PolicyDocument
}

function planeFaults({ plane: { id: expected } }: PolicyDocument, { plane: { id } }: PolicyDocument): Fault[] {
  if (id === expected) return []
  const message = `this controller serves plane ${expected}; found ${id}`
  return [{ code: 'OTHER_PLANE', pointer: '/plane/id', message }]
}
