// What an edge says of its clock and of what it applied, held against the boot that said it.

import t from 'tap'
import type { EdgeReport } from '../../src/model/lease.js'
import { EdgeBoots } from '../../src/tick/edge-boots.js'

const TRUE = { gains: false, beginsAgain: false, goesBack: false }

const report = (boot: string, at: number, seq: number): EdgeReport => ({
  ...{ edge: 'east', agent: 'test', reads: 3, stamp: { boot, at }, state: 'FRESH', enforcement: 'enforce' },
  ...{ driver: 'test', simulated: true, refusal: null, counters: null, generation: 1 },
  applied: { epoch: 1, seq, crc: 0, profile: '0'.repeat(16) },
})

t.test('what a former boot said may come late', async (t) => {
  const boots = new EdgeBoots()
  t.same(boots.note(report('a', 60_000, 40), 1_000), TRUE)
  t.same(boots.note(report('b', 300, 42), 2_000), TRUE)
  t.same(boots.note(report('a', 60_900, 41), 2_100), TRUE, 'of the boot before, and newer than what that had said')
  t.same(boots.note(report('b', 1_400, 43), 3_000), TRUE)
  t.same(boots.note(report('b', 2_400, 40), 4_000), { ...TRUE, goesBack: true })
  t.same(
    boots.note(report('c', 0, 39), 5_000),
    { ...TRUE, goesBack: true },
    'a new boot has what was applied before it',
  )
})

t.test('who begins again and again is seen, and whoever goes back to a former boot', async (t) => {
  const boots = new EdgeBoots()
  for (const [k, boot] of [...'abc'].entries()) t.same(boots.note(report(boot, 0, 1), k * 1_000), TRUE)
  t.same(boots.note(report('d', 0, 1), 3_000), { ...TRUE, beginsAgain: true })
  const back = (at: number) => boots.note(report('b', 4 * at, 1), 20_000 + at).gains
  t.same([0, 1_000, 2_000, 3_000, 4_000].map(back).slice(2), [true, true, true], 'its clock is held against its own')
})

t.test('a clock that seemed far ahead, and was not, is measured anew', async (t) => {
  const boots = new EdgeBoots()
  const gains = (at: number, ahead: number) => boots.note(report('a', at + ahead, 1), at).gains
  for (const at of [0, 1_000]) t.notOk(gains(at, 44_000))
  for (const [k, at] of [2_000, 3_000, 4_000].entries()) t.notOk(gains(at, k - 44_000))
  t.ok(gains(5_000, -40_000))
})

t.test('one that was far ahead when it was read first is measured from where it is next', async (t) => {
  const boots = new EdgeBoots()
  const gains = (at: number, ahead: number) => boots.note(report('a', at + ahead, 1), at).gains
  t.notOk(gains(0, 36_000))
  t.notOk(gains(14_000, 25_000), 'no report is as late as that')
  t.ok(gains(15_000, 28_000), 'and from there on it gains')
  const late = new EdgeBoots()
  for (const [at, ahead] of [
    [0, 3_000],
    [9_000, -4_000],
    [10_000, 3_000],
  ] as const)
    t.notOk(late.note(report('a', at + ahead, 1), at).gains, 'a report may be late')
})

t.test('a report that may have lain in the store says nothing of the one before it, nor of the next', async (t) => {
  const boots = new EdgeBoots()
  const gains = (at: number, ahead: number, isOld = false) => boots.note(report('a', at + ahead, 1), at, isOld).gains
  t.notOk(gains(0, -500))
  t.notOk(gains(24_000, -21_000, true), 'nobody has read for long')
  for (const [at, ahead] of [
    [30_000, -700],
    [31_000, 0],
    [32_000, -100],
  ] as const)
    t.notOk(gains(at, ahead))
  t.ok(gains(33_000, 3_000), 'its clock is held against the first')
})

t.test(
  'reports that have lain in the store say nothing of where the clock stands, be they two and the first',
  async (t) => {
    const boots = new EdgeBoots()
    const gains = (at: number, ahead: number, isOld = false) => boots.note(report('a', at + ahead, 1), at, isOld).gains
    t.notOk(gains(0, -3_600, true))
    t.notOk(gains(18_000, -4_100, true))
    t.notOk(gains(36_000, -1_200, true))
    for (const at of [37_000, 38_000]) t.notOk(gains(at, -30))
    t.ok(gains(39_000, 3_000))
  },
)
