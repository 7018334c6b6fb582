// Envelopes of a policy, all the way to rates: the golden vectors of envelopes, as planes. Every institution has its
// lifeline first, so the vectors are moved by that much; the sums by hand stand beside each.

import t from 'tap'
import { compile, provisionalIndexes } from '../../src/policy/compile/compile.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { certify } from '../../src/solve/certificate.js'
import { createSolver } from '../../src/solve/solve.js'
import { safeOf } from '../harness/sealed.js'

const M = 1e6
const LIFELINE = 64_000
const name = { en: 'x', sw: 'x' }
const own = { service: 'net', lifeline: '64kbps', weight: 1, ceiling: '1Mbps' }
const tier = (weight: number) => {
  const bandwidth = {
    ceiling: '10Gbps',
    segments: [
      { band: 'first', size: LIFELINE },
      { band: 'share', weight },
    ],
  }
  return { name, services: { net: { down: bandwidth, up: bandwidth } } }
}

/** One upstream of so many bit/s; institutions by name: weight and envelope. */
function plane(
  capacity: number,
  envelopes: Record<string, unknown>,
  members: Record<string, readonly [weight: number, envelope?: string]>,
): PolicyDocument {
  const ids = Object.keys(members)
  const { document, faults } = validatePolicy({
    schema: 1,
    plane: { id: 'one-link', name, unmapped: own, control: own },
    regions: { r: { name } },
    categories: { c: { name } },
    nodes: { outside: { name }, a: { name } },
    groups: {},
    links: { t: { kind: 'upstream', from: 'outside', to: 'a', capacity } },
    edges: { e: { name, node: 'a', region: 'r', port: '5Gbps' } },
    services: { net: { name, index: 0, members: 'internet', via: ['t'] } },
    bands: [
      { id: 'first', kind: 'guarantee' },
      { id: 'sector', kind: 'guarantee' },
      { id: 'share', kind: 'share' },
    ],
    classes: { all: { name, index: 0, weight: 1 } },
    tiers: { 'of-1': tier(1), 'of-2': tier(2) },
    envelopes: Object.fromEntries(Object.entries(envelopes).map(([id, more]) => [id, { name, ...(more as object) }])),
    institutions: Object.fromEntries(
      ids.map((id) => {
        const [weight, envelope = null] = members[id]!
        return [id, { name, category: 'c', region: 'r', tier: `of-${weight}`, internet: true, govnet: false, envelope }]
      }),
    ),
    sites: Object.fromEntries(
      ids.map((id, at) => [id, { institution: id, edge: 'e', prefixes: [`10.0.${at}.0/24`], access: '4Gbps' }]),
    ),
  })
  if (document === null) throw new Error(JSON.stringify(faults))
  return document
}

/** Mbit/s by institution, downwards, for demands in Mbit/s; the certificate has accepted them. */
function shares(document: PolicyDocument, demands: Record<string, number>): Record<string, number> {
  const { plan, problem } = compile(document, { revision: 1, hash: 'h', indexes: provisionalIndexes(document) })
  for (const [id, demand] of Object.entries(demands)) problem.demand[plan.flowIndex.get(`${id}/net/down`)!] = demand * M
  createSolver(problem.shape).solve(problem)
  t.ok(certify(problem).ok)
  return Object.fromEntries(
    Object.keys(demands).map((id) => [
      id,
      Number((problem.need[plan.flowIndex.get(`${id}/net/down`)!]! / M).toFixed(6)),
    ]),
  )
}

const all = (...ids: string[]): Record<string, number> => Object.fromEntries(ids.map((id) => [id, 1_000]))
const L = LIFELINE / M
const round = (mbps: number): number => Number(mbps.toFixed(6))

t.test('an envelope shares as one, whatever its members ask', async (t) => {
  const members = { a: [1, 'h'], b: [1, 'h'], c: [1, 'h'], d: [1, 'e'] } as const
  const weights = { net: 1 }
  const demands = { ...all('b', 'c', 'd'), a: 5 }
  const open = plane(120 * M, { h: { weights }, e: { weights } }, members)
  const half = (120 - 4 * L) / 2
  const own = (half - (5 - L)) / 2
  t.same(shares(open, demands), { a: 5, b: round(L + own), c: round(L + own), d: round(L + half) })
  const capped = plane(120 * M, { h: { weights }, e: { weights, ceilings: { net: '40Mbps' } } }, members)
  t.same(shares(capped, demands), { a: 5, b: 37.5, c: 37.5, d: 40 })
})

t.test('what an envelope is promised goes to its members by their weights, less what they hold', async (t) => {
  const guarantees = { net: { band: 'sector', size: '60Mbps' } }
  const document = plane(100 * M, { h: { weights: { net: 1 }, guarantees } }, { a: [2, 'h'], b: [1, 'h'], c: [1] })
  const promised = 60 - 2 * L
  const share = (100 - 3 * L - promised) / 2
  const ofWhole = promised + share
  const rates = shares(document, all('a', 'b', 'c'))
  t.same(rates, { a: round(L + (2 / 3) * ofWhole), b: round(L + ofWhole / 3), c: round(L + share) })
  const { plan } = compile(document, { revision: 1, hash: 'h', indexes: provisionalIndexes(document) })
  t.match(plan.envelopes, [
    { id: 'envelope.h/net/down', envelope: 'h', parent: -1, ceiling: -1, weight: 1, guarantee: { band: 'sector' } },
    { id: 'envelope.h/net/up' },
  ])
})

t.test(
  'an envelope without a weight counts as much as its members; inner ones share what the outer one gets',
  async (t) => {
    const members = { a: [1, 'inner'], b: [2, 'inner'], c: [1, 'outer'], d: [2] } as const
    const document = plane(90 * M, { outer: {}, inner: { parent: 'outer' } }, members)
    const unit = (90 - 4 * L) / 6
    t.same(shares(document, all('a', 'b', 'c', 'd')), {
      ...{ a: round(L + unit), b: round(L + 2 * unit) },
      ...{ c: round(L + unit), d: round(L + 2 * unit) },
    })
    t.same(shares(document, { ...all('b', 'c', 'd'), a: 1 }), {
      a: 1,
      // what a leaves stays with the envelopes around it: 4 of 6 units go to outer, 3 of 4 of these to inner
      b: round(L + (4 * unit * 3) / 4 - (1 - L)),
      c: round(L + unit),
      d: round(L + 2 * unit),
    })
    const compiled = compile(document, { revision: 1, hash: '', indexes: provisionalIndexes(document) })
    t.equal(safeOf(compiled).shape.envelopes, 0)
  },
)

t.test('a part of a family shares in its envelope, and its ceiling stands beside those of the envelope', async (t) => {
  const document = plane(90 * M, { h: { ceilings: { net: '30Mbps' } } }, { a: [1, 'h'], b: [1] })
  document.edges.f = { ...document.edges.e! }
  document.sites['a-2'] = { ...document.sites.a!, edge: 'f', prefixes: ['10.0.9.0/24'] }
  const { plan, problem } = compile(document, { revision: 1, hash: '', indexes: provisionalIndexes(document) })
  const parts = ['a/net/down@e', 'a/net/down@f'].map((id) => plan.flowIndex.get(id)!)
  t.same(
    parts.map((i) => problem.flowEnvelope[i]),
    [0, 0],
  )
  for (const i of parts) problem.demand[i] = 1_000 * M
  createSolver(problem.shape).solve(problem)
  t.ok(certify(problem).ok)
  t.equal(Math.round(problem.need[parts[0]!]! + problem.need[parts[1]!]!), 30 * M)
})
