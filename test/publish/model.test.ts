// The promise, proven over many stories: whatever is lost, late, doubled, killed or changed, at every instant the rates
// in force fit every link, safe rates fit it, and when trouble ends everyone has what is meant. Here are stories chosen
// for what happens in them (model-mistakes.test.ts shows what such are worth), and `npm run model` tells ten thousand.

import t from 'tap'
import { CHOSEN } from '../faults/model/chosen.js'
import { noBreach } from '../faults/model/no-breach.js'
import { trouble } from '../faults/model/story.js'

/** Each found a planted mistake that the others do not: a delta on another epoch, a lease that ends a step too late. */
const KEEN = ['43', '34']

t.test('stories in which everything happens, no breach', (t) => noBreach(t, [...CHOSEN, ...KEEN]))

t.test('the same seed is the same story', async (t) => {
  t.same(await trouble(7), await trouble(7))
})
