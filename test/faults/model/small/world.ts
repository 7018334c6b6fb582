// A small world as a value: two edges that share a link, two controllers, a store, and what is on its way. Events make
// other values of it by the product's own lease table and lease keeper, so that a search need not begin anew each time.

import { emptyKeeping, type Keeping, phaseAt, ratesAt, receive } from '../../../../src/edge/lease-keeper.js'
import { type EdgeReport, recordKey } from '../../../../src/model/lease.js'
import type { EdgeLease, Grant } from '../../../../src/publish/edge-lease.js'
import { LeaseTable } from '../../../../src/publish/lease-table.js'
import type { RateMessage, SentReport } from '../../../../src/wire/messages.js'
import { smallPlane } from '../../../tick/small-plane.js'
import { geography } from '../plane.js'
import type { Wrong } from '../store.js'

const TERM = 10_000
const STALE_AFTER = 3_000
/** A step of time: most of a lease; with its grace it is over after two. */
const STEP = 8_000
const BOOT = '0000000000000001'
const PROFILE = '0'.repeat(16)
/** Messages and reports on their way, of an edge: one more, and the oldest is lost. */
const FLYING = 2
const EDGES = ['east', 'west'] as const
type EdgeId = (typeof EDGES)[number]

const document = smallPlane({ institutions: 2, upstream: 100_000_000, lease: TERM, edges: ['east', 'west'] })
const { plan, problem } = geography(document, {})
/** Two things that are meant: two thirds of the upstream for the one edge, or for the other. */
const TARGETS = EDGES.map((edge) => {
  const own = plan.flows.filter((flow) => flow.edge === edge)
  const sharing = own.filter(({ service, direction }) => service === 'internet' && direction === 'down').length
  const most = Math.floor(66_000 / sharing)
  return Uint32Array.from(plan.flows, (flow) => (flow.edge === edge ? most : 1_000))
})
const OURS = new Float64Array(plan.flows.length).fill(Number.NaN)
const linksOf = plan.flows.map((_, f) =>
  Array.from({ length: problem.pathStart[f + 1]! - problem.pathStart[f]! }, (_, k) => {
    const q = problem.pathStart[f]! + k
    return [problem.pathLink[q]!, problem.pathFraction[q]!] as const
  }),
)

interface Ruler {
  readonly leases: ReadonlyMap<string, EdgeLease>
  readonly epoch: number
  readonly seq: number
}

export interface Small {
  readonly now: number
  readonly epoch: number
  readonly leader: number
  readonly rulers: readonly Ruler[]
  readonly stored: Readonly<Record<EdgeId, RateMessage | null>>
  readonly down: Readonly<Record<EdgeId, readonly RateMessage[]>>
  readonly up: Readonly<Record<EdgeId, readonly EdgeReport[]>>
  readonly keeping: Readonly<Record<EdgeId, Keeping>>
  readonly lies: boolean
}

const table = new LeaseTable(plan, problem, 0)

/** The table with these leases in it: it is made once, and what it holds is a value. */
function tableOf(leases: ReadonlyMap<string, EdgeLease>): LeaseTable {
  for (const [edge, lease] of leases) (table.edges as Map<string, EdgeLease>).set(edge, lease)
  return table
}

const withRuler = (world: Small, k: number, change: Partial<Ruler>): Small => ({
  ...world,
  rulers: world.rulers.map((ruler, n) => (n === k ? { ...ruler, ...change, leases: new Map(table.edges) } : ruler)),
})

const beginning = new Map(table.edges)
const EMPTY: Small = {
  ...{ now: 100_000, epoch: 1, leader: 0, lies: false },
  rulers: [0, 1].map((k) => ({ leases: beginning, epoch: 1 - k, seq: 0 })),
  stored: { east: null, west: null },
  down: { east: [], west: [] },
  up: { east: [], west: [] },
  keeping: { east: emptyKeeping(BOOT), west: emptyKeeping(BOOT) },
}

type Happening = readonly [name: string, act: (world: Small, wrong: Wrong) => Small | null]

/** The leader decides, and tells both edges. */
function decide(world: Small, k: number): Small {
  const { leader, now, epoch } = world
  const { leases, seq: last } = world.rulers[leader]!
  const held = tableOf(leases)
  const out = new Uint32Array(plan.flows.length)
  held.decide(TARGETS[k]!, OURS, true, out)
  const seq = last + 1
  const [stored, down] = [{ ...world.stored }, { ...world.down }]
  for (const edge of EDGES) {
    const { report, flows } = held.edges.get(edge)!
    if (!report) continue
    const records = flows.map((f) => ({ ...plan.flows[f]!.record, rate: out[f]!, safe: held.safe[f]!, classes: [] }))
    const head = { kind: 'snapshot', version: 1, edge, epoch, seq, baseSeq: 0, revision: 1 } as const
    const message = { ...head, profile: PROFILE, lease: TERM, stamp: report.stamp, records } as unknown as RateMessage
    held.noteGranted(edge, { epoch, seq }, out, true, now)
    stored[edge] = message
    down[edge] = [...world.down[edge], message].slice(-FLYING)
  }
  const decided = { ...withRuler(world, leader, { seq }), stored, down }
  // Who stands by hears of it at once.
  const other = tableOf(decided.rulers[1 - leader]!.leases)
  for (const edge of EDGES) if (stored[edge]) other.follow(edge, grantOf(stored[edge]!), now)
  return withRuler(decided, 1 - leader, {})
}

function hears(world: Small, edge: EdgeId, place: number, wrong: Wrong): Small | null {
  const came = world.down[edge][place]
  if (!came) return null
  const message = wrong.granted?.(came, world.now) ?? came
  const { keeping } = receive(world.keeping[edge], { message, crc: 1 }, world.now)
  const left = world.down[edge].filter((_, k) => k !== place)
  return { ...world, down: { ...world.down, [edge]: left }, keeping: { ...world.keeping, [edge]: keeping } }
}

function says(world: Small, edge: EdgeId, wrong: Wrong): Small | null {
  const { now, keeping, lies, stored } = world
  const { content } = keeping[edge]
  const { state } = phaseAt(keeping[edge], now, STALE_AFTER)
  const newest = stored[edge]
  const heard = world.rulers.map(({ leases }) => leases.get(edge)!.report?.stamp.at ?? 0)
  const stampedAt = Math.max(now, 1 + Math.max(0, ...heard, ...world.up[edge].map(({ stamp }) => stamp.at)))
  const liar = lies && edge === 'west' ? newest : null
  const applied = liar ?? content
  const said = {
    ...{ edge, stamp: { boot: BOOT, at: stampedAt }, reads: 2 },
    ...{ agent: 'small', driver: 'model', simulated: true, state: content ? state : 'SAFE', enforcement: 'enforce' },
    applied: applied && { epoch: applied.epoch, seq: applied.seq, crc: 1, profile: PROFILE },
    ...{ refusal: null, generation: 1, counters: [], base: null },
  } as unknown as SentReport
  const report = (wrong.said?.(said, newest) ?? said) as unknown as EdgeReport
  return { ...world, up: { ...world.up, [edge]: [...world.up[edge], report].slice(-FLYING) } }
}

/** Both controllers hear it. */
function isHeard(world: Small, edge: EdgeId): Small | null {
  const [report, ...left] = world.up[edge]
  if (!report) return null
  let heard: Small = { ...world, up: { ...world.up, [edge]: left } }
  for (const k of [0, 1]) {
    tableOf(world.rulers[k]!.leases).acknowledge(report, world.now)
    heard = withRuler(heard, k, {})
  }
  return heard
}

/** The other controller leads, by what the store has. */
function takeOver(world: Small): Small {
  const leader = 1 - world.leader
  const held = tableOf(world.rulers[leader]!.leases)
  for (const edge of EDGES) {
    const stored = world.stored[edge]
    const { granted, most } = held.edges.get(edge)!
    const newest = stored ? grantOf(stored) : granted
    if (newest) held.recover(edge, { newest, most, isComplete: false }, world.now)
    else held.markUnverified(edge, world.now)
  }
  const epoch = world.epoch + 1
  return { ...withRuler(world, leader, { epoch, seq: 0 }), leader, epoch }
}

function grantOf({ epoch, seq, records }: RateMessage): Grant {
  const by = (part: 'rate' | 'safe') => Uint32Array.from(records, (record) => record[part])
  return { epoch, seq, rates: by('rate'), safe: by('safe') }
}

function wait(world: Small): Small {
  const now = world.now + STEP
  let later: Small = { ...world, now }
  for (const k of [0, 1]) {
    tableOf(world.rulers[k]!.leases).expire(now)
    later = withRuler(later, k, {})
  }
  return later
}

export const HAPPENINGS: readonly Happening[] = [
  ...EDGES.map((edge, k): Happening => [`the leader gives to ${edge}`, (world) => decide(world, k)]),
  ...EDGES.flatMap((edge): Happening[] => [
    [`${edge} hears the oldest`, (world, wrong) => hears(world, edge, 0, wrong)],
    [`${edge} hears the newest`, (world, wrong) => hears(world, edge, 1, wrong)],
    [`${edge} says what it has`, (world, wrong) => says(world, edge, wrong)],
    [`${edge} is heard`, (world) => isHeard(world, edge)],
  ]),
  ['time passes', wait],
  ['the other leads', takeOver],
  ['the store loses all', (world) => (world.stored.east ? { ...world, stored: EMPTY.stored } : null)],
  ['west begins to lie', (world) => (world.lies ? null : { ...world, lies: true })],
]

/** Where all stories begin: east has nearly all of the upstream, and has said so. */
export const FIRST: Small = ((): Small => {
  const [tell, listen] = [
    (world: Small) => EDGES.reduce((told, edge) => isHeard(says(told, edge, {})!, edge)!, world),
    (world: Small) => EDGES.reduce((told, edge) => hears(told, edge, 0, {})!, world),
  ]
  return tell(listen(decide(tell(EMPTY), 0)))
})()

/** A link that carries more than it has; null: none. */
export function breachOf({ keeping, lies, now }: Small): string | null {
  const load = new Float64Array(plan.links.length)
  for (const edge of EDGES) {
    const { content } = keeping[edge]
    if (!content || (lies && edge === 'west')) continue
    const { step } = phaseAt(keeping[edge], now, STALE_AFTER)
    const rates = new Map(ratesAt(content, step).map((record) => [recordKey(record), record.rate]))
    plan.flows.forEach(({ record, edge: at }, f) => {
      if (at !== edge) return
      for (const [link, part] of linksOf[f]!) load[link]! += part * (rates.get(recordKey(record)) ?? 0) * 1_000
    })
  }
  const above = plan.links.findIndex(({ virtual, room }, l) => !virtual && load[l]! > room * (1 + 1e-9))
  return above < 0
    ? null
    : `${plan.links[above]!.id} carries ${Math.round(load[above]!)} of ${plan.links[above]!.room} bit/s`
}

/** The same text for worlds that go on in the same way: instants count from now, and what is long past is past. */
export function textOf(world: Small): string {
  const { now } = world
  const past = -4 * TERM
  return JSON.stringify(world, (key, value) => {
    if (key === 'flows' || key === 'records')
      return key === 'flows' ? undefined : value.map((r: { rate: number; safe: number }) => [r.rate, r.safe])
    if (value instanceof Map) return [...value]
    if (value instanceof Uint32Array) return [...value].join()
    if (typeof value === 'number' && INSTANTS.has(key))
      return Number.isFinite(value) ? Math.max(past, value - now) : null
    return value
  })
}
const INSTANTS = new Set([
  'now',
  'at',
  'readAt',
  'freshAt',
  'grantedAt',
  'end',
  'foreignEnd',
  'leaseEnd',
  'safeAt',
  'heardAt',
])
