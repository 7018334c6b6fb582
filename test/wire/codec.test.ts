// The bytes between controller and edge: one spelling of each message, kept by golden bytes of each version, and
// nothing that is damaged, foreign, of another version or lying about its size is ever taken for a message.

import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { LIMIT_CODES } from '../../src/model/explanation.js'
import { LEASE_STATES, type LeafCounters, type RateRecord, REFUSALS, recordKey } from '../../src/model/lease.js'
import { ENFORCEMENTS } from '../../src/model/network.js'
import { NOTICES } from '../../src/model/notice.js'
import { LAYERS } from '../../src/model/plan.js'
import type { Reason } from '../../src/model/reason.js'
import { LAST_TIME } from '../../src/model/units.js'
import { MAX_NOTICES_PER_EDGE } from '../../src/runtime/limits.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { crcOf, decodeRates, decodeReport, encodeRates, encodeReport } from '../../src/wire/codec.js'
import { columnsOf, type LeafColumns, leafKey } from '../../src/wire/leaf-columns.js'
import type { CounterBase, RateMessage, SentReport } from '../../src/wire/messages.js'
import { about, asSent, MAX_KBPS, mutate, report, sinceThen, snapshot, told } from './samples.js'

const EDGE = { edge: 'dar-1' }

/** The message with its checksum made right again, as someone who means harm would. */
function resealed(bytes: Buffer, change: (bytes: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes)
  change(copy)
  copy.writeUInt32BE(crc32(copy.subarray(0, -4)), copy.length - 4)
  return copy
}

const codeOf = (result: object): unknown => ('code' in result ? result.code : 'accepted')

/** What stands in a report after the flags and before counters, in every version. */
const REPORT_HEAD = [
  '000001a20fb2d20a', // epoch
  '0000000000000008', // seq
  'fea972a06c3fe002', // edge
  'fedcba9876543210', // boot
  '00000000075bcd16', // stamp
  '0001', // reads
  '0001', // FRESH, enforce
  '05302e312e30', // agent
  '0973696d756c61746564', // driver
  'deadbeef', // crc in force
  '0123456789abcdef', // profile in force
  '01', // generation
  '04046261646f', // BOUNDS: bado
]

t.test('the bytes of wire version 1 do not change', (t) => {
  t.equal(
    encodeRates(snapshot).toString('hex'),
    [
      '4d5a4e49', // MZNI
      '0001', // version
      '00', // kind
      '01', // flags
      '000001a20fb2d20a', // epoch
      '0000000000000008', // seq
      'fea972a06c3fe002', // edge
      '0000000000000007', // base seq
      '0000000000000003', // revision
      '0123456789abcdef', // profile
      '0000ea60', // lease
      'fedcba9876543210', // boot
      '00000000075bcd15', // stamp
      '00000002', // count
      '00000002000004', // 2/0/down, four classes
      '0001731800004e200000b98c', // rate, safe, burst
      '000013880000ea6000004e2000002710', // classes
      '00000002000104', // 2/0/up, four classes
      '00009c4000001f4000004e20', // rate, safe, burst
      '0000000000009c400000000000000000', // classes
      '5f66dfb0', // crc
    ].join(''),
    'snapshot',
  )
  t.equal(
    encodeRates({ ...snapshot, kind: 'heartbeat', baseSeq: 7, seq: 9, stamp: null, records: [] }).toString('hex'),
    [
      '4d5a4e49', // MZNI
      '0001', // version
      '02', // kind
      '00', // flags
      '000001a20fb2d20a', // epoch
      '0000000000000009', // seq
      'fea972a06c3fe002', // edge
      '0000000000000007', // base seq
      '0000000000000003', // revision
      '0123456789abcdef', // profile
      '0000ea60', // lease
      '0000000000000000', // boot
      '0000000000000000', // stamp
      '00000000', // count
      '4aa5c4d0', // crc
    ].join(''),
    'heartbeat without a stamp',
  )
  t.equal(
    encodeReport(report).toString('hex'),
    [
      ...['4d5a4e49', '0001', '03', '03', ...REPORT_HEAD], // MZNI, version, kind, flags
      '02', // two runs
      '8202b5b8f0fe2dbfe8da040c00', // 2/0/down/1: bytes, packets, drops, backlog
      '06dc0b0100ea0b', // 2/0/up/3
      '3d42db25', // crc
    ].join(''),
    'report',
  )
  t.end()
})

t.test('the bytes of wire version 2 do not change', (t) => {
  const ofVersion1 = encodeRates(snapshot).toString('hex')
  t.equal(
    encodeRates({ ...snapshot, version: 2, counted: true }).toString('hex'),
    `4d5a4e4900020003${ofVersion1.slice(16, -8)}6bccf0f7`,
    'rates: one flag more',
  )
  t.equal(
    encodeReport(report, 2).toString('hex'),
    [
      ...['4d5a4e49', '0002', '03', '0b', ...REPORT_HEAD], // flags: simulated, refused, counters
      '02', // two runs
      '820205b5b8f0fe2dbfe8da040c', // 2/0/down/1: one leaf with drops; bytes, packets, drops
      '0606dc0b01ea0b', // 2/0/up/3: one leaf with backlog; bytes, packets, backlog
      '291089ff', // crc
    ].join(''),
    'all counters',
  )
  t.equal(
    encodeReport(sinceThen, 2).toString('hex'),
    [
      ...['4d5a4e49', '0002', '03', '1b', ...REPORT_HEAD], // and since
      'e807', // 1,000 ms back
      '02', // two runs
      '820205a08d066402', // 2/0/down/1: 100,000 bytes, 100 packets, 2 drops more
      '0606dc0b01ea0b', // 2/0/up/3: new
      'bb2c56fa', // crc
    ].join(''),
    'what was added',
  )
  t.equal(
    encodeReport({ ...report, counters: null }, 2).toString('hex'),
    [...['4d5a4e49', '0002', '03', '03', ...REPORT_HEAD], '1fe6848a'].join(''),
    'nothing is known of counters',
  )
  t.end()
})

t.test('the bytes of wire version 4 do not change', (t) => {
  const ofVersion2 = encodeRates({ ...snapshot, version: 2, counted: true }).toString('hex')
  const head = ofVersion2.slice(16, 64)
  t.equal(
    encodeRates({ ...snapshot, ...told, version: 4, counted: true }).toString('hex'),
    [
      '4d5a4e49000400', // MZNI, version, kind
      '07', // flags: stamped, counted, reasoned
      head, // epoch, seq, edge
      '00a1b2c3d4e5f607', // instance
      '02', // two reasons
      '02000002', // 2/0/down, LINK
      '000001a20fb2b620', // since
      '0e7472616e7369742d612e646f776e', // transit-a.down
      '00', // nothing behind it
      '02000101', // 2/0/up, CEILING
      '000001a20fb12f80', // since
      '00', // no id
      '02056578616d73', // mode exams
      ofVersion2.slice(64, -8),
      '0c991a2c',
    ].join(''),
    'rates: whose they are, and why',
  )
  t.equal(
    encodeRates({ ...snapshot, version: 4, counted: true }).toString('hex'),
    ['4d5a4e490004000', '3', head, '0'.repeat(16), ofVersion2.slice(64, -8), 'caba02db'].join(''),
    'anybody’s, and nothing new of reasons',
  )
  const reportOf2 = encodeReport(report, 2).toString('hex')
  const end = reportOf2.length - 8 - 2 * (1 + 13 + 7)
  t.equal(
    encodeReport({ ...report, ...about }, 4).toString('hex'),
    [
      ...['4d5a4e49', '0004', '03', '2b', ...REPORT_HEAD], // flags: simulated, refused, counters, noticed
      '00a1b2c3d4e5f607', // instance
      '0f67772d6461722031302e302e302e31', // place
      '00c0843d', // nothing uncounted down, 1,000,000 bit/s up
      '01', // one notice
      '0001', // PAST, used
      '000001a20fb2b620', // since
      '0465746832', // eth2
      reportOf2.slice(end, -8),
      '60244139',
    ].join(''),
    'report: where it is, and what it has found',
  )
  t.end()
})

const record = fc
  .record({
    institution: fc.nat(0xffffffff),
    service: fc.nat(15),
    direction: fc.constantFrom(0 as const, 1 as const),
    safe: fc.nat(MAX_KBPS),
    burst: fc.integer({ min: 1, max: 64 * 1024 }),
    classes: fc.array(fc.nat(1e9), { minLength: 1, maxLength: 4 }),
  })
  .map((r): RateRecord => ({ ...r, rate: r.classes.reduce((sum, kbps) => sum + kbps, 0) }))

const hex16 = fc.stringMatching(/^[0-9a-f]{16}$/)
const safeWhole = fc.maxSafeNat()
const stamp = fc.record({ boot: hex16, at: safeWhole })

const body = fc.record<Omit<RateMessage, 'version'>>({
  kind: fc.constantFrom('snapshot', 'delta'),
  edge: fc.constant(EDGE.edge),
  epoch: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  seq: fc.integer({ min: 1000, max: Number.MAX_SAFE_INTEGER }),
  baseSeq: fc.nat(1000),
  revision: safeWhole,
  profile: hex16,
  lease: fc.integer({ min: 1, max: 86_400_000 }),
  stamp: fc.option(stamp),
  records: fc.uniqueArray(record, { selector: recordKey, maxLength: 20 }),
})
const reason = fc.record<Reason>({
  institution: fc.nat(0xffffffff),
  service: fc.nat(15),
  direction: fc.constantFrom(0 as const, 1 as const),
  code: fc.constantFrom(...LIMIT_CODES),
  id: fc.option(fc.string({ minLength: 1, maxLength: 63 })),
  since: safeWhole,
  behind: fc.option(fc.record({ kind: fc.constantFrom(...LAYERS), id: fc.string({ maxLength: 63 }) })),
})
const instance = hex16.filter((id) => id !== '0'.repeat(16))

const message = fc.oneof(
  body.map((rest): RateMessage => ({ ...rest, version: 1 })),
  fc.tuple(body, fc.option(instance), fc.option(fc.array(reason, { maxLength: 20 }), { nil: undefined })).map(
    ([rest, instance, reasons]): RateMessage => ({
      ...{ ...rest, version: 4, counted: false, instance },
      ...(reasons === undefined ? {} : { reasons }),
    }),
  ),
  fc
    .tuple(body, fc.boolean())
    .map(([rest, counted]): RateMessage => ({ ...rest, version: 2, counted: counted && rest.stamp !== null })),
)

const counters = fc.uniqueArray(
  fc.record({
    institution: fc.nat(0xffffffff),
    service: fc.nat(15),
    direction: fc.constantFrom(0 as const, 1 as const),
    class: fc.nat(3),
    bytes: safeWhole,
    packets: safeWhole,
    drops: safeWhole,
    backlog: safeWhole,
  }),
  { selector: leafKey, maxLength: 20 },
)

const anyReport = fc.record<SentReport>({
  edge: fc.constant(EDGE.edge),
  stamp,
  reads: fc.nat(0xffff),
  agent: fc.string({ unit: 'grapheme', maxLength: 20 }),
  driver: fc.string({ maxLength: 20 }),
  simulated: fc.boolean(),
  applied: fc.option(
    fc.record({ epoch: fc.integer({ min: 1, max: 2 ** 45 }), seq: safeWhole, crc: fc.nat(0xffffffff), profile: hex16 }),
  ),
  state: fc.constantFrom(...LEASE_STATES),
  enforcement: fc.constantFrom(...ENFORCEMENTS),
  refusal: fc.option(
    fc.record({
      code: fc.constantFrom(...REFUSALS.filter((code) => code !== 'SECOND')),
      detail: fc.string({ maxLength: 60 }),
    }),
  ),
  generation: safeWhole,
  counters: fc.option(counters),
})

const anyAbout = fc.record(
  {
    instance,
    place: fc.string({ minLength: 1, maxLength: 60 }),
    uncounted: fc.record({ down: fc.integer({ min: 1, max: 1e12 }), up: fc.nat(1e12) }),
    notices: fc.array(
      fc.record({
        ...{ code: fc.constantFrom(...NOTICES), used: fc.boolean(), since: fc.nat(LAST_TIME) },
        subject: fc.string({ maxLength: 40 }),
      }),
      { minLength: 1, maxLength: MAX_NOTICES_PER_EDGE },
    ),
  },
  { requiredKeys: [] },
)

/** Half of the leaves as they stood before, at that part of what they are now; and what was added since. */
function grown(counters: readonly LeafCounters[], part: number): { before: LeafCounters[]; added: LeafColumns } {
  const was = (value: number): number => Math.floor(value * part)
  const before = counters
    .filter((_, k) => k % 2 === 0)
    .map((leaf) => ({ ...leaf, bytes: was(leaf.bytes), packets: was(leaf.packets), drops: was(leaf.drops) }))
  const known = new Map(before.map((leaf) => [leafKey(leaf), leaf]))
  const added = counters.map((leaf) => {
    const { bytes, packets, drops } = known.get(leafKey(leaf)) ?? { bytes: 0, packets: 0, drops: 0 }
    return { ...leaf, bytes: leaf.bytes - bytes, packets: leaf.packets - packets, drops: leaf.drops - drops }
  })
  return { before, added: columnsOf(added) }
}

t.test('what is written is read', (t) => {
  fc.assert(
    fc.property(message, (generated) => {
      const sent = structuredClone(generated)
      assert.deepEqual(decodeRates(encodeRates(sent), EDGE), sent)
    }),
    { seed: 1, numRuns: 300 },
  )
  fc.assert(
    fc.property(anyReport, (generated) => {
      const { counters, ...rest } = structuredClone(generated)
      const leaves = columnsOf(counters ?? [])
      const [one, two] = [1, 2].map((version) => decodeReport(encodeReport({ ...rest, counters }, version), EDGE))
      assert.deepEqual(one, { ...rest, version: 1, counted: { kind: 'changed', leaves } })
      assert.deepEqual(two, { ...rest, version: 2, counted: counters && { kind: 'whole', leaves } })
    }),
    { seed: 2, numRuns: 300 },
  )
  fc.assert(
    fc.property(anyReport, counters, fc.double({ min: 0, max: 1, noNaN: true }), (generated, leaves, part) => {
      const { counters: _, ...rest } = structuredClone(generated)
      const { before, added } = grown(leaves, part)
      const stamp = { boot: '0'.repeat(16), at: 2_000 }
      const base: CounterBase = { at: 1_400, leaves: columnsOf(before) }
      const read = decodeReport(encodeReport({ ...rest, stamp, counters: leaves, base }, 2), EDGE)
      const counted = { kind: 'added', since: 1_400, leaves: added }
      assert.deepEqual(read, { ...rest, stamp, version: 2, counted })
    }),
    { seed: 3, numRuns: 300 },
  )
  fc.assert(
    fc.property(anyReport, anyAbout, (generated, besides) => {
      const { counters, ...rest } = { ...structuredClone(generated), ...structuredClone(besides) }
      const read = decodeReport(encodeReport({ ...rest, counters }, 4), EDGE)
      assert.deepEqual(read, {
        ...rest,
        version: 4,
        counted: counters && { kind: 'whole', leaves: columnsOf(counters) },
      })
    }),
    { seed: 4, numRuns: 300 },
  )
  t.end()
})

t.test('stamps are whole milliseconds, rounded so that a lease can only end early', (t) => {
  const read = decodeReport(encodeReport({ ...report, stamp: { boot: report.stamp.boot, at: 12.9 } }), EDGE)
  t.match(read, { stamp: { at: 12 } })
  t.end()
})

t.test('a long text is cut between two characters, and the report arrives', (t) => {
  const detail = `x${'é'.repeat(300)}`
  const read = decodeReport(encodeReport({ ...report, refusal: { code: 'DRIVER', detail } }), EDGE)
  t.match(read, { refusal: { code: 'DRIVER', detail: `x${'é'.repeat(127)}` } })
  t.end()
})

t.test('a moment that nobody could be told is refused', (t) => {
  const read = (said: Partial<SentReport>) => decodeReport(encodeReport({ ...report, ...about, ...said }, 4), EDGE)
  const lifted = (since: number, until: number) => read({ bypasses: [{ institution: 1, since, until, reason: 'up' }] })
  const noticed = (since: number) => read({ notices: [{ code: 'VRF', subject: 'a', since, used: true }] })
  const [last, beyond] = [LAST_TIME, LAST_TIME + 1]
  t.match(lifted(last, last), { bypasses: [{ since: last, until: last }] })
  t.match(noticed(last), { notices: [{ since: last }] })
  for (const refused of [lifted(beyond, 1), lifted(1, beyond), lifted(1, Number.MAX_SAFE_INTEGER), noticed(beyond)])
    t.match(refused, { code: 'BOUNDS' })
  t.end()
})

t.test('a usual leaf takes at most 14 bytes, and at most 5.1 as what was added in a second', (t) => {
  const leaves = Array.from({ length: 960 }, (_, i) => ({
    institution: 2 + Math.floor(i / 16),
    service: Math.floor(i / 4) % 2,
    direction: (Math.floor(i / 8) % 2) as 0 | 1,
    class: i % 4,
    bytes: 20e9 + i * 1e7,
    packets: 30e6 + i * 1e4,
    drops: 9_000 + i,
    backlog: i % 3 === 0 ? 15_140 : 0,
  }))
  const each = (version: number, counters: LeafCounters[], base: CounterBase | null = null): number => {
    const empty = encodeReport({ ...report, counters: [], base }, version).length
    return (encodeReport({ ...report, counters, base }, version).length - empty) / counters.length
  }
  t.ok(each(1, leaves) <= 14, `${each(1, leaves).toFixed(1)} bytes a leaf in version 1`)
  t.ok(each(2, leaves) <= 14, `${each(2, leaves).toFixed(1)} bytes a leaf in version 2, all of it`)
  const base = { at: report.stamp.at - 1_000, leaves: columnsOf(leaves) }
  // From 0.2 to 8 Mbit/s.
  const later = leaves.map((leaf, i) => ({
    ...leaf,
    ...{ bytes: leaf.bytes + 25_000 + i * 1_000, packets: leaf.packets + 25 + i, backlog: 0 },
  }))
  t.ok(each(2, later, base) <= 5.1, `${each(2, later, base).toFixed(1)} bytes a leaf, what was added`)
  t.end()
})

t.test('20,000 damaged messages: none is accepted, none throws', (t) => {
  const whole = [1, 2, 4].flatMap((version) => [
    encodeRates({ ...snapshot, ...told, version, counted: true }),
    encodeRates({ ...snapshot, version, kind: 'delta' }),
    encodeReport({ ...report, ...about }, version),
    encodeReport(sinceThen, version),
  ])
  let accepted = 0
  const codes = new Set<unknown>()
  for (let i = 0; i < 20_000; i++) {
    const original = whole[i % whole.length]!
    const damaged = mutate(original, i)
    if (damaged.equals(original)) continue
    for (const result of [decodeRates(damaged, EDGE), decodeReport(damaged, EDGE)]) {
      if (!isRefusal(result)) accepted++
      codes.add(codeOf(result))
    }
  }
  t.equal(accepted, 0)
  t.strictSame([...codes].sort(), ['CHECKSUM', 'MALFORMED', 'VERSION'])
  t.end()
})

t.test(
  '20,000 damaged messages with a right checksum: never an exception, and what is accepted says what it says',
  (t) => {
    const whole = [
      encodeRates(snapshot),
      encodeReport(report),
      encodeRates({ ...snapshot, version: 2, counted: true }),
      encodeReport(report, 2),
      encodeReport(sinceThen, 2),
      encodeRates({ ...snapshot, ...told, version: 4 }),
      encodeReport({ ...report, ...about }, 4),
    ]
    const accepted = new Set<string>()
    for (let i = 0; i < 20_000; i++) {
      const damaged = mutate(whole[i % whole.length]!, i)
      if (damaged.length < 8) continue
      damaged.writeUInt32BE(crc32(damaged.subarray(0, -4)), damaged.length - 4)
      for (const result of [decodeRates(damaged, EDGE), decodeReport(damaged, EDGE)]) {
        if (isRefusal(result)) continue
        const isRates = 'records' in result
        accepted.add(isRates ? `rates ${result.version}` : `report ${result.version} ${result.counted?.kind}`)
        const again = isRates ? encodeRates(result) : encodeReport(asSent(result), result.version)
        if (!again.equals(damaged)) t.fail(`seed ${i} has two spellings`)
      }
    }
    const reports = ['report 1 changed', 'report 2 added', 'report 2 whole', 'report 4 whole']
    const all = ['rates 1', 'rates 2', 'rates 4', ...reports]
    t.same([...accepted].sort(), all, 'of each kind some differ only in a value that is in bounds')
    t.end()
  },
)

t.test('every refusal has its code', (t) => {
  const rates = encodeRates(snapshot)
  const said = encodeReport(report)
  const refusedAs = (bytes: Buffer, code: string, why: string) => t.equal(codeOf(decodeRates(bytes, EDGE)), code, why)

  t.equal(codeOf(decodeRates(rates, { edge: 'dar-2' })), 'FOREIGN', 'for another edge')
  t.equal(codeOf(decodeReport(said, { edge: 'dar-2' })), 'FOREIGN', 'of another edge')
  refusedAs(said, 'MALFORMED', 'a report is no rates')
  t.equal(codeOf(decodeReport(rates, EDGE)), 'MALFORMED', 'rates are no report')
  t.match(
    decodeRates(
      resealed(rates, (b) => b.writeUInt16BE(9, 4)),
      EDGE,
    ),
    {
      code: 'VERSION',
      detail: 'wire version 9; this release reads 1 and 2',
    },
  )
  refusedAs(
    resealed(rates, (b) => b.writeUInt8(7, 6)),
    'MALFORMED',
    'an unknown kind',
  )
  refusedAs(
    resealed(rates, (b) => b.writeUInt8(3, 7)),
    'MALFORMED',
    'an unknown flag',
  )
  refusedAs(
    resealed(encodeRates({ ...snapshot, version: 2, stamp: null }), (b) => b.writeUInt8(2, 7)),
    'MALFORMED',
    'counted without a stamp',
  )
  refusedAs(
    resealed(rates, (b) => b.writeBigUInt64BE(0n, 8)),
    'BOUNDS',
    'epoch 0',
  )
  refusedAs(
    resealed(rates, (b) => b.writeBigUInt64BE(2n ** 60n, 8)),
    'BOUNDS',
    'an epoch beyond 53 bits',
  )
  refusedAs(
    resealed(rates, (b) => b.writeBigUInt64BE(99n, 32)),
    'BOUNDS',
    'built on what is not yet published',
  )
  refusedAs(
    resealed(rates, (b) => b.writeUInt32BE(0, 56)),
    'BOUNDS',
    'a lease of nothing',
  )
  refusedAs(
    resealed(rates, (b) => b.writeUInt8(2, 6)),
    'BOUNDS',
    'a heartbeat with records',
  )
  refusedAs(Buffer.concat([rates, Buffer.alloc(100)]), 'CHECKSUM', 'more behind the end')
  refusedAs(
    resealed(Buffer.concat([rates, Buffer.alloc(100)]), () => {}),
    'MALFORMED',
    'more behind the end, resealed',
  )
  refusedAs(Buffer.alloc(5 * 1024 * 1024), 'MALFORMED', 'too large')
  refusedAs(Buffer.alloc(0), 'MALFORMED', 'nothing')

  const first = 80
  refusedAs(
    resealed(rates, (b) => b.writeUInt32BE(0xffffffff, 76)),
    'BOUNDS',
    'a count that lies',
  )
  refusedAs(
    resealed(rates, (b) => b.writeUInt32BE(30_000, 76)),
    'MALFORMED',
    'a count that does not fit',
  )
  refusedAs(
    resealed(rates, (b) => b.writeUInt8(200, first + 6)),
    'BOUNDS',
    'more classes than there are',
  )
  refusedAs(
    resealed(rates, (b) => b.writeUInt8(16, first + 4)),
    'BOUNDS',
    'an unknown service',
  )
  refusedAs(
    resealed(rates, (b) => b.writeUInt8(2, first + 5)),
    'MALFORMED',
    'a third direction',
  )
  refusedAs(
    resealed(rates, (b) => b.writeUInt32BE(1, first + 7)),
    'BOUNDS',
    'classes that do not sum to the rate',
  )
  refusedAs(
    resealed(rates, (b) => b.writeUInt32BE(0xffffffff, first + 7)),
    'BOUNDS',
    'a rate beyond all links',
  )
  refusedAs(
    resealed(rates, (b) => b.writeUInt32BE(0xffffffff, first + 11)),
    'BOUNDS',
    'a safe rate beyond all links',
  )
  refusedAs(
    resealed(rates, (b) => b.writeUInt32BE(0xffffffff, first + 15)),
    'BOUNDS',
    'a burst of 4 GiB',
  )
  refusedAs(
    resealed(rates, (b) => b.copy(b, first + 35, first, first + 35)),
    'DUPLICATE',
    'a record twice',
  )
  const [down, up] = snapshot.records
  for (const records of [
    [down!, up!, down!],
    [up!, down!, up!],
    [up!, down!, down!],
  ]) {
    refusedAs(encodeRates({ ...snapshot, records }), 'DUPLICATE', 'a record twice, in any order')
  }
  t.end()
})

t.test('the writer refuses what no reader would take', (t) => {
  const [one] = snapshot.records
  t.throws(() => encodeRates({ ...snapshot, records: [{ ...one!, rate: 1 }] }), /classes sum to/)
  t.throws(() => encodeRates({ ...snapshot, records: [{ ...one!, institution: 1.5 }] }), RangeError)
  t.throws(() => encodeRates({ ...snapshot, epoch: Number.NaN }), RangeError)
  t.throws(() => encodeRates({ ...snapshot, kind: 'heartbeat' }), /carries no records/)
  t.throws(() => encodeRates({ ...snapshot, profile: 'xyz' }), /hex digits/)
  t.throws(() => encodeRates({ ...snapshot, version: 3 }), /version 3/)
  const [leaf] = report.counters
  for (const version of [1, 2]) {
    t.throws(() => encodeReport({ ...report, counters: [leaf, leaf] }, version), /stands twice/)
    t.throws(() => encodeReport({ ...report, counters: [{ ...leaf, class: 4 }] }, version), /out of bounds/)
  }
  const { base } = sinceThen
  t.throws(
    () => encodeReport({ ...sinceThen, counters: [{ ...leaf, bytes: 1 }] }, 2),
    RangeError,
    'a counter that fell',
  )
  t.throws(() => encodeReport({ ...report, base: { ...base!, at: report.stamp.at } }, 2), /cannot build on one/)
  t.end()
})

t.test('the checksum names the message', (t) => {
  const bytes = encodeRates(snapshot)
  t.equal(crcOf(bytes), crc32(bytes.subarray(0, -4)))
  t.not(crcOf(encodeRates({ ...snapshot, seq: 9 })), crcOf(bytes))
  t.end()
})
