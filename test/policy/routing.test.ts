// Routes and columns on planes small enough to check by hand.

import t from 'tap'
import type { Conditions } from '../../src/model/network.js'
import { compile, createCompiler, provisionalIndexes } from '../../src/policy/compile/compile.js'
import { createRouter } from '../../src/policy/compile/routing.js'
import { Topology } from '../../src/policy/compile/topology.js'
import { type PolicyDocument, policySchema } from '../../src/policy/document/document.js'
import { derate, layLinks } from '../../src/policy/document/links.js'
import { validatePolicy } from '../../src/policy/document/validate.js'

const name = { en: 'x', sw: 'x' }
const own = { service: 'net', lifeline: '64kbps', weight: 1, ceiling: '1Mbps' }
const backbone = (from: string, to: string, cost = 1) => ({ kind: 'backbone', from, to, capacity: '10Gbps', cost })
const upstream = (to: string, capacity: string, groups: string[] = []) => ({
  kind: 'upstream',
  from: 'outside',
  to,
  capacity,
  groups,
})

/**
 *   outside --t1 (4G)--> a ---- b ---- d      a to d: over b or over c, equally short
 *      \                  \          /
 *       \--t2 (1G)--> c    ---- c ---
 */
function diamond(service: Record<string, unknown> = { via: ['t1', 't2'] }): PolicyDocument {
  const bandwidth = {
    ceiling: '100Mbps',
    segments: [
      { band: 'first', size: '1Mbps' },
      { band: 'share', weight: 6, upTo: '50Mbps' },
      { band: 'share', weight: 2 },
    ],
  }
  const input = {
    schema: 1,
    plane: { id: 'diamond', name, unmapped: own, control: own },
    regions: { r: { name } },
    categories: { c: { name } },
    nodes: { outside: { name }, a: { name }, b: { name }, c: { name }, d: { name } },
    groups: { sea: { name } },
    links: {
      t1: upstream('a', '4Gbps', ['sea']),
      t2: upstream('c', '1Gbps'),
      ab: backbone('a', 'b'),
      ac: backbone('a', 'c'),
      bd: backbone('b', 'd'),
      cd: backbone('c', 'd'),
    },
    edges: { e: { name, node: 'd', region: 'r', port: '5Gbps' }, f: { name, node: 'a', region: 'r', port: '5Gbps' } },
    services: { net: { name, index: 0, members: 'internet', ...service } },
    bands: [
      { id: 'first', kind: 'guarantee' },
      { id: 'share', kind: 'share' },
      { id: 'headroom', kind: 'headroom', fill: 0.9 },
    ],
    classes: { all: { name, index: 0, weight: 1 } },
    tiers: { t: { name, services: { net: { down: bandwidth, up: bandwidth } } } },
    envelopes: {
      outer: { name, ceilings: { net: { down: '70Mbps', up: '60Mbps' } } },
      inner: { name, parent: 'outer', ceilings: { net: '40Mbps' } },
    },
    institutions: {
      one: { name, category: 'c', region: 'r', tier: 't', internet: true, govnet: false, envelope: 'inner' },
      two: { name, category: 'c', region: 'r', tier: 't', internet: true, govnet: false },
    },
    sites: {
      'one.a': { institution: 'one', edge: 'e', prefixes: ['10.0.1.0/24'], access: '30Mbps' },
      'one.b': { institution: 'one', edge: 'e', prefixes: ['10.0.2.0/24'], access: '10Mbps' },
      'two.a': { institution: 'two', edge: 'e', prefixes: ['10.0.3.0/24'], access: '30Mbps' },
      'two.b': { institution: 'two', edge: 'f', prefixes: ['10.0.4.0/24'], access: '10Mbps' },
    },
  }
  const { document, faults } = validatePolicy(input)
  if (document === null) throw new Error(JSON.stringify(faults))
  return document
}

/** Fractions of the route by link, rounded where thirds would be unreadable. */
function route(document: PolicyDocument, conditions: Conditions, node = 'd', direction: 'down' | 'up' = 'down') {
  const table = derate(layLinks(document), conditions)
  const hops = createRouter(document, table)('net', direction, node)
  return (
    hops && Object.fromEntries(hops.map(({ link, fraction }) => [table.links[link]!.id, Number(fraction.toFixed(6))]))
  )
}

t.test('equally short paths share equally; anchors share by their capacity', async (t) => {
  const plane = diamond()
  const whole = { 'ab.down': 0.4, 'ac.down': 0.4, 'bd.down': 0.4, 'cd.down': 0.6, 't1.down': 0.8, 't2.down': 0.2 }
  t.same(route(plane, {}), whole)
  const up = Object.fromEntries(Object.entries(whole).map(([id, part]) => [id.replace('down', 'up'), part]))
  t.same(route(plane, {}, 'd', 'up'), up)
  t.same(route(plane, {}, 'a'), { 'ac.up': 0.2, 't1.down': 0.8, 't2.down': 0.2 }, 'against the direction of a link')
})

t.test('an edge of several lines has one port: what is cut or derated of a line is taken from it', async (t) => {
  const plane = diamond()
  const ports = { fibre: { down: 4e9, up: 3e9 }, radio: { down: 2e9, up: 2e9 } }
  const table = layLinks({ ...plane, edges: { ...plane.edges, e: { ...plane.edges.e!, ports } } })
  const left = (conditions: Conditions, of = 'port.e') => {
    const { links, index } = derate(table, conditions)
    return (['down', 'up'] as const)
      .map((way) => links[index.get(`${of}.${way}`)!])
      .map((l) => [l!.room / 1e9, l!.state])
  }
  t.equal(table.links.filter(({ id }) => id.startsWith('port.')).length, 4, 'no flow is laid on a line: routes decide')
  t.same(left({}), [
    [5, 'up'],
    [5, 'up'],
  ])
  t.same(left({ 'port.e.fibre': 0 }), [
    [2, 'derated'],
    [2, 'derated'],
  ])
  t.same(left({ 'port.e.fibre.up': 0.5 }), [
    [5, 'up'],
    [3.5, 'derated'],
  ])
  t.same(left({ 'port.e.radio': 0.75 })[0], [5, 'up'], 'what is left of all lines is enough for the port')
  t.same(left({ 'port.e.radio': 0, 'port.e.fibre': 0 })[0], [0, 'down'])
  t.same(left({ 'port.e.radio': 0, 'port.e': 0.5 })[0], [2.5, 'derated'], 'the least of all that speak about it')
  t.same(left({ 'port.e.radio': 0 }, 'port.f')[0], [5, 'up'])
})

t.test('a derate moves the split, a cut takes the link away, in that direction only', async (t) => {
  const plane = diamond()
  t.match(route(plane, { sea: 0.25 }), { 't1.down': 0.5, 't2.down': 0.5 })
  t.same(route(plane, { sea: 0 }), { 't2.down': 1, 'cd.down': 1 })
  t.same(route(plane, { bd: 0, t2: 0 }), { 't1.down': 1, 'ac.down': 1, 'cd.down': 1 })
  t.match(route(plane, { 't1.down': 0 }, 'd', 'up'), { 't1.up': 0.8 }, 'the other direction is whole')
  t.equal(route(plane, { sea: 0, t2: 0 }), null, 'no anchor is left')
  t.equal(route(plane, { bd: 0, cd: 0 }), null, 'no path is left')
  t.same(route(plane, { 't1.down': 0.5, t1: 0.25, sea: 0.5 }), route(plane, { t1: 0.25 }), 'the smallest factor counts')
})

t.test('outside is no corridor: nothing goes out of one upstream and in by the other', async (t) => {
  t.equal(route(diamond({ at: ['a'], split: 'nearest' }), { ac: 0, bd: 0 }), null)
})

t.test('equal, fixed and nearest splits', async (t) => {
  t.match(route(diamond({ via: ['t1', 't2'], split: 'equal' }), {}), { 't1.down': 0.5, 't2.down': 0.5 })
  const fixed = diamond({ via: ['t1', 't2'], split: 'fixed', fractions: { t1: 0.9, t2: 0.1 } })
  t.match(route(fixed, { sea: 0.1 }), { 't1.down': 0.9, 't2.down': 0.1 })
  t.match(route(fixed, { t1: 0 }), { 't2.down': 1 }, 'what is left carries all')
  const nearest = diamond({ at: ['a', 'c'], split: 'nearest' })
  t.same(route(nearest, {}), { 'cd.down': 1 })
  t.same(route(nearest, {}, 'a'), {}, 'at the anchor itself there is nothing to cross')
  t.same(route(nearest, { cd: 0 }), { 'ab.down': 1, 'bd.down': 1 })
})

t.test('the columns of a small plane, by hand', async (t) => {
  const document = diamond()
  const { plan, problem } = compile(document, { revision: 3, hash: 'h', indexes: provisionalIndexes(document) })
  t.same(
    plan.flows.filter(({ kind }) => kind === 'institution').map(({ id }) => id),
    ['one/net/down', 'one/net/up', 'two/net/down@e', 'two/net/down@f', 'two/net/up@e', 'two/net/up@f'],
  )
  t.same(
    plan.links.filter(({ virtual }) => virtual).map(({ id, kind, room }) => [id, kind, room]),
    [
      ['envelope.outer/net/down', 'envelope', 70e6],
      ['envelope.inner/net/down', 'envelope', 40e6],
      ['envelope.outer/net/up', 'envelope', 60e6],
      ['envelope.inner/net/up', 'envelope', 40e6],
      ['two/net/down', 'ceiling', 100e6],
      ['two/net/up', 'ceiling', 100e6],
    ],
  )
  const path = (id: string): [string, number][] => {
    const i = plan.flowIndex.get(id)!
    const [from, to] = [problem.pathStart[i]!, problem.pathStart[i + 1]!]
    return [...problem.pathLink.slice(from, to)].map((l, k) => [plan.links[l]!.id, problem.pathFraction[from + k]!])
  }
  t.same(path('one/net/down').slice(6), [
    ['port.e.down', 1],
    ['access.one.a.down', 0.75],
    ['access.one.b.down', 0.25],
    ['envelope.inner/net/down', 1],
    ['envelope.outer/net/down', 1],
  ])
  t.same(path('two/net/up@f').slice(3), [
    ['port.f.up', 1],
    ['access.two.b.up', 1],
    ['two/net/up', 1],
  ])
  const segments = (id: string): number[][] => {
    const i = plan.flowIndex.get(id)!
    const rows = []
    for (let s = problem.segmentStart[i]!; s < problem.segmentStart[i + 1]!; s++) {
      rows.push([problem.segmentBand[s]!, problem.segmentSize[s]!, problem.segmentWeight[s]!, problem.segmentUpTo[s]!])
    }
    return rows
  }
  const end = Number.POSITIVE_INFINITY
  t.same(segments('one/net/down'), [
    [0, 1e6, 1, end],
    [1, 0, 6, 50e6],
    [1, 0, 2, end],
    [2, 0, 2, end],
  ])
  t.same(
    segments('two/net/down@f'),
    [
      [0, 250_000, 1, end],
      [1, 0, 1.5, 12.5e6],
      [1, 0, 0.5, end],
      [2, 0, 0.5, end],
    ],
    'a quarter of everything, for a quarter of the access capacity',
  )
  t.same([...problem.bandFill], [1, 1, 0.9])
  t.same([...problem.bandKind], [0, 1, 2])
  t.ok(problem.demand.every((demand) => demand === 0))
  t.equal(policySchema.parse(document).plane.bootRate, 256_000)
})

t.test(
  'policies that differ only in what they promise share a topology, and are compiled over it as over their own',
  async (t) => {
    const plane = diamond()
    const topology = new Topology(plane)
    const [id, tier] = Object.entries(plane.tiers)[0]!
    const promised = { ...plane, tiers: { ...plane.tiers, [id]: { ...tier, name: { en: 'y', sw: 'y' } } } }
    t.equal(Topology.of(promised, topology), topology)
    const wider = policySchema.parse({ ...plane, links: { ...plane.links, ab: backbone('a', 'b', 9) } })
    t.not(Topology.of(wider, topology), topology, 'a link costs more: other routes')
    const context = { revision: 1, hash: '', indexes: provisionalIndexes(plane) }
    const shared = createCompiler(promised, context, topology)
    for (const conditions of [{}, { sea: 0.25 }, { bd: 0 }, { sea: 0.25 }]) {
      const own = compile(promised, { ...context, conditions })
      const { plan, problem } = shared(conditions)
      t.same(plan, own.plan)
      t.ok(Buffer.from(problem.buffer).equals(Buffer.from(own.problem.buffer)), JSON.stringify(conditions))
    }
  },
)
