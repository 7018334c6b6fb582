// Who is told what: quiet rates, the bound on what edges may enforce, and the promise under every order of events.

import t from 'tap'
import { burstOf } from '../../src/model/burst.js'
import type { EdgeReport, RateRecord } from '../../src/model/lease.js'
import { recordKey } from '../../src/model/lease.js'
import { PACE } from '../../src/model/network.js'
import { fromKbps } from '../../src/model/units.js'
import { compile, provisionalIndexes } from '../../src/policy/compile/compile.js'
import { contentLife, GRACE } from '../../src/publish/edge-lease.js'
import { LeaseTable } from '../../src/publish/lease-table.js'
import { profilesOf } from '../../src/publish/profile.js'
import { Outbox } from '../../src/publish/publication.js'
import { quiet, quietScratch } from '../../src/publish/quiet.js'
import { StandbyLog } from '../../src/publish/standby-log.js'
import { Integers } from '../../src/solve/integers.js'
import { createSolver } from '../../src/solve/solve.js'
import { applyPins, pinFlows } from '../../src/tick/pins.js'
import { type RateMessage, TELLING_VERSION } from '../../src/wire/messages.js'
import { MAX_REASONS } from '../../src/wire/rates-body.js'
import { sealed } from '../harness/sealed.js'
import { smallPlane } from '../tick/small-plane.js'
import * as samples from '../wire/samples.js'

const LEASE = 10_000

function compiled(upstream = 1_000_000_000) {
  const document = smallPlane({ upstream, lease: LEASE })
  const result = compile(document, { revision: 1, hash: 'sha256:0', indexes: provisionalIndexes(document) })
  return { plan: sealed(result), problem: result.problem }
}

const { plan, problem } = compiled()
const F = plan.flows.length
const steerable = new Float64Array(F).fill(Number.NaN)
const flowOf = (id: string): number => plan.flowIndex.get(id)!

function report(edge: string, at: number, applied: { epoch: number; seq: number } | null): EdgeReport {
  return {
    edge,
    stamp: { boot: 'b', at },
    reads: 1,
    agent: 'test',
    driver: 'model',
    simulated: true,
    applied: applied && { ...applied, crc: 0, profile: '' },
    state: 'FRESH',
    enforcement: 'enforce',
    refusal: null,
    generation: 1,
    counters: [],
  }
}

/** Total load in bit/s of one kbit/s vector on a link. */
function load(link: string, kbps: ArrayLike<number>): number {
  const l = plan.links.findIndex(({ id }) => id === link)
  let sum = 0
  for (let f = 0; f < F; f++) {
    for (let q = problem.pathStart[f]!; q < problem.pathStart[f + 1]!; q++)
      if (problem.pathLink[q] === l) sum += problem.pathFraction[q]! * kbps[f]! * 1_000
  }
  return sum
}

t.test('safe rates fit every link together, and none is 0', async (t) => {
  for (const link of plan.links) if (!link.virtual) t.ok(load(link.id, plan.safe) <= link.room, link.id)
  t.ok(plan.safe.every((kbps) => kbps >= 64))
})

t.test('quiet: what is kept and what is never held back', async (t) => {
  const flow = flowOf('inst-001/internet/down')
  const other = flowOf('inst-004/internet/down')
  const run = (held: number, rate: number, need: number, exempt = false) => {
    const rates = new Uint32Array(F)
    const inForce = new Uint32Array(F)
    rates[flow] = rate
    inForce[flow] = held
    problem.need.fill(0)
    problem.need[flow] = need * 1_000
    quiet(
      problem,
      rates,
      inForce,
      (f) => plan.flows[f]!.ceiling,
      () => exempt,
      quietScratch(problem),
    )
    return rates[flow]
  }
  t.equal(run(10_000, 10_900, 9_000), 10_000, 'within 15 %')
  t.equal(run(10_000, 11_900, 9_000), 11_900, 'beyond 15 % of the new rate')
  t.equal(run(10_000, 9_000, 9_000), 10_000)
  t.equal(run(10_000, 10_900, 10_500), 10_900, 'need is never held back')
  t.equal(run(100, 150, 50), 100, 'within 64 kbit/s')
  t.equal(run(405_000, 400_000, 0), 400_000, 'never above the ceiling')
  t.equal(run(0, 5_000, 0), 5_000, 'nothing in force, nothing to keep')
  t.equal(run(10_000, 10_900, 0, true), 10_900, 'pinned flows are not ours to quiet')

  const rates = new Uint32Array(F)
  const inForce = new Uint32Array(F)
  problem.need.fill(0)
  rates[flow] = 500_000
  rates[other] = 500_000
  inForce[flow] = 540_000
  inForce[other] = 460_000
  quiet(
    problem,
    rates,
    inForce,
    () => 1e12,
    () => false,
    quietScratch(problem),
  )
  t.same([rates[flow], rates[other]], [540_000, 460_000], 'both kept: together they fill the upstream exactly')
  inForce[other] = 461_000
  rates.fill(0)
  rates[flow] = 500_000
  rates[other] = 500_000
  quiet(
    problem,
    rates,
    inForce,
    () => 1e12,
    () => false,
    quietScratch(problem),
  )
  t.ok(rates[flow] === 500_000, 'where keeping would overfill, the kept rate above its new one gives way')
  t.ok(load('transit.down', rates) <= 1_000_000_000)
})

t.test('an edge that was never heard of blocks growth on its links until it speaks or one lease passes', async (t) => {
  const leases = new LeaseTable(plan, problem, 0)
  const target = Uint32Array.from(plan.safe)
  for (const f of plan.edges.find(({ id }) => id === 'west')!.flows) target[f] = target[f]! + 1_000
  const out = new Uint32Array(F)
  leases.acknowledge(report('west', 1, null), 1)
  leases.decide(target, steerable, true, out)
  const west = plan.edges.find(({ id }) => id === 'west')!.flows.filter((f) => plan.flows[f]!.service === 'internet')
  t.ok(
    west.every((f) => out[f]! <= plan.safe[f]!),
    'west may not grow: east and core may be enforcing anything',
  )
  leases.expire(LEASE + GRACE + 1)
  leases.decide(target, steerable, true, out)
  t.ok(
    west.some((f) => out[f]! > plan.safe[f]!),
    'after a lease the silent ones are at their safe rates',
  )
})

t.test('shrink before grow, acknowledgement by acknowledgement', async (t) => {
  const leases = new LeaseTable(plan, problem, 0)
  for (const edge of plan.edges) leases.acknowledge(report(edge.id, 1, null), 1)
  const a = flowOf('inst-001/internet/down') // west
  const b = flowOf('inst-002/internet/down') // east
  const out = new Uint32Array(F)
  const target = Uint32Array.from(plan.safe, (safe) => Math.min(safe, 64))
  const send = (seq: number): void => {
    leases.decide(target, steerable, true, out)
    for (const edge of plan.edges) leases.noteGranted(edge.id, { epoch: 1, seq }, out.slice(), true, seq)
  }
  const ack = (edge: string, seq: number) => leases.acknowledge(report(edge, seq * 10, { epoch: 1, seq }), seq)
  target[a] = 550_000
  send(1)
  for (const edge of plan.edges) ack(edge.id, 1)
  send(2)
  for (const edge of plan.edges) ack(edge.id, 2)
  t.equal(out[a], 550_000, 'room is free: a has what it shall have')
  target[a] = 100_000
  target[b] = 520_000
  send(3)
  t.equal(out[a], 100_000, 'the decrease goes out at once')
  t.ok(out[b]! < 520_000, 'the increase waits')
  t.equal(ack('east', 3), 'freed')
  send(4)
  t.ok(out[b]! < 520_000, 'the wrong edge acknowledged: it still waits')
  t.equal(ack('west', 3), 'freed')
  send(5)
  t.equal(out[b], 520_000, 'the shrink is acknowledged: it grows')
  t.equal(ack('west', 3), 'stale', 'the same report again says nothing')
})

t.test('under any order of delivery, loss and acknowledgement no link is ever overfilled', async (t) => {
  // Edges apply messages late or never; acknowledgements come late or never. What is really in force is summed each
  // step.
  let x = 20261125
  const rng = (): number => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    return x / 2 ** 32
  }
  let grown = 0
  for (let run = 0; run < 60; run++) {
    const leases = new LeaseTable(plan, problem, 0)
    const inForce = new Float64Array(F).fill(64)
    const flying: { due: number; edge: string; seq: number; rates: Uint32Array }[] = []
    const acks: { due: number; report: EdgeReport }[] = []
    const held = new Map<string, number>()
    for (const edge of plan.edges) leases.acknowledge(report(edge.id, 0.5, null), 0)
    const out = new Uint32Array(F)
    for (let step = 1; step <= 60; step++) {
      const target = randomTarget(rng)
      leases.decide(target, steerable, true, out)
      for (const edge of plan.edges) {
        const changed = edge.flows.some((f) => out[f] !== leases.granted[f])
        leases.noteGranted(edge.id, { epoch: 1, seq: step }, out.slice(), changed, step)
        if (changed && rng() > 0.2)
          flying.push({ due: step + Math.floor(rng() * 4), edge: edge.id, seq: step, rates: out.slice() })
      }
      for (const message of flying.filter(({ due }) => due === step)) {
        if ((held.get(message.edge) ?? 0) >= message.seq) continue
        held.set(message.edge, message.seq)
        for (const f of plan.edges.find(({ id }) => id === message.edge)!.flows) inForce[f] = message.rates[f]!
        const applied = { epoch: 1, seq: message.seq }
        if (rng() > 0.2) acks.push({ due: step + Math.floor(rng() * 3), report: report(message.edge, step, applied) })
      }
      for (const link of plan.links) {
        if (!link.virtual && load(link.id, inForce) > link.room * (1 + 1e-9))
          t.fail(`run ${run} step ${step} ${link.id}`)
      }
      for (const late of acks.filter(({ due }) => due === step)) leases.acknowledge(late.report, step)
      grown += out.reduce((n, kbps, f) => n + (kbps > leases.granted[f]! ? 1 : 0), 0)
    }
    if (load('transit.down', inForce) > 500_000_000) grown++
  }
  t.ok(grown > 0, 'and it was not standing still')
})

/** A random allocation that fits every link: random wishes through the solver. */
const solver = createSolver(problem.shape)
const integers = new Integers(problem.shape)
function randomTarget(rng: () => number): Uint32Array {
  for (let f = 0; f < F; f++) problem.demand[f] = 1e6 * Math.exp(6 * rng())
  solver.solve(problem)
  integers.round(problem)
  return Uint32Array.from(problem.kbps)
}

t.test(
  'a publication: snapshot, then deltas of what changed, then heartbeats, and a fresh start with a new term',
  async (t) => {
    const leases = new LeaseTable(plan, problem, 0)
    const outbox = new Outbox()
    const nothing = [new Uint32Array(F), new Uint32Array(F * plan.classes.length)] as const
    const profiles = new Map(profilesOf(plan))
    const silence = { plan, leases, rates: nothing[0], classes: nothing[1], profiles }
    const [unknown] = outbox.compose(silence, { epoch: 1, seq: 0 }, 'all')
    const heartbeat = unknown!.edges[0]!.message
    t.match(heartbeat, { kind: 'heartbeat', baseSeq: 0 }, 'an edge of which nothing is known is told nothing')
    for (const edge of plan.edges) leases.acknowledge(report(edge.id, 0.5, null), 0)
    const C = plan.classes.length
    const rates = Uint32Array.from(plan.safe)
    const classes = new Uint32Array(F * C)
    const split = (): void => {
      for (let f = 0; f < F; f++) {
        classes.fill(0, f * C, (f + 1) * C)
        classes[f * C] = rates[f]!
      }
    }
    split()
    const publish = (epoch: number, seq: number, of = plan) => {
      const decision = { plan: of, leases, rates, classes, profiles }
      const composed = [...outbox.compose(decision, { epoch, seq: seq - 1 }, 'all')]
      const made = composed.flatMap(({ edges }) => edges)
      for (const p of made) leases.noteGranted(p.edge, { epoch, seq }, rates, p.snapshot !== null, seq)
      outbox.commit(of, leases, made, classes)
      return new Map(made.map((p) => [p.edge, p]))
    }
    const reason = { institution: 1, service: 0, direction: 0, since: 0, behind: null, code: 'LINK', id: 'x' } as const
    const reading = new LeaseTable(plan, problem, 0)
    for (const { id } of plan.edges) reading.acknowledge({ ...report(id, 0.5, null), reads: TELLING_VERSION }, 0)
    for (const count of [MAX_REASONS, MAX_REASONS + 1]) {
      const all = Array.from({ length: count }, () => reason)
      const reasons = { of: () => all, isDue: () => true, noteTold() {}, forget() {} }
      const decision = { plan, leases: reading, rates, classes, profiles, reasons }
      const [told] = [...new Outbox().compose(decision, { epoch: 1, seq: 0 }, 'all')]
      const { message } = told!.edges[0]!
      t.equal(message.reasons?.length, count > MAX_REASONS ? undefined : count, `${count} reasons: rates come first`)
      t.ok(message.records.length > 0)
    }
    const first = publish(1, 1).get('west')!
    t.equal(first.message.kind, 'snapshot')
    t.equal(first.message.records.length, plan.edges.find(({ id }) => id === 'west')!.flows.length)
    t.equal(publish(1, 2).get('west')!.message.kind, 'heartbeat')
    const flow = flowOf('inst-001/internet/down')
    rates[flow] = rates[flow]! + 1_000
    split()
    const third = publish(1, 3)
    const delta = third.get('west')!
    t.match(delta.message, { kind: 'delta', baseSeq: 1 })
    t.same(delta.message.records.map(recordKey), [recordKey(plan.flows[flow]!.record)], 'only what changed')
    t.equal(delta.snapshot!.records.length, first.message.records.length, 'and the whole for the store')
    t.match(third.get('east')!.message, { kind: 'heartbeat', baseSeq: 1 }, 'others hear that nothing changed')
    t.match(third.get('east')!.message, { version: 1, counted: false, stamp: { at: 0.5 } })
    leases.acknowledge({ ...report('east', 1, { epoch: 1, seq: 3 }), reads: 2, isBase: true }, 3)
    const echo = publish(1, 4).get('east')!.message
    t.match(echo, { version: 2, counted: true, stamp: { at: 1 } }, 'its counters are known: the next may build on them')
    t.equal(echo.profile, profiles.get('east')!.first.hash)
    leases.acknowledge({ ...report('east', 2, { epoch: 1, seq: 4 }), reads: 2, isBase: false }, 4)
    const record = delta.message.records[0] as RateRecord
    t.equal(
      record.classes.reduce((a, b) => a + b, 0),
      record.rate,
    )
    t.equal(record.burst, burstOf(fromKbps(record.rate)))
    profiles.set('west', profiles.get('east')!)
    const fifth = publish(1, 5)
    t.equal(fifth.get('west')!.message.kind, 'snapshot', 'a new profile, a new snapshot')
    t.match(fifth.get('east')!.message, { version: 2, counted: false, stamp: { at: 2 } })
    const next = { ...plan, revision: plan.revision + 1 }
    const sixth = publish(1, 6, next).get('east')!
    t.match(sixth.message, { kind: 'delta', revision: next.revision, records: [] }, 'a revision that moves no rate')
    t.match(sixth.snapshot, { revision: next.revision }, 'is in the store nonetheless')
    t.equal(publish(1, 7, next).get('east')!.message.kind, 'heartbeat')
    t.equal(publish(2, 1).get('east')!.message.kind, 'snapshot', 'a new term starts anew')
    leases.acknowledge(report('east', 8, { epoch: 2, seq: 1 }), 8)
    t.equal(publish(2, 2).get('east')!.message.kind, 'heartbeat')
    leases.acknowledge(report('east', 9, null), 9)
    t.equal(publish(2, 3).get('east')!.message.kind, 'snapshot', 'one that says it has nothing is told all anew')
    leases.acknowledge(report('east', 10, null), 10)
    t.equal(publish(2, 4).get('east')!.message.kind, 'heartbeat', 'and not again while that is on its way')
  },
)

t.test('a flow that a new plan drops stays charged until its edge has moved on', async (t) => {
  const leases = new LeaseTable(plan, problem, 0)
  for (const edge of plan.edges) leases.acknowledge(report(edge.id, 1, null), 1)
  const rates = Uint32Array.from(plan.safe)
  rates[flowOf('inst-001/internet/down')] = 700_000
  for (const edge of plan.edges) leases.noteGranted(edge.id, { epoch: 1, seq: 1 }, rates, true, 1)
  const document = smallPlane({ lease: LEASE })
  delete document.institutions['inst-001']
  delete document.sites['inst-001-a']
  const next = compile(document, { revision: 2, hash: 'sha256:1', indexes: provisionalIndexes(document) })
  const nextPlan = { ...next.plan, safe: Uint32Array.from(next.plan.flows, () => 64) }
  const after = LeaseTable.successor(leases, nextPlan, next.problem, { epoch: 1, seq: 1 }, 2)
  const target = Uint32Array.from(nextPlan.safe)
  const grower = nextPlan.flowIndex.get('inst-004/internet/down')!
  target[grower] = 390_000
  const out = new Uint32Array(nextPlan.flows.length)
  const free = new Float64Array(nextPlan.flows.length).fill(Number.NaN)
  after.decide(target, free, true, out)
  t.ok(out[grower]! < 390_000, 'the room is not free yet')
  after.noteGranted('west', { epoch: 1, seq: 2 }, out, true, 2)
  after.acknowledge(report('west', 20, { epoch: 1, seq: 2 }), 2)
  after.acknowledge(report('east', 20, { epoch: 1, seq: 1 }), 2)
  after.acknowledge(report('core', 20, { epoch: 1, seq: 1 }), 2)
  after.decide(target, free, true, out)
  t.equal(out[grower], 390_000, 'west has moved on')
})

/** What all edges were told under 1.1, a flow at west at 700 Mbit/s among it, and acknowledged. */
function tableOfWest(): LeaseTable {
  const leases = new LeaseTable(plan, problem, 0)
  for (const edge of plan.edges) leases.acknowledge(report(edge.id, 1, null), 1)
  const rates = Uint32Array.from(plan.safe)
  rates[flowOf('inst-001/internet/down')] = 700_000
  leases.decide(rates, steerable, true, new Uint32Array(F))
  for (const edge of plan.edges) {
    leases.noteGranted(edge.id, { epoch: 1, seq: 1 }, rates, true, 1)
    leases.acknowledge(report(edge.id, 2, { epoch: 1, seq: 1 }), 2)
  }
  return leases
}

t.test(
  'an edge fades into its safe rates early enough that others can let go, and never in quiet weather',
  async (t) => {
    const flow = flowOf('inst-001/internet/down')
    const told = { rates: new Uint32Array(F).fill(64), safe: new Uint32Array(F).fill(40_000) }
    for (const [lease, fadesAfter] of [
      [60_000, (60_000 - GRACE - 4_000) / 2],
      [10_000, 4_000],
    ] as const) {
      const table = new LeaseTable({ ...plan, timing: { ...plan.timing, lease }, safe: told.safe }, problem, 0)
      table.acknowledge(report('west', 1, null), 1)
      table.decide(told.rates, steerable, true, new Uint32Array(F))
      table.noteGranted('west', { epoch: 1, seq: 1 }, told.rates, true, 1)
      table.acknowledge(report('west', 2, { epoch: 1, seq: 1 }), 2)
      table.expire(2 + fadesAfter)
      t.equal(table.boundOf(flow), 64)
      table.expire(3 + fadesAfter)
      t.equal(table.boundOf(flow), 40_000, `a lease of ${lease} ms`)
      table.acknowledge(report('west', 4 + fadesAfter, { epoch: 1, seq: 1 }), 4 + fadesAfter)
      table.expire(4 + fadesAfter)
      t.equal(table.boundOf(flow), 64, 'it is FRESH')
    }
  },
)

t.test('a kernel that refused when nobody could hear of it is charged for what it has once it is heard', async (t) => {
  const flow = flowOf('inst-001/internet/down')
  const refusing = (at: number): EdgeReport => ({
    ...report('west', at, { epoch: 1, seq: 1 }),
    state: 'SAFE',
    refusal: { code: 'DRIVER', detail: 'no' },
  })
  const leases = tableOfWest()
  leases.expire(LEASE + GRACE + 3)
  t.equal(leases.boundOf(flow), plan.safe[flow], 'its lease is over: it is taken to be at its safe rates')
  leases.acknowledge(refusing(20_000), 20_000)
  t.equal(leases.boundOf(flow), 700_000, 'but it never went there')
  const heardInTime = tableOfWest()
  heardInTime.acknowledge(refusing(3), 3)
  heardInTime.expire(LEASE + GRACE + 4)
  t.equal(heardInTime.boundOf(flow), 700_000, 'who is known to refuse stays where it is')
})

t.test('what an edge may enforce of a flow that left it and came back is what it had, until it moves on', async (t) => {
  const document = smallPlane({ lease: LEASE })
  delete document.institutions['inst-001']
  delete document.sites['inst-001-a']
  const without = compile(document, { revision: 2, hash: 'sha256:1', indexes: provisionalIndexes(document) })
  const before = tableOfWest()
  const last = { epoch: 1, seq: 1 }
  const away = LeaseTable.successor(before, { ...without.plan, safe: new Uint32Array(F) }, without.problem, last, 3)
  const back = LeaseTable.successor(away, plan, problem, last, 4)
  t.same(back.sumsAt('west'), before.sumsAt('west'))
  back.noteGranted('west', { epoch: 1, seq: 2 }, Uint32Array.from(plan.safe), true, 4)
  back.acknowledge(report('west', 5, { epoch: 1, seq: 2 }), 5)
  t.ok(back.sumsAt('west').down < 700_000_000)
})

t.test('an institution that gets a second edge keeps what it has at the first', async (t) => {
  const document = smallPlane({ lease: LEASE })
  document.sites['inst-001-b'] = { ...document.sites['inst-001-a']!, edge: 'core', prefixes: ['10.1.9.0/24'] }
  const next = compile(document, { revision: 2, hash: 'sha256:1', indexes: provisionalIndexes(document) })
  const nextPlan = { ...next.plan, safe: new Uint32Array(next.plan.flows.length).fill(64) }
  const after = LeaseTable.successor(tableOfWest(), nextPlan, next.problem, { epoch: 1, seq: 1 }, 3)
  t.equal(after.boundOf(nextPlan.flowIndex.get('inst-001/internet/down@west')!), 700_000)
  t.equal(after.boundOf(nextPlan.flowIndex.get('inst-001/internet/down@core')!), 0)
})

t.test('who listens knows what an edge was told while nothing can be missing, and says nothing else', async (t) => {
  const [first, second] = samples.snapshot.records as [RateRecord, RateRecord]
  const told = (seq: number, rate: number, more: Partial<RateMessage> = {}): RateMessage => ({
    ...samples.snapshot,
    ...{ seq, baseSeq: 0, records: [{ ...first, rate }, second] },
    ...more,
  })
  const changed = (seq: number, rate: number, baseSeq = seq - 1): RateMessage =>
    told(seq, rate, { kind: 'delta', baseSeq, records: [{ ...first, rate }] })
  const renewed = (seq: number, baseSeq: number): RateMessage =>
    told(seq, 0, { kind: 'heartbeat', baseSeq, records: [] })
  const listening = (): StandbyLog => {
    const log = new StandbyLog()
    log.open(['dar-1'], 0)
    return log
  }
  const known = (log: StandbyLog, now = 0): string =>
    log
      .of('dar-1', now)
      .contents.map(({ kind, seq, records }) => `${kind} ${seq}: ${records.map(({ rate }) => rate).join(' ')}`)
      .join(', ')
  const read = (log: StandbyLog, stored: RateMessage | null | undefined, applied: number | null = null): void =>
    log.read('dar-1', stored, applied === null ? null : { epoch: samples.snapshot.epoch, seq: applied })
  const next = (log: StandbyLog, ...messages: (RateMessage | null)[]): void => {
    for (const message of messages) log.hear('dar-1', message)
  }
  const after = { epoch: samples.snapshot.epoch + 1 }

  await t.test('from what the store held, each delta as the whole that comes of it', async (t) => {
    const log = listening()
    t.equal(known(log), '')
    read(log, told(8, 95_000))
    next(log, changed(9, 90_000), renewed(10, 9), changed(11, 80_000, 9))
    next(log, changed(9, 70_000), told(1, 60_000, after))
    t.equal(
      known(log),
      'snapshot 8: 95000 40000, snapshot 9: 90000 40000, snapshot 11: 80000 40000, snapshot 1: 60000 40000',
    )
    t.same(log.of('dar-2', 0).contents, [], 'of others nothing')
    log.open(['dar-1'], 0)
    read(log, told(1, 60_000, after), 10)
    t.match(known(log), /^snapshot 9: .*, snapshot 1: /, 'what is past is dropped')
    log.open(['dar-1'], 0)
    read(log, undefined, 10)
    t.match(known(log), /^snapshot 9: .*, snapshot 1: /, 'a store that lost it changes nothing')
    log.forget('dar-1')
    t.equal(known(log), '')
  })

  await t.test(
    'what does not fit, or cannot be read, means that nothing is known until the store is read',
    async (t) => {
      for (const strange of [changed(12, 5, 10), renewed(12, 11), null]) {
        const log = listening()
        read(log, told(8, 95_000))
        next(log, changed(9, 90_000), strange, changed(13, 6, 12))
        t.equal(known(log), '')
        read(log, told(13, 6))
        t.equal(known(log), '', 'nor by a reading that began before')
        log.open(['dar-1'], 0)
        read(log, told(13, 6))
        next(log, renewed(14, 13))
        t.equal(known(log), 'snapshot 13: 6 40000')
      }
    },
  )

  await t.test('what comes while the store is read is not lost', async (t) => {
    const log = listening()
    next(log, changed(9, 90_000))
    read(log, told(8, 95_000))
    t.equal(known(log), '', 'a change of what was not known yet')
    log.open(['dar-1'], 0)
    next(log, told(10, 85_000))
    read(log, told(8, 95_000))
    t.equal(known(log), 'snapshot 10: 85000 40000', 'what is newer than the reading')
    log.open(['dar-1'], 0)
    read(log, null)
    t.equal(known(log), '', 'what a newer release has written')
  })

  await t.test('a lost connection: what was heard stays true until something may have been missed', async (t) => {
    const gapped = (): StandbyLog => {
      const log = listening()
      read(log, told(8, 95_000))
      next(log, changed(9, 90_000))
      log.noteGap()
      return log
    }
    t.match(known(gapped()), /snapshot 9: 90000 40000$/)
    t.equal(gapped().of('dar-1', 0).hasGap, true)

    const same = gapped()
    same.open(['dar-1'], 0)
    read(same, told(9, 90_000))
    next(same, changed(10, 80_000))
    t.match(known(same), /^snapshot 8: .*snapshot 10: 80000 40000$/, 'the store says that nothing was missed')
    t.equal(same.of('dar-1', 0).hasGap, false)

    const renewing = gapped()
    next(renewing, renewed(10, 9), changed(11, 80_000, 9))
    t.match(known(renewing), /^snapshot 8: .*snapshot 11: 80000 40000$/, 'the leader says that nothing was missed')

    const missed = gapped()
    missed.open(['dar-1'], 0)
    read(missed, told(11, 70_000))
    next(missed, renewed(12, 11))
    t.equal(known(missed), 'snapshot 11: 70000 40000', 'the store says what was missed last')

    const lost = gapped()
    lost.open(['dar-1'], 0)
    read(lost, undefined)
    t.match(known(lost), /snapshot 9: 90000 40000$/, 'the store has lost all')
    next(lost, told(1, 60_000, after))
    t.equal(known(lost), 'snapshot 1: 60000 40000', 'and is filled again')

    const changes = gapped()
    changes.open(['dar-1'], 0)
    next(changes, changed(10, 80_000))
    t.equal(known(changes), '', 'a change of what may not be the last')

    const shut = gapped()
    read(shut, told(9, 90_000))
    t.match(known(shut), /snapshot 9: 90000 40000$/)
    t.equal(shut.of('dar-1', 0).hasGap, true, 'a store that answers while nobody listens: there may be more')
    read(shut, told(10, 80_000))
    t.equal(known(shut), '', 'and there was')
  })

  await t.test('as long as the store would keep it: after two leases an edge is at its safe rates', async (t) => {
    const { lease } = samples.snapshot
    const log = listening()
    read(log, told(8, 95_000))
    t.equal(known(log), '', 'what the store holds may be old already')
    next(log, renewed(9, 8))
    t.equal(known(log, contentLife(lease) - 1), 'snapshot 8: 95000 40000')
    t.equal(known(log, contentLife(lease)), '')
    log.open(['dar-1'], lease)
    next(log, renewed(10, 0))
    t.equal(known(log, contentLife(lease)), '', 'what fits nothing renews nothing')
    next(log, renewed(11, 8))
    t.equal(known(log, lease + contentLife(lease) - 1), 'snapshot 8: 95000 40000')
    t.ok(contentLife(lease) < 2 * lease && contentLife(500) === 500)
  })

  const log = listening()
  read(log, told(8, 95_000))
  for (let seq = 9; seq < 60; seq++) next(log, changed(seq, seq))
  t.equal(log.of('dar-1', 0).contents.length, 16, 'an edge that says nothing: the last ones')
  t.match(known(log), /snapshot 59: 59 40000$/)
})

t.test("what a paced device keeps above what it was told is nobody else's, as long as it keeps it", async (t) => {
  const mine = {
    ...plan,
    timing: { ...plan.timing, lease: 2 * PACE },
    edges: plan.edges.map((edge) => (edge.id === 'west' ? { ...edge, pace: 'paced' as const } : edge)),
  }
  const leases = new LeaseTable(mine, problem, 0)
  const flow = flowOf('inst-001/internet/down')
  const link = plan.links.findIndex(({ id }) => id === 'transit.down')
  const told = (seq: number, kbps: number, now: number): void => {
    const rates = Uint32Array.from(plan.safe)
    rates[flow] = kbps
    for (const edge of plan.edges) leases.noteGranted(edge.id, { epoch: 1, seq }, rates, true, now)
  }
  const says = (seq: number, now: number): void => {
    for (const { id } of plan.edges)
      leases.acknowledge(report(id, now, { epoch: 1, seq: id === 'west' ? Math.min(seq, 1) : seq }), now)
  }
  const roomAt = (now: number): { room: number; reason: unknown } => {
    says(2, now)
    const nothing = {
      carried: new Float64Array(F),
      counters: { measured: () => undefined },
      staticRates: new Map(),
      lone: [],
    }
    const pins = pinFlows({ plan: mine, problem, leases, now, at: now, ...nothing })
    const ceilings = Float64Array.from(mine.flows, ({ ceiling }) => ceiling)
    const rooms = Float64Array.from(mine.links, ({ room }) => room)
    applyPins({ plan: mine, ceilings, rooms }, problem, pins)
    return { room: problem.linkRoom[link]!, reason: pins.reason[flow] }
  }
  for (const edge of plan.edges) leases.acknowledge(report(edge.id, 1, null), 1)
  told(1, 500_000, 1)
  says(1, 2)
  told(2, 470_000, 3)
  const { room } = plan.links[link]!
  t.same(roomAt(10).reason, 'PINNED', 'it has a minute to obey')
  t.same(roomAt(PACE + 10), { room: room - 30_000_000, reason: null }, 'it does not: the rest is shared')
  leases.acknowledge(report('west', PACE + 20, { epoch: 1, seq: 2 }), PACE + 20)
  t.same(roomAt(PACE + 30), { room, reason: null }, 'it has obeyed')
})

t.test('what a flow that cannot be steered is granted is charged, be it more than may be in force', async (t) => {
  const mine = { ...plan, edges: plan.edges.map((edge) => ({ ...edge, enforcement: 'hold' as const })) }
  const leases = new LeaseTable(mine, problem, 0)
  const little = new Uint32Array(F).fill(10)
  for (const { id } of plan.edges) {
    leases.acknowledge(report(id, 1, null), 1)
    leases.noteGranted(id, { epoch: 1, seq: 1 }, little, true, 1)
    leases.acknowledge(report(id, 2, { epoch: 1, seq: 1 }), 2)
  }
  const nothing = { counters: { measured: () => undefined }, staticRates: new Map(), lone: [] }
  const sight = { plan: mine, problem, leases, now: 3, at: 3, carried: new Float64Array(F), ...nothing }
  const { charged, granted, reason } = pinFlows(sight)
  t.ok(reason.every((code) => code === 'PINNED') && granted.every((kbps) => kbps >= 64))
  t.ok(granted.every((kbps, f) => charged[f]! >= kbps))
})

t.test(
  'who is to observe and was not heard yet is charged what an earlier leader granted it, and nothing else',
  async (t) => {
    const mine = { ...plan, edges: plan.edges.map((edge) => ({ ...edge, enforcement: 'observe' as const })) }
    const leases = new LeaseTable(mine, problem, 0)
    const { flows } = plan.edges.find(({ id }) => id === 'west')!
    const most = { rates: new Uint32Array(flows.length).fill(500), safe: new Uint32Array(flows.length).fill(300) }
    leases.recover('west', { newest: { epoch: 1, seq: 1, ...most }, most, isComplete: true }, 1)
    const nothing = { counters: { measured: () => undefined }, staticRates: new Map(), lone: [] }
    const sight = { plan: mine, problem, leases, now: 3, at: 3, carried: new Float64Array(F), ...nothing }
    const chargedAt = (edge: string): number[] => {
      const { charged, reason } = pinFlows(sight)
      const of = plan.edges.find(({ id }) => id === edge)!.flows
      t.ok(of.every((f) => reason[f] === 'OBSERVE'))
      return [...new Set(of.map((f) => charged[f]!))]
    }
    t.same([chargedAt('west'), chargedAt('east')], [[500], [0]])
  },
)
