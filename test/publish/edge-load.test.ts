// What one edge may put on links is summed over its flows, and nowhere more than its port carries of them.

import t from 'tap'
import { EdgeLoad } from '../../src/publish/edge-load.js'

const LINKS = (['down', 'up', 'down'] as const).map((direction) => ({ direction }))
const PORT = { down: 30e6, up: 10e6 }

function drained(load: EdgeLoad, port: typeof PORT | null): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = []
  load.drain(port, (link, bps) => void found.push([link, bps]))
  return found.sort(([a], [b]) => a - b)
}

t.test('of an edge no link is charged more than its port carries there', (t) => {
  const load = new EdgeLoad(LINKS)
  load.add(0, 1, 8_000)
  load.add(0, 0.5, 10_000)
  load.add(1, 0.25, 4_000)
  t.same(
    drained(load, PORT),
    [
      [0, 13e6],
      [1, 1e6],
    ],
    'what fits is what was granted',
  )
  t.same(drained(load, PORT), [], 'and then it begins anew')
  for (const link of [0, 1, 2]) for (let k = 0; k < 9; k++) load.add(link, link === 2 ? 0.5 : 1, 30_000)
  t.same(
    drained(load, PORT),
    [
      [0, 30e6],
      [1, 10e6],
      [2, 15e6],
    ],
    'and half of its port where half of each goes',
  )
  load.add(0, 1, 50_000)
  load.addBeside(0, 1, 12_000)
  load.addBeside(1, 1, 12_000)
  t.same(
    drained(load, PORT),
    [
      [0, 18e6],
      [1, 0],
    ],
    'beside what others count',
  )
  load.add(0, 1, 50_000)
  load.addWhole(0, 7e6)
  load.addWhole(2, 7e6)
  t.same(
    drained(load, null),
    [[0, 57e6]],
    'nobody knows the port of one that is gone; nothing goes where it has no flow',
  )
  t.end()
})
