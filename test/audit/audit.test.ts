// The trail: what was written can be proved, and what was spoilt is found.

import t from 'tap'
import { chain, hashAfter, type Row, START, textOf } from '../../src/audit/chain.js'
import { NO_TRUST, Proof } from '../../src/audit/prove.js'
import { AuditTrail } from '../../src/audit/trail.js'
import type { Happening } from '../../src/model/happening.js'
import { manualClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { memoryAudit, memoryKeys } from './memory-store.js'

const happening = (subject: string, more: Partial<Happening> = {}): Happening => ({
  at: Date.UTC(2026, 0, 1),
  actor: 'asha',
  via: 'password',
  address: '192.0.2.1',
  action: 'PUT /v1/policy',
  subject,
  reason: 'growth',
  reference: null,
  requestId: '0198',
  outcome: 'done',
  code: null,
  before: { revision: 7 },
  after: { revision: 8 },
  times: 1,
  ...more,
})

async function faultOf(rows: readonly Row[]) {
  const proof = await Proof.open(START, NO_TRUST)
  await proof.add(rows)
  return proof.verdict().fault
}

const peers: string[] = []

function open(store = memoryAudit()) {
  const keys = memoryKeys({ peers })
  peers.push(keys.publicKey)
  const clock = manualClock()
  const lines: string[] = []
  const log = createLogger('test', 'info', { write: (line) => void lines.push(line) })
  return { store, clock, lines, trail: new AuditTrail({ store: store.port, plane: 'taifa', keys, clock, log }) }
}

t.test('an entry has one form of bytes, and its hash covers all before it', async (t) => {
  const odd = happening('x', {
    before: JSON.parse('{"b":1,"__proto__":{"2":1,"1":2},"a":[1e400,null]}'),
    after: undefined,
  })
  const text = textOf({ ...odd, n: 1 })
  t.equal(textOf(JSON.parse(text)), text, 'read and written again it is the same')
  const head =
    '{"n":1,"at":1767225600000,"actor":"asha","via":"password","address":"192.0.2.1","action":"PUT /v1/policy"'
  t.ok(text.startsWith(head), text)
  // printf '%s\n%s' $(printf 0%.0s {1..64}) '{"n":1}' | sha256sum
  t.equal(hashAfter(START.hash, '{"n":1}'), 'bad665c38a61c1ef00dd9dc15e77b0099ac6e73233027efbc233ebbc6fd6f4ef')
})

t.test('what finds no store until the process ends is in the log', async (t) => {
  const { store, clock, lines, trail } = open()
  t.equal(await trail.append(happening('written')), true)
  store.away = true
  void trail.append(happening('waits'))
  const closing = trail.close(1_000)
  await clock.advance(1_000)
  await closing
  t.equal(await trail.append(happening('late')), false, 'who waits for it hears that it does not stand')
  const said = lines.map((line) => JSON.parse(line) as { subject?: string; msg: string })
  t.same(
    said.filter(({ msg }) => /in the log only/.test(msg)).map(({ subject }) => subject),
    ['waits', 'late'],
  )
  t.match(trail, { waiting: 0, lost: 2 })
  const well = open()
  void well.trail.append(happening('written'))
  await well.trail.close(1_000)
  t.match([well.store.rows.length, well.trail.lost], [1, 0], 'a store that is there is waited for')
})

t.test('any flipped bit of any entry is found where it is', async (t) => {
  const rows = chain(
    START,
    ['a', 'b', 'c', 'd'].map((subject) => happening(subject)),
    null,
  )
  t.equal(await faultOf(rows), null)
  for (const [i, row] of rows.entries()) {
    const bytes = Buffer.from(row.text)
    for (let bit = 0; bit < bytes.length * 8; bit += 37) {
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      const spoilt = rows.with(i, { ...row, text: bytes.toString('latin1') })
      t.equal((await faultOf(spoilt))?.n, row.n)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
    }
    const code = i === rows.length - 1 ? undefined : 'GAP'
    t.equal((await faultOf(rows.toSpliced(i, 1)))?.code, code, 'one that was taken out; at the end the head tells')
  }
  const forged = chain(rows[0]!, [happening('another')], null)
  t.equal((await faultOf([rows[0]!, ...forged, ...rows.slice(2)]))?.n, 3, 'a whole new one breaks the next')
})

t.test('two controllers add to one trail: no gap, no fork', async (t) => {
  const store = memoryAudit()
  const [one, two] = [open(store), open(store)]
  await Promise.all(Array.from({ length: 300 }, (_, i) => (i % 2 ? one : two).trail.append(happening(String(i)))))
  t.match(await one.trail.verify(), { ok: true, entries: 300, head: { n: 300 } })
  t.strictSame(new Set(store.rows.map(({ text }) => JSON.parse(text).subject)).size, 300)
})

t.test('while the store is away entries wait in their order; a lost answer writes nothing twice', async (t) => {
  const { trail, store, clock, lines } = open()
  store.away = true
  const told = Promise.all(['a', 'b'].map((subject) => trail.append(happening(subject))))
  await clock.advance(5_000)
  t.equal(trail.waiting, 2)
  t.ok(lines.some((line) => line.includes('the audit waits for the store')))
  store.away = false
  await clock.advance(1_000)
  await told
  store.loseAnswer = true
  const third = trail.append(happening('c'))
  await clock.advance(1_000)
  await third
  t.strictSame(
    store.rows.map(({ text }) => JSON.parse(text).subject),
    ['a', 'b', 'c'],
  )
  t.ok((await trail.verify()).ok)
})

t.test('what was exported is cut off behind a checkpoint, and the rest still verifies', async (t) => {
  const { trail, store } = open()
  for (const subject of ['a', 'b', 'c', 'd']) await trail.append(happening(subject))
  const second = store.rows[1]!
  await t.rejects(trail.trim({ n: 2, hash: store.rows[2]!.hash }, 'exported'), { code: 'PRECONDITION_FAILED' })
  await trail.trim({ n: 2, hash: second.hash }, 'exported')
  t.match(await trail.verify(), { ok: true, entries: 3, base: { n: 2, hash: second.hash }, head: { n: 5 } })
  await t.rejects(trail.trim({ n: 2, hash: second.hash }, 'exported'), { code: 'PRECONDITION_FAILED' }, 'it is gone')

  // As a controller sees it that has not seen the trail before.
  const verify = () => open(store).trail.verify()
  store.rows.pop()
  t.match(await verify(), { ok: false, fault: { n: 5, code: 'GAP' } }, 'a missing end')
  store.head = { n: 4, hash: '0'.repeat(64) }
  t.match(await verify(), { ok: false, fault: { n: 4, code: 'HEAD' } })
})
