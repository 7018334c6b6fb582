// What edges were told, by flow: what has changed since is found flow by flow, for each edge in its order.

import t from 'tap'
import type { Plan } from '../../src/model/plan.js'
import { Told } from '../../src/publish/told.js'
import { firstDocument, geography } from '../faults/model/plane.js'

const { plan } = geography(firstDocument(5), {})

t.test('whoever was told something else of a rate, a safe rate or a class is found', async (t) => {
  const C = plan.classes.length
  const told = new Told(plan as Plan)
  const now = {
    rates: Uint32Array.from(plan.flows, (_, f) => 100 + f),
    safe: Uint32Array.from(plan.flows, (_, f) => 10 + f),
    classes: Uint32Array.from({ length: plan.flows.length * C }, (_, i) => i),
  }
  t.same(
    [...told.changed(now)],
    plan.edges.map(({ id, flows }) => [id, flows]).sort(([, a], [, b]) => Number(a![0]) - Number(b![0])),
    'nobody was told anything',
  )
  for (const { flows } of plan.edges) {
    told.note(flows, {
      rates: Uint32Array.from(flows, (f) => now.rates[f]!),
      safe: Uint32Array.from(flows, (f) => now.safe[f]!),
      classes: Uint32Array.from(flows.flatMap((f) => [...now.classes.subarray(f * C, (f + 1) * C)])),
    })
  }
  t.same([...told.changed(now)], [])
  const [east, west] = ['east', 'west'].map((edge) => plan.edges.find(({ id }) => id === edge)!)
  now.rates[east!.flows[1]!]!++
  now.safe[east!.flows[3]!]!++
  now.classes[west!.flows[2]! * C + C - 1]!++
  const changed = told.changed(now)
  t.same(changed.get('east'), [east!.flows[1], east!.flows[3]])
  t.same(changed.get('west'), [west!.flows[2]])
  t.equal(changed.size, 2)
})
