// What a table of rates is brought by to what is desired, against a plain definition with a map and a set; and what
// changed records make of those before.

import t from 'tap'
import { seeded } from '../../bench/harness.js'
import type { Desired } from '../../src/edge/driver.js'
import { rateOperations, tableAfter } from '../../src/edge/drivers/rate-operations.js'
import { type RateRecord, recordKey, recordsAfter } from '../../src/model/lease.js'
import { SEED } from '../solve/problems.js'
import { edgeProfile, rateRecord } from './fixtures.js'

const ORDER = ['delete', 'decrease', 'add', 'increase']
const random = seeded(SEED)
const int = (n: number): number => Math.floor(random() * n)
const desired = (rates: readonly RateRecord[]): Desired => ({ profile: edgeProfile(), enforcement: 'enforce', rates })
const byKey = (rates: readonly RateRecord[]) => new Map(rates.map((record) => [recordKey(record), record]))

/** Some of 16 flows, mostly in their order. */
function drawn(): RateRecord[] {
  const rates = Array.from({ length: 16 }, (_, k) => rateRecord(2 + (k >> 1), (k & 1) as 0 | 1, 400 * int(4)))
  const some = rates.filter(() => random() < 0.8)
  return random() < 0.2 ? some.reverse() : some
}

/** The same with some at other rates, or other classes. */
const moved = (rates: readonly RateRecord[]): RateRecord[] =>
  rates.map((record) => {
    if (random() < 0.7) return record
    const { institution, direction, rate } = record
    const other = random() < 0.5 ? 400 * int(4) : rate
    return { ...rateRecord(institution, direction, other), classes: random() < 0.5 ? record.classes : [other, 0, 0, 0] }
  })

function plainly(rates: readonly RateRecord[], before: readonly RateRecord[]): string[] {
  const [now, then] = [byKey(rates), byKey(before)]
  const kinds = rates.flatMap((record) => {
    const old = then.get(recordKey(record))
    if (!old) return [`add ${recordKey(record)}`]
    if (record.rate < old.rate) return [`decrease ${recordKey(record)}`]
    return record.rate > old.rate || `${record.classes}` !== `${old.classes}` ? [`increase ${recordKey(record)}`] : []
  })
  const gone = before.filter((record) => !now.has(recordKey(record))).map((record) => `delete ${recordKey(record)}`)
  const place = (text: string): number => ORDER.indexOf(text.split(' ')[0]!)
  return [...kinds, ...gone].sort((a, b) => place(a) - place(b))
}

/** `KIND institution/service/direction ...` as `KIND key`. */
const short = (kind: string, text: string): string => {
  const [, name, direction] = /^\w+ (\w+)\/internet\/(down|up)/.exec(text)!
  const institution = name === 'posta' ? 2 : name === 'tra' ? 3 : Number(name)
  return `${kind} ${recordKey({ institution, service: 0, direction: direction === 'down' ? 0 : 1 })}`
}

t.test('a table is brought to what is desired as its definition says, and then nothing is left', (t) => {
  const seen = new Map<string, number>()
  for (let n = 0; n < 2_000; n++) {
    const before = drawn()
    const wanted = desired(random() < 0.6 ? moved(before) : moved(drawn()))
    const table = tableAfter(desired(before))
    const found = rateOperations(wanted, table).map(({ kind, text }) => short(kind, text))
    const plain = plainly(wanted.rates, before)
    if (found.join() !== plain.join()) t.same(found, plain, `${n}`)
    for (const operation of found) seen.set(operation.split(' ')[0]!, 1 + (seen.get(operation.split(' ')[0]!) ?? 0))
    for (const stands of [tableAfter(wanted), tableAfter(desired([...wanted.rates]))])
      if (rateOperations(wanted, stands).length > 0) t.fail(`${n}: something is left`)
  }
  for (const kind of ORDER) t.ok(seen.get(kind)! > 500, `${seen.get(kind)} of ${kind}`)
  t.end()
})

t.test('changed records stand in the places of those before, and new ones after them', (t) => {
  for (let n = 0; n < 1_000; n++) {
    const [before, changed] = [drawn(), moved(drawn()).filter(() => random() < 0.3)]
    const plain = [...new Map([...byKey(before), ...byKey(changed)]).values()]
    const found = recordsAfter(before, changed)
    if (JSON.stringify(found) !== JSON.stringify(plain)) t.same(found, plain, `${n}`)
  }
  t.pass('as a map has them')
  t.end()
})
