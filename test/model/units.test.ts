// Borders of units and the depth of a token bucket, at the edges of numbers too.

import t from 'tap'
import { burstOf, FRAME, LEAST_BURST } from '../../src/model/burst.js'
import { isShortOf } from '../../src/model/shortfall.js'
import { fromBytes, fromKbps, fromSeconds, percentOf, toBytes, toKbps, toSeconds } from '../../src/model/units.js'

const PAIRS = [
  { name: 'kbit/s', from: fromKbps, to: toKbps, factor: 1_000 },
  { name: 'bytes', from: fromBytes, to: toBytes, factor: 8 },
  { name: 'seconds', from: fromSeconds, to: toSeconds, factor: 1_000 },
]

t.test('a border changes the unit and nothing else, for every number', async (t) => {
  for (const { name, from, to, factor } of PAIRS) {
    t.same([from(0), from(1), from(1.5), from(-2)], [0, factor, 1.5 * factor, -2 * factor], name)
    t.same([to(0), to(factor), to(1), to(-factor)], [0, 1, 1 / factor, -1], `to ${name}: nothing is rounded`)
    t.same([from(Number.NaN), to(Number.NaN)], [Number.NaN, Number.NaN], 'unknown stays unknown')
    t.same([from(Number.POSITIVE_INFINITY), to(Number.POSITIVE_INFINITY)], Array(2).fill(Number.POSITIVE_INFINITY))
    for (const whole of [1, 7, 64, 999_999, 0xffffffff]) t.equal(to(from(whole)), whole, `${whole} there and back`)
  }
})

t.test('a token bucket holds 4 ms of its rate, and never less than two full frames', async (t) => {
  t.equal(LEAST_BURST, 2 * FRAME)
  t.equal(burstOf(fromKbps(100_000)), 50_000, '4 ms of 100 Mbit/s')
  t.same([burstOf(0), burstOf(1), burstOf(1_000), burstOf(6_056_000)], Array(4).fill(3_028), 'two full frames at least')
  t.equal(burstOf(6_058_000), 3_029, 'the first rate above that')
  t.equal(burstOf(1_000_001), 3_028)
  t.equal(burstOf(8_000_001), 4_001, 'whole bytes, rounded up')
  t.same(burstOf(Number.NaN), Number.NaN)
})

t.test('what is missing counts from 1 % and from 64 kbit/s on', async (t) => {
  t.notOk(isShortOf(0, 64_000), '64 kbit/s is not more than 64 kbit/s')
  t.ok(isShortOf(0, 64_001))
  t.notOk(isShortOf(99e6, 100e6), '1 % is not more than 1 %')
  t.ok(isShortOf(98.9e6, 100e6))
  t.notOk(isShortOf(2, 1), 'more than was asked')
  t.notOk(isShortOf(Number.NaN, 1e9), 'unknown is not short')
})

t.test('a part that is held against another is not rounded up to it', async (t) => {
  t.equal(percentOf(0.999953), '99.99 %')
  t.equal(percentOf(1), '100.00 %')
  t.equal(percentOf(0.29), '29.00 %')
  t.equal(percentOf(0.999985, 0.99999), '99.998 %')
  t.equal(percentOf(0.99999, 0.99999), '99.999 %')
  for (let k = 0; k <= 10_000; k++) if (percentOf(k / 10_000) !== `${(k / 100).toFixed(2)} %`) t.fail(String(k))
})
