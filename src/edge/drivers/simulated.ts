// The simulated data plane: what stands behind an edge in a demonstration. Institutions offer load by the model, queues
// are served at the published rates, and counters rise as a kernel's would. Everything around it is the real thing.
//
//   load model --offered--> fluid queues --bytes, drops, backlog--> counters
//                                ^ rates of the agent
//
// It learns institutions, services and classes from the profile, as every driver does. How much each institution would
// send is told by whoever builds it (`describe`): an edge by itself does not know guarantees or categories.
//
// Where nothing is shaped (observe, bypass, before the first rates) traffic is bounded by the access lines and the
// port.

import { type EdgeProfile, type RateRecord, recordKey } from '../../model/lease.js'
import { classShares, createLoadModel, type LoadModel, type LoadSubject } from '../../model/load.js'
import { DIRECTIONS, type Direction } from '../../model/network.js'
import { CONTROL, UNMAPPED } from '../../model/plan.js'
import { type BitsPerSecond, fromKbps, type Milliseconds, toSeconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { LeafBuilder, type LeafColumns, leafKey } from '../../wire/leaf-columns.js'
import { type Desired, type Driver, isShaped } from '../driver.js'
import { FluidQueues, PACKET } from './fluid-queues.js'
import { EMPTY_TABLE, type RateTable, rateOperations, tableAfter } from './rate-operations.js'

/** What the load model must know of a flow at this edge; undefined: nothing is known, its access line stands in. */
export type Describe = (
  institution: string,
  service: string,
  direction: Direction,
) => Omit<LoadSubject, 'institution' | 'service' | 'direction'> | undefined

/** The network between an edge and whoever its institutions speak to. */
export interface Reach {
  /**
   * Lowers what each flow sends to what its links bring, bit/s. Lost on the way is what calls and downloads alike do
   * without: nobody goes on with a call of which a third arrives.
   * @param rates what the shaper lets through of each
   */
  limit(records: readonly RateRecord[], sends: Float64Array, rates: Float64Array): void
}

export interface SimulatedOptions {
  readonly clock: Clock
  readonly seed: number
  readonly describe?: Describe
  /** Where the load comes from, given the flows of the edge; the seeded model when absent. */
  readonly load?: (subjects: readonly LoadSubject[]) => LoadModel
  /** Absent: whatever is sent arrives. */
  readonly reach?: Reach
}

export interface SimulatedDriver extends Driver<RateTable> {
  /** Multiplies what an institution offers, from now on. False: it is not behind this edge. */
  setFactor(institution: string, factor: number): boolean
}

/** Longest step of the fluid: what is offered and served is taken as constant for this long. */
const STEP: Milliseconds = 1_000
/** After a longer silence of the process the traffic in between is not made up. */
const LONGEST_GAP: Milliseconds = 60_000

/** What stands in for the guarantee of unmapped and control traffic where nobody described it. */
const OWN_TRAFFIC: BitsPerSecond = 256_000
/** Keeps office hours, as any category does that the load model does not know. */
const UNKNOWN_CATEGORY = 'other'

interface Traffic {
  readonly records: readonly RateRecord[]
  readonly subjects: readonly LoadSubject[]
  readonly model: LoadModel
  readonly queues: FluidQueues
  readonly keys: { readonly key: Float64Array; readonly leaf: Uint32Array }
}

export function createSimulatedDriver({
  clock,
  seed,
  describe = () => undefined,
  load,
  reach,
}: SimulatedOptions): SimulatedDriver {
  const generation = Math.floor(toSeconds(clock.wall()))
  const makeModel = load ?? ((subjects: readonly LoadSubject[]) => createLoadModel(seed, subjects))
  const factors = new Map<string, number>()
  let table = EMPTY_TABLE
  let traffic: Traffic | null = null
  let servedUntil = Math.floor(clock.monotonic())

  /** Lets traffic flow up to now, at the rates that stood meanwhile. */
  function flow(): void {
    // Whole milliseconds, as stamps travel: what is counted in one is divided by that very time.
    const now = Math.floor(clock.monotonic())
    let left = Math.min(now - servedUntil, LONGEST_GAP)
    servedUntil = now
    if (!traffic || !table.profile) return
    for (; left > 0; left -= STEP) {
      const duration = Math.min(left, STEP)
      offer(traffic, clock.wall() - left + duration / 2, factors)
      boundByLines(traffic, table.profile, table)
      if (reach) boundByReach(traffic, reach)
      traffic.queues.step(duration)
    }
  }

  return {
    name: 'simulated',
    simulated: true,
    probe: async () => ({ facts: { data: 'simulated traffic', seed: String(seed) }, obstacles: [] }),
    observe: async () => table,
    plan: rateOperations,
    async apply(operations, desired) {
      flow()
      if (!traffic || table.profile !== desired.profile || !sameFlows(traffic.records, desired)) {
        traffic = relay(desired, describe, makeModel, traffic)
      }
      table = tableAfter(desired)
      setRates(traffic, desired)
      return { applied: operations.length, refusal: null }
    },
    async stats() {
      flow()
      // Listing them takes a while on a busy machine, and traffic does not wait.
      return { generation, leaves: traffic ? countersOf(traffic) : [], at: servedUntil }
    },
    setFactor(institution, factor) {
      flow()
      factors.set(institution, factor)
      return table.profile?.institutions.some(({ id }) => id === institution) ?? false
    },
    close: async () => {},
  }
}

const sameFlows = (records: readonly RateRecord[], { rates }: Desired): boolean =>
  records.length === rates.length && rates.every((record, i) => recordKey(record) === recordKey(records[i]!))

/** Columns for the flows that are desired now; flows that were there before keep their counters and queues. */
function relay(
  { profile, rates }: Desired,
  describe: Describe,
  makeModel: (subjects: readonly LoadSubject[]) => LoadModel,
  before: Traffic | null,
): Traffic {
  const subjects = rates.map((record) => subjectOf(record, profile, describe))
  const queues = new FluidQueues(rates.length, profile.classes.length)
  const ids = profile.classes.map(({ id }) => id)
  queues.share.set(classShares(ids))
  queues.weight.set(profile.classes.map(({ weight }) => weight))
  queues.elastic.set(ids.map((id) => (id === 'realtime' ? 0 : 1)))
  if (before) {
    const old = new Map(before.records.map((record, i) => [recordKey(record), i]))
    rates.forEach((record, i) => {
      const k = old.get(recordKey(record))
      if (k !== undefined) queues.carry(i, before.queues, k)
    })
  }
  return { records: rates, subjects, model: makeModel(subjects), queues, keys: keysOf(rates, profile.classes.length) }
}

function subjectOf(record: RateRecord, profile: EdgeProfile, describe: Describe): LoadSubject {
  const institution = institutionId(record.institution, profile)
  const service = profile.services.find(({ index }) => index === record.service)?.id ?? String(record.service)
  const direction = DIRECTIONS[record.direction]
  const ceiling = lineOf(record.institution, profile, direction)
  const own = record.institution <= 1
  const unknown = { category: UNKNOWN_CATEGORY, guarantee: own ? OWN_TRAFFIC : 0, ceiling }
  const known = describe(institution, service, direction) ?? unknown
  // The edge's own traffic is a category of its own, under its own name.
  return { institution, service, direction, ...known, category: own ? institution : known.category }
}

const institutionId = (index: number, profile: EdgeProfile): string =>
  index === 0
    ? UNMAPPED
    : index === 1
      ? CONTROL
      : (profile.institutions.find((i) => i.index === index)?.id ?? `${index}`)

/** What the access lines of an institution carry together; the port for the edge's own traffic. */
function lineOf(index: number, profile: EdgeProfile, direction: Direction): BitsPerSecond {
  const sites = profile.institutions.find((institution) => institution.index === index)?.sites
  return sites ? sites.reduce((sum, site) => sum + site.access[direction], 0) : profile.port[direction]
}

function offer({ model, subjects, queues }: Traffic, at: number, factors: ReadonlyMap<string, number>): void {
  model.fill(at, queues.offered)
  if (factors.size === 0) return
  subjects.forEach(({ institution }, i) => {
    queues.offered[i] = queues.offered[i]! * (factors.get(institution) ?? 1)
  })
}

function setRates({ queues }: Traffic, { rates, profile }: Desired): void {
  const C = profile.classes.length
  rates.forEach((record, i) => {
    queues.rate[i] = fromKbps(record.rate)
    for (let c = 0; c < C; c++) queues.classRate[i * C + c] = fromKbps(record.classes[c] ?? 0)
  })
}

/** Who is not shaped: each up to its access lines, all of those together up to the port, everyone cut alike. */
function boundByLines({ records, queues }: Traffic, profile: EdgeProfile, table: RateTable): void {
  const free = records.map(({ institution }) => !isShaped(table, institution))
  if (!free.includes(true)) return
  const C = queues.classes
  free.forEach((isFree, i) => {
    if (isFree) queues.classRate.fill(0, i * C, (i + 1) * C)
  })
  for (const direction of [0, 1] as const) {
    const asked = new Map<number, BitsPerSecond>()
    records.forEach((record, i) => {
      if (!free[i] || record.direction !== direction) return
      asked.set(record.institution, (asked.get(record.institution) ?? 0) + queues.offered[i]!)
    })
    const passes = new Map<number, number>()
    let total = 0
    for (const [institution, load] of asked) {
      const through = Math.min(load, lineOf(institution, profile, DIRECTIONS[direction]))
      passes.set(institution, load === 0 ? 1 : through / load)
      total += through
    }
    const port = Math.min(1, profile.port[DIRECTIONS[direction]] / total)
    records.forEach((record, i) => {
      if (free[i] && record.direction === direction)
        queues.rate[i] = queues.offered[i]! * passes.get(record.institution)! * port
    })
  }
}

function boundByReach({ records, queues }: Traffic, reach: Reach): void {
  const sent = new Float64Array(records.length)
  for (let i = 0; i < sent.length; i++) sent[i] = queues.sends(i)
  const arrives = sent.slice()
  reach.limit(records, arrives, queues.rate)
  for (let i = 0; i < sent.length; i++) if (arrives[i]! < sent[i]!) queues.offered[i] = arrives[i]!
}

const counting = new LeafBuilder()

function countersOf({ queues, keys: { key, leaf } }: Traffic): LeafColumns {
  counting.begin()
  for (let k = 0; k < key.length; k++) {
    const at = leaf[k]!
    const bytes = Math.floor(queues.bytes[at]!)
    const drops = Math.floor(queues.dropped[at]! / PACKET)
    counting.push(key[k]!, bytes, Math.floor(queues.bytes[at]! / PACKET), drops, Math.round(queues.backlog[at]!))
  }
  return counting.end(key)
}

/** Every leaf with its place in the queues, in order. */
function keysOf(records: readonly RateRecord[], classes: number): Traffic['keys'] {
  const all = new Float64Array(records.length * classes)
  records.forEach((record, i) => {
    for (let c = 0; c < classes; c++) all[i * classes + c] = leafKey({ ...record, class: c })
  })
  const leaf = Uint32Array.from(all, (_, at) => at).sort((a, b) => all[a]! - all[b]!)
  return { key: Float64Array.from(leaf, (at) => all[at]!), leaf }
}
