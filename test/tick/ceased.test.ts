// An edge that enforced and stops has an order, the end of an order or a newer revision to show for it, or is named.

import t from 'tap'
import { findingsOf } from '../../src/record/findings.js'
import { Loop } from './loop.js'
import { smallPlane } from './small-plane.js'

const EDGE = 'east'
const OBSERVING = smallPlane({ institutions: 4 })
OBSERVING.edges[EDGE]!.enforcement = 'observe'

const isNamed = (loop: Loop): boolean => findingsOf(loop.controller.board!).some(({ code }) => code === 'EDGE_CEASED')

/** The policy says observe, and an order enforces. */
async function enforcing(until: number | null = null): Promise<Loop> {
  const loop = new Loop({ document: OBSERVING, offer: () => 1e6 })
  loop.switches.set(EDGE, { enforcement: 'enforce', until: until === null ? null : loop.clock.wall() + until })
  for (let k = 0; k < 3; k++) await loop.step()
  t.notOk(isNamed(loop))
  return loop
}

async function after(loop: Loop): Promise<boolean> {
  await loop.step()
  loop.edges.get(EDGE)!.enforcement = loop.controller.board!.plan.edges.find(({ id }) => id === EDGE)!.enforcement
  for (let k = 0; k < 10; k++) await loop.step()
  return isNamed(loop)
}

t.test('an order that is lost is named, until somebody orders', async (t) => {
  const loop = await enforcing()
  loop.switches.delete(EDGE)
  t.ok(await after(loop))
  loop.switches.set(EDGE, { enforcement: 'observe', until: null })
  t.notOk(await after(loop))
})

t.test('a trial that is lost is named; one that ends is not', async (t) => {
  const lost = await enforcing(600_000)
  lost.switches.delete(EDGE)
  t.ok(await after(lost))
  t.notOk(await after(await enforcing(5_000)))
})

t.test('an older policy is named, a newer one is not', async (t) => {
  const step = async (by: number): Promise<boolean> => {
    const loop = await enforcing()
    loop.document = smallPlane({ institutions: 4 })
    loop.revision += 2
    loop.switches.clear()
    await loop.step()
    loop.document = OBSERVING
    loop.revision += by
    return after(loop)
  }
  t.ok(await step(-1))
  t.notOk(await step(1))
})

t.test('a controller that knows nothing names whoever still enforces against its policy', async (t) => {
  const loop = new Loop({ document: OBSERVING, offer: () => 1e6 })
  t.ok(await after(loop))
  loop.revision++
  t.notOk(await after(loop), 'a person wrote a newer policy, and it observes too')
})
