// When there is a tick: how late one is told to be, and how often anybody can have one more.

import t from 'tap'
import { manualClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { Rhythm } from '../../src/tick/rhythm.js'

const log = createLogger('test', 'silent')

t.test('a tick says how late it begins: what came in between is seen', async (t) => {
  const clock = manualClock()
  const late: number[] = []
  let takes = 0
  const rhythm = new Rhythm({
    ...{ clock, log, period: () => 1_000, late: (by) => late.push(by) },
    tick: () => clock.sleep(takes),
  })
  rhythm.start()
  await clock.advance(1_000)
  takes = 1_300
  await clock.advance(1_000)
  takes = 0
  await clock.advance(2_000)
  await rhythm.stop()
  t.same(late.slice(0, 4), [0, 0, 0, 550], 'one that took longer than a period, and a quarter to rest')
})

t.test('a tick that was woken is as good as the beat, which counts from it', async (t) => {
  const clock = manualClock()
  const begun: number[] = []
  const late: number[] = []
  const from = clock.monotonic()
  const rhythm = new Rhythm({
    ...{ clock, log, period: () => 1_000, late: (by) => late.push(by) },
    tick: async () => {
      begun.push(clock.monotonic() - from)
      await clock.sleep(100)
    },
  })
  rhythm.start()
  await clock.advance(950)
  rhythm.wake()
  await clock.advance(2_200)
  await rhythm.stop()
  t.strictSame(begun, [0, 950, 1_950, 2_950], 'and nothing stands in line behind the one of 950')
  t.strictSame(late, [0, 0, 0, 0])
})

t.test('whoever wakes it again and again leaves as much time as its ticks take', async (t) => {
  const clock = manualClock()
  let busy = 0
  const rhythm = new Rhythm({
    ...{ clock, log, period: () => 60_000 },
    tick: async () => {
      await clock.sleep(80)
      busy += 80
    },
  })
  for (let k = 0; k < 400; k++) {
    rhythm.wake()
    await clock.advance(5)
  }
  await rhythm.stop()
  t.ok(busy <= 1_100 && busy >= 800, `${busy} of 2000 ms`)
})
