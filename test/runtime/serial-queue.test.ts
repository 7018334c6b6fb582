// The serial queue: order, failures of one piece of work alone, and when it is idle.

import t from 'tap'
import { SerialQueue } from '../../src/runtime/serial-queue.js'

t.test('work runs in order and never at once; a failure is told to its own asker, and the next runs', async (t) => {
  const queue = new SerialQueue()
  await queue.idle()
  const seen: string[] = []
  let busy = 0
  const work = (name: string, fails = false) =>
    queue.run(async () => {
      t.equal(++busy, 1, `${name} is alone`)
      await new Promise((done) => setTimeout(done, 2))
      busy--
      seen.push(name)
      if (fails) throw new Error(name)
      return name
    })
  const [a, b, c] = [work('a'), work('b', true), work('c')]
  t.same(seen, [], 'nothing runs in the same breath')
  await t.rejects(b, { message: 'b' })
  t.same([await a, await c], ['a', 'c'])
  const thrown = queue.run(() => {
    throw new Error('at once')
  })
  await t.rejects(thrown, { message: 'at once' }, 'also what is thrown before there is a promise')
  const last = work('d', true)
  const idle = queue.idle()
  await t.rejects(last)
  await idle
  t.same(seen, ['a', 'b', 'c', 'd'])
})
