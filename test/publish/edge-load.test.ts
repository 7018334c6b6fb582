// What one edge may put on links is summed over its flows, and nowhere more than its port carries of them.

import t from 'tap'
import { EdgeLoad } from '../../src/publish/edge-load.js'

const LINKS = (['down', 'up', 'down'] as const).map((direction) => ({ direction }))
const PORT = { down: 30e6, up: 10e6 }

/** bit/s by link. */
function drained(load: EdgeLoad, port: typeof PORT | null): number[] {
  const into = new Float64Array(LINKS.length)
  load.drainInto(port, into)
  return [...into]
}

t.test('of an edge no link is charged more than its port carries there', (t) => {
  const load = new EdgeLoad(LINKS)
  load.add(0, 1, 8_000)
  load.add(0, 0.5, 10_000)
  load.add(1, 0.25, 4_000)
  t.same(drained(load, PORT), [13e6, 1e6, 0], 'what fits is what was granted')
  t.same(drained(load, PORT), [0, 0, 0], 'and then it begins anew')
  for (const link of [0, 1, 2]) for (let k = 0; k < 9; k++) load.add(link, link === 2 ? 0.5 : 1, 30_000)
  t.same(drained(load, PORT), [30e6, 10e6, 15e6], 'and half of its port where half of each goes')
  load.add(0, 1, 50_000)
  load.addBeside(0, 1, 12_000)
  load.addBeside(1, 1, 12_000)
  t.same(drained(load, PORT), [18e6, 0, 0], 'beside what others count')
  load.add(0, 1, 50_000)
  load.addWhole(0, 7e6)
  load.addWhole(2, 7e6)
  t.same(
    drained(load, null),
    [57e6, 0, 0],
    'nobody knows the port of one that is gone; nothing goes where it has no flow',
  )
  t.end()
})

t.test('a flow is added over its whole way, and so much else of it to a sum that no port bounds', (t) => {
  const paths = {
    pathStart: Uint32Array.of(0, 2, 4),
    pathLink: Uint32Array.of(0, 1, 1, 2),
    pathFraction: Float64Array.of(1, 0.5, 0.25, 1),
  }
  const [load, alone] = [new EdgeLoad(LINKS), new EdgeLoad(LINKS)]
  const sums = Float64Array.of(1, 0, 0)
  for (const flow of [0, 1]) {
    load.addFlowAnd(paths, flow, 40_000, 8_000, sums)
    alone.addFlow(paths, flow, 40_000)
  }
  t.same([...sums], [8e6 + 1, 6e6, 8e6])
  t.same(drained(load, PORT), [30e6, 5e6, 30e6], 'the load is bounded by the port, by the largest part that goes there')
  t.same(drained(alone, PORT), [30e6, 5e6, 30e6], 'and is the same without it')
  t.end()
})
