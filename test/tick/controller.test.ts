// The loop closed: production controller, estimator, solver, quiet filter and lease table against model edges.

import t from 'tap'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { WEEKDAYS } from '../../src/policy/document/members.js'
import type { Patch } from '../../src/policy/document/prepared.js'
import { type InForce, NOTHING_IN_FORCE, type Override } from '../../src/policy/in-force/holding.js'
import { afterEvent } from '../../src/policy/in-force/link-state.js'
import { Loop, type Offer } from './loop.js'
import { smallPlane } from './small-plane.js'

const UPSTREAM = 1_000_000_000

/** Constant load per flow, adding up to `part` of the upstream downwards, uneven by flow, a tenth of it upwards. */
function constantLoad(part: number, institutions: number): Offer {
  const shares = Array.from({ length: institutions }, (_, k) => 1 + ((k * 7) % 5))
  const total = shares.reduce((a, b) => a + b, 0)
  return (id) => {
    const match = /^inst-(\d+)\/internet\/(down|up)/.exec(id)
    if (!match) return 0
    const own = (part * UPSTREAM * shares[Number(match[1])]!) / total
    const onEdge = id.endsWith('@core') ? 0.4 : id.includes('@') ? 0.6 : 1
    return own * onEdge * (match[2] === 'down' ? 1 : 0.1)
  }
}

/** Seeded, deterministic, uniform in [0, 1). */
function random(seed: number): () => number {
  let x = seed >>> 0
  return () => {
    x = (Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    let y = Math.imul(x ^ (x >>> 12), 0x297a2d39)
    y ^= y >>> 15
    return (y >>> 0) / 2 ** 32
  }
}

t.test('constant offered load comes to rest', async (t) => {
  for (const part of [0.3, 0.9, 1.1, 1.5]) {
    for (const late of [0, 1, 2]) {
      const rng = random(Math.round(part * 10) + late)
      const loop = new Loop({
        document: smallPlane({ upstream: UPSTREAM }),
        offer: constantLoad(part, 12),
        delay: () => (late === 0 ? 0 : Math.floor(rng() * (late + 1))),
      })
      for (let k = 0; k < 30; k++) await loop.step()
      const settled = loop.rates()
      let changes = 0
      for (let k = 0; k < 40; k++) {
        await loop.step()
        changes += loop.rates().filter((rate, f) => rate !== settled[f]).length
      }
      t.equal(changes, 0, `${part} of capacity, reports up to ${late} ticks late: no rate changes after 30 ticks`)
      t.ok(loop.controller.board!.certificate.ok, 'the certificate holds')
      t.equal(loop.controller.excess, 0, 'what edges may enforce never exceeded a link')
    }
  }
})

t.test('5 % noise without shortage moves fewer than 5 % of rates a tick', async (t) => {
  const base = constantLoad(0.5, 12)
  const rng = random(20261125)
  const loop = new Loop({
    document: smallPlane({ upstream: UPSTREAM }),
    offer: (flow) => base(flow, 0) * (0.95 + 0.1 * rng()),
  })
  for (let k = 0; k < 40; k++) await loop.step()
  let changed = 0
  let before = loop.rates()
  for (let k = 0; k < 100; k++) {
    await loop.step()
    const now = loop.rates()
    changed += now.filter((rate, f) => rate !== before[f]).length
    before = now
  }
  const part = changed / (100 * before.length)
  t.ok(part < 0.05, `${(100 * part).toFixed(2)} % of rates change per tick`)
})

t.test('a doubled load is answered within 3 ticks, and the sum never exceeds the link on the way', async (t) => {
  let factor = 1
  const base = constantLoad(0.5, 12)
  const loop = new Loop({
    document: smallPlane({ upstream: UPSTREAM }),
    offer: (flow) => base(flow, 0) * (flow.startsWith('inst-004/') ? factor : 1),
  })
  for (let k = 0; k < 30; k++) await loop.step()
  const board = loop.controller.board!
  const flow = board.plan.flowIndex.get('inst-004/internet/down')!
  const before = board.flows.need[flow]!
  factor = 2
  for (let k = 0; k < 3; k++) {
    await loop.step()
    t.ok(loop.worstExcess() <= 0, 'rates in force fit every link')
  }
  const after = loop.controller.board!
  t.ok(after.flows.need[flow]! > before * 1.5, `need ${before} -> ${after.flows.need[flow]}`)
  t.ok(after.flows.rate[flow]! >= after.flows.need[flow]! - 1_000)
})

t.test('an edge that falls silent goes STALE at 3 ticks and blocks nobody for longer than its lease', async (t) => {
  const lease = 10_000
  const loop = new Loop({ document: smallPlane({ upstream: UPSTREAM, lease }), offer: constantLoad(1.5, 12) })
  for (let k = 0; k < 20; k++) await loop.step()
  const stateOf = () => loop.controller.board!.edges.find((e) => e.id === 'east')!.state
  t.equal(stateOf(), 'FRESH')
  loop.edges.get('east')!.alive = false
  const seen: string[] = []
  for (let k = 0; k < 30; k++) {
    await loop.step()
    seen.push(stateOf())
    t.ok(loop.worstExcess() <= 0, 'what is in force fits while the edge is silent')
  }
  t.ok(seen.indexOf('STALE') >= 2 && seen.indexOf('STALE') <= 4, `STALE first at step ${seen.indexOf('STALE') + 1}`)
  t.ok(seen.includes('SAFE'), 'then SAFE')
  const { plan, flows } = loop.controller.board!
  const east = plan.edges.find((e) => e.id === 'east')!.flows
  t.ok(
    east.every((f) => flows.limitedBy[f]!.code === 'SAFE' && flows.rate[f] === plan.safe[f]! * 1_000),
    'its flows stand at their safe rates',
  )
  const others = plan.edges.find((e) => e.id === 'west')!.flows.reduce((sum, f) => sum + flows.rate[f]!, 0)
  t.ok(others > 0.4 * UPSTREAM, `the others share what is truly left: ${others} bit/s`)

  loop.edges.get('east')!.alive = true
  for (let k = 0; k < 10; k++) {
    await loop.step()
    t.ok(loop.worstExcess() <= 0, 'and fits while it comes back')
  }
  t.equal(stateOf(), 'FRESH')
})

t.test('a smaller upstream shrinks everyone at once and grows nobody before the others have shrunk', async (t) => {
  const loop = new Loop({ document: smallPlane({ upstream: UPSTREAM }), offer: constantLoad(1.5, 12) })
  for (let k = 0; k < 20; k++) await loop.step()
  loop.conditions = { transit: 0.3 }
  await loop.step()
  t.ok(loop.worstExcess() <= 0, 'one publication after the loss is known, the excess is gone')
  loop.conditions = {}
  for (let k = 0; k < 10; k++) {
    await loop.step()
    t.ok(loop.worstExcess() <= 0)
  }
  t.equal(loop.controller.excess > 0, true, 'the excess between loss and acknowledgement is counted, not hidden')
})

t.test('where a tick of a new plan fails, nobody is told anything until one succeeds', async (t) => {
  for (const failing of [null, 'solve', 'publish'] as const) {
    const document = smallPlane({ upstream: UPSTREAM })
    // From the twentieth on reports come between ticks, or not at all.
    const loop = new Loop({ document, offer: constantLoad(1.5, 12), delay: (_, tick) => (tick < 20 ? 0 : 100) })
    for (let k = 0; k < 20; k++) await loop.step()
    // The west is promised more, all but one of it, and waits for the east, which does not hear that it has less.
    loop.edges.get('east')!.alive = false
    const larger = (institutions: number): PolicyDocument => {
      const next = structuredClone(smallPlane({ upstream: UPSTREAM, institutions }))
      for (const id of ['inst-001', 'inst-005', 'inst-007', 'inst-011']) next.institutions[id]!.tier = 'large'
      next.institutions['inst-003']!.tier = 'small'
      return next
    }
    loop.document = larger(12)
    loop.revision++
    await loop.step()

    loop.document = larger(13)
    loop.revision++
    loop.failing = failing
    await loop.step()
    const inForce = () => [...loop.edges].map(([id, { rates }]) => [id, [...rates.values()].map(({ rate }) => rate)])
    const before = inForce()
    await loop.hear('west')
    if (failing === null) t.notSame(inForce(), before, 'the west has shrunk where it should: there is room for more')
    else t.same(inForce(), before, `${failing} has failed: what the west says frees nothing yet`)
    t.ok(loop.worstExcess() <= 0, 'rates in force fit every link')
    await loop.step()
    t.match(loop.controller.board!.plan, { revision: 3 })
    t.ok(loop.worstExcess() <= 0, 'and they do when ticks go on')
  }
})

t.test('observe is charged at what it carries, and steered again when it enforces', async (t) => {
  const loop = new Loop({ document: smallPlane({ upstream: UPSTREAM }), offer: constantLoad(0.8, 12) })
  for (let k = 0; k < 15; k++) await loop.step()
  loop.switches.set('east', { enforcement: 'observe', until: null })
  loop.edges.get('east')!.enforcement = 'observe'
  for (let k = 0; k < 5; k++) await loop.step()
  const { plan, flows } = loop.controller.board!
  const east = plan.edges.find((e) => e.id === 'east')!.flows.filter((f) => plan.flows[f]!.kind === 'institution')
  t.ok(east.every((f) => flows.limitedBy[f]!.code === 'OBSERVE'))
  t.ok(
    east.every((f) => Math.abs(flows.need[f]! - flows.arrived[f]!) < 1),
    'need is what arrives',
  )
  loop.switches.clear()
  loop.edges.get('east')!.enforcement = 'enforce'
  for (let k = 0; k < 12; k++) await loop.step()
  const after = loop.controller.board!
  t.ok(east.every((f) => after.flows.limitedBy[f]!.code !== 'OBSERVE'))
  t.ok(loop.worstExcess() <= 0)
})

t.test('half the edges observe and send hard: the enforced half makes room within 3 ticks', async (t) => {
  // 0.5 of the upstream by each half; then the observed half sends 0.85 of it, whatever it is told.
  let hard = false
  const plan = () => loop.controller.board!.plan
  const observed = (id: string): boolean => plan().flows[plan().flowIndex.get(id)!]!.edge === 'east'
  const base = constantLoad(1, 12)
  const loop: Loop = new Loop({
    document: smallPlane({ upstream: UPSTREAM }),
    offer: (id, tick) => base(id, tick) * (hard && observed(id) ? 1.7 : 1),
  })
  loop.switches.set('east', { enforcement: 'observe', until: null })
  await loop.step()
  loop.edges.get('east')!.enforcement = 'observe'
  for (let k = 0; k < 25; k++) await loop.step()
  const transit = plan().links.findIndex(({ id }) => id === 'transit.down')
  const { room } = plan().links[transit]!
  const steered = plan().flows.flatMap(({ edge, id }, f) =>
    edge !== 'east' && id.includes('/internet/down') ? [f] : [],
  )
  const given = (): number => steered.reduce((sum, f) => sum + loop.controller.board!.flows.rate[f]!, 0)
  /** What passes, which is less than what arrives at edges that enforce. */
  const load = (): number =>
    plan().flows.reduce((sum, { edge, id }, f) => {
      if (!id.includes('/internet/down')) return sum
      const offered = loop.offer(id, loop.tick)
      return sum + (edge === 'east' ? offered : Math.min(offered, loop.edges.get(edge)!.rateOf(f) * 1_000))
    }, 0)
  const before = given()
  hard = true
  await loop.step() // they send, and are measured when this tick has ended
  t.ok(load() > room, 'for the moment it is too much')
  for (let k = 0; k < 2; k++) await loop.step()
  for (let k = 0; k < 10; k++) {
    await loop.step()
    t.ok(load() <= room, `tick ${3 + k}: ${(load() / room).toFixed(3)} of the room is used`)
  }
  t.ok(given() < 0.7 * before, 'by taking it from those that can be told')
})

t.test('a lent guarantee is back within two ticks of a flow that wakes', async (t) => {
  // Everyone asks for more than there is but one institution, whose guarantee the others use meanwhile.
  let awake = false
  const sleeper = 'inst-003/internet/down'
  const loop = new Loop({
    document: smallPlane({ upstream: UPSTREAM }),
    // What a TCP flow offers is what it gets and a little more: it only ever presses on its rate.
    offer: (id): number => {
      if (!id.includes('/internet/down')) return 0
      if (id !== sleeper) return 200e6
      return awake ? Math.max(1e6, 1.05 * applied()) : 0
    },
  })
  const at = () => loop.controller.board!.plan.flowIndex.get(sleeper)!
  const applied = (): number => loop.edges.get('west')!.rateOf(at()) * 1_000
  for (let k = 0; k < 40; k++) await loop.step()
  const { guarantee } = loop.controller.board!.plan.flows[at()]!
  t.ok(applied() < guarantee / 2, `asleep it has ${applied() / 1e6} of ${guarantee / 1e6} Mbit/s`)
  awake = true
  await loop.step() // it sends, and is measured when this tick has ended
  await loop.step()
  await loop.step()
  t.ok(applied() >= 0.99 * guarantee, `two ticks after it was seen it has ${applied() / 1e6} Mbit/s`)
  t.ok(loop.worstExcess() <= 0)
})

t.test(
  'what limits were lifted at the box let through counts beyond the grant where a counter bears it out',
  async (t) => {
    const counters: Record<string, number> = {}
    const hard = 'inst-002/internet/down'
    const base = constantLoad(1, 12)
    const loop = new Loop({
      document: smallPlane({ upstream: UPSTREAM }),
      offer: (id, tick) => (id === hard ? 500e6 : base(id, tick)),
      counters: { measured: (link) => counters[link] },
    })
    for (let k = 0; k < 15; k++) await loop.step()
    const { plan, flows } = loop.controller.board!
    const [flow, transit] = [plan.flowIndex.get(hard)!, plan.links.findIndex(({ id }) => id === 'transit.down')]
    const granted = flows.rate[flow]!
    const others = (): number => loop.controller.board!.links.load[transit]! - loop.controller.board!.flows.rate[flow]!
    const before = others()
    const { institution } = plan.flows[flow]!.record
    loop.edges.get('east')!.bypasses = [{ institution, since: 0, until: 1e12, reason: 'repair' }]
    for (let k = 0; k < 6; k++) await loop.step()
    t.ok(Math.abs(others() - before) < 0.02 * before, 'nobody ordered it, and nothing bears it out: it takes its share')
    counters['transit.down'] = UPSTREAM + 500e6 - granted
    for (let k = 0; k < 6; k++) await loop.step()
    t.ok(before - others() > 0.9 * (500e6 - granted), `a counter does: ${before / 1e6} -> ${others() / 1e6} Mbit/s`)
    loop.edges.get('east')!.bypasses = []
    for (let k = 0; k < 12; k++) await loop.step()
    t.ok(Math.abs(others() - before) < 0.02 * before, 'and it ends')
  },
)

t.test('an explanation goes on to the cause behind the cause, whatever limits', async (t) => {
  const document = smallPlane({ upstream: UPSTREAM })
  const loop = new Loop({ document, offer: () => 200_000_000 })
  const tell = (link: string, factor: number, event: string) =>
    afterEvent(undefined, {
      ...{ link, event, factor, until: null, at: loop.clock.wall(), source: 'nms', reason: 'a ship' },
    })
  const behind = (id: string) => {
    const { plan, explain } = loop.controller.board!
    const { limitedBy, behind } = explain(plan.flowIndex.get(`${id}/internet/down`)!)
    return [limitedBy.code, ...behind.map(({ kind, id, on, by }) => `${kind} ${id} on ${on} by ${by}`)]
  }
  const ticks = async (inForce: Partial<InForce>): Promise<void> => {
    loop.inForce = { ...NOTHING_IN_FORCE, ...inForce }
    for (let n = 0; n < 4; n++) await loop.step()
  }
  const hour = 3_600_000
  const held = (id: string, patch: Patch): Override => ({
    ...{ id, patch, from: 0, until: loop.clock.wall() + hour, reason: 'a test', reference: null },
    ...{ owner: 'juma', author: 'asha', at: 0 },
  })

  await ticks({})
  t.same(behind('inst-002'), ['LINK'], 'a link that is whole has no more to it')
  await ticks({
    links: [tell('transit', 0.5, 'e-1')],
    overrides: [held('o-0', { on: { link: 'trunk' }, factor: 0.9 })],
  })
  t.same(behind('inst-002'), ['LINK', 'LINK_STATE transit on transit.down by nms'], 'of that link, and of no other')
  const { plan, explain } = loop.controller.board!
  t.match(explain(plan.flowIndex.get('inst-002/internet/down')!).behind, [
    { event: 'e-1', reason: 'a ship', capacity: { now: UPSTREAM / 2, built: UPSTREAM }, until: null },
  ])
  await ticks({
    links: [tell('transit', 0.5, 'e-1')],
    overrides: [held('o-1', { on: { link: 'transit' }, factor: 0.4 })],
  })
  t.same(behind('inst-002'), ['LINK', 'OVERRIDE o-1 on transit.down by asha'], 'who takes the most')

  const slow: Patch = { on: { institution: 'inst-002' }, ceilings: { internet: { down: 50_000_000, up: 50_000_000 } } }
  await ticks({ overrides: [held('o-2', slow)] })
  t.same(behind('inst-002'), ['OVERRIDE', 'OVERRIDE o-2 on null by asha'])
  const name = { en: 'All day', sw: 'Siku nzima' }
  const schedule = { name, labels: {}, days: [...WEEKDAYS], from: '00:00', until: '00:00', only: null, except: null }
  loop.document = { ...document, schedules: { day: { ...schedule, patches: [slow] } } }
  loop.revision++
  await ticks({})
  t.same(behind('inst-002'), ['CEILING', 'SCHEDULE day on null by policy'], 'a schedule is the policy, and is named')
  await ticks({ freeze: { since: loop.clock.wall(), reason: 'census', author: 'asha' } })
  t.same(behind('inst-002').at(-1), 'FREEZE freeze on null by asha', 'which holds it')

  await ticks({ links: [tell('trunk', 0, 'e-2'), tell('transit', 0.5, 'e-3')] })
  t.same(
    behind('inst-003'),
    ['NO_PATH', 'LINK_STATE trunk on trunk.down by nms'],
    'the cut that parts it from the rest',
  )

  const ports = { fibre: { down: 150e6, up: 150e6 }, radio: { down: 100e6, up: 100e6 } }
  const east = { ...document.edges.east!, port: { down: 250e6, up: 250e6 }, ports }
  loop.document = { ...document, edges: { ...document.edges, east } }
  loop.revision++
  await ticks({})
  t.same(behind('inst-002'), ['LINK'])
  await ticks({ links: [tell('port.east.radio', 0, 'e-6'), tell('port.east.fibre.up', 0.5, 'e-7')] })
  t.same(
    behind('inst-002'),
    ['LINK', 'LINK_STATE port.east.radio on port.east.down by nms'],
    'a line that carries the port with others, in this direction',
  )
  const atPort = loop.controller.board!
  t.match(atPort.explain(atPort.plan.flowIndex.get('inst-002/internet/down')!).behind, [
    { event: 'e-6', capacity: { now: 150e6, built: 250e6 } },
  ])

  const { transit } = document.links
  const internet = { ...document.services.internet!, via: ['transit', 'second'] }
  const services = { ...document.services, internet }
  loop.document = { ...document, services, links: { ...document.links, second: { ...transit! } } }
  loop.revision++
  await ticks({ links: [tell('trunk', 0.99, 'e-4'), tell('transit', 0, 'e-5')] })
  const found = loop.controller.board!.explain(loop.controller.board!.plan.flowIndex.get('inst-003/internet/down')!)
  t.match(found.limitedBy, { code: 'LINK', id: 'second.down' })
  t.match(found.behind, [{ id: 'transit', on: 'transit.down', instead: 'second.down', event: 'e-5' }])
  t.equal(found.behind.length, 1, 'a link is full for what another does not carry any more, and no other is blamed')
})

t.test('what arrives and what is carried are told apart, link by link; a silent edge has no now', async (t) => {
  const offered = 50e6
  const loop = new Loop({
    document: smallPlane({ institutions: 6, upstream: 100e6 }),
    offer: (id) => (/^inst-.*internet/.test(id) ? offered : 0),
  })
  for (let k = 0; k < 20; k++) await loop.step()
  const sum = (column: Float64Array, edges: readonly string[], direction: string): number => {
    const { plan } = loop.controller.board!
    const takes = (f: number): boolean =>
      plan.flows[f]!.id.includes(`internet/${direction}`) && edges.includes(plan.flows[f]!.edge)
    return column.reduce((all, value, f) => (takes(f) ? all + value : all), 0)
  }
  const on = (id: string) => {
    const { plan, links } = loop.controller.board!
    const l = plan.links.findIndex((link) => link.id === id)
    return { arrived: links.arrived[l]!, carried: links.carried[l]!, unheard: links.unheard[l]! }
  }
  const near = (found: number, wanted: number, what: string): void =>
    void t.ok(Math.abs(found - wanted) <= 0.001 * wanted, `${what}: ${found} of ${wanted}`)
  {
    const { plan, flows } = loop.controller.board!
    const flow = plan.flowIndex.get('inst-001/internet/down')!
    near(flows.arrived[flow]!, offered, 'all that is sent arrives')
    near(flows.carried[flow]!, flows.applied[flow]!, 'what is applied is carried')
    const all = plan.edges.map(({ id }) => id)
    for (const direction of ['down', 'up']) {
      const [arrived, carried] = [sum(flows.arrived, all, direction), sum(flows.carried, all, direction)]
      t.ok(arrived > 3 * carried)
      const before = direction === 'down'
      near(on(`transit.${direction}`).carried, before ? arrived : carried, `the upstream ${direction}`)
      near(on(`access.inst-001-a.${direction}`).carried, before ? flows.carried[flow]! : offered, 'the access line')
      near(on(`transit.${direction}`).arrived, arrived, 'at its edges')
      t.equal(on(`transit.${direction}`).unheard, 0)
    }
  }
  loop.conditions = { transit: 0.5 }
  await loop.step()
  t.match(on('transit.down'), { arrived: Number.NaN, carried: Number.NaN }, 'from before the cut, and no figure of now')
  t.match(on('trunk.down'), { carried: Number.NaN }, 'nor of those to which traffic may have gone')
  t.ok(on('port.east.down').carried > 0, 'a port has one way')
  for (let k = 0; k < 5; k++) await loop.step()
  t.ok(on('transit.down').carried > 0, 'all have spoken since')
  loop.conditions = {}
  await loop.step()
  t.ok(on('transit.down').carried > 0, 'a link that is whole again carries what it carried')
  loop.edges.get('west')!.alive = false
  for (let k = 0; k < 6; k++) await loop.step()
  const { plan, flows, explain } = loop.controller.board!
  const silent = plan.flowIndex.get('inst-001/internet/down')!
  t.same([flows.arrived[silent], flows.carried[silent]], [Number.NaN, Number.NaN])
  t.match(explain(silent), { arrived: null, carried: null, lastReport: /^\d{4}-/ })
  t.ok(explain(silent).applied! > 0, 'what it said last is known')
  t.match(on('access.inst-001-a.down'), { arrived: Number.NaN, carried: Number.NaN }, 'nothing is known of its line')
  near(on('transit.down').carried, sum(flows.arrived, ['east', 'core'], 'down'), 'the others')
  // Three institutions sit there; idle flows and the edge's own come on top.
  const { unheard } = on('transit.down')
  t.ok(unheard >= 3 * offered && unheard < 3 * offered + 1e6, `what came to it before may come still: ${unheard}`)
  loop.edges.get('west')!.alive = true
  for (let k = 0; k < 2; k++) await loop.step()
  t.ok(loop.controller.board!.flows.arrived[silent]! > 0, 'it speaks again')
})

t.test(
  'what counters of whole packets leave open is not more than a link carries; what is more is shown',
  async (t) => {
    let offered = 0
    const loop = new Loop({
      document: smallPlane({ institutions: 6 }),
      offer: (id) => (id === 'inst-001/internet/up' ? offered : 0),
    })
    const line = async (part: number): Promise<number> => {
      const links = loop.controller.board?.plan.links ?? []
      const l = links.findIndex(({ id }) => id === 'access.inst-001-a.up')
      const capacity = links[l]?.capacity ?? 0
      offered = part * capacity
      for (let k = 0; k < 6; k++) await loop.step()
      return loop.controller.board!.links.carried[l]! / capacity
    }
    await loop.step()
    t.equal(await line(1.0005), 1)
    const seen = await line(1.002)
    t.ok(Math.abs(seen - 1.002) < 1e-4, `${seen}`)
  },
)
