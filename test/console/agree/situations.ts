// Seeded situations: the production controller over a small plane and model edges, a few things that befall it, and
// then a tick that stays: the API in front of its board answers everyone of that one tick.

import { seeded } from '../../../bench/harness.js'
import type { ServerDeps } from '../../../src/api/ports.js'
import type { Board } from '../../../src/model/board.js'
import type { Enforcement } from '../../../src/model/network.js'
import type { PolicyDocument } from '../../../src/policy/document/document.js'
import { NOTHING_IN_FORCE, type Override } from '../../../src/policy/in-force/holding.js'
import { type Api, empty, policyStore, startApi } from '../../api/api-fixture.js'
import { Loop } from '../../tick/loop.js'
import { smallPlane } from '../../tick/small-plane.js'

export interface Situation {
  readonly seed: number
  /** What befell it, in order. */
  readonly what: readonly string[]
  readonly board: Board
  readonly api: Api
  close(): Promise<void>
}

const M = 1_000_000
const EDGES = ['east', 'west', 'core'] as const
const LOADS = [0, 100_000, 2 * M, 20 * M, 45 * M, 103 * M, 400 * M]

interface World {
  readonly loop: Loop
  readonly switches: Map<string, { enforcement: Enforcement; until: number | null } & Said>
  readonly offers: Map<string, number>
  random(n: number): number
  pick<T>(list: readonly T[]): T
}

interface Said {
  readonly author: string
  readonly reason: string
  readonly at: number
}

export async function situation(seed: number): Promise<Situation> {
  const draw = seeded(seed)
  const random = (n: number): number => Math.floor(draw() * n)
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!
  const institutions = 2 + random(9)
  const document = smallPlane({ institutions, upstream: pick([120, 300, 900]) * M, lease: 20_000 })
  const offers = new Map<string, number>()
  const offerOf = (flow: string): number => {
    const known = offers.get(flow) ?? pick(LOADS)
    offers.set(flow, known)
    return known
  }
  const switches: World['switches'] = new Map()
  const loop = new Loop({ document, offer: offerOf })
  // By the clock of the browser, which forgets a session whose end is past.
  loop.clock.jumpWall(Date.now() - loop.clock.wall())
  const world: World = { loop, switches, offers, random, pick }
  const what: string[] = []
  await run(loop, 1 + random(8))
  for (let n = random(4); n >= 0; n--) {
    const [name, befall] = pick(BEFALLS)
    what.push(name)
    await befall(world)
    for (const [edge, order] of switches) loop.switches.set(edge, order)
    await run(loop, 1 + random(6))
  }
  return { seed, what, ...(await answering(loop, document, switches)) }
}

async function run(loop: Loop, ticks: number): Promise<void> {
  for (let n = 0; n < ticks; n++) await loop.step()
}

/** No tick comes any more: whatever is asked is answered of this one. */
async function answering(loop: Loop, document: PolicyDocument, switches: World['switches']) {
  const board = loop.controller.board!
  const meta = { author: 'asha', reason: 'a test', reference: null, at: loop.clock.wall() - 60_000, parent: null }
  const head = { document, revision: loop.revision, etag: `"r${loop.revision}"`, hash: `sha256:${loop.revision}`, meta }
  const policy = policyStore({
    state: {
      ...{ current: () => head, switches, document, refresh: async () => undefined },
      revision: { document, indexes: new Map() },
    },
    interventions: empty({ inForce: loop.inForce, noteSeen: async () => undefined }),
  })
  const drains = loop.drained.map((edge) => ({ edge, since: 0, author: 'test', reason: 'a test' }))
  const staticEdges: NonNullable<ServerDeps['staticEdges']> = empty({ confirmations: [], drains })
  const deps = { board: () => board, policy: policy.port, clock: loop.clock, staticEdges }
  const api = await startApi(deps, [], loop.clock.wall())
  return { board, api, close: () => api.close() }
}

const ordered = ({ switches, loop, pick }: World, enforcement: Enforcement, until: number | null = null): void => {
  const said = { author: 'juma', reason: 'a test', at: loop.clock.wall() }
  const edge = pick(EDGES)
  switches.set(edge, { enforcement, until: until === null ? null : loop.clock.wall() + until, ...said })
  const model = loop.edges.get(edge)
  if (model !== undefined) model.enforcement = enforcement
}

function overridden({ loop, pick }: World, on: Readonly<Record<string, string>>): void {
  const at = loop.clock.wall()
  const ceiling = pick([5, 30, 60]) * M
  const laid: Override = {
    ...{ id: `ov-${at}`, patch: { on, ceilings: { internet: { down: ceiling, up: ceiling } } }, from: at, at },
    ...{ until: at + 3_600_000, reason: 'a test', reference: null, owner: 'juma', author: 'asha' },
  }
  loop.inForce = { ...loop.inForce, overrides: [...loop.inForce.overrides, laid] }
}

const institutionOf = ({ loop, pick }: World): string => pick(Object.keys(loop.document.institutions))

async function silence({ loop, pick }: World, ticks: number, comesBack: boolean, all = false): Promise<void> {
  const edges = all ? [...loop.edges.values()] : [loop.edges.get(pick(EDGES))!]
  for (const edge of edges) edge.alive = false
  await run(loop, ticks)
  if (comesBack) for (const edge of edges) edge.alive = true
}

type Befall = readonly [name: string, befall: (world: World) => Promise<void> | void]

const BEFALLS: readonly Befall[] = [
  [
    'a cut of transit',
    ({ loop, pick }) => {
      loop.conditions = { transit: pick([0, 0.1, 0.3, 0.6]) }
    },
  ],
  [
    'a cut of the trunk',
    ({ loop, pick }) => {
      loop.conditions = { ...loop.conditions, trunk: pick([0, 0.002]) }
    },
  ],
  [
    'links are whole',
    ({ loop }) => {
      loop.conditions = {}
    },
  ],
  ['other demand', ({ offers, pick }) => offers.forEach((_, flow) => void offers.set(flow, pick(LOADS)))],
  ['everyone asks a lot', ({ offers }) => offers.forEach((_, flow) => void offers.set(flow, 300 * M))],
  ['nobody asks anything', ({ offers }) => offers.forEach((_, flow) => void offers.set(flow, 0))],
  ['an edge observes', (world) => ordered(world, 'observe')],
  ['an edge holds', (world) => ordered(world, 'hold')],
  ['an edge lets all pass', (world) => ordered(world, 'bypass')],
  ['an edge is on trial', (world) => ordered(world, 'enforce', 3_600_000)],
  ['an override on one', (world) => overridden(world, { institution: institutionOf(world) })],
  ['an override on a tier', (world) => overridden(world, { tier: world.pick(['large', 'small']) })],
  [
    'a freeze',
    ({ loop }) => {
      loop.inForce = { ...loop.inForce, freeze: freezeAt(loop.clock.wall()) }
    },
  ],
  ['an edge falls silent', (world) => silence(world, 2, false)],
  ['an edge is silent for long', (world) => silence(world, 25, false)],
  ['an edge was silent', (world) => silence(world, 25, true)],
  ['all edges are silent', (world) => silence(world, 6, false, true)],
  ['after an outage', (world) => silence(world, 50, true, true)],
  ['limits are lifted at a box', lifted],
  ['another tier', retiered],
  ['another guarantee', promisedAnew],
  [
    'an edge is drained',
    ({ loop, pick }) => {
      loop.drained = [pick(EDGES)]
    },
  ],
  [
    'a publication fails',
    ({ loop }) => {
      loop.failing = 'publish'
    },
  ],
  [
    'nothing is in force',
    ({ loop }) => {
      loop.inForce = NOTHING_IN_FORCE
    },
  ],
]

const freezeAt = (since: number) => ({ since, reason: 'a test', author: 'juma' })

function lifted({ loop, pick }: World): void {
  const { plan } = loop.controller.board!
  const { index, edges } = pick(plan.institutions)
  const at = loop.clock.wall()
  const edge = loop.edges.get(pick(edges))
  if (edge !== undefined)
    edge.bypasses = [{ institution: index, since: at, until: at + 3_600_000, reason: 'a fibre is cut' }]
}

function retiered(world: World): void {
  const { loop, pick } = world
  const id = institutionOf(world)
  const { institutions } = loop.document
  loop.document = {
    ...loop.document,
    institutions: { ...institutions, [id]: { ...institutions[id]!, tier: pick(['large', 'small']) } },
  }
  loop.revision++
}

function promisedAnew({ loop, pick }: World): void {
  const { large, small } = loop.document.tiers
  loop.document = {
    ...loop.document,
    tiers: pick([
      { large: large!, small: large! },
      { large: small!, small: small! },
    ]),
  }
  loop.revision++
}
