// The later stories of the model (model.test.ts): a file of their own, so that both processors tell them.

import t from 'tap'
import { noBreach, seedsFrom } from '../faults/model/no-breach.js'
import { trouble } from '../faults/model/story.js'

/**
 * Found by ten thousand stories: a site that moves while nobody leads; a new leader that lets an edge rise to safe;
 * a store that loses all three times while another edge is out of reach each time.
 */
const PAST = [2062, 4301, 4462, 5698, 5976, 7674]

t.test('stories 201 to 500', { timeout: 280_000 }, (t) => noBreach(t, seedsFrom(201, 500)))

t.test('stories that once were broken', (t) => noBreach(t, PAST, (seed) => trouble(seed)))

t.test('a site that leaves an edge of which nothing is known', async (t) => {
  t.same((await trouble(8552, { edgesACall: 2 })).breaches, [])
})
