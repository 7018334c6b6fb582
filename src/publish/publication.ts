// From a decision to messages: who is granted what, under which serial.
//
// An edge whose flows, profile or agent changed, or that was told nothing yet of this revision, gets a snapshot (for
// the store) and, where it holds content of this leader to build on, a delta of the changed records (for the channel),
// now and then the whole; any other gets a heartbeat that renews the content it names. Every message echoes the newest
// stamp read from that edge: the lease runs from there; and it says whether the counters of that report are known, so
// that the next may build on them. An edge of which nothing is known gets a heartbeat that fits nothing: it finds its
// profile by it, and keeps what it has.

import { burstOf } from '../model/burst.js'
import { type RateRecord, recordKey, type Serial } from '../model/lease.js'
import type { Plan, PlanEdge } from '../model/plan.js'
import type { Reason } from '../model/reason.js'
import { fromKbps } from '../model/units.js'
import { MAX_DELTAS_KEPT } from '../runtime/limits.js'
import { versionFor } from '../wire/codec.js'
import { PROVING_VERSION, type RateMessage, TELLING_VERSION } from '../wire/messages.js'
import { MAX_REASONS } from '../wire/rates-body.js'
import { type EdgeLease, type Grant, hasGrant, isUntouchable } from './edge-lease.js'
import type { Freshness } from './freshness.js'
import type { LeaseTable } from './lease-table.js'
import type { Profiles } from './profile.js'
import { Told } from './told.js'

/**
 * So many hear of it while the messages of the next are still being written; and no call holds the store for longer
 * than a millisecond or two.
 */
export const EDGES_A_CALL = 50
/** Where all are told everything anew, as after a change of the policy, fewer: others wait for this thread as well. */
const RECORDS_A_CALL = 600

/** After so many deltas a whole one: of those that the store keeps, one at least is what others build on. */
const DELTAS_AT_MOST = MAX_DELTAS_KEPT / 2

/** What goes out to one edge. */
export interface EdgePublication {
  readonly edge: string
  /** Bytes of the profile that the message names. */
  readonly profile: Buffer
  /** Present when its content changed: the whole state of the edge. */
  readonly snapshot: RateMessage | null
  /** What goes through the channel: a delta, a heartbeat, or the snapshot itself. */
  readonly message: RateMessage
}

/** Goes out in one call and under one serial: whole or not at all. A decision takes as many as it has edges for. */
export interface Publication {
  readonly serial: Serial
  /** The last that goes to edges with a rate that shrinks; those that follow may wait for its answer. */
  readonly endsDecreases: boolean
  readonly edges: readonly EdgePublication[]
}

/** Why flows have their rates, and when an edge is to be told so. */
export interface Reasons {
  of(edge: string): readonly Reason[]
  isDue(edge: string): boolean
  noteTold(edge: string, reasons: readonly Reason[]): void
  /** What it was told may be lost. */
  forget(edge?: string): void
}

/** `rates`: kbit/s by flow; `classes`: the same by [flow * classes + class]; `profiles`: by edge. */
export interface Decision {
  readonly plan: Plan
  readonly leases: LeaseTable
  readonly rates: Uint32Array
  readonly classes: Uint32Array
  readonly profiles: Profiles
  /** Absent: edges are told rates and nothing else. */
  readonly reasons?: Reasons
  /** What edges are to repeat; absent: nothing. */
  readonly freshness?: Pick<Freshness, 'nonce' | 'readsOf'>
}

/** `changed`: only edges whose content changed; the others are due a heartbeat with the tick. */
export type Audience = 'all' | 'changed'

/** What was last published as content to an edge. */
interface Content {
  /** The very one that its lease notes. */
  readonly grant: Grant
  /** Deltas since it was granted everything. */
  readonly deltas: number
  readonly revision: number
  readonly profile: string
  /** Whom it named. */
  readonly instance: string | null
  /** recordKey of each flow, in order; and the column of keys that they are of, one for each plan. */
  readonly flows: readonly number[]
  readonly keys: Float64Array
  readonly classes: Uint32Array
}

export class Outbox {
  #epoch = 0
  readonly #content = new Map<string, Content>()
  /** The same by flow, of the plan that was composed for last. */
  #told: { readonly plan: Plan; readonly columns: Told } | null = null
  readonly #edgesACall: number

  constructor(edgesACall = EDGES_A_CALL) {
    this.#edgesACall = edgesACall
  }

  /** Forgets what an edge holds: it is granted everything anew. */
  forget(edge?: string): void {
    if (edge === undefined) this.#content.clear()
    else this.#content.delete(edge)
  }

  /**
   * What to say, in publications of at most `edgesACall` edges whose serials follow `before`: the first is on its way
   * while the next is composed. Edges with a rate that shrinks come first and alone: others wait for their room.
   * Nothing is remembered before `commit`.
   */
  *compose(decision: Decision, before: Serial, to: Audience): Generator<Publication> {
    if (before.epoch !== this.#epoch) {
      this.#epoch = before.epoch
      this.forget()
    }
    const { plan, leases, rates, classes } = decision
    const told = this.#toldOf(plan)
    const changed = told.changed({ rates, safe: leases.safe, classes })
    const shrinks = (f: number): boolean => rates[f]! < told.rates[f]!
    const [shrinking, others] = parted(plan.edges, ({ id }) => changed.get(id)?.some(shrinks) ?? false)
    let serial = following(before)
    for (const part of [shrinking, others]) {
      const last = part === shrinking ? part.at(-1) : undefined
      let edges: EdgePublication[] = []
      let records = 0
      for (const edge of part) {
        const publication = this.#composeEdge(decision, edge, serial, changed.get(edge.id) ?? [])
        if (to === 'changed' && publication.snapshot === null) continue
        edges.push(publication)
        records += publication.snapshot?.records.length ?? 0
        if (edges.length < this.#edgesACall && records < RECORDS_A_CALL) continue
        yield { serial, edges, endsDecreases: edge === last }
        serial = following(serial)
        edges = []
        records = 0
      }
      if (edges.length === 0) continue
      yield { serial, edges, endsDecreases: last !== undefined }
      serial = following(serial)
    }
  }

  /** What edges hold that have the same flows in this plan. */
  #toldOf(plan: Plan): Told {
    if (this.#told?.plan === plan) return this.#told.columns
    const columns = new Told(plan)
    for (const edge of plan.edges) {
      const held = this.#content.get(edge.id)
      if (held && sameFlows(held, keysOf(plan), edge))
        columns.note(edge.flows, { ...held.grant, classes: held.classes })
    }
    this.#told = { plan, columns }
    return columns
  }

  /** @param differing flows of which it was told something else last, where it was told of the same ones */
  #composeEdge(decision: Decision, edge: PlanEdge, serial: Serial, differing: readonly number[]): EdgePublication {
    const { plan, leases, profiles, freshness } = decision
    const held = this.#content.get(edge.id)
    const lease = leases.edges.get(edge.id)!
    // The highest that the edge says it reads, be it in a report that counts for nothing else.
    const reads = mostOf(lease.report?.reads ?? null, freshness?.readsOf(edge.id) ?? null)
    const version = versionFor(reads)
    const asks = freshness !== undefined && reads !== null && reads >= PROVING_VERSION
    const both = profiles.get(edge.id)!
    const { hash, bytes } = version >= TELLING_VERSION ? both : both.first
    const to = { edge: edge.id, profile: bytes }
    const head = {
      ...{ version, edge: edge.id, instance: lease.report?.instance ?? null },
      ...serial,
      revision: plan.revision,
      profile: hash,
      lease: plan.timing.lease,
      stamp: lease.report?.stamp ?? null,
      counted: lease.report?.isBase ?? false,
      ...(asks && { nonce: freshness.nonce }),
    }
    const why = reasonsFor(edge.id, version, decision.reasons)
    const untouchable = isUntouchable(lease)
    const startsAnew =
      !held || !isFor(held, head) || !hasGrant(lease) || hasNothing(lease) || !sameFlows(held, keysOf(plan), edge)
    const changed = untouchable ? [] : startsAnew ? edge.flows : differing
    // The store must know of a revision that moved no rate as well: by that a later controller sees what was lost.
    const isPublished = untouchable || held?.revision === plan.revision
    if (changed.length === 0 && isPublished) {
      const baseSeq = untouchable ? 0 : held!.grant.seq
      return { ...to, snapshot: null, message: { ...head, ...why.ifDue, kind: 'heartbeat', baseSeq, records: [] } }
    }
    const record = (f: number): RateRecord => recordOf(f, decision)
    const records = edge.flows.map(record)
    const snapshot: RateMessage = { ...head, ...why.always, kind: 'snapshot', baseSeq: 0, records }
    const message: RateMessage =
      startsAnew || held.deltas >= DELTAS_AT_MOST
        ? snapshot
        : { ...head, ...why.ifDue, kind: 'delta', baseSeq: held.grant.seq, records: changed.map(record) }
    return { ...to, snapshot, message }
  }

  /** Remembers that this, which `leases` has noted, went out: later deltas build on it. */
  commit(plan: Plan, leases: LeaseTable, publications: readonly EdgePublication[], classes: Uint32Array): void {
    for (const { edge, snapshot, message } of publications) {
      if (!snapshot) continue
      const { flows, granted } = leases.edges.get(edge)!
      const told = rowsOf(flows, classes, plan.classes.length)
      this.#toldOf(plan).note(flows, { ...granted!, classes: told })
      this.#content.set(edge, {
        grant: granted!,
        deltas: message === snapshot ? 0 : (this.#content.get(edge)?.deltas ?? 0) + 1,
        revision: snapshot.revision,
        profile: snapshot.profile,
        instance: snapshot.instance ?? null,
        flows: flows.map((f) => keysOf(plan)[f]!),
        keys: keysOf(plan),
        classes: told,
      })
    }
  }
}

/** Of a column by [flow * classes + class] what these flows have. */
function rowsOf(flows: readonly number[], classes: Uint32Array, C: number): Uint32Array {
  const rows = new Uint32Array(flows.length * C)
  for (let k = 0; k < flows.length; k++) for (let c = 0; c < C; c++) rows[k * C + c] = classes[flows[k]! * C + c]!
  return rows
}

interface Why {
  readonly reasons?: readonly Reason[]
}

/** Made when they are asked for: most messages say nothing of them. Of an edge with too many none is told. */
function reasonsFor(edge: string, version: number, reasons: Reasons | undefined): Record<'always' | 'ifDue', Why> {
  if (reasons === undefined || version < TELLING_VERSION) return { always: {}, ifDue: {} }
  let why: Why | undefined
  const all = (): Why => {
    if (why) return why
    const told = reasons.of(edge)
    why = told.length <= MAX_REASONS ? { reasons: told } : {}
    return why
  }
  return {
    get always() {
      return all()
    },
    get ifDue() {
      return reasons.isDue(edge) ? all() : {}
    },
  }
}

/** Those of which it holds, and the others, each in their order. */
function parted<T>(all: readonly T[], holds: (one: T) => boolean): readonly [T[], T[]] {
  const parts: [T[], T[]] = [[], []]
  for (const one of all) parts[holds(one) ? 0 : 1].push(one)
  return parts
}

const mostOf = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b)

const following = ({ epoch, seq }: Serial): Serial => ({ epoch, seq: seq + 1 })

/**
 * By its own word it has nothing, and nothing is on its way to it: it may have more than it was granted, at boot rates,
 * until it acknowledges what it is granted next.
 */
const hasNothing = ({ report, pending }: EdgeLease): boolean => report?.applied === null && pending.length === 0

/** Who finds the whole in the store must find itself named there. */
const isFor = (held: Content, { profile, instance }: { readonly profile: string; readonly instance: string | null }) =>
  held.profile === profile && held.instance === instance

function sameFlows({ flows, keys: before }: Content, keys: Float64Array, edge: PlanEdge): boolean {
  if (keys === before) return true
  if (flows.length !== edge.flows.length) return false
  for (let k = 0; k < flows.length; k++) if (flows[k] !== keys[edge.flows[k]!]) return false
  return true
}

const keysByPlan = new WeakMap<Plan, Float64Array>()

/** recordKey by flow, made once for a plan. */
function keysOf(plan: Plan): Float64Array {
  const known = keysByPlan.get(plan) ?? Float64Array.from(plan.flows, ({ record }) => recordKey(record))
  keysByPlan.set(plan, known)
  return known
}

function recordOf(flow: number, { plan, leases, rates, classes }: Decision): RateRecord {
  const C = plan.classes.length
  const { institution, service, direction } = plan.flows[flow]!.record
  const rate = rates[flow]!
  const split: number[] = []
  for (let c = 0; c < C; c++) split.push(classes[flow * C + c]!)
  const burst = burstOf(fromKbps(rate))
  return { institution, service, direction, rate, safe: leases.safe[flow]!, burst, classes: split }
}
