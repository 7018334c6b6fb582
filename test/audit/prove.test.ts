// A trail nobody inside can rewrite: whatever is done to it in the store, by whom it may be, is found by its signatures
// and by the ends that were told to the outside.

import { createHash } from 'node:crypto'
import t from 'tap'
import { type Anchor, anchorLine, anchorsIn } from '../../src/audit/anchors.js'
import { chain, hashAfter, type Link, type Row, type Signer, START, textOf } from '../../src/audit/chain.js'
import { REDACT, TRIM } from '../../src/audit/deeds.js'
import { NO_TRUST, Proof, type Trust } from '../../src/audit/prove.js'
import { newPrivateKey, signerOf } from '../../src/audit/signing.js'
import { AuditTrail } from '../../src/audit/trail.js'
import type { Happening } from '../../src/model/happening.js'
import { type ManualClock, manualClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { generator } from '../wire/samples.js'
import { memoryAudit, memoryKeys } from './memory-store.js'

const happening = (subject: string, more: Partial<Happening> = {}): Happening => ({
  ...{ at: Date.UTC(2026, 0, 1), actor: 'asha', via: 'password', address: '192.0.2.1', action: 'PUT /v1/policy' },
  ...{ subject, reason: 'growth', reference: null, requestId: '0198', outcome: 'done', code: null, times: 1 },
  ...{ before: { revision: 7 }, after: { revision: 8 } },
  ...more,
})
const some = (count: number): Happening[] => Array.from({ length: count }, (_, i) => happening(`s${i}`))

async function verdictOf(rows: readonly Row[], more: Partial<Trust> = {}, base: Link = START, head?: Link) {
  const proof = await Proof.open(base, { ...NO_TRUST, ...more })
  await proof.add(rows)
  return proof.verdict(head)
}
const anchorOf = ({ n, hash }: Link, signer: Signer): Anchor => ({
  ...{ plane: 'taifa', n, hash, signature: signer.sign({ n, hash }) },
})
/** Everything behind is hashed anew, as whoever has the store can. */
function rehashed(rows: readonly Row[], from: number, signer: Signer | null): Row[] {
  let hash = rows[from - 1]?.hash ?? START.hash
  let n = rows[from - 1]?.n ?? 0
  return rows.map((row, i) => {
    if (i < from) return row
    n++
    const text = JSON.stringify({ ...JSON.parse(row.text), n })
    hash = hashAfter(hash, text)
    return { n, hash, text, signature: signer === null ? row.signature : signer.sign({ n, hash }) }
  })
}

interface Manipulated {
  readonly rows: readonly Row[]
  readonly base?: Link
}
type Manipulation = (rows: readonly Row[], pick: (below: number) => number, thief: Signer) => Manipulated
const insertAt = (rows: readonly Row[], i: number): Row[] => [
  ...rows.slice(0, i),
  ...chain(rows[i - 1] ?? START, [happening('never')], null),
  ...rows.slice(i),
]
const spoil = (text: string, pick: (below: number) => number): string => {
  const entry = JSON.parse(text)
  const fields = ['actor', 'subject', 'reason', 'at', 'outcome', 'address', 'action', 'before']
  entry[fields[pick(fields.length)]!] = `x${pick(1_000)}`
  return textOf(entry)
}
const swapped = (rows: readonly Row[], i: number, j: number): Row[] => {
  const texts = rows.map(({ text }) => text)
  return rows.map((row, at) => ({ ...row, text: texts[at === i ? j : at === j ? i : at]! }))
}
/** Each by somebody who may write what he likes into the store, and has no key of a controller's. */
const MANIPULATIONS: Record<string, Manipulation> = {
  'takes an entry out': (rows, pick) => ({ rows: rows.toSpliced(pick(rows.length), 1) }),
  'takes some out and hashes the rest anew': (rows, pick) => {
    const at = pick(rows.length - 5)
    return { rows: rehashed(rows.toSpliced(at, 1 + pick(4)), at, null) }
  },
  'cuts off the last': (rows, pick) => ({ rows: rows.slice(0, rows.length - 1 - pick(rows.length - 1)) }),
  'changes a text': (rows, pick) => {
    const at = pick(rows.length)
    return { rows: rows.with(at, { ...rows[at]!, text: spoil(rows[at]!.text, pick) }) }
  },
  'changes a text and hashes the rest anew': (rows, pick) => {
    const at = pick(rows.length)
    return { rows: rehashed(rows.with(at, { ...rows[at]!, text: spoil(rows[at]!.text, pick) }), at, null) }
  },
  'signs it all with a key of his own': (rows, pick, thief) => {
    const at = pick(rows.length)
    return { rows: rehashed(rows.with(at, { ...rows[at]!, text: spoil(rows[at]!.text, pick) }), at, thief) }
  },
  'signs the whole trail with a key of his own': (rows, pick, thief) => {
    const at = pick(rows.length)
    return { rows: rehashed(rows.with(at, { ...rows[at]!, text: spoil(rows[at]!.text, pick) }), 0, thief) }
  },
  'takes the signatures away': (rows, pick) => {
    const at = pick(rows.length)
    const spoilt = rehashed(rows.with(at, { ...rows[at]!, text: spoil(rows[at]!.text, pick) }), at, null)
    return { rows: spoilt.map((row) => ({ ...row, signature: null })) }
  },
  'swaps two entries': (rows, pick) => {
    const i = pick(rows.length - 1)
    return { rows: swapped(rows, i, i + 1 + pick(rows.length - i - 1)) }
  },
  'swaps two and hashes the rest anew': (rows, pick) => {
    const i = pick(rows.length - 1)
    return { rows: rehashed(swapped(rows, i, i + 1 + pick(rows.length - i - 1)), i, null) }
  },
  'slips one in': (rows, pick) => {
    const at = pick(rows.length)
    return { rows: rehashed(insertAt(rows, at), at, null) }
  },
  'slips one in at the end': (rows) => ({ rows: insertAt(rows, rows.length) }),
  'writes one twice': (rows, pick) => {
    const at = pick(rows.length - 1)
    return { rows: rehashed(rows.toSpliced(at, 0, rows[at]!), at, null) }
  },
  'cuts off the beginning': (rows, pick) => {
    const at = 1 + pick(rows.length - 2)
    return { rows: rows.slice(at), base: { n: at, hash: rows[at - 1]!.hash } }
  },
  'cuts it all off': (rows) => ({ rows: [], base: { n: rows.length, hash: rows.at(-1)!.hash } }),
  'empties it': () => ({ rows: [] }),
  'claims that secrets were taken out': (rows, pick) => {
    const at = pick(rows.length)
    const text = spoil(rows[at]!.text, pick)
    const entries = [{ n: at + 1, hash: rows[at]!.hash, sha256: hashAfter('', text) }]
    const claim = chain(rows.at(-1)!, [happening('', { action: REDACT, after: { entries } })], null)
    return { rows: [...rows.with(at, { ...rows[at]!, text }), ...claim] }
  },
}

const BY_SIGNATURE = ['slips one in at the end', 'claims that secrets were taken out']

t.test('1,000 manipulations by whoever has the store, restores included: none is missed', async (t) => {
  const seed = 20_261_127
  const pick = generator(seed)
  const keys = [1, 2].map(() => signerOf(newPrivateKey())) as [Signer, Signer]
  const thief = signerOf(newPrivateKey())
  const trusted = new Set(keys.map(({ publicKey }) => publicKey))
  const rows: Row[] = []
  const anchors: Anchor[] = []
  // Two controllers take turns, and each tells of the end now and then; the last end is told.
  for (const [i, one] of some(20).entries()) {
    const signer = keys[pick(2)]!
    rows.push(...chain(rows.at(-1) ?? START, [one], signer))
    if (i % 6 === 0 || i === 19) anchors.push(anchorOf(rows.at(-1)!, signer))
  }
  t.match(await verdictOf(rows, { keys: trusted, anchors }), { ok: true, entries: 20, signed: 20, anchors: 5 })
  const names = [...Object.keys(MANIPULATIONS), 'restores an older one, and the controllers go on']
  const missed: string[] = []
  const found = new Map<string, number>()
  for (let round = 0; round < 1_000; round++) {
    const name = names[round % names.length]!
    const { rows: left, base = START } =
      MANIPULATIONS[name]?.(rows, pick, thief) ?? goesOn(rows.slice(0, pick(rows.length)), 1 + pick(60), keys[0])
    if (JSON.stringify(left) === JSON.stringify(rows)) continue
    const { fault } = await verdictOf(left, { keys: trusted, anchors }, base)
    // What is told to the outside is enough where nobody signs, for what was there when it was told.
    const unsigned = left.map((row) => ({ ...row, signature: null }))
    const byAnchors = BY_SIGNATURE.includes(name) || !(await verdictOf(unsigned, { anchors }, base)).ok
    if (fault === null || !byAnchors) missed.push(`${name}, round ${round} of seed ${seed}`)
    else found.set(fault.code, (found.get(fault.code) ?? 0) + 1)
  }
  t.strictSame(missed, [])
  t.comment([...found].map(([code, count]) => `${code} ${count}`).join(', '))
  t.ok(found.size >= 6, 'by each of the ways in which a trail is held')
})

/** A controller signs whatever end it finds. */
const goesOn = (rows: readonly Row[], count: number, signer: Signer): Manipulated => ({
  rows: [...rows, ...chain(rows.at(-1) ?? START, Array(count).fill(happening('after')), signer)],
})

t.test(
  'who may sign: an older release, two controllers, a key that another has followed, and nobody else',
  async (t) => {
    const [first, next, stranger] = [memoryKeys(), memoryKeys(), memoryKeys()]
    const old = chain(START, some(3), null)
    const signed = chain(old.at(-1)!, some(3), first)
    const rows = [...old, ...signed, ...chain(signed.at(-1)!, some(3), next)]
    const both = new Set([first.publicKey, next.publicKey])
    t.match(await verdictOf(rows, { keys: both, since: 3 }), { ok: true, signed: 6, keys: [...both].sort() })
    t.match(await verdictOf(rows), { ok: true, signed: 6 }, 'whoever was told nothing sees whose keys they are')
    t.match(await verdictOf(old, { keys: both, since: 3 }), { ok: true, signed: 0 }, 'just upgraded')
    t.match(await verdictOf(old, { keys: both }), { fault: { code: 'UNSIGNED' } }, 'nothing of it is ours')
    t.match(await verdictOf(rows, { keys: both, since: 2 }), { fault: { n: 3, code: 'UNSIGNED' } })
    t.match(await verdictOf(rows, { keys: new Set([first.publicKey]), since: 3 }), { fault: { n: 7, code: 'FORGED' } })
    const late = [...rows, ...chain(rows.at(-1)!, some(1), null)]
    t.match(
      await verdictOf(late, { keys: both }),
      { fault: { n: 10, code: 'UNSIGNED' } },
      'a release before, meanwhile',
    )
    const strange = [...rows, ...chain(rows.at(-1)!, some(1), stranger)]
    t.match(await verdictOf(strange, { keys: both }), { fault: { n: 10, code: 'FORGED', detail: /vouches/ } })
    const moved = rows.with(5, { ...rows[5]!, signature: rows[4]!.signature })
    t.match(await verdictOf(moved), { fault: { n: 6, code: 'FORGED' } })
    for (const signature of ['', 'x', `${'A'.repeat(43)}.${'A'.repeat(86)}`, first.sign(rows[5]!).slice(1)])
      t.match(await verdictOf(rows.with(5, { ...rows[5]!, signature })), { fault: { n: 6, code: 'FORGED' } }, signature)
  },
)

t.test('anchors stand in any log, among others; those that no key of ours signed say nothing', async (t) => {
  const [keys, thief] = [memoryKeys(), memoryKeys()]
  const rows = chain(START, some(4), keys)
  const line = anchorLine(anchorOf(rows[2]!, keys))
  const log = `<109>1 2026-11-27T13:00:00Z ctl mizani 7 audit-head - ${line}\nsomething else\n${line}\n`
  t.strictSame(anchorsIn(log, 'taifa'), [anchorOf(rows[2]!, keys), anchorOf(rows[2]!, keys)])
  t.strictSame(anchorsIn(log, 'pwani'), [])
  const trusted = new Set([keys.publicKey])
  const told = anchorsIn(log, null)
  t.match(await verdictOf(rows, { keys: trusted, anchors: told }), { ok: true, anchors: 2 })
  const false_ = anchorOf({ n: 9, hash: '0'.repeat(64) }, thief)
  t.match(await verdictOf(rows, { keys: trusted, anchors: [...told, false_] }), { ok: true, anchors: 2 })
  t.match(await verdictOf(rows.slice(0, 2), { anchors: told }), { fault: { n: 3, code: 'CUT' } })
  const others = chain(rows[1]!, some(2), keys)
  t.match(await verdictOf([...rows.slice(0, 2), ...others], { anchors: told }), { fault: { n: 3, code: 'ANCHOR' } })
})

t.test(
  'what the trail says of itself: who cut its beginning off, which entries were rewritten, what a restore took',
  async (t) => {
    const keys = memoryKeys()
    const rows = chain(START, some(4), keys)
    const [, second, third] = rows
    const link = ({ n, hash }: Link): Link => ({ n, hash })
    const behind = (action: string, more: Partial<Happening>) => [
      ...rows,
      ...chain(rows.at(-1)!, [happening('', { action, before: null, after: null, ...more })], keys),
    ]
    const trimmed = behind(TRIM, { after: link(second!) }).slice(2)
    t.match(await verdictOf(trimmed, {}, link(second!)), { ok: true, entries: 3 })
    t.match(await verdictOf(trimmed.slice(1), {}, link(third!)), { fault: { n: 4, code: 'BASE' } }, 'of another cut')
    const asked = behind('POST /v1/audit/trim', { after: link(second!) }).slice(2)
    t.match(await verdictOf(asked, {}, link(second!)), { fault: { n: 3, code: 'BASE' } }, 'who only asked for it')
    const unsigned = asked.map((row) => ({ ...row, signature: null }))
    t.match(await verdictOf(unsigned, {}, link(second!)), { ok: true }, 'as the release before told of it')

    const text = textOf({ ...JSON.parse(second!.text), after: null })
    const sha256 = createHash('sha256').update(text).digest('hex')
    const redacted = behind(REDACT, { after: { entries: [{ ...link(second!), sha256 }] } })
    t.match(await verdictOf(redacted), { ok: true, redacted: 0 }, 'cut short before the entry was rewritten')
    t.match(await verdictOf(redacted.with(1, { ...second!, text })), { ok: true, redacted: 1 })
    const other = textOf({ ...JSON.parse(second!.text), after: null, actor: 'juma' })
    t.match(await verdictOf(redacted.with(1, { ...second!, text: other })), { fault: { n: 2, code: 'CHANGED' } })

    const restored = { subject: '2026-11-01', before: { n: 90, hash: 'a'.repeat(64) }, after: link(rows[3]!) }
    t.match(await verdictOf(behind('restore', restored)), {
      fault: { n: 5, code: 'CUT', detail: /behind 4, up to 90/ },
    })
    const kept = { ...restored, before: link(rows[3]!) }
    t.match(await verdictOf(behind('restore', kept)), { ok: true }, 'where the trail was kept, nothing is gone')
  },
)

function controller(store: ReturnType<typeof memoryAudit>, keys = memoryKeys(), known: Link = START) {
  const clock: ManualClock = manualClock()
  const log = createLogger('test', 'silent')
  return new AuditTrail({ store: store.port, plane: 'taifa', keys, known, clock, log })
}

t.test('a controller knows where the trail ended, and says so when it ends earlier', async (t) => {
  const store = memoryAudit()
  const keys = memoryKeys()
  const trail = controller(store, keys)
  for (const one of some(6)) await trail.append(one)
  const known = await trail.head()
  t.match(await trail.verify(), { ok: true, entries: 6, signed: 6 })
  store.rows.splice(4)
  store.head = { n: 4, hash: store.rows[3]!.hash }
  const after = controller(store, keys, known)
  t.match(await after.verify(), { fault: { n: 5, code: 'CUT', detail: /behind 4, up to 6/ } }, 'after a restart too')
  await trail.append(happening('goes on'))
  t.match(await trail.verify(), { fault: { n: 5, code: 'CUT' } })
  t.equal(store.rows.length, 7, 'each controller says it once')
  const far = controller(store, keys, { n: 2, hash: '0'.repeat(64) })
  t.match(await far.head(), { n: 8 }, 'another trail in its place')
})

t.test('a trail that was proven is not proven again, and one that is another by now is', async (t) => {
  const store = memoryAudit()
  const trail = controller(store)
  for (const one of some(5)) await trail.append(one)
  t.ok((await trail.verify()).ok)
  const row = store.rows[1]!
  store.rows[1] = { ...row, text: row.text.replace('asha', 'juma') }
  t.match(await trail.verify(), { fault: { n: 2, code: 'CHANGED' } })
  store.rows[1] = row
  t.ok((await trail.verify()).ok)
  store.rows = rehashed(store.rows.with(1, { ...row, text: row.text.replace('asha', 'juma') }), 1, null)
  store.head = { n: 5, hash: store.rows[4]!.hash }
  t.match(await controller(store, trail.keys as ReturnType<typeof memoryKeys>).verify(), { fault: { code: 'FORGED' } })
  t.match(await trail.verify(), { fault: { n: 2, code: 'FORGED' } })
})
