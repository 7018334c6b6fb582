// What one edge may claim, on the plane that ships: the attacks as they were run against it. What an edge says costs
// nobody else a lifeline, and all others together no more than what its own lines carry.

import t from 'tap'
import { edgeView } from '../../src/api/views.js'
import { type EdgeReport, type LeafCounters, recordKey } from '../../src/model/lease.js'
import type { Enforcement } from '../../src/model/network.js'
import { LAST_TIME } from '../../src/model/units.js'
import { provisionalIndexes } from '../../src/policy/compile/compile.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { findingsOf } from '../../src/record/findings.js'
import { TAIFA } from '../harness/root.js'
import { Loop } from './loop.js'
import { smallPlane } from './small-plane.js'

const LIAR = 'arusha-1'
const LIFELINE = 64_000

/** The nation at an evening's load, come to rest. */
async function nation(counters: Record<string, number> = {}, lease = 60_000): Promise<Loop> {
  const { document: shipped } = loadPlane(TAIFA)
  const { plane } = shipped!
  const document = { ...shipped!, plane: { ...plane, timing: { ...plane.timing, lease } } }
  const offer = (id: string): number => (id.includes('/internet/') ? 20e6 : 1e6)
  const loop = new Loop({ document, offer, counters: { measured: (link) => counters[link] } })
  for (let k = 0; k < 6; k++) await loop.step()
  return loop
}

/** From now on it says this, and counts so many bit/s from the internet, of all its institutions or the lifted one. */
function lies(loop: Loop, says: Partial<EdgeReport>, bps: number): void {
  const edge = loop.edges.get(LIAR)!
  const truth = edge.report.bind(edge)
  const since = loop.tick
  const { plan } = loop.controller.board!
  const flows = plan.flows.filter(
    ({ id, edge, institution }) =>
      edge === LIAR && id.includes('/internet/down') && (institution === COUNCIL || says.bypasses === undefined),
  )
  const counted = new Set(flows.map(({ record }) => recordKey(record)))
  edge.report = () => {
    const { counters, ...report } = truth()
    const bytes = ((bps / 8) * (loop.tick - since)) / counted.size
    const more = (leaf: LeafCounters): LeafCounters =>
      counted.has(recordKey(leaf))
        ? { ...leaf, bytes: leaf.bytes + bytes, packets: leaf.packets + bytes / 1_000 }
        : leaf
    return { ...report, ...says, counters: [...counters!].map(more) }
  }
}

/** From now on one report of so many is a lie, and the others are true. */
function liesAtTimes(loop: Loop, liar: string, every: number, lie: () => Lie): void {
  const edge = loop.edges.get(liar)!
  const truth = edge.report.bind(edge)
  const since = loop.tick
  edge.report = () => {
    const { counters, ...report } = truth()
    const { says = {}, bytes = 0 } = (loop.tick - since) % every === 1 ? lie() : {}
    return { ...report, ...says, counters: [...counters!].map((leaf) => ({ ...leaf, bytes: leaf.bytes + bytes })) }
  }
}

interface Lie {
  readonly says?: Partial<EdgeReport>
  /** Counted besides, at each of its leaves. */
  readonly bytes?: number
}

const namesOf = ({ controller }: Loop): string[] =>
  findingsOf(controller.board!).flatMap(({ code, subject }) => (code === 'EDGE_NOT_CREDIBLE' ? [subject] : []))

/** What others need, bit/s by whole flow, and the least rate that anybody was granted. */
function others({ controller }: Loop) {
  const { plan, flows } = controller.board!
  const honest = plan.flows.flatMap(({ edge }, f) => (edge === LIAR ? [] : [f]))
  const need = honest.reduce((sum, f) => sum + flows.need[f]!, 0)
  const zero = plan.institutions.filter((one) => one.flows.some((f) => flows.rate[f] === 0))
  return { need, least: Math.min(...honest.map((f) => flows.rate[f]!)), zero: zero.length }
}

const BYPASS: Partial<EdgeReport> = { enforcement: 'bypass' }
const COUNCIL = 'lga-arusha-cc'
const INDEX = provisionalIndexes(loadPlane(TAIFA).document!).get(COUNCIL)!
const HERE = { institution: INDEX, since: 0, until: LAST_TIME, reason: 'repair' }
const ATTACKS: readonly (readonly [string, Enforcement, Partial<EdgeReport>, number, string])[] = [
  ['says bypass and counts 100 Gbit/s', 'enforce', BYPASS, 100e9, 'bypass'],
  ['is ordered to bypass and counts 100 Gbit/s', 'bypass', BYPASS, 100e9, 'counters'],
  ['is ordered to enforce and says a local bypass of 30 Gbit/s', 'enforce', { bypasses: [HERE] }, 30e9, 'bypass'],
  ['enforces and counts 100 Gbit/s', 'enforce', {}, 100e9, 'counters'],
]

for (const [name, ordered, says, bps, what] of ATTACKS)
  t.test(`${LIAR}, with a port of 2 Gbit/s, ${name}`, async (t) => {
    const loop = await nation()
    const before = others(loop)
    if (ordered !== 'enforce') loop.switches.set(LIAR, { enforcement: ordered, until: null })
    lies(loop, says, bps)
    for (let k = 0; k < 8; k++) {
      await loop.step()
      const { least, zero } = others(loop)
      t.ok(least >= LIFELINE, `tick ${k}: the least rate is ${least} bit/s, ${zero} institutions have a rate of 0`)
    }
    const { plan } = loop.controller.board!
    t.equal(plan.edges.map((edge) => edgeView(loop.controller.board!, edge)).length, plan.edges.length, 'all are shown')
    const named = findingsOf(loop.controller.board!).map(({ subject, said }) =>
      said ? `${subject} (${said})` : subject,
    )
    t.ok(
      named.some((subject) => subject.startsWith(`${LIAR} (${what}`)),
      'it is named',
    )
    const lost = before.need - others(loop).need
    t.ok(
      lost <= 2 * 2e9,
      `others have lost ${Math.round(lost / 1e6)} Mbit/s in all, and its port carries 2 Gbit/s each way`,
    )
  })

t.test('a claim is over with the lease of who made it', async (t) => {
  const loop = await nation({}, 15_000)
  loop.switches.set(LIAR, { enforcement: 'bypass', until: null })
  lies(loop, BYPASS, 100e9)
  const charged = () => {
    const { plan, flows } = loop.controller.board!
    const own = plan.edges.find(({ id }) => id === LIAR)!.flows
    return own.map((f) => Math.round(flows.need[f]! / 1_000) - plan.safe[f]!).filter((beyond) => beyond > 0).length
  }
  for (let k = 0; k < 5; k++) await loop.step()
  t.ok(charged() > 0, 'flows are charged at more than their safe rates')
  loop.edges.get(LIAR)!.alive = false
  for (let k = 0; k < 9; k++) await loop.step()
  t.ok(charged() > 0, 'silence alone takes no claim back')
  for (let k = 0; k < 13; k++) await loop.step()
  t.equal(charged(), 0, 'a lease and its grace after its last word none is')
})

t.test(
  'a bypass that nobody ordered overfills no link whose counter bears it out, and its alarm names it',
  async (t) => {
    const plane = smallPlane({ institutions: 6, upstream: 200_000_000 })
    const paced = Object.entries(plane.edges).map(([id, edge]) => [id, { ...edge, pace: 'paced' as const }])
    const lifted = provisionalIndexes(plane).get('inst-001')!
    const bypass = { institution: lifted, since: 0, until: 1e12, reason: 'repair' }
    const carriedWith = async (isCounted: boolean, document = plane) => {
      const loop: Loop = new Loop({
        document,
        offer: (flow) => (flow === 'inst-001/internet/up' ? 90e6 : /^inst.*internet.up/.test(flow) ? 60e6 : 1e6),
        counters: { measured: (link) => (isCounted && link === 'transit.up' ? carried() : undefined) },
      })
      const transit = () => loop.controller.board!.plan.links.findIndex(({ id }) => id === 'transit.up')
      const carried = (): number => loop.controller.board!.links.carried[transit()]!
      for (let k = 0; k < 6; k++) await loop.step()
      const { plan } = loop.controller.board!
      const edge = plan.flows[plan.flowIndex.get('inst-001/internet/up')!]!.edge
      loop.edges.get(edge)!.bypasses = [bypass]
      for (let k = 0; k < 12; k++) await loop.step()
      const named = findingsOf(loop.controller.board!).some(
        ({ subject, said }) => subject === edge && said?.startsWith('bypass of '),
      )
      return { part: carried() / plan.links[transit()]!.room, named }
    }
    const seldom = await carriedWith(true, { ...plane, edges: Object.fromEntries(paced) })
    t.ok(seldom.part <= 1, `of an edge that is told new rates seldom: ${seldom.part} of the room`)
    const [counted, unseen] = [await carriedWith(true), await carriedWith(false)]
    t.ok(counted.part <= 1, `${counted.part} of the room`)
    t.ok(unseen.part > 1.1, `without a counter nobody knows whether it is so: ${unseen.part} of the room`)
    t.same([counted.named, unseen.named], [true, true])
  },
)

/** `isEnough`: said once, for what is said after it cannot be true either. */
const AT_TIMES: readonly (readonly [string, (loop: Loop) => Lie, string, isEnough?: boolean])[] = [
  ['counts what its port cannot carry', () => ({ bytes: 1e9 }), 'counters'],
  ['applied what nobody told it', (loop) => ({ says: { applied: aheadOf(loop) } }), 'applied', true],
  ['says bypass', () => ({ says: BYPASS }), 'orders'],
  ['lifts an institution', () => ({ says: { bypasses: [{ ...HERE, institution: null }] } }), 'orders'],
]

const aheadOf = ({ controller }: Loop): EdgeReport['applied'] => ({
  ...{ epoch: controller.board!.serial.epoch, seq: controller.board!.serial.seq + 1_000 },
  ...{ crc: 0, profile: '0'.repeat(16) },
})

for (const [name, lie, doubt, isEnough = false] of AT_TIMES)
  t.test(`who ${name} in two reports of ten is named, and in one of eleven is not`, async (t) => {
    for (const every of [2, 3, 9, 11]) {
      const loop = new Loop({ document: smallPlane({ institutions: 6, upstream: 200_000_000 }), offer: () => 5e6 })
      for (let k = 0; k < 6; k++) await loop.step()
      const [liar] = [...loop.edges.keys()]
      liesAtTimes(loop, liar!, every, () => lie(loop))
      let [inARow, most] = [0, 0]
      const others = new Set<string>()
      for (let k = 0; k < 2 * every + 4; k++) {
        await loop.step()
        const names = namesOf(loop)
        inARow = names.includes(`${liar} (${doubt})`) ? inARow + 1 : 0
        most = Math.max(most, inARow)
        for (const subject of names) if (!subject.startsWith(`${liar} `)) others.add(subject)
      }
      t.equal(most > 2, isEnough || every < 10, `one report of ${every}: named in ${most} ticks, one after the other`)
      t.same([...others], [], 'nobody else is')
    }
  })
