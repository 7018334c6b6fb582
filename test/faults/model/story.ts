// What happens to a world, drawn from its seed; and what must be true when it is over.

import type { Board } from '../../../src/model/board.js'
import { compareSerial } from '../../../src/model/lease.js'
import type { Milliseconds } from '../../../src/model/units.js'
import { GRACE } from '../../../src/publish/edge-lease.js'
import { LEADER_LEASE } from '../../../src/publish/election.js'
import type { Breach, Excess } from './ledger.js'
import { EDGES, LEASE } from './plane.js'
import type { Reads, Sight, Takeovers, Wrong } from './store.js'
import { type Happening, World, type WorldOptions } from './world.js'

export interface Verdict {
  readonly seed: number
  /** What kind of story it was: cover.ts. */
  readonly traits: readonly string[]
  /** How long it took by its own clock, ms. */
  readonly length: Milliseconds
  readonly breaches: readonly Breach[]
  /** Sums over links that were compared with their room. */
  readonly checked: number
  /** Bits that passed above what links carry: where design allows it for a time, and beyond. */
  readonly excess: Excess
  readonly reads: Reads
  readonly takeovers: Takeovers
  readonly events: readonly Happening[]
  readonly sights: ReadonlySet<Sight>
}

export const SETTLE = 8_000
export const TROUBLE = 40_000
/** A lease with its grace, and what it takes to find a leader and to be told everything anew. */
export const RECOVERY = LEASE + GRACE + 8_000
/** A paced device is told once in that time, and others wait for what it is to give back. */
const PACED_RECOVERY = 60_000
/** After this what was told has been applied and acknowledged. */
export const IN_FLIGHT = 3_000

/** See WorldOptions. */
export type Told = Pick<WorldOptions, 'other' | 'edgesACall' | 'apart'> & { readonly wrong?: Wrong | undefined }

/** Trouble of every kind, then peace: at every instant rates fit, and in the end everyone has what is meant. */
export async function trouble(seed: number, { wrong, other, edgesACall, apart }: Told = {}): Promise<Verdict> {
  const paced = seed % 4 === 3 ? { paced: EDGES[Math.floor(seed / 4) % EDGES.length]! } : {}
  const world = new World({
    seed,
    ...paced,
    ...(wrong && { wrong }),
    ...(other && { other }),
    ...(edgesACall && { edgesACall }),
    ...(apart && { apart }),
  })
  const { random, now: start } = world
  world.offer(random.between(0.6, 1.8))
  await world.run(SETTLE)
  while (world.now - start < SETTLE + TROUBLE) {
    const event = random.pick(other === undefined ? EVENTS : EVENTS_BESIDE)
    const [name, act] = event
    const edge = random.pick(EDGES)
    const isIdle = act(world, edge, random.between(500, 14_000)) === false
    world.note(name, AT_AN_EDGE.includes(event) ? edge : null, isIdle)
    await world.run(random.between(300, 3_500))
  }
  world.note('heal')
  world.heal()
  await world.run(RECOVERY + ('paced' in paced ? PACED_RECOVERY : 0))
  const meant = world.leader()?.controller.board ?? null
  await world.run(IN_FLIGHT)
  const late = unfinished(world, meant).map((what) => ({ at: world.now, what }))
  return verdictOf(world, 'trouble', late)
}

export function verdictOf(world: World, kind: Kind, late: readonly Breach[] = []): Verdict {
  const { options, start, happenings } = world
  const { checked, excess } = world.ledger
  const { reads, takeovers, sights } = world.store
  return {
    ...{ seed: options.seed, traits: traitsOf(kind, options), length: world.now - start },
    ...{ checked, excess, reads, takeovers, sights, events: happenings },
    breaches: [...world.breaches, ...late].map(({ at, what }) => ({ at: at - start, what })),
  }
}

type Kind = 'trouble' | 'stillness' | 'storeLoss' | 'storeOutage' | 'lying' | 'losing'

/** What a story is, by how it is told. */
export const traitsOf = (kind: Kind, { edgesACall = EDGES.length, paced, other }: Omit<WorldOptions, 'seed'>) => [
  `${kind}, ${edgesACall} edges a call`,
  ...(paced ? [`${paced} is slow`] : []),
  ...(other ? ['beside another release'] : []),
]

/** False: there was nothing to do that to. */
type Act = (world: World, edge: string, time: number) => unknown

/** Does something to a line or an edge, and takes it back after a time. */
const forTime =
  (begin: Act, end: Act): Act =>
  (world, edge, time) => {
    begin(world, edge, time)
    world.ledger.troubled(edge, world.now + time)
    world.later(time, () => end(world, edge, time))
  }

const line = (change: Partial<ReturnType<World['store']['line']>>, back: typeof change): Act =>
  forTime(
    (world, edge) => Object.assign(world.store.line(edge), change),
    (world, edge) => Object.assign(world.store.line(edge), back),
  )

/** Reports cease first, and what comes after them echoes an old stamp; then nothing comes. */
function fade(world: World, edge: string, time: number): void {
  const at = world.store.line(edge)
  const downCutAfter = world.random.between(0.8 * LEASE, 0.98 * LEASE)
  const backAfter = downCutAfter + Math.max(8_000, time)
  world.ledger.troubled(edge, world.now + backAfter)
  at.upCut = true
  world.later(downCutAfter, () => {
    at.downCut = true
  })
  world.later(backAfter, () => Object.assign(at, { upCut: false, downCut: false }))
}

export type Event = readonly [string, Act]

export const AT_AN_EDGE: readonly Event[] = [
  ['down line cut', line({ downCut: true }, { downCut: false })],
  ['up line cut', line({ upCut: true }, { upCut: false })],
  ['both cut', line({ upCut: true, downCut: true }, { upCut: false, downCut: false })],
  ['falls silent, then hears nothing', fade],
  ['falls silent, then hears nothing', fade],
  ['lossy', line({ loss: 0.4, double: 0.3 }, { loss: 0, double: 0 })],
  ['late', line({ delay: [100, 1_500] }, { delay: [10, 150] })],
  [
    'agent dies, restarted from disk',
    (world, edge, time) => {
      const gateway = world.gateways.get(edge)!
      if (!gateway.runs) return false
      gateway.crash()
      world.ledger.troubled(edge, world.now + 4_000)
      world.clock.setTimer(Math.min(time, 4_000), () => gateway.start())
      return true
    },
  ],
  [
    'agent stands still',
    (world, edge, time) => {
      const gateway = world.gateways.get(edge)!
      world.ledger.troubled(edge, world.now + 4_000)
      return gateway.runs && gateway.stopFor(Math.min(time, 4_000))
    },
  ],
  [
    'reboot',
    (world, edge) => {
      const gateway = world.gateways.get(edge)!
      return gateway.runs && gateway.reboot()
    },
  ],
  [
    'refuses',
    forTime(
      (world, edge) => {
        world.gateways.get(edge)!.refuses = true
      },
      (world, edge) => {
        world.gateways.get(edge)!.refuses = false
      },
    ),
  ],
  [
    'slow',
    (world, edge) => {
      world.gateways.get(edge)!.slowness = [50, 700]
    },
  ],
  [
    'hold',
    forTime(
      (w, edge, time) => w.order(edge, 'hold', time),
      (w, edge) => w.order(edge, 'enforce', null),
    ),
  ],
  [
    'observe',
    forTime(
      (w, edge) => w.order(edge, 'observe', null),
      (w, edge) => w.order(edge, 'enforce', null),
    ),
  ],
  [
    'bypass',
    forTime(
      (w, edge, time) => w.order(edge, 'bypass', time),
      () => undefined,
    ),
  ],
]

export const TO_ALL: readonly Event[] = [
  ['leader dies', (world) => world.killLeader()],
  ['leader stands still', (world) => world.stopLeader()],
  [
    'store away',
    (world, _, time) => {
      world.store.away = true
      for (const id of world.edges) world.ledger.troubled(id, world.now + time)
      world.later(time, () => {
        world.store.away = false
      })
    },
  ],
  [
    'answers lost',
    (world) => {
      world.store.unanswered = 0.3
    },
  ],
  ['capacity lost', (world) => world.setConditions({ transit: world.random.between(0.3, 0.8) })],
  ['rerouted', (world) => world.setConditions({ 'transit-b': 0 })],
  ['network whole', (world) => world.setConditions({})],
  ['store loses all', (world) => world.forget()],
  ['policy', (world) => world.changePolicy()],
  ['policy', (world) => world.changePolicy()],
  ['demand', (world) => world.offer(world.random.between(0.2, 2))],
]

const EVENTS = [...AT_AN_EDGE, ...TO_ALL]

const namesOf = (events: readonly Event[]): string[] => [...new Set(events.map(([name]) => name))]
export const NAMES = {
  atAnEdge: namesOf(AT_AN_EDGE),
  all: namesOf(EVENTS),
  besides: ['standbys hear nothing', 'store falls behind'],
}

/** Beside another release the policy stays: who cannot read contents knows an edge's safe rates by policy alone. */
const EVENTS_BESIDE = EVENTS.filter(([name]) => name !== 'policy')

/** What is not as it should be although all faults have ended. */
export function unfinished(world: World, before: Board | null): string[] {
  const leader = world.leader()
  if (!leader) return ['nobody leads']
  const board = leader.controller.board!
  const faults: string[] = []
  const { liars } = world
  const paced = board.plan.edges.filter(({ pace }) => pace === 'paced').map(({ id }) => id)
  // What an institution has behind a paced edge is taken from its other edges for as long.
  const slow = new Set(board.plan.flows.filter(({ edge }) => paced.includes(edge)).map((flow) => flow.institution))
  for (const { id, state, enforcement, applied } of board.edges) {
    if (liars.has(id)) continue
    if (state !== 'FRESH' || enforcement !== 'enforce') faults.push(`${id} is ${state} and in ${enforcement}`)
    if (paced.includes(id)) continue
    const intended = before?.edges.find((edge) => edge.id === id)?.intended
    if (intended && !(applied && compareSerial(applied, intended) >= 0)) faults.push(`${id} is behind`)
  }
  board.plan.flows.forEach((flow, f) => {
    const { code } = board.flows.limitedBy[f]!
    if (slow.has(flow.institution) || liars.has(flow.edge)) return
    // To wait a moment is how room changes hands; for a device that is told once a minute, to wait a minute.
    const waited =
      paced.length === 0 &&
      before?.flows.limitedBy[f]?.code === 'PENDING' &&
      before.flows.rate[f] === board.flows.rate[f]
    // One that lies may keep what its lines carry: lying.ts weighs that.
    if ((code === 'PENDING' && waited && liars.size === 0) || code === 'SAFE' || code === 'PINNED')
      faults.push(`${flow.id} is ${code}`)
    const promised = Math.min(board.flows.demand[f]!, 256_000)
    if (board.flows.applied[f]! < promised - 1_000) faults.push(`${flow.id} has ${board.flows.applied[f]} bit/s`)
  })
  if (board.learning) faults.push('still learning')
  return faults
}

/** Constant load, whole lines, late reports: after 30 ticks nothing moves any more. */
export async function stillness(seed: number): Promise<Verdict> {
  const world = new World({ seed, controllers: 1, delay: [10, 150] })
  // Reports take so much more, messages do not: later by a fifth of a second an edge may say nothing for three ticks,
  // after which it is pinned at what may be in force, and rates move for it.
  for (const id of world.edges) world.store.line(id).skew = 1_800
  world.offer(world.random.between(0.3, 1.6))
  await world.run(30_000)
  const settled = [...world.controllers[0]!.controller.board!.flows.rate]
  let moves = 0
  for (let k = 0; k < 20; k++) {
    await world.run(1_000)
    const { rate } = world.controllers[0]!.controller.board!.flows
    moves += settled.filter((was, f) => was !== rate[f]).length
  }
  const restless = moves > 0 ? [{ at: world.now, what: `${moves} rates moved after 30 ticks of constant load` }] : []
  return verdictOf(world, 'stillness', restless)
}

/** A world in shortage that has come to rest. */
async function settled(seed: number, wrong: Wrong | undefined) {
  const world = new World({ seed, ...(wrong && { wrong }), ...CALLS[seed % CALLS.length] })
  const { random, store } = world
  world.offer(random.between(1, 1.8))
  await world.run(SETTLE)
  return { world, random, store }
}

/**
 * Again and again the store loses all just after something was decided, or the last of it, and the one who led stands
 * still meanwhile: what was told last is known to edges, and to whoever listened.
 */
export async function storeLoss(seed: number, { wrong }: Told = {}): Promise<Verdict> {
  const { world, random, store } = await settled(seed, wrong)
  for (let round = 0; round < 8; round++) {
    world.offer(random.between(1, 1.8), EDGES[round % EDGES.length])
    world.note('demand')
    await world.run(random.between(300, 4_000))
    const before = store.contents
    const most = world.now + 3_000
    while (store.contents === before && world.now < most) await world.run(10)
    await world.run(random.between(0, 500))
    for (const id of world.edges) world.ledger.troubled(id, world.now + 4_000)
    if (random.chance(0.3)) {
      store.silenceStandbys(random.between(0, 1_500))
      world.note('standbys hear nothing')
    }
    world.note('leader stands still')
    if (random.chance(0.3)) {
      // Its term is known to the store still.
      world.leader()?.process.stopFor(LEADER_LEASE + random.between(1_500, 2_500))
      store.fallBehind()
      world.note('store falls behind')
      await world.run(LEADER_LEASE)
    } else {
      world.leader()?.process.stopFor(random.between(1_500, 2_500))
      world.forget()
      world.note('store loses all')
    }
    await world.run(random.between(6_000, 9_000))
  }
  return verdictOf(world, 'storeLoss')
}

/**
 * Nobody reaches the store for so long that edges fall to their safe rates, or nearly; then the other one leads, and
 * the store has what it had, or nothing.
 */
export async function storeOutage(seed: number, { wrong }: Told = {}): Promise<Verdict> {
  const { world, random, store } = await settled(seed, wrong)
  for (let round = 0; round < 5; round++) {
    world.offer(random.between(1, 1.8), EDGES[round % EDGES.length])
    world.note('demand')
    await world.run(random.between(1_000, 4_000))
    const time = random.between(0.8 * LEASE, 2.4 * LEASE)
    for (const id of world.edges) world.ledger.troubled(id, world.now + time + 4_000)
    store.away = true
    world.note('store away')
    await world.run(time)
    if (random.chance(0.5)) {
      world.forget()
      world.note('store loses all')
    }
    world.leader()?.process.stopFor(random.between(1_500, 2_500))
    world.controllers[round % 2]?.process.stopFor(random.between(1_500, 2_500))
    world.note('leader stands still')
    store.away = false
    await world.run(RECOVERY)
  }
  return verdictOf(world, 'storeOutage')
}

/** In two stories of three a decision goes out in several publications, of which some can be lost. */
export const CALLS = [{}, { edgesACall: 1 }, { edgesACall: 2 }] as const
