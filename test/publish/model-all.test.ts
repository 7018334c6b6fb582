// Every order of a few events in a small world: nothing stands above a link, and a planted mistake does.
// `npm run model:all` goes deeper.

import t from 'tap'
import { GROWS_TOO_SOON, search } from '../faults/model/small/search.js'

t.test('no order of four events fills a link above what it has', async (t) => {
  const { states, breach } = search(4)
  t.equal(breach, null)
  t.ok(states > 1_000, `${states} states`)
})

t.test('growth before an acknowledgement is found, and told as a story', async (t) => {
  const { breach } = search(5, GROWS_TOO_SOON)
  t.match(breach?.what, / carries /)
  t.equal(breach?.story.length, 5)
})
