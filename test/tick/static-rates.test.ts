// Edges as people handle them: one that a person configures is charged at what was confirmed there, or at what the
// policy says where that is more; one that is drained hands its part of each promise to the others.

import t from 'tap'
import { drainView } from '../../src/api/edges/static-edges.js'
import type { PolicyState } from '../../src/change/policy-state.js'
import { StaticEdges } from '../../src/gateways/static-edges.js'
import { provisionalIndexes } from '../../src/policy/compile/compile.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { manualClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { StaticRates } from '../../src/tick/static-rates.js'
import { inThread, Loop } from './loop.js'
import { smallPlane } from './small-plane.js'

const UPSTREAM = 1_000_000_000
/** Everybody asks for far more than there is. */
const hungry = (flow: string): number => (flow.startsWith('inst-') && flow.includes('/internet/down') ? 300e6 : 0)

function withStaticWest(...large: string[]): PolicyDocument {
  const document = structuredClone(smallPlane({ upstream: UPSTREAM }))
  document.edges.west!.pace = 'static'
  for (const id of large) document.institutions[id]!.tier = 'large'
  return document
}

/** What the revision says of the west, kbit/s by the number of the flow. */
async function staticRatesOf(document: PolicyDocument, revision: number) {
  const { solve } = inThread(() => undefined)
  const context = { document, revision, hash: `sha256:${revision}`, indexes: provisionalIndexes(document) }
  const { plan, kbps } = await new StaticRates(solve).of(context)
  const west = plan.edges.find(({ id }) => id === 'west')!
  const keyOf = (f: number): string => {
    const { institution, service, direction } = plan.flows[f]!.record
    return String(institution * 32 + service * 2 + direction)
  }
  const rates = Object.fromEntries(west.flows.map((f) => [keyOf(f), kbps[f]!]))
  return { plan, kbps, west, rates }
}

t.test('a static edge is charged at what was confirmed, or at what the policy says where that is more', async (t) => {
  const document = withStaticWest()
  const loop = new Loop({ document, offer: hungry, silent: ['west'] })
  const { plan, kbps, west, rates } = await staticRatesOf(document, 1)
  const steps = async (n: number): Promise<void> => {
    for (let k = 0; k < n; k++) await loop.step()
  }
  const link = (id: string): number => plan.links.findIndex((l) => l.id === id)
  const board = () => loop.controller.board!
  const own = west.flows.filter((f) => plan.flows[f]!.id.includes('/internet/down'))
  const sum = (flows: readonly number[], column: ArrayLike<number>) => flows.reduce((all, f) => all + column[f]!, 0)

  await steps(40)
  t.ok(
    own.every((f) => board().flows.limitedBy[f]!.code === 'OBSERVE'),
    'before the first confirmation nothing is said to limit',
  )
  t.same(
    own.map((f) => board().flows.rate[f]! / 1_000),
    own.map((f) => kbps[f]),
    'told what the revision says',
  )
  const others = (): number =>
    sum(
      [...plan.flows.keys()].filter((f) => plan.flows[f]!.id.includes('/internet/down') && !own.includes(f)),
      board().flows.rate,
    )
  const room = plan.links[link('transit.down')]!.room
  t.ok(others() > 0.9 * (room - sum(own, board().flows.rate)), 'the others have what is left, from the start')
  t.ok(board().links.load[link('transit.down')]! <= room, 'and no more')

  const limited = [...plan.flows.keys()].find((f) => board().flows.limitedBy[f]!.id === 'transit.down')!
  const { need } = board().flows
  const { reserved } = board().explain(limited)
  t.match(reserved, [{ edge: 'west', by: 'STATIC' }], 'what nobody shares is listed as well')
  const shared = [...plan.flows.keys()].filter((f) => plan.flows[f]!.id.includes('/internet/down') && !own.includes(f))
  const listed = reserved.reduce((all, { rate }) => all + rate, 0) + sum(shared, need)
  t.ok(Math.abs(listed - room) < 1_000, `${listed} of ${room}: with it the link is accounted for`)

  // Somebody typed in twice as much long ago, and said so.
  const twice = Object.fromEntries(Object.entries(rates).map(([key, rate]) => [key, rate * 2]))
  loop.confirmations = [{ edge: 'west', revision: 1, at: 5, author: 'asha', rates: twice, differsSince: 7 }]
  const before = others()
  await steps(3)
  t.ok(own.every((f) => board().flows.limitedBy[f]!.code === 'PINNED'))
  t.ok(others() < before - 0.8 * sum(own, kbps) * 1_000, 'the others make room for what really stands there')
  t.ok(board().links.load[link('transit.down')]! <= room)
  t.match(
    board().edges.find(({ id }) => id === 'west'),
    {
      ...{ state: 'UNKNOWN', confirmed: { revision: 1, at: 5, by: 'asha' }, differsSince: 7 },
    },
  )

  // A revision that gives it more: others shrink before anybody can have typed it in.
  loop.confirmations = [{ edge: 'west', revision: 1, at: 6, author: 'asha', rates, differsSince: null }]
  await steps(5)
  const held = others()
  loop.document = withStaticWest('inst-001', 'inst-005')
  loop.revision = 2
  const next = await staticRatesOf(loop.document, 2)
  t.ok(sum(own, next.kbps) > 1.1 * sum(own, kbps), 'there is more to it')
  await steps(3)
  t.ok(others() < held - 0.8e3 * (sum(own, next.kbps) - sum(own, kbps)), 'room is made before it is used')
  t.ok(board().links.load[link('transit.down')]! <= room)
})

t.test('since when an edge differs is found out once: each revision is solved once, and in pieces', async (t) => {
  const [plain, larger] = [withStaticWest(), withStaticWest('inst-001', 'inst-005')]
  const documents = [plain, plain, larger, larger, plain, larger]
  const revisionOf = (revision: number) => {
    const document = documents[revision - 1]!
    const meta = { at: 1_000 * revision }
    return { document, revision, hash: `sha256:${revision}`, indexes: provisionalIndexes(document), meta }
  }
  const { rates } = await staticRatesOf(plain, 1)
  const policy = {
    revision: revisionOf(3),
    register: { confirmations: [{ edge: 'west', revision: 1, at: 5, author: 'asha', rates }] },
    store: { get: async (revision: number) => revisionOf(revision) },
  }
  let rounds = 0
  const made = new StaticRates(inThread(() => undefined).solve, async () => void rounds++)
  const asked: number[] = []
  const of: StaticRates['of'] = (revision) => {
    asked.push(revision.revision)
    return made.of(revision)
  }
  const log = createLogger('test', 'error')
  // Of a policy it reads no more than this.
  const about = { policy: policy as unknown as PolicyState, rates: { of }, clock: manualClock(), log }
  const edges = new StaticEdges(about)
  const lookAt = async (revision: number) => {
    policy.revision = revisionOf(revision)
    await edges.look()
    return { since: edges.confirmations[0]!.differsSince, asked: asked.splice(0) }
  }
  t.same(await lookAt(3), { since: 3_000, asked: [3, 2] }, 'back to where it said what stands there')
  t.ok(rounds >= 20, `${rounds} times somebody else had the thread`)
  t.same(await lookAt(4), { since: 3_000, asked: [4] }, 'as was found out before')
  t.same(await lookAt(4), { since: 3_000, asked: [] })
  t.same(await lookAt(5), { since: null, asked: [5] })
  t.same(await lookAt(6), { since: 6_000, asked: [6] })
})

t.test('a drained edge hands its part of each promise to the others, and says when it can go', async (t) => {
  let here = 30e6
  let phi: readonly number[] = []
  const loop = new Loop({
    document: smallPlane({ upstream: UPSTREAM }),
    offer: (flow) =>
      flow === 'inst-000/internet/down@core' ? here : flow === 'inst-000/internet/down@east' ? 10e6 : 0,
    onTick: (tick) => {
      phi = [...tick.phi]
    },
  })
  const step = async (n: number): Promise<void> => {
    for (let k = 0; k < n; k++) await loop.step()
  }
  await step(20)
  const board = () => loop.controller.board!
  const { plan } = board()
  const at = plan.flowIndex.get('inst-000/internet/down@core')!
  t.ok(phi[at]! > 0.5, `it holds ${phi[at]!.toFixed(2)} of the promise, as it is asked for there`)
  loop.drained = ['core']
  await step(20)
  t.ok(phi[at]! < 0.06, `now it holds ${phi[at]!.toFixed(2)}`)
  t.ok(board().flows.rate[at]! >= 30e6, 'what still comes by it goes through: nothing is moved by force')
  const core = plan.edges.find(({ id }) => id === 'core')!
  const drains = [{ edge: 'core', since: 0, author: 'asha', reason: 'replaced' }]
  t.match(drainView(board(), core, drains, false), {
    draining: { by: 'asha' },
    institutions: [{ institution: 'inst-000', others: ['east'] }],
    safe: false,
    waitsFor: '1 institutions still send or receive by it: inst-000.',
  })
  here = 0
  await step(3)
  t.match(drainView(board(), core, drains, false), { safe: true, waitsFor: null })
  const both = [...drains, { ...drains[0]!, edge: 'east' }]
  t.match(drainView(board(), core, both, false), { safe: false, waitsFor: /1 institutions have no other edge/ })
  loop.drained = []
  here = 30e6
  await step(20)
  t.ok(phi[at]! > 0.5, 'and takes it back when it stays after all')
})
