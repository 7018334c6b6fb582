// A few of the ways to fail, the quick ones, in every test run; `npm run faults` plays them all. Here nobody is told
// off for being slow: other tests share the machine.

import t from 'tap'
import { ALL_CASES } from '../faults/cases/all.js'
import { Stage, trialOf } from '../faults/stage.js'

/** A store that comes back empty, an edge that dies, messages that lie about their size, old messages. */
const QUICK = [2, 26, 32, 34]

const stage = new Stage(1)
t.teardown(() => stage.close())

for (const { number, name, done, run } of ALL_CASES.filter(({ number }) => QUICK.includes(number))) {
  t.test(`${number} ${name}: ${done}`, { timeout: 120_000 }, async (t) => {
    const trial = trialOf({
      ...{ stage, name: `case-${number}`, long: false, timed: false },
      check: (holds, what) => void t.ok(holds, what),
      note: (fact) => void t.comment(fact),
    })
    await run(trial)
    await trial.end()
  })
}

t.test('every way to fail has its case', async (t) => {
  t.same(
    ALL_CASES.map(({ number }) => number),
    Array.from({ length: 65 }, (_, k) => k + 1),
  )
})
