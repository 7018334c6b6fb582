// Turns at a thread: one a round, who has used least of it is next, and a tick is disturbed by none.

import t from 'tap'
import { anotherRound, type Clock, manualClock } from '../../src/runtime/clock.js'
import { FairTurns } from '../../src/runtime/fair-turns.js'

/** A thread at which time passes by work alone. */
function thread(mostEach = 100) {
  let now = 0
  const manual = manualClock()
  const clock: Pick<Clock, 'monotonic' | 'setTimer'> = { monotonic: () => now, setTimer: manual.setTimer }
  const turns = new FairTurns(clock, mostEach)
  const order: string[] = []
  const work = async (who: string, took: number): Promise<void> => {
    await turns.take(who, 'work')
    order.push(who)
    now += took
  }
  return { turns, order, work, manual }
}

t.test('in one round there is one turn, and what else is due comes between any two', async (t) => {
  const { order, work } = thread()
  const all = [work('a', 1), work('a', 1), work('a', 1)]
  const seen: number[] = []
  for (let round = 0; round < 5; round++) {
    await anotherRound()
    seen.push(order.length)
  }
  await Promise.all(all)
  t.ok(
    seen.every((count, round) => count - (seen[round - 1] ?? 0) <= 1),
    seen.join(),
  )
})

t.test('who asks for little is next, however many wait before', async (t) => {
  const { order, work } = thread()
  const many = Array.from({ length: 20 }, () => work('greedy', 10))
  while (order.length < 3) await anotherRound()
  const few = work('modest', 1)
  await Promise.all([...many, few])
  t.ok(order.indexOf('modest') <= 4, order.join())
  t.equal(order.filter((who) => who === 'greedy').length, 20, 'nobody is forgotten')
})

t.test('two who ask for all have half each', async (t) => {
  const { order, work } = thread()
  const all = Array.from({ length: 30 }, () => [work('dear', 30), work('cheap', 10)]).flat()
  while (order.length < 20) await anotherRound()
  const part = order.slice(0, 20)
  const count = (who: string): number => part.filter((one) => one === who).length
  t.ok(count('cheap') >= 2 * count('dear'), part.join())
  await Promise.all(all)
})

t.test('while it is paused nobody begins, and never for long', async (t) => {
  const { turns, order, work, manual } = thread()
  turns.pause()
  const first = work('a', 1)
  for (let round = 0; round < 5; round++) await anotherRound()
  t.same(order, [])
  turns.resume()
  await first
  turns.pause()
  const second = work('b', 1)
  await manual.advance(99)
  t.same(order, ['a'])
  await manual.advance(1)
  await second
  t.same(order, ['a', 'b'], 'a tick that hangs keeps nobody waiting')
})

t.test('who waits for too many is refused, and told who and how many', async (t) => {
  const { turns, work } = thread(2)
  const taken = [work('a', 1), work('a', 1)]
  await t.rejects(turns.take('a', 'work'), { code: 'RATE_LIMITED', message: /2 requests of a / })
  taken.push(work('b', 1))
  await Promise.all(taken)
  await work('a', 1)
})
