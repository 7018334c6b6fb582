// The later stories of the model (model.test.ts): a file of their own, so that both processors tell them.

import t from 'tap'
import { noBreach, seedsFrom } from '../faults/model/no-breach.js'

/** Found by ten thousand stories: a site that moves while nobody leads; a new leader that lets an edge rise to safe. */
const PAST = [2062, 4301, 4462, 5976, 7674]

t.test('stories 201 to 500, and those that once were broken', { timeout: 280_000 }, (t) =>
  noBreach(t, [...seedsFrom(201, 500), ...PAST]),
)
