// A day of recorded moments, solved again: under the policy in force, which must give what was recorded, and under
// another one. Of each five minutes the record keeps one tick in full, the one in which most was missing. What was
// asked then, the state of links, the parts of families and what could not be steered are as they were; the promises,
// paths and capacities are those of the policy that is tried.

import { scaleSegments, type WholeSegments } from '../../model/families.js'
import type { Conditions } from '../../model/network.js'
import type { Plan } from '../../model/plan.js'
import type { UnixMilliseconds } from '../../model/units.js'
import { type Compiled, createCompiler, provisionalIndexes } from '../../policy/compile/compile.js'
import { conditionsKey } from '../../policy/compile/topology.js'
import { hashOf } from '../../policy/document/canonical.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { holdingsAt, type InForce, patched } from '../../policy/in-force/holding.js'
import { Archive } from '../../record/archive.js'
import { type HourMoments, type RecordedDay, recordedDay } from '../../record/demand-digest.js'
import { readKeptPlan } from '../../record/moment.js'
import { LruMap } from '../../runtime/lru-map.js'
import { createSolver, type Solver } from '../../solve/solve.js'
import { claimOf, keptOf, lackOf } from '../claims.js'
import { parsed } from '../shared-document.js'
import type { Window } from './window.js'

const HOURS_A_DAY = 24
/** A need that was recorded in whole kbit/s, from demands of 24 bits. */
const SAME = 1_000

/** A policy as it crosses to a thread. */
export interface Policy {
  /** As JSON. */
  readonly document: SharedArrayBuffer
  readonly inForce: InForce
}

export interface ReplayTask {
  /** Of both policies. */
  readonly key: string
  readonly folder: string
  readonly start: UnixMilliseconds
  readonly window: Window
  readonly before: Policy
  readonly after: Policy
}

/** By institution of the policy, in the order of its plan. */
export interface Outcome {
  /** Moments in which it was short. */
  readonly short: Uint32Array
  /** bit/s, sums over moments: what was missing of promises, and what was given. */
  readonly missing: Float64Array
  readonly need: Float64Array
}

export interface ReplayedDay {
  readonly moments: number
  /** Five minutes of which one moment at least is recorded; a restart leaves several of one. */
  readonly recordedSlots: number
  /** Those that the policy in force answers as they were recorded. */
  readonly equal: number
  /** Those of the very revision in force. */
  readonly ofRevision: number
  /** Of those some flow was not steered: it had what it took. */
  readonly unsteered: number
  readonly before: Outcome
  readonly after: Outcome
}

let last: { readonly key: string; readonly before: Replayed; readonly after: Replayed } | undefined

export async function replayDay(task: ReplayTask): Promise<ReplayedDay | null> {
  if (last?.key !== task.key)
    last = { key: task.key, before: new Replayed(task.before), after: new Replayed(task.after) }
  const { before, after } = last
  const archive = new Archive(task.folder)
  const day = await recordedDay(archive, task.start)
  if (day === null) return null
  before.begin()
  after.begin()
  let [moments, equal, ofRevision, unsteered] = [0, 0, 0, 0]
  const slots = new Set<UnixMilliseconds>()
  for (let hour = 0; hour < HOURS_A_DAY; hour++) {
    const block = day.moments(hour)
    for (const [n, { slot, at, plan: name }] of block.parts.entries()) {
      if (slot < task.window.from || slot >= task.window.to) continue
      const kept = keptPlan(archive, slot, name)
      const moment = { day, block, n, at, kept, conditions: conditionsOf(kept) }
      moments++
      slots.add(slot)
      if (kept.hash === before.hash) ofRevision++
      if (before.solve(moment)) equal++
      if (before.hasUnsteered) unsteered++
      after.solve(moment)
    }
  }
  const counts = { moments, recordedSlots: slots.size, equal, ofRevision, unsteered }
  return { ...counts, before: before.outcome, after: after.outcome }
}

const PLANS_KEPT = 4
const plans = new LruMap<Plan>(PLANS_KEPT)
/** The name is of the content: the same on every day. */
const keptPlan = (archive: Archive, slot: UnixMilliseconds, name: string): Plan =>
  plans.get(name, () => readKeptPlan(archive.readPlan(slot, name)).plan)

const conditions = new WeakMap<Plan, Conditions>()

/** What was left then of each link that was not whole, holdings included. */
function conditionsOf(kept: Plan): Conditions {
  const known = conditions.get(kept)
  if (known !== undefined) return known
  const lowered = kept.links.filter(({ virtual, state }) => !virtual && state !== 'up')
  const found = Object.fromEntries(lowered.map(({ id, room, capacity }) => [id, room / capacity]))
  conditions.set(kept, found)
  return found
}

interface Moment {
  readonly day: RecordedDay
  readonly block: HourMoments
  /** Its place in the block. */
  readonly n: number
  readonly at: UnixMilliseconds
  readonly kept: Plan
  readonly conditions: Conditions
}

/** What is ready to be solved for a set of holdings and conditions. */
interface Case extends Pick<Compiled, 'plan' | 'problem'> {
  readonly whole: WholeSegments
  readonly solver: Solver
  /** As compiled, bit/s by link. */
  readonly room: Float64Array
  /** Part of its family with which each flow's segments stand. */
  readonly phi: Float32Array
  /** Places of its flows and links in the day. */
  flows: Int32Array
  links: Int32Array
  readonly rooms: WeakMap<Plan, Float64Array>
  /** The day of those places. */
  of: RecordedDay | null
}

const CASES_KEPT = 4

/** One of the two policies. */
class Replayed {
  readonly hash: string
  outcome!: Outcome
  hasUnsteered = false
  readonly #document: PolicyDocument
  readonly #inForce: InForce
  readonly #cases = new LruMap<Case>(CASES_KEPT)
  readonly #institutions: number

  constructor({ document, inForce }: Policy) {
    this.#document = parsed(document)
    this.#inForce = inForce
    this.hash = hashOf(this.#document)
    this.#institutions = Object.keys(this.#document.institutions).length
  }

  begin(): void {
    const n = this.#institutions
    this.outcome = { short: new Uint32Array(n), missing: new Float64Array(n), need: new Float64Array(n) }
  }

  /** @returns whether all that is steered has what was recorded. */
  solve(moment: Moment): boolean {
    const ready = this.#caseOf(moment)
    place(ready, moment.day)
    this.hasUnsteered = this.#fill(ready, moment)
    ready.solver.solveNeed(ready.problem)
    const isSame = this.#isAsRecorded(ready, moment)
    this.#write(ready)
    return isSame
  }

  #caseOf({ at, conditions }: Moment): Case {
    const holdings = holdingsAt(this.#document, this.#inForce, at)
    const ids = holdings.map(({ kind, id }) => `${kind} ${id}`).join(' ')
    return this.#cases.get(`${conditionsKey(conditions)} ${ids}`, () => {
      const document = patched(this.#document, holdings)
      const usable = usableConditions(document, conditions)
      const compile = createCompiler(document, { revision: 0, hash: '', indexes: provisionalIndexes(document) })
      const { plan, problem, makeWhole } = compile(usable)
      const solver = createSolver(problem.shape)
      const nowhere = new Int32Array(0)
      const phi = new Float32Array(plan.flows.length).fill(Number.NaN)
      const room = problem.linkRoom.slice()
      const places = { flows: nowhere, links: nowhere, of: null, rooms: new WeakMap<Plan, Float64Array>() }
      return { plan, problem, whole: makeWhole(), solver, room, phi, ...places }
    })
  }

  /** @returns whether some flow was not steered. */
  #fill(ready: Case, { day, block, n, kept }: Moment): boolean {
    const { problem, whole, phi, flows, links, room } = ready
    const [flowRow, linkRow] = [n * day.flows.length, n * day.links.length]
    const was = roomsOf(ready, kept)
    for (let l = 0; l < links.length; l++) {
      const recorded = links[l]! < 0 ? Number.NaN : block.room[linkRow + links[l]!]!
      const before = was[l]!
      // What could not be steered took its part then, and takes it now.
      if (Number.isNaN(recorded) || Number.isNaN(before)) problem.linkRoom[l] = room[l]!
      else problem.linkRoom[l] = before === room[l] ? recorded : Math.max(0, room[l]! - (before - recorded))
    }
    let hasUnsteered = false
    for (let f = 0; f < flows.length; f++) {
      const at = flowRow + flows[f]!
      const isSteered = flows[f]! >= 0 && Number.isNaN(block.charged[at]!)
      if (flows[f]! >= 0 && !isSteered) hasUnsteered = true
      problem.demand[f] = isSteered ? block.asked[at]! || 0 : 0
      const part = flows[f]! < 0 ? phi[f]! : block.phi[at]!
      if (Number.isNaN(part) || part === phi[f]) continue
      phi[f] = part
      scaleSegments(problem, whole, problem.segmentStart[f]!, problem.segmentStart[f + 1]!, part)
    }
    return hasUnsteered
  }

  #isAsRecorded({ problem, flows }: Case, { day, block, n }: Moment): boolean {
    const row = n * day.flows.length
    for (let f = 0; f < flows.length; f++) {
      const at = row + flows[f]!
      if (flows[f]! < 0 || Number.isNaN(block.asked[at]!) || !Number.isNaN(block.charged[at]!)) continue
      if (Math.abs(problem.need[f]! - block.need[at]!) > SAME) return false
    }
    return true
  }

  #write({ plan, problem }: Case): void {
    const { short, missing, need } = this.outcome
    for (const [n, { flows }] of plan.institutions.entries()) {
      let lacks = 0
      for (const f of flows) {
        const isGone = plan.unreachable.has(f)
        if (!isGone) need[n]! += problem.need[f]!
        // Whoever has all that it asks for lacks nothing.
        if (!isGone && problem.need[f]! >= problem.demand[f]!) continue
        lacks += lackOf(claimOf(problem, f), isGone ? 0 : keptOf(problem, f))
      }
      missing[n]! += lacks
      if (lacks > 0) short[n]!++
    }
  }
}

/** Places of the case's flows and links in the day. */
function place(ready: Case, day: RecordedDay): void {
  if (ready.of === day) return
  const flows = new Map(day.flows.map((id, n) => [id, n]))
  const links = new Map(day.links.map((id, n) => [id, n]))
  ready.flows = Int32Array.from(ready.plan.flows, ({ id }) => flows.get(id) ?? -1)
  ready.links = Int32Array.from(ready.plan.links, ({ id }) => links.get(id) ?? -1)
  ready.of = day
}

/** By link of the case: what the kept plan gave it; NaN: it had no such link. */
function roomsOf(ready: Case, kept: Plan): Float64Array {
  const known = ready.rooms.get(kept)
  if (known !== undefined) return known
  const rooms = new Map(kept.links.map(({ id, room }) => [id, room]))
  const found = Float64Array.from(ready.plan.links, ({ id }) => rooms.get(id) ?? Number.NaN)
  ready.rooms.set(kept, found)
  return found
}

/** A kept room is of the usable part; conditions are of the whole. */
function usableConditions({ links }: PolicyDocument, conditions: Conditions): Conditions {
  const usableOf = (id: string): number => links[id.replace(/\.(down|up)$/, '')]?.usable ?? 1
  return Object.fromEntries(Object.entries(conditions).map(([id, left]) => [id, Math.min(1, left / usableOf(id))]))
}
