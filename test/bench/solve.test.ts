// Benches, small. Of the solve: what they print is proved, does not depend on the run, and agrees with HiGHS and with
// the plain ways where those are exact. Of what is served: no link carries more than it can.

import t from 'tap'
import { fairShareRound, sortedWaterFill } from '../../bench/baselines.js'
import { benchCalls } from '../../bench/calls.js'
import { benchHighs } from '../../bench/highs.js'
import { measureServed } from '../../bench/served.js'
import { benchNation, benchNetwork } from '../../bench/solve.js'
import { benchTicks } from '../../bench/ticks.js'

t.test('the nation, cold and with a few demands moved, is proved and has the same bytes again', async (t) => {
  const rows = benchNation(3, 7)
  t.ok(rows.every(({ ok }) => ok))
  t.same(
    benchNation(3, 7).map(({ hash }) => hash),
    rows.map(({ hash }) => hash),
  )
})

t.test('networks with and without envelopes are proved', async (t) => {
  for (const envelopes of [0, 24]) {
    const size = { flows: 500, links: 40, crossings: 4, envelopes }
    const { ok, hash } = benchNetwork(size, 3, 7)
    t.ok(ok, `${envelopes} envelopes`)
    t.equal(benchNetwork(size, 3, 7).hash, hash, 'the same bytes again')
  }
})

t.test('HiGHS finds the same allocation', async (t) => {
  for (const flows of [20, 60]) {
    const { difference, programs } = await benchHighs({ flows, links: 12, crossings: 3 }, 3, 7)
    t.ok(difference <= 1e-9, `${flows} flows, ${programs} programs, difference ${difference}`)
  }
})

t.test('baselines: sorting is exact on one link, two rounds are not', async (t) => {
  const demand = Float64Array.of(0, 120, 126, 1000, 1000)
  const weight = new Float64Array(5).fill(1)
  t.same([...sortedWaterFill(500, demand, weight)], [0, 120, 126, 127, 127])
  const round = fairShareRound(500, demand, weight)
  t.ok(Math.abs(round[4]! - 126 - 2 / 3) < 1e-9, 'the 126 2/3 of the doorman')
})

t.test('the tick is solved at its beat while planning is busy', async (t) => {
  const { plans, worst } = await benchTicks('small', 3, 1, 7)
  t.ok(plans > 0 && worst > 0, `${plans} plans, worst ${worst} ms`)
})

t.test(
  'a nation of elastic senders under a cut: no link carries more than it can, and most of it is carried',
  async (t) => {
    const { seconds, fullest } = await measureServed(4, { settle: 5 })
    t.ok(fullest.part <= 1, `${fullest.link} carries ${fullest.part} of its capacity`)
    t.ok(
      seconds.every(({ down, up }) => Math.min(down, up) > 0.6),
      JSON.stringify(seconds),
    )
  },
)

t.test('the short calls of a tick answer the same, however often they are timed', async (t) => {
  const { hash, records } = benchCalls(3, 7)
  t.ok(records > 0)
  t.equal(benchCalls(20, 7).hash, hash)
})
