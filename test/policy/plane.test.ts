// The default plane through the production path: what it holds, where its flows go, what happens to routes and promises
// when links are cut, and that the safe rates fit every failure it says it survives.

import t from 'tap'
import type { Conditions } from '../../src/model/network.js'
import { MIN_LIFELINE } from '../../src/model/units.js'
import { promisesOn } from '../../src/policy/compile/admission.js'
import { type Compiled, compile, provisionalIndexes, withSafe } from '../../src/policy/compile/compile.js'
import { listFlows } from '../../src/policy/compile/flows.js'
import { layPaths } from '../../src/policy/compile/paths.js'
import { conditionsOf } from '../../src/policy/compile/safe.js'
import { Topology } from '../../src/policy/compile/topology.js'
import { hashOf } from '../../src/policy/document/canonical.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { atOnce } from '../../src/runtime/pieces.js'
import { TAIFA } from '../harness/root.js'
import { safeOf } from '../harness/sealed.js'

const folder = TAIFA
const { document, faults } = loadPlane(folder)
if (document === null) throw new Error(JSON.stringify(faults, null, 2))
const indexes = provisionalIndexes(document)
const compileUnder = (conditions: Conditions): Compiled =>
  compile(document, { revision: 1, hash: hashOf(document), indexes, conditions })
const intact = compileUnder({})

/** Links of a flow's path, with fractions. */
function pathOf({ plan, problem }: Compiled, id: string): Map<string, number> {
  const i = plan.flowIndex.get(id)!
  const path = new Map<string, number>()
  for (let k = problem.pathStart[i]!; k < problem.pathStart[i + 1]!; k++) {
    path.set(plan.links[problem.pathLink[k]!]!.id, problem.pathFraction[k]!)
  }
  return path
}

t.test('holds 554 institutions that take internet, 394 members of GovNet, 28 edges', async (t) => {
  const all = Object.values(document.institutions)
  t.equal(all.length, 554)
  t.equal(all.filter(({ internet }) => internet).length, 554)
  t.equal(all.filter(({ govnet }) => govnet).length, 394)
  const six = ['ministry', 'local-government', 'hospital', 'higher-education', 'court', 'water-authority']
  t.equal(all.filter(({ category }) => six.includes(category)).length, 386, 'the six categories of the source')
  t.equal(all.filter(({ category }) => category === 'other').length, 8)
  t.ok(
    all.every(({ govnet, category }) => govnet === (six.includes(category) || category === 'other')),
    'membership follows the written rule',
  )
  t.equal(Object.keys(document.edges).length, 28)
  t.equal(Object.keys(document.regions).length, 26)
  t.equal(document.plane.demo, true)
  t.same(
    ['transit-a', 'transit-b', 'transit-c'].map((id) => document.links[id]!.capacity.down / 1e9),
    [8, 6, 6],
  )
})

t.test('promises 17.825 Gbit/s of internet, and its promises fit the intact network', async (t) => {
  const promised = intact.plan.institutions.reduce((sum, { flows }) => {
    const flow = intact.plan.flows[flows.find((i) => intact.plan.flows[i]!.id.includes('/internet/down'))!]!
    return sum + flow.guarantee
  }, 0)
  t.equal(promised, 17_825_000_000)
  t.same(intact.plan.warnings, [])

  const topology = new Topology(document)
  const { table } = topology.intact
  const { columns } = atOnce(listFlows(document, indexes, topology))
  const promises = promisesOn(columns, layPaths(columns, topology.intact))
  const upstream = ['a', 'b', 'c'].reduce((sum, x) => sum + promises[table.index.get(`transit-${x}.down`)!]!, 0)
  const unmapped = 28 * document.plane.unmapped.lifeline
  t.ok(Math.abs(upstream - promised - unmapped) < 1, 'upstreams carry every internet promise once, and nothing else')
})

t.test('every flow has a path, a finite bound and a lifeline', async (t) => {
  const { plan, problem } = intact
  t.equal(plan.unreachable.size, 0)
  const ids = plan.flows.map(({ id }) => id)
  t.same(ids, [...ids].sort(), 'in order of ids')
  t.equal(new Set(ids).size, ids.length)
  for (let i = 0; i < plan.flows.length; i++) {
    const first = problem.segmentStart[i]!
    if (!(problem.segmentSize[first]! >= MIN_LIFELINE)) t.fail(`${ids[i]} has no lifeline`)
    if (problem.pathStart[i + 1]! - problem.pathStart[i]! < 2) t.fail(`${ids[i]} has no path`)
    if (!Number.isFinite(problem.ceiling[i]!)) t.fail(`${ids[i]} is unbounded`)
  }
  const records = plan.flows.map(({ edge, record: r }) => `${edge} ${r.institution} ${r.service} ${r.direction}`)
  t.equal(new Set(records).size, records.length, 'the numbers of wire records name one flow of an edge')
  t.equal(plan.flows.filter(({ kind }) => kind === 'unmapped').length, 56)
  t.equal(plan.flows.filter(({ kind }) => kind === 'control').length, 56)
})

t.test('internet runs from the upstreams by their capacity to the access line', async (t) => {
  const path = pathOf(intact, 'lga-karatu-dc/internet/down')
  t.equal(path.get('transit-a.down'), 0.4)
  t.ok(Math.abs(path.get('transit-b.down')! - 0.3) < 1e-12)
  for (const id of [
    'dar-tanga.down',
    'tanga-moshi.down',
    'moshi-arusha.down',
    'uplink-arusha.down',
    'port.arusha-1.down',
  ]) {
    t.equal(path.get(id), 1, id)
  }
  const up = pathOf(intact, 'lga-karatu-dc/internet/up')
  t.same([...up.keys()].sort(), [...path.keys()].map((id) => id.replace(/down$/, 'up')).sort(), 'up is the way back')
})

t.test('a cut on a ring sends flows round the other way, and back afterwards', async (t) => {
  const id = 'lga-karatu-dc/internet/down'
  const cut = compileUnder({ 'dar-tanga': 0 })
  const path = pathOf(cut, id)
  t.notOk(path.has('dar-tanga.down'))
  t.equal(path.get('dodoma-singida.down'), 1)
  t.equal(path.get('babati-singida.down') ?? path.get('arusha-babati.up'), 1, 'over the west of the ring')
  t.equal(cut.plan.unreachable.size, 0)
  t.equal(cut.plan.links.find(({ id }) => id === 'dar-tanga.down')?.state, 'down')
  t.same(pathOf(compileUnder({}), id), pathOf(intact, id))
})

t.test('a shared-risk group takes all its links with it; the smallest factor counts', async (t) => {
  const { plan } = compileUnder({ 'road-morogoro': 0, 'dar-kibaha': 0.5 })
  for (const id of ['dar-kibaha.down', 'dar-kibaha.up', 'dar-morogoro.down']) {
    t.match(
      plan.links.find((link) => link.id === id),
      { state: 'down', room: 0 },
      id,
    )
  }
  const derated = compileUnder({ 'cable-eassy': 0.3, 'transit-a.up': 0.1 })
  const path = pathOf(derated, 'min-afya/internet/down@dodoma-1')
  const rooms = [8 * 0.3, 6, 6]
  const total = rooms.reduce((sum, room) => sum + room)
  t.ok(Math.abs(path.get('transit-a.down')! - rooms[0]! / total) < 1e-12, 'the split follows what is left')
  t.equal(derated.plan.links.find(({ id }) => id === 'transit-a.up')!.room, 8e9 * 0.95 * 0.1)
})

t.test('a flow that nothing reaches keeps its lifeline at its edge and nothing else', async (t) => {
  const lost = compileUnder({ 'uplink-lindi': 0 })
  const { plan, problem } = lost
  const atLindi = plan.edges.find(({ id }) => id === 'lindi-1')!
  t.same(
    [...plan.unreachable].sort((a, b) => a - b),
    [...atLindi.flows].sort((a, b) => a - b),
  )
  const id = 'lga-kilwa-dc/internet/down'
  const i = plan.flowIndex.get(id)!
  t.same([...pathOf(lost, id).keys()].sort(), ['access.lga-kilwa-dc.office.down', 'port.lindi-1.down'])
  t.equal(problem.ceiling[i], problem.segmentSize[problem.segmentStart[i]!])
  t.equal(plan.flows[i]!.ceiling, 50_000_000, 'the promise is unchanged')

  const islanded = compileUnder({ 'cable-eassy': 0, 'cable-seacom': 0, 'cable-2africa': 0 })
  t.ok([...islanded.plan.unreachable].every((i) => islanded.plan.flows[i]!.service === 'internet'))
  t.notOk(islanded.plan.unreachable.has(islanded.plan.flowIndex.get('lga-kilwa-dc/govnet/down')!))
})

t.test('a service is out of reach when the place where it ends is cut off, and only then', async (t) => {
  const lostWith = (conditions: Conditions) => {
    const { plan } = compileUnder(conditions)
    return [...plan.unreachable].map((i) => plan.flows[i]!).filter(({ service }) => service === 'datacentre')
  }
  const isHosted = ({ edge }: { readonly edge: string }): boolean => edge.startsWith('ndc-')
  const all = intact.plan.flows.filter((flow) => flow.service === 'datacentre' && !isHosted(flow))
  const lost = lostWith({ 'ndc-dar-link': 0, 'ndc-dodoma-link': 0 })
  t.same(
    lost.map(({ id }) => id),
    all.map(({ id }) => id),
    'with both data centres cut off nobody outside reaches them, and what is hosted reaches its own',
  )
  t.equal(new Set(lost.map(({ institution }) => institution)).size, 394, 'every member')
  t.same(lostWith({ 'ndc-dar-link': 0 }), [], 'the other one is left')
  const path = pathOf(intact, 'lga-kilwa-dc/datacentre/down')
  t.equal(path.get('ndc-dar-link.up'), 1, 'out of the data centre')
  t.equal(pathOf(intact, 'lga-kilwa-dc/datacentre/up').get('ndc-dar-link.down'), 1, 'and into it')
})

t.test('an institution with several edges is one family under one ceiling', async (t) => {
  const { plan, problem } = intact
  const whole = 'min-fedha/internet/down'
  const parts = ['dodoma-1', 'ndc-dodoma-1'].map((edge) => plan.flowIndex.get(`${whole}@${edge}`)!)
  const family = plan.families[plan.flows[parts[0]!]!.family]!
  const phi = new Map(family.flows.map((flow, part) => [flow, family.phi[part]]))
  t.same([...phi.keys()].sort(), [...parts].sort())
  t.same(
    parts.map((flow) => phi.get(flow)),
    [1 / 3, 2 / 3],
    'by access capacity, 500 Mbit/s and 1 Gbit/s',
  )
  const sizes = parts.map((i) => problem.segmentSize[problem.segmentStart[i]! + 1]!)
  t.ok(Math.abs(sizes[0]! + sizes[1]! - 98_000_000) < 1)
  t.equal(plan.flows[parts[0]!]!.guarantee, 100_000_000, 'the guarantee is that of the institution')
  for (const i of parts) t.equal(pathOf(intact, plan.flows[i]!.id).get(whole), 1)
  const ceiling = plan.links.find(({ id }) => id === whole)!
  t.match(ceiling, { virtual: true, kind: 'ceiling', room: 300_000_000, link: 'min-fedha' })
  const virtual = plan.links.map(({ virtual }) => (virtual ? 1 : 0))
  t.same([...problem.linkVirtual], virtual)
  t.same(virtual, [...virtual].sort(), 'virtual links stand last')

  // A line that is slower upwards: each direction is divided by its own.
  const slower = structuredClone(document)
  slower.sites['min-fedha.muse-dodoma']!.access.up = 500_000_000
  const about = { revision: 2, hash: hashOf(slower), indexes, conditions: {} }
  const { plan: uneven } = compile(slower, about)
  const phiOf = (direction: string) =>
    uneven.families[uneven.flows[uneven.flowIndex.get(`min-fedha/internet/${direction}@dodoma-1`)!]!.family]!.phi
  t.same([...phiOf('down')].sort(), [1 / 3, 2 / 3])
  t.same(phiOf('up'), [1 / 2, 1 / 2])
})

t.test(
  'safe rates fit the intact network and every failure the plane survives, each with its own routes',
  async (t) => {
    const safe = safeOf(intact)
    const plan = withSafe(intact.plan, Uint32Array.from(safe.kbps))
    t.ok(
      plan.safe.every((kbps) => kbps * 1000 >= MIN_LIFELINE),
      'nobody is at 0',
    )
    t.ok(plan.flows.every(({ guarantee, ceiling }, i) => plan.safe[i]! * 1000 <= Math.min(guarantee, ceiling)))

    for (const conditions of [{}, ...document.plane.survive.map(conditionsOf)]) {
      const { plan: broken, problem } = compileUnder(conditions)
      const load = new Float64Array(broken.links.length)
      for (let i = 0; i < broken.flows.length; i++) {
        if (broken.unreachable.has(i)) continue
        for (let k = problem.pathStart[i]!; k < problem.pathStart[i + 1]!; k++) {
          load[problem.pathLink[k]!]! += plan.safe[i]! * 1000 * problem.pathFraction[k]!
        }
      }
      const over = broken.links.filter(({ room }, l) => load[l]! > room * (1 + 1e-9)).map(({ id }) => id)
      t.same(over, [], JSON.stringify(conditions))
    }
    const without = { ...document, plane: { ...document.plane, survive: [] } }
    const easy = safeOf(compile(without, { revision: 1, hash: '', indexes }))
    const sum = (amounts: Float64Array): number => amounts.reduce((total, amount) => total + amount, 0)
    t.ok(sum(easy.need) > sum(safe.need), 'surviving a failure costs safe rates')
  },
)

t.test('compiling twice gives the same bytes, in whatever order the document lists its members', async (t) => {
  const reversed = <T>(members: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(members).reverse())
  const shuffled = {
    ...document,
    institutions: reversed(document.institutions),
    sites: reversed(document.sites),
    links: reversed(document.links),
    edges: reversed(document.edges),
    services: reversed(document.services),
  }
  t.equal(hashOf(shuffled), hashOf(document))
  const other = compile(shuffled, { revision: 1, hash: hashOf(document), indexes })
  t.same(other.plan.flows, intact.plan.flows)
  t.same(
    other.plan.links.map(({ id }) => id),
    intact.plan.links.map(({ id }) => id),
  )
  for (const column of ['linkRoom', 'pathStart', 'pathLink', 'segmentSize', 'segmentWeight', 'ceiling'] as const) {
    t.ok(Buffer.from(other.problem[column].buffer).equals(Buffer.from(intact.problem[column].buffer)), column)
  }
})

t.test('operators outrank the document at edges', async (t) => {
  const enforcement = new Map([['dar-1', 'observe' as const]])
  const { plan } = compile(document, { revision: 1, hash: '', indexes, enforcement })
  const states = Object.fromEntries(plan.edges.map(({ id, enforcement }) => [id, enforcement]))
  t.equal(states['dar-1'], 'observe')
  t.equal(states['dodoma-1'], 'enforce')
  t.equal(plan.edges.find(({ id }) => id === 'dar-1')!.sites.length, 92)
})

t.test('an institution without a persistent number is never compiled', async (t) => {
  t.throws(() => compile(document, { revision: 1, hash: '', indexes: new Map() }), /persistent number/)
})
