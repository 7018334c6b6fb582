// Counters as differences: whatever is lost, late, doubled or read by somebody else, a reader sees what the edge had
// counted at that stamp, or nothing; and what is said of them with ill intent is refused before it is used.

import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { CounterSelection } from '../../src/edge/reporter.js'
import type { EdgeReport, LeafCounters } from '../../src/model/lease.js'
import { REPORTS_KEPT } from '../../src/runtime/limits.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeReport, encodeReport } from '../../src/wire/codec.js'
import { columnsOf } from '../../src/wire/leaf-columns.js'
import type { SentReport } from '../../src/wire/messages.js'
import { ReportReader } from '../../src/wire/report-reader.js'
import { report, sinceThen } from './samples.js'

const EDGE = { edge: 'dar-1' }
const BOOT = report.stamp.boot

const leaf = (institution: number, bytes: number, more: Partial<LeafCounters> = {}): LeafCounters => ({
  ...{ institution, service: 0, direction: 0, class: 0, bytes, packets: Math.floor(bytes / 1_000) },
  ...{ drops: 0, backlog: 0, ...more },
})

const sent = (at: number, counters: SentReport['counters'], base: SentReport['base'] = null): SentReport => ({
  ...{ ...report, stamp: { boot: BOOT, at }, counters, base },
})

const since = (at: number, leaves: readonly LeafCounters[]): NonNullable<SentReport['base']> => ({
  ...{ at, leaves: columnsOf(leaves) },
})

function read(reader: ReportReader, said: SentReport, version = 2): EdgeReport {
  const found = reader.read(EDGE.edge, encodeReport(said, version))
  if (found === null || isRefusal(found)) throw new Error(found?.detail ?? 'it is not new')
  return { ...found, counters: found.counters && [...found.counters] }
}

t.test('a reader adds up what it has, and says nothing of what it has not', (t) => {
  const reader = new ReportReader()
  const first = [leaf(2, 1_000), leaf(3, 5_000)]
  const second = [leaf(2, 3_000, { drops: 4, backlog: 900 }), leaf(3, 5_000), leaf(4, 10)]
  t.match(read(reader, sent(10, first)), { counters: first, isBase: true })
  const added = sent(20, [second[0]!, second[2]!], since(10, first))
  t.same(read(reader, added), { ...report, stamp: { boot: BOOT, at: 20 }, counters: second, isBase: true })
  t.same(read(reader, added).counters, second, 'the same report again')
  t.same(read(reader, sent(30, [], since(20, second))).counters, second, 'nothing was added')
  t.match(read(reader, sent(25, first)), { counters: first, isBase: false }, 'a late one is nothing to build on')

  const unknown = { counters: null, isBase: false }
  const next = sent(40, [], since(30, second))
  t.match(read(new ReportReader(), next), unknown, 'another reader')
  t.match(read(reader, sent(40, [], since(10, first))), unknown, 'an edge does not go back')
  t.match(read(reader, { ...next, generation: 2 }), unknown, 'another generation')
  t.match(read(reader, { ...next, stamp: { boot: 'f'.repeat(16), at: 40 } }), unknown, 'another boot')
  t.match(read(reader, sent(40, null)), unknown, 'the driver could not read them')
  t.match(
    read(reader, sent(40, first), 1),
    { counters: first, isBase: false },
    'version 1 leaves out what is not named',
  )
  reader.keepOnly(new Map([[EDGE.edge, 3]]))
  t.match(read(reader, next), { counters: second, isBase: true }, 'none of these did any harm')
  reader.keepOnly(new Map([[EDGE.edge, 2]]))
  t.match(read(reader, sent(50, [], since(40, second))), unknown, 'more leaves than it may have')
  t.match(read(reader, sent(51, second)), unknown, 'however they are told')
  reader.keepOnly(new Map())
  t.match(read(reader, sent(50, [], since(40, second))), unknown, 'an edge that is no more')
  t.end()
})

t.test('what an edge says of itself steers no terminal and forges no line', (t) => {
  const said: SentReport = {
    ...sent(1, []),
    ...{ place: 'x\ny', agent: '\u001b]', driver: '\u202e', refusal: { code: 'DRIVER', detail: 'a\tb' } },
    bypasses: [{ institution: 1, since: 1, until: 2, reason: 'up\n\u001b[2J' }],
    notices: [{ code: 'VRF', subject: 'a\r\nb', since: 1, used: true }],
  }
  t.match(read(new ReportReader(), said, 4), {
    ...{ place: 'x\\ny', agent: '\\u001b]', driver: '\\u202e', refusal: { detail: 'a\\tb' } },
    ...{ bypasses: [{ reason: 'up\\n\\u001b[2J' }], notices: [{ subject: 'a\\r\\nb' }] },
  })
  t.end()
})

t.test('a reader keeps what an edge may build on, and no more', (t) => {
  const reader = new ReportReader()
  const counters = [leaf(2, 1_000)]
  read(reader, sent(1, counters))
  for (let at = 2; at <= 100; at++) t.equal(read(reader, sent(at, [], since(1, counters))).isBase, true)
  t.equal(read(reader, sent(101, [], since(101 - REPORTS_KEPT, counters))).isBase, true, 'one of the last')
  t.equal(read(reader, sent(102, [], since(1, counters))).isBase, false, 'an edge does not go back')
  for (let at = 103; at <= 120; at++) read(reader, sent(at, counters))
  t.equal(read(reader, sent(121, [], since(120 - REPORTS_KEPT, counters))).isBase, false, 'one more is not kept')
  t.equal(read(reader, sent(121, [], since(121 - REPORTS_KEPT, counters))).isBase, true)
  t.end()
})

t.test('sums beyond 53 bits are refused', (t) => {
  const most = Number.MAX_SAFE_INTEGER
  for (const what of ['bytes', 'packets', 'drops'] as const) {
    const reader = new ReportReader()
    read(reader, sent(1, [leaf(2, 0, { [what]: most - 1 })]))
    const add = (at: number, amount: number) =>
      reader.read(EDGE.edge, encodeReport(sent(at, [leaf(2, 0, { [what]: amount })], since(1, [])), 2))
    t.match(add(2, 2), { code: 'BOUNDS', detail: 'leaf 2/0/0/0 adds up to more than 53 bits' }, what)
    t.match(add(3, 1), { counters: [{ [what]: most }], isBase: true }, 'what was refused left nothing behind')
  }
  t.end()
})

/** A report of version 2 with this in the place of its counters, and a right checksum. */
function withCounters(flags: number, ...bytes: number[]): object {
  const whole = encodeReport(sent(1_000, null), 2)
  whole.writeUInt8(whole.readUInt8(7) | flags, 7)
  const content = Buffer.concat([whole.subarray(0, -4), Buffer.from(bytes)])
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32(content))
  return decodeReport(Buffer.concat([content, crc]), EDGE)
}

t.test('counters that lie are refused', (t) => {
  const [ALL, ADDED] = [8, 24]
  const one = [1, 129, 1, 4]
  t.match(withCounters(ALL, ...one, 7, 1), { counted: { kind: 'whole', leaves: [leaf(1, 7, { packets: 1 })] } })
  t.match(withCounters(ADDED, 9, ...one, 7, 1), { counted: { kind: 'added', since: 991 } })
  const refused = (code: string, why: string, flags: number, ...bytes: number[]) =>
    t.match(withCounters(flags, ...bytes), { code }, why)
  refused('MALFORMED', 'a base without counters', 16, 9)
  refused('MALFORMED', 'a base that is this very report', ADDED, 0, ...one, 7, 1)
  refused('BOUNDS', 'a base before time began', ADDED, 0xe9, 7, ...one, 7, 1)
  refused('MALFORMED', 'more behind the end', ALL, ...one, 7, 1, 0)
  refused('MALFORMED', 'runs that do not fit', ALL, 2, ...one.slice(1), 7, 1)
  refused('BOUNDS', 'runs beyond all leaves', ALL, 0xff, 0xff, 0xff, 0x7f, ...one.slice(1), 7, 1)
  refused('MALFORMED', 'leaves that do not fit', ALL, 1, 1, 8, 7, 1)
  refused('BOUNDS', 'leaves beyond all leaves', ALL, 1, 1, 0xfc, 0xff, 0xff, 0x7f, 7, 1)
  refused('MALFORMED', 'a run of nothing', ALL, 1, 1, 0, 7, 1)
  refused('DUPLICATE', 'a leaf before the first', ALL, 1, 0, 4, 7, 1)
  refused('DUPLICATE', 'a leaf twice', ALL, 2, 1, 4, 7, 1, 0, 4, 7, 1)
  refused('MALFORMED', 'one run in two pieces', ALL, 2, 1, 4, 7, 1, 1, 4, 7, 1)
  refused('MALFORMED', 'drops that are none', ALL, 1, 1, 5, 7, 1, 0)
  refused('MALFORMED', 'backlog that is none', ALL, 1, 1, 6, 7, 1, 0)
  refused('BOUNDS', 'an institution beyond 32 bits', ALL, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 4, 7, 1)
  const v1 = encodeReport({ ...report, counters: [leaf(0, 7)] })
  v1.writeUInt8(0, v1.length - 9)
  v1.writeUInt32BE(crc32(v1.subarray(0, -4)), v1.length - 4)
  t.match(decodeReport(v1, EDGE), { code: 'DUPLICATE' }, 'version 1: a leaf before the first')
  t.end()
})

// ---- an edge, two controllers, and what lies between

interface Letter {
  readonly due: number
  readonly bytes: Buffer
}

interface Echo {
  readonly due: number
  readonly at: number
  readonly counted: boolean
  readonly epoch: number
}

const way = fc.option(fc.nat(3), { freq: 4 })
const round = fc.record({
  /** By how much counters rise; 0 among them: a leaf that rests. */
  rise: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
  /** Rounds that the report takes to each of the controllers, and the answer back; null: lost. */
  ways: fc.tuple(way, way),
  back: way,
  twice: fc.boolean(),
  event: fc.option(fc.constantFrom('takeover', 'restart', 'fall', 'generation', 'reboot', 'less', 'more', 'blind'), {
    freq: 6,
  }),
})
type Round = typeof round extends fc.Arbitrary<infer R> ? R : never
const CLEAR: Round = { rise: [1, 2, 3, 1], ways: [0, 0], back: 0, twice: false, event: null }

/** One edge of production parts, and all that can happen to its reports. */
class Story {
  readonly seen = { added: 0, whole: 0, nothing: 0 }
  lastRead: EdgeReport | null = null
  lastSent: SentReport | null = null
  readonly #readers = [new ReportReader(), new ReportReader()]
  readonly #newest = [new Map<string, number>(), new Map<string, number>()]
  readonly #letters: Letter[][] = [[], []]
  readonly #truth = new Map<string, readonly LeafCounters[]>()
  #echoes: Echo[] = []
  #selection = new CounterSelection()
  #leader = 0
  #epoch = 1
  #heardEpoch = 1
  #boot = 1
  #generation = 1
  #now = 0
  #counters = [3, 5, 7, 11].map((institution) => leaf(institution, 1_000))
  #left: readonly number[] = [0, 1, 2]

  step({ rise, ways, back, twice, event }: Round): void {
    this.#now++
    this.#happen(event)
    this.#counters = this.#counters.map((one, k) => ({
      ...one,
      ...{ bytes: one.bytes + rise[k]! * 700, packets: one.packets + rise[k]!, backlog: rise[k]! % 2 ? 0 : rise[k]! },
      drops: one.drops + (rise[k] === 3 ? 1 : 0),
    }))
    this.#report(ways, twice, event === 'blind')
    for (const k of [0, 1]) this.#deliver(k, back)
    const due = this.#echoes.filter((echo) => echo.due <= this.#now)
    this.#echoes = this.#echoes.filter((echo) => echo.due > this.#now)
    for (const { at, counted, epoch } of due) {
      // As the agent does: an epoch only rises.
      if (epoch < this.#heardEpoch) continue
      if (epoch > this.#heardEpoch) this.#selection.startOver()
      this.#heardEpoch = epoch
      this.#selection.echoed(at, counted)
    }
  }

  #happen(event: Round['event']): void {
    if (event === 'takeover') {
      this.#leader = 1 - this.#leader
      this.#epoch++
    }
    if (event === 'restart') this.#readers[this.#leader] = new ReportReader()
    if (event === 'fall') this.#counters[1] = { ...this.#counters[1]!, bytes: 0 }
    if (event === 'generation') {
      this.#generation++
      this.#counters = this.#counters.map((one) => ({ ...one, bytes: 0, packets: 0, drops: 0 }))
    }
    if (event === 'reboot') {
      this.#boot++
      this.#selection = new CounterSelection()
    }
    if (event === 'less') this.#left = [0, 2]
    if (event === 'more') this.#left = [0, 1, 2, 3]
  }

  #report(ways: Round['ways'], twice: boolean, blind: boolean): void {
    const stamp = { boot: this.#boot.toString(16).padStart(16, '0'), at: this.#now * 1_000 }
    const leaves = this.#left.map((k) => this.#counters[k]!)
    const stats = { generation: this.#generation, leaves }
    const counters = blind ? { counters: null } : this.#selection.select(stats, stamp.at)
    this.lastSent = { ...report, stamp, generation: this.#generation, ...counters }
    this.#truth.set(`${stamp.boot} ${stamp.at}`, leaves)
    const bytes = encodeReport(this.lastSent, 2)
    ways.forEach((delay, k) => {
      if (delay === null) return
      this.#letters[k]!.push({ due: this.#now + delay, bytes })
      if (twice) this.#letters[k]!.push({ due: this.#now + delay + 1, bytes })
    })
  }

  #deliver(k: number, back: Round['back']): void {
    const letters = this.#letters[k]!
    this.#letters[k] = letters.filter(({ due }) => due > this.#now)
    let heard: EdgeReport | null = null
    for (const { bytes } of letters.filter(({ due }) => due <= this.#now)) {
      const found = this.#readers[k]!.read(EDGE.edge, bytes)
      if (found === null || isRefusal(found)) throw new Error(`our own report is refused: ${found?.detail}`)
      const { stamp, counters, isBase } = found
      const message = decodeReport(bytes, EDGE)
      const kind = isRefusal(message) ? undefined : message.counted?.kind
      this.seen[counters === null ? 'nothing' : kind === 'added' ? 'added' : 'whole']++
      if (counters) assert.deepEqual([...counters], this.#truth.get(`${stamp.boot} ${stamp.at}`))
      else assert.equal(isBase, false)
      // As the lease table does: only what is newer is heard.
      if (stamp.at <= (this.#newest[k]!.get(stamp.boot) ?? 0)) continue
      this.#newest[k]!.set(stamp.boot, stamp.at)
      heard = found
    }
    if (!heard || k !== this.#leader) return
    this.lastRead = heard
    if (back === null) return
    const { stamp, isBase } = heard
    if (Number.parseInt(stamp.boot, 16) !== this.#boot) return
    this.#echoes.push({ due: this.#now + back, at: stamp.at, counted: isBase === true, epoch: this.#epoch })
  }
}

t.test('a controller never sees other counters than the edge had, and in clear weather it sees differences', (t) => {
  const seen = { added: 0, whole: 0, nothing: 0 }
  fc.assert(
    fc.property(fc.array(round, { minLength: 1, maxLength: 60 }), (rounds) => {
      const story = new Story()
      for (const one of rounds) story.step(one)
      for (let k = 0; k < 10; k++) story.step(CLEAR)
      for (const what of ['added', 'whole', 'nothing'] as const) seen[what] += story.seen[what]
      assert.ok(story.lastRead?.counters, 'the last report is understood')
      assert.ok(story.lastRead.stamp.at === story.lastSent?.stamp.at && story.lastSent.base, 'as differences')
    }),
    { seed: 4, numRuns: 500 },
  )
  t.comment(JSON.stringify(seen))
  t.ok(seen.added > 1_000 && seen.whole > 1_000 && seen.nothing > 100, 'all three happen')
  t.end()
})

t.test('the sample of the codec tests reads as what it was made of', (t) => {
  const reader = new ReportReader()
  const { base, ...rest } = sinceThen
  const before = base!.leaves
  read(reader, { ...rest, stamp: { boot: BOOT, at: base!.at }, counters: before })
  t.same(read(reader, sinceThen).counters, report.counters)
  t.end()
})
