// The lease in vectors and properties: exact moments, and histories in which messages are lost, repeated and late.

import fc from 'fast-check'
import t from 'tap'
import { atRate, bootRates } from '../../src/edge/fallback-rates.js'
import {
  emptyKeeping,
  type Keeping,
  nextPhaseChange,
  phaseAt,
  type Received,
  ratesAt,
  receive,
  rememberedKeeping,
} from '../../src/edge/lease-keeper.js'
import { checkRecords } from '../../src/edge/record-check.js'
import { compareSerial, type RateRecord, recordKey } from '../../src/model/lease.js'
import type { RateMessage } from '../../src/wire/messages.js'
import { BOOT, edgeProfile, OTHER_BOOT, PROFILE_HASH, rateRecord } from './fixtures.js'

const LEASE = 60_000
const STALE_AFTER = 3_000

function message(more: Partial<RateMessage>): Received {
  const kind = more.kind ?? 'snapshot'
  const records = kind === 'heartbeat' ? [] : [rateRecord(2, 0, 4_000)]
  const stamp = { boot: BOOT, at: 100_000 }
  const head = { kind, version: 1, edge: 'dar-1', epoch: 1, seq: 1, baseSeq: 0, revision: 1, profile: PROFILE_HASH }
  return { message: { ...head, lease: LEASE, stamp, records, ...more }, crc: more.seq ?? 1 }
}

function after(messages: readonly (readonly [at: number, received: Received])[], start = emptyKeeping(BOOT)): Keeping {
  return messages.reduce((keeping, [at, received]) => receive(keeping, received, at).keeping, start)
}

const verdict = (keeping: Keeping, more: Partial<RateMessage>, at = 101_000): string =>
  receive(keeping, message(more), at).verdict

t.test('the lease ends at the echoed stamp plus the lease, however late the message is read', async (t) => {
  const prompt = after([[100_020, message({})]])
  const stoppedMeanwhile = after([[100_820, message({})]])
  t.equal(prompt.leaseEnd, 160_000)
  t.equal(stoppedMeanwhile.leaseEnd, 160_000, 'an edge that stood still for 0.8 s gains nothing by it')
  const lease = 6_000
  t.equal(after([[100_820, message({ lease })]]).leaseEnd, 106_000)
  t.equal(after([[190_000, message({})]]).leaseEnd, 160_000, 'a message that was buffered for a minute renews nothing')
  t.equal(phaseAt(after([[190_000, message({})]]), 190_000, STALE_AFTER).state, 'SAFE')
})

t.test('a stamp of another boot, or none, renews nothing', async (t) => {
  const held = after([[100_020, message({})]])
  const foreign = { boot: OTHER_BOOT, at: 100_900 }
  t.equal(after([[101_000, message({ seq: 2, stamp: foreign })]], held).leaseEnd, 160_000)
  t.equal(after([[101_000, message({ seq: 2, stamp: null })]], held).leaseEnd, 160_000)
  const never = after([[101_000, message({ stamp: null })]])
  t.same(phaseAt(never, 101_000, STALE_AFTER), { state: 'SAFE', step: 1 }, 'content without a lease: min(last, safe)')
  const ahead = after([[100_020, message({ stamp: { boot: BOOT, at: 500_000 } })]])
  t.equal(ahead.leaseEnd, 160_020, 'a stamp ahead of its own clock is believed up to now')
})

t.test('FRESH, STALE, SAFE 1 and SAFE 2 at their exact moments', async (t) => {
  const keeping = after([[100_020, message({})]])
  const at = (now: number) => phaseAt(keeping, now, STALE_AFTER)
  t.same(at(103_019), { state: 'FRESH', step: 0 })
  t.same(at(103_020), { state: 'STALE', step: 0 })
  t.same(at(159_999), { state: 'STALE', step: 0 })
  t.same(at(160_000), { state: 'SAFE', step: 1 })
  t.same(at(220_019), { state: 'SAFE', step: 1 })
  t.same(at(220_020), { state: 'SAFE', step: 2 }, 'two leases after the last message')
  const changes = [100_020]
  for (let next = changes[0]!; Number.isFinite(next); ) {
    next = nextPhaseChange(keeping, next, STALE_AFTER)
    changes.push(next)
  }
  t.same(changes, [100_020, 103_020, 160_000, 220_020, Number.POSITIVE_INFINITY])
})

t.test('what is old is dropped, what builds on something else is a gap', async (t) => {
  const held = after([
    [100_000, message({ seq: 5 })],
    [100_010, message({ kind: 'heartbeat', seq: 7, baseSeq: 5 })],
  ])
  t.equal(verdict(held, { seq: 5 }), 'old', 'replayed snapshot')
  t.equal(verdict(held, { kind: 'heartbeat', seq: 7, baseSeq: 5 }), 'old', 'replayed heartbeat')
  t.equal(verdict(held, { epoch: 0, seq: 99 }), 'old', 'a former leader')
  t.equal(verdict(held, { kind: 'delta', seq: 8, baseSeq: 5 }), 'apply')
  t.equal(verdict(held, { kind: 'delta', seq: 9, baseSeq: 8 }), 'gap', 'a delta was lost')
  t.equal(verdict(held, { kind: 'heartbeat', seq: 9, baseSeq: 8 }), 'gap', 'a heartbeat for content that is not held')
  t.equal(verdict(held, { kind: 'heartbeat', seq: 8, baseSeq: 5, profile: 'f'.repeat(16) }), 'gap', 'another profile')
  t.equal(verdict(held, { kind: 'heartbeat', epoch: 2, seq: 1, baseSeq: 5 }), 'gap', 'another leader, another count')
  t.equal(verdict(held, { epoch: 2, seq: 1 }), 'apply')
  t.equal(verdict(emptyKeeping(BOOT), { kind: 'delta' }), 'gap')
  t.equal(
    receive(held, message({ kind: 'heartbeat', seq: 9, baseSeq: 8 }), 101_000).keeping,
    held,
    'a gap changes nothing',
  )
})

t.test('a decrease is taken whatever its size', async (t) => {
  const held = after([[100_000, message({ records: [rateRecord(2, 0, 4_000_000)] })]])
  const tiny = receive(held, message({ kind: 'delta', seq: 2, baseSeq: 1, records: [rateRecord(2, 0, 0)] }), 100_500)
  t.equal(tiny.verdict, 'apply')
  t.equal(tiny.keeping.content?.records[0]?.rate, 0)
})

t.test('min(last, safe) first, then safe; classes keep their proportions and sum to the rate', async (t) => {
  const records = [rateRecord(2, 0, 4_000, 1_001), rateRecord(3, 0, 500, 1_000)]
  const content = after([[100_000, message({ records })]]).content!
  t.same(
    ratesAt(content, 1).map(({ rate }) => rate),
    [1_001, 500],
  )
  t.same(
    ratesAt(content, 2).map(({ rate }) => rate),
    [1_001, 1_000],
  )
  t.equal(ratesAt(content, 0), content.records)
  fc.assert(
    fc.property(fc.array(fc.nat(4e6), { minLength: 1, maxLength: 4 }), fc.nat(4e6), (classes, rate) => {
      const sum = classes.reduce((total, part) => total + part, 0)
      const record = { ...rateRecord(2, 0, 0), rate: sum, classes }
      const scaled = atRate(record, rate)
      return scaled.rate === rate && scaled.classes.reduce((total, part) => total + part, 0) === rate
    }),
  )
})

t.test('an edge without content gives each site its boot rate, and itself enough to be reached', async (t) => {
  const two = [0, 1].map((index) => ({ index, id: `service-${index}`, prefixes: index === 0 ? [] : ['10.0.0.0/8'] }))
  const records = bootRates(edgeProfile({ services: two }))
  const sum = (institution: number, direction: 0 | 1) =>
    records.reduce((all, r) => (r.institution === institution && r.direction === direction ? all + r.rate : all), 0)
  for (const institution of [0, 1, 2, 3])
    for (const direction of [0, 1] as const) t.equal(sum(institution, direction), 256)
  t.ok(records.every(({ rate, classes }) => classes.reduce((all, part) => all + part, 0) === rate))
  t.equal(checkRecords(records, edgeProfile({ services: two })), null)
})

t.test('records that the profile cannot place or the port cannot carry are refused', async (t) => {
  const profile = edgeProfile()
  t.equal(checkRecords([rateRecord(2, 0, 15_000), rateRecord(0, 1, 64)], profile), null)
  t.match(checkRecords([rateRecord(77, 0, 64)], profile), { code: 'PROFILE', detail: /no institution 77/ })
  t.match(checkRecords([{ ...rateRecord(2, 0, 64), service: 9 }], profile), { code: 'PROFILE' })
  t.match(checkRecords([{ ...rateRecord(2, 0, 64), classes: [64] }], profile), { code: 'PROFILE' })
  t.match(checkRecords([rateRecord(2, 0, 15_001)], profile), { code: 'BOUNDS', detail: /15000 kbit\/s, found 15001/ })
  t.match(checkRecords([rateRecord(2, 0, 64, 20_000)], profile), { code: 'BOUNDS' })
})

t.test('what is remembered of this boot keeps its lease; of another boot it is safe', async (t) => {
  const { content } = after([[100_000, message({ seq: 5 })]])
  const memory = { boot: BOOT, content: content!, lease: LEASE, leaseEnd: 160_000 }
  const same = rememberedKeeping(BOOT, 130_000, memory)
  t.same(phaseAt(same, 130_000, STALE_AFTER), { state: 'STALE', step: 0 }, 'in force, but nobody confirmed it yet')
  t.equal(phaseAt(same, 160_000, STALE_AFTER).state, 'SAFE')
  t.equal(verdict(same, { seq: 5 }), 'old', 'history does not begin again')
  t.equal(verdict(same, { kind: 'heartbeat', seq: 6, baseSeq: 5 }), 'renew')
  const rebooted = rememberedKeeping(OTHER_BOOT, 5_000, memory)
  t.same(phaseAt(rebooted, 5_000, STALE_AFTER), { state: 'SAFE', step: 1 })
  t.same(phaseAt(rebooted, 124_999, STALE_AFTER), { state: 'SAFE', step: 1 }, 'the last message may just have come')
  t.same(phaseAt(rebooted, 125_000, STALE_AFTER), { state: 'SAFE', step: 2 })
  const forged = rememberedKeeping(BOOT, 130_000, { ...memory, leaseEnd: 1e9 })
  t.equal(forged.leaseEnd, 190_000, 'no memory is worth more than a lease from now')
})

// ---- properties

/** A history of one controller: content after each seq, and the message that was sent for it. */
interface History {
  readonly sent: readonly Received[]
  readonly contentAt: ReadonlyMap<number, readonly RateRecord[]>
  readonly snapshotAt: ReadonlyMap<number, Received>
}

const step = fc.record({
  change: fc.boolean(),
  institution: fc.constantFrom(2, 3),
  rate: fc.nat(10_000),
  age: fc.nat(5_000),
})

function historyOf(steps: readonly { change: boolean; institution: number; rate: number; age: number }[]): History {
  const sent: Received[] = []
  const contentAt = new Map<number, readonly RateRecord[]>()
  const snapshotAt = new Map<number, Received>()
  let records: readonly RateRecord[] = [rateRecord(2, 0, 1_000), rateRecord(3, 0, 1_000)]
  let base = 0
  steps.forEach(({ change, institution, rate, age }, i) => {
    const seq = i + 1
    const stamp = { boot: BOOT, at: Math.max(0, seq * 1_000 - age) }
    const changed = [rateRecord(institution, 0, rate)]
    if (base === 0) sent.push(message({ seq, stamp, records }))
    else if (!change) sent.push(message({ kind: 'heartbeat', seq, baseSeq: base, stamp }))
    else {
      records = records.map((r) => (recordKey(r) === recordKey(changed[0]!) ? changed[0]! : r))
      sent.push(message({ kind: 'delta', seq, baseSeq: base, stamp, records: changed }))
    }
    if (change || base === 0) base = seq
    contentAt.set(seq, records)
    snapshotAt.set(seq, message({ seq: base, stamp, records }))
  })
  return { sent, contentAt, snapshotAt }
}

const steps = fc.array(step, { minLength: 1, maxLength: 25 })
/** Deliveries by index into the history: lost, repeated and out of order. */
const deliveries = fc.array(fc.nat(24), { maxLength: 60 })

t.test('whatever is lost, repeated or reordered: the content is the one published under its serial', async (t) => {
  fc.assert(
    fc.property(steps, deliveries, (list, order) => {
      const { sent, contentAt, snapshotAt } = historyOf(list)
      let keeping = emptyKeeping(BOOT)
      let published = 0
      for (const n of order) {
        const i = n % sent.length
        published = Math.max(published, i + 1)
        const now = published * 1_000
        const before = keeping
        const taken = receive(keeping, sent[i]!, now)
        keeping = taken.verdict === 'gap' ? receive(keeping, snapshotAt.get(published)!, now).keeping : taken.keeping
        if (compareSerial(keeping.newest, before.newest) < 0) return false
        if (!keeping.content) return false
        const expected = contentAt.get(keeping.content.seq)!
        if (JSON.stringify(keeping.content.records) !== JSON.stringify(expected)) return false
      }
      return true
    }),
    { numRuns: 500 },
  )
  t.pass('500 histories')
})

t.test('no message, late or replayed, holds rates longer than its own stamp allows', async (t) => {
  fc.assert(
    fc.property(steps, deliveries, fc.array(fc.nat(90_000), { maxLength: 60 }), (list, order, delays) => {
      const { sent } = historyOf(list)
      let keeping = emptyKeeping(BOOT)
      let now = 25_000
      let newestStamp = Number.NEGATIVE_INFINITY
      for (const [k, n] of order.entries()) {
        now += delays[k] ?? 0
        const received = sent[n % sent.length]!
        newestStamp = Math.max(newestStamp, received.message.stamp!.at)
        keeping = receive(keeping, received, now).keeping
        if (keeping.leaseEnd > newestStamp + LEASE) return false
        if (receive(keeping, received, now + 1).keeping !== keeping) return false
      }
      return true
    }),
    { numRuns: 500 },
  )
  t.pass('500 histories')
})
