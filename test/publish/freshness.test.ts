// Reports that were recorded and are sent again: of any boot, of this term and of those before, none counts, and they
// are named; and an edge that speaks now is heard one report later at most, whoever hears of the other first.

import t from 'tap'
import { Echoing } from '../../src/edge/echoing.js'
import { Freshness } from '../../src/publish/freshness.js'
import { type ManualClock, manualClock } from '../../src/runtime/clock.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeRates, encodeRates, encodeReport, versionFor } from '../../src/wire/codec.js'
import { EdgeMacs, edgeKeyOf } from '../../src/wire/mac.js'
import { PROVING_VERSION, WIRE_VERSION } from '../../src/wire/messages.js'
import { ReportReader } from '../../src/wire/report-reader.js'
import { report, snapshot } from '../wire/samples.js'

const { edge } = snapshot
const keys = [{ generation: 1, key: edgeKeyOf(Buffer.alloc(32, 1), 'p', edge, 0) }]
const SECOND = 1_000

/** A controller: what it makes of reports, as bytes, and what it sends. */
class Leader {
  readonly macs = new EdgeMacs(keys, 'controller')
  readonly freshness: Freshness
  readonly #reader: ReportReader
  #reads: number | null = null
  #seq = 0
  #epoch = 0
  heard = 0

  constructor(clock: ManualClock) {
    this.freshness = new Freshness(clock)
    this.#reader = new ReportReader(() => this.macs, {
      isFresh: (report, key, lay) => this.freshness.admits(report, key, lay),
    })
  }

  lead(epoch: number): this {
    this.freshness.lead(epoch)
    this.#epoch = epoch
    this.#seq = 0
    return this
  }

  /** As incoming.ts and publication.ts do. */
  hear(bytes: Buffer, lay = false): boolean {
    const read = this.#reader.read(edge, bytes, { lay })
    if (read === null || isRefusal(read)) return false
    this.#reads = read.reads
    this.heard++
    return true
  }

  say(): Buffer {
    this.freshness.next()
    const reads = Math.max(this.#reads ?? 0, this.freshness.readsOf(edge) ?? 0)
    const asks = reads >= PROVING_VERSION ? { nonce: this.freshness.nonce } : {}
    const serial = { epoch: this.#epoch, seq: ++this.#seq, baseSeq: 0 }
    return encodeRates({ ...snapshot, ...serial, ...asks, version: versionFor(reads || null) }, this.macs)
  }
}

/** One boot of an edge. */
class Edge {
  readonly #clock: ManualClock
  readonly #boot: string
  readonly #macs = new EdgeMacs(keys, 'edge')
  readonly #echoing = new Echoing()

  constructor(clock: ManualClock, boot: number) {
    this.#clock = clock
    this.#boot = `${boot}`.padStart(16, '0')
  }

  hear(bytes: Buffer, lay = false): this {
    const message = decodeRates(bytes, { edge, macs: this.#macs })
    if (isRefusal(message)) throw new Error(message.detail)
    this.#echoing.hear(message, lay)
    return this
  }

  say(reads = WIRE_VERSION): Buffer {
    const { version, nonce } = this.#echoing
    const stamp = { boot: this.#boot, at: this.#clock.monotonic() }
    const said = { ...report, reads, stamp, instance: this.#boot, ...(nonce && { echo: nonce }) }
    return encodeReport(said, version, this.#macs)
  }
}

/** Seconds of a leader and an edge that hear each other; what the edge said. */
async function speak(clock: ManualClock, leader: Leader, edge: Edge, seconds: number): Promise<Buffer[]> {
  const said: Buffer[] = []
  for (let k = 0; k < seconds; k++) {
    edge.hear(leader.say())
    await clock.advance(SECOND / 2)
    said.push(edge.say())
    leader.hear(said.at(-1)!)
    await clock.advance(SECOND / 2)
  }
  return said
}

for (const boots of [1, 2, 5, 20]) {
  t.test(
    `reports of ${boots} boots, sent again before and after another leads: none counts, all are named`,
    async (t) => {
      const clock = manualClock()
      const leaders = [new Leader(clock).lead(7), new Leader(clock)] as const
      const recorded: Buffer[] = []
      for (let boot = 1; boot <= boots; boot++) {
        const edge = new Edge(clock, boot)
        leaders[0].hear(edge.say())
        recorded.push(...(await speak(clock, leaders[0], edge, 3)))
      }
      t.equal(leaders[0].heard, 3 * boots, 'all of them counted when they were said')
      for (const leader of [leaders[0], leaders[0], leaders[1].lead(8), new Leader(clock).lead(9)]) {
        const before = leader.heard
        for (let second = 0; second <= 25; second++) {
          leader.say()
          for (const bytes of recorded) leader.hear(bytes)
          leader.hear(recorded[second % recorded.length]!, true)
          await clock.advance(SECOND)
        }
        t.equal(leader.heard, before, 'none counts')
        t.ok(leader.freshness.isUnproven(edge), 'it is named')
      }
      const back = new Edge(clock, boots + 1)
      const now = new Leader(clock).lead(10)
      t.notOk(now.hear(back.say()), 'it has heard nothing yet')
      await speak(clock, now, back, 1)
      t.equal(now.heard, 1, 'an edge that speaks counts at once')
      t.notOk(now.freshness.isUnproven(edge), 'and is not named')
      for (const bytes of recorded) t.notOk(now.hear(bytes))
    },
  )
}

t.test(
  'who leads next is heard first, or hears first: one report later the edge counts, and nobody is named',
  async (t) => {
    for (const order of ['hears', 'reports'] as const) {
      const clock = manualClock()
      const before = new Leader(clock).lead(7)
      const honest = new Edge(clock, 1)
      before.hear(honest.say())
      await speak(clock, before, honest, 3)
      const next = new Leader(clock).lead(8)
      if (order === 'reports') t.notOk(next.hear(honest.say()), 'what it says to another does not count')
      const first = next.say()
      honest.hear(first)
      const counts = next.hear(honest.say())
      t.equal(counts, order === 'reports', 'one that has heard nobody sends no nonce before it knows who reads one')
      await speak(clock, next, honest, 1)
      t.equal(next.heard, counts ? 2 : 1)
      for (let k = 0; k < 30; k++) {
        await speak(clock, next, honest, 1)
        t.notOk(next.freshness.isUnproven(edge))
      }
    }
  },
)

t.test('a standby hears by the nonces of who leads, and by its own as soon as it leads', async (t) => {
  const clock = manualClock()
  const [leader, standby] = [new Leader(clock).lead(7), new Leader(clock)]
  const honest = new Edge(clock, 1)
  leader.hear(honest.say())
  const told = leader.say()
  const message = decodeRates(told, { edge, macs: leader.macs })
  if (isRefusal(message)) throw new Error(message.detail)
  const said = honest.hear(told).say()
  t.notOk(standby.hear(said), 'it does not know it yet')
  standby.freshness.follow(message)
  t.ok(standby.hear(said))
  standby.freshness.follow({ ...message, epoch: 6, nonce: 'f'.repeat(32) })
  await clock.advance(1)
  const old = encodeReport({ ...report, stamp: { boot: 'a'.repeat(16), at: 1 }, echo: 'f'.repeat(32) }, 6, leader.macs)
  t.notOk(standby.hear(old), 'an older leader is not followed any more')
  standby.lead(8)
  t.notOk(standby.hear(honest.say()), 'what was said to another')
  t.ok(standby.hear(honest.hear(standby.say()).say()), 'it hears at once, for what it reads is known')
  standby.freshness.watch()
  standby.freshness.follow({ edge, epoch: 9 })
  t.ok(standby.hear(encodeReport({ ...report, reads: 6 }, 5, leader.macs)), 'who leads now asks for none')
})

t.test('what lies in the store is not said again, and what an edge repeats is of its newest message', async (t) => {
  const clock = manualClock()
  const leader = new Leader(clock).lead(7)
  const gone = new Edge(clock, 1).say()
  for (let k = 0; k < 60; k++) {
    t.notOk(leader.hear(gone, true))
    await clock.advance(SECOND)
  }
  t.notOk(leader.freshness.isUnproven(edge), 'an edge that has died is not named for its last words')
  const honest = new Edge(clock, 2)
  const [stored, newer] = [leader.say(), leader.say()]
  honest.hear(newer).hear(stored, true).hear(stored)
  t.ok(leader.hear(honest.say()), 'not of one that is read later and is older')
  leader.lead(6)
  honest.hear(leader.say())
  await clock.advance(1)
  t.ok(leader.hear(honest.say()), 'a leader whose term is lower is answered as well: it has to hear of a higher one')
  await clock.advance(301 * SECOND)
  leader.say()
  t.notOk(leader.hear(honest.say()), 'nothing is repeated for longer than five minutes')
})

t.test(
  'an agent of the release before counts as before, until one under its key has shown that it knows better',
  (t) => {
    const clock = manualClock()
    const leader = new Leader(clock).lead(7)
    const old = (at: number, reads: number) => {
      const said = { ...report, reads, stamp: { boot: 'b'.repeat(16), at } }
      return encodeReport(said, 5, new EdgeMacs(keys, 'edge'))
    }
    t.ok(leader.hear(old(1, 5)))
    t.notOk(leader.hear(old(2, 6)), 'it could repeat a nonce')
    const upgraded = new Edge(clock, 1).hear(leader.say())
    t.ok(leader.hear(upgraded.say()), 'it was sent one, though its last report that counted reads none')
    t.notOk(leader.hear(old(3, 5)), 'from then on nothing older counts')
    t.end()
  },
)
