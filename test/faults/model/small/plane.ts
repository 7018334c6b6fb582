// The plane of the small world, and what a controller decides there: two edges share one upstream, and the lines of the
// second carry less than that. Rates come of the product's own pins and solver, for one of two demands.

import { bootRates } from '../../../../src/edge/fallback-rates.js'
import { type EdgeProfile, recordKey } from '../../../../src/model/lease.js'
import { compile, provisionalIndexes, withSafe } from '../../../../src/policy/compile/compile.js'
import { boundOf, type EdgeLease } from '../../../../src/publish/edge-lease.js'
import { LeaseTable } from '../../../../src/publish/lease-table.js'
import { profilesOf } from '../../../../src/publish/profile.js'
import { atOnce } from '../../../../src/runtime/pieces.js'
import { Integers } from '../../../../src/solve/integers.js'
import { Paths } from '../../../../src/solve/paths.js'
import type { Problem } from '../../../../src/solve/problem.js'
import { createSolver } from '../../../../src/solve/solve.js'
import { applyPins, pinFlows, type Sight } from '../../../../src/tick/pins.js'
import { smallPlane } from '../../../tick/small-plane.js'

/**
 * Long enough for reports that take up to a short step (publish/edge-lease.ts), and over at no instant that steps lead
 * to: stamps of one instant differ by a millisecond or two.
 */
export const TERM = 18_000
export const STALE_AFTER = 3_000
/** A report takes no longer than that, or is lost. */
export const SHORT_STEP = 4_000
/** Most of a lease. */
export const LONG_STEP = 16_000
const UPSTREAM = 100_000_000
/** What the lines of west carry, each way. */
const PORT_OF_WEST = 70_000_000
export const EDGES = ['east', 'west'] as const
export type EdgeId = (typeof EDGES)[number]

const document = smallPlane({ institutions: 1, upstream: UPSTREAM, lease: TERM, edges: EDGES })
document.edges.west!.port = { down: PORT_OF_WEST, up: PORT_OF_WEST }
const context = { revision: 1, hash: '', indexes: provisionalIndexes(document) }
const compiled = compile(document, context)
export const { problem } = compiled

const solvers = new Map<string, (problem: Problem) => void>()

function solverFor({ shape }: Problem): (problem: Problem) => void {
  const paths = new Paths(shape)
  const [solver, integers] = [createSolver(shape, paths), new Integers(shape, paths)]
  return (problem) => {
    solver.solve(problem)
    integers.round(problem)
  }
}

function solve(problem: Problem): void {
  const key = JSON.stringify(problem.shape)
  const solver = solvers.get(key) ?? solverFor(problem)
  solvers.set(key, solver)
  solver(problem)
}

export const plan = ((): typeof compiled.plan => {
  const safe = atOnce(compiled.makeSafe())
  solve(safe)
  return withSafe(compiled.plan, Uint32Array.from(safe.kbps))
})()
export const profiles = profilesOf(plan)
export const flowsOf: Readonly<Record<EdgeId, readonly number[]>> = {
  east: plan.edges.find(({ id }) => id === 'east')!.flows,
  west: plan.edges.find(({ id }) => id === 'west')!.flows,
}

/** kbit/s at an edge that was told nothing, by recordKey. */
export const bootOf = new Map(
  EDGES.map((edge) => {
    const profile = JSON.parse(profiles.get(edge)!.source) as EdgeProfile
    return [edge, new Map(bootRates(profile).map((record) => [recordKey(record), record.rate]))] as const
  }),
)

const LITTLE = 20_000_000
/** bit/s by flow that is asked for: by east nearly all there is, or by west. */
const DEMANDS = EDGES.map((edge) =>
  Float64Array.from(plan.flows, (flow) => {
    if (flow.kind !== 'institution' || flow.service !== 'internet' || flow.direction !== 'down') return 500_000
    return flow.edge === edge ? 200_000_000 : LITTLE
  }),
)
/** The flow of east that is worth a fight. */
export const KEEN = plan.flows.findIndex(
  ({ kind, edge, service, direction }) =>
    kind === 'institution' && edge === 'east' && service === 'internet' && direction === 'down',
)
/** kbit/s that it asks for at least; beside all that the lines of west carry there is room for it. */
export const EASTS_OWN = LITTLE / 1_000

const ceilings = Float64Array.from(plan.flows, ({ ceiling }) => ceiling)
const rooms = Float64Array.from(plan.links, ({ room }) => room)
const unseen = new Float64Array(plan.flows.length)

const table = new LeaseTable(plan, problem, 0)

/** The table with these leases in it: it is made once, and what it holds is a value. */
export function tableOf(leases: ReadonlyMap<string, EdgeLease>): LeaseTable {
  for (const [edge, lease] of leases) (table.edges as Map<string, EdgeLease>).set(edge, lease)
  return table
}

/** What pins read of a table. */
function seenOf({ edges }: LeaseTable): Pick<LeaseTable, 'edges' | 'boundOf' | 'granted' | 'orphanHops'> {
  const [bounds, granted] = [new Uint32Array(plan.flows.length), new Uint32Array(plan.flows.length)]
  for (const lease of edges.values()) {
    lease.flows.forEach((f, k) => {
      bounds[f] = boundOf(lease, k)
      granted[f] = lease.granted?.rates[k] ?? 0
    })
  }
  return { edges, granted, boundOf: (f) => bounds[f]!, orphanHops: () => new Map() }
}

/** kbit/s by flow that go out now, where this edge asks for most. */
export function decideFor(held: LeaseTable, asks: number, now: number): Uint32Array {
  const sight: Sight = {
    ...{ plan, problem, leases: seenOf(held) as LeaseTable, staticRates: new Map(), lone: [], carried: unseen },
    ...{ now, at: now, counters: { measured: () => undefined } },
  }
  const pins = pinFlows(sight)
  problem.demand.set(DEMANDS[asks]!)
  problem.recent.set(DEMANDS[asks]!)
  applyPins({ plan, ceilings, rooms }, problem, pins)
  solve(problem)
  const target = Uint32Array.from(plan.flows, (_, f) => (pins.reason[f] === null ? problem.kbps[f]! : pins.granted[f]!))
  const out = new Uint32Array(plan.flows.length)
  held.decide(target, pins.charged, true, out)
  return out
}
