// Stories in which the policy store is lost, in every way, while edges enforce by plane, by order or on trial and a
// mode holds an institution down: no limit is lifted by it. `npm run model -- SEEDS FIRST losing` tells more.

import t from 'tap'
import { losing } from '../faults/model/losing.js'
import { LOSSES } from '../faults/model/policy-store.js'

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]

t.test('no loss of the policy store lifts a limit', async (t) => {
  const untold = new Set(Object.keys(LOSSES))
  for (const seed of SEEDS) {
    const { breaches, excess, events } = await losing(seed)
    for (const { at, what } of breaches.slice(0, 1)) t.fail(`seed ${seed}: ${at} ms: ${what}`)
    t.equal(excess.beyond, 0)
    for (const { name } of events) untold.delete(name.replace('policy store: ', ''))
  }
  t.same([...untold], [], 'every loss is told')
})

t.test('a controller that believes whatever the store holds is found, and its edges are named', async (t) => {
  const stories = await Promise.all(SEEDS.map((seed) => losing(seed, { believes: true })))
  const found = stories.flatMap(({ breaches }) => breaches.map(({ what }) => what))
  const isFound = (what: string): boolean => found.some((one) => one.includes(what))
  t.ok(isFound('stops enforcing'), 'an edge stops enforcing')
  t.ok(isFound('and a mode says less'), 'an institution rises above a mode')
  t.ok(isFound('ceased without an order'), 'who stops is named')
})
