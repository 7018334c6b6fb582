// What an edge says of a link stays behind when the edge itself is taken out of the policy.

import t from 'tap'
import type { Plan } from '../../src/model/plan.js'
import type { Problem } from '../../src/solve/problem.js'
import { judge } from '../../src/tick/edge-words.js'

t.test('the word of an edge that is gone counts for nothing', async (t) => {
  const link = { id: 'core.down', link: 'core', virtual: false, capacity: 1e9, room: 1e9 }
  const plan = { flows: [{ edge: 'b' }], links: [link], edges: [{ id: 'b' }] } as unknown as Plan
  const path = { pathStart: Uint32Array.of(0, 1), pathLink: Uint32Array.of(0), pathFraction: Float64Array.of(1) }
  const word = (edge: string) => [{ edge, link: 'core', factor: 0 }]
  t.same(judge(word('gone'), plan, path as unknown as Problem), { shared: {}, lone: [] })
  t.same(judge(word('b'), plan, path as unknown as Problem), { shared: { 'core.down': 0 }, lone: [] })
})
