// Every order of a few events in a small world: nothing stands above a link, and a planted mistake does.
// `npm run model:all` goes deeper.

import t from 'tap'
import { breachOf } from '../faults/model/small/breach.js'
import { MISTAKES } from '../faults/model/small/mistakes.js'
import { search } from '../faults/model/small/search.js'
import { begin, happen, numbersOf } from '../faults/model/small/story.js'

const SLOTS = 1 << 16

t.test('no order of two events fills a link above what it has, and two threads find the same worlds', async (t) => {
  const [one, two] = await Promise.all([1, 2].map((threads) => search({ depth: 2, threads, slots: SLOTS })))
  t.equal(one!.breach, null)
  t.ok(one!.states > 1_000, `${one!.states} states`)
  t.same(two, one)
})

t.test('a planted mistake is found, and its story shows it again', async (t) => {
  const mistake = 'a lease that ends early for others'
  const { breach } = await search({ depth: 2, slots: SLOTS, mistake })
  t.match(breach?.what, / carries /)
  const [beginning, ...events] = numbersOf(breach!.story)
  for (const [made, found] of [
    [MISTAKES[mistake]!, breach!.what],
    [{}, null],
  ] as const) {
    let world = await begin(beginning!)
    for (const event of events) world = (await happen(world, event, made))!
    t.equal(breachOf(world), found, found === null ? 'without the mistake all is well' : found)
  }
})
