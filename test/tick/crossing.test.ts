// Who is on a link: all of what it carries, each at the level that the solver left it at.

import t from 'tap'
import { Loop } from './loop.js'
import { smallPlane } from './small-plane.js'

const TRANSIT = 'transit.down'

t.test('flows on a link bring together what it carries, and those that it stops stand at its level', async (t) => {
  const loop = new Loop({
    document: smallPlane({ upstream: 900e6 }),
    offer: (flow) => (flow.includes('/internet/down') ? 150e6 : 1e5),
  })
  for (let k = 0; k < 8; k++) await loop.step()
  const board = loop.controller.board!
  const { plan, flows, links } = board
  for (const [l, { id }] of plan.links.entries()) {
    const sum = board.crossing(l).reduce((total, { flow, part }) => total + part * flows.need[flow]!, 0)
    if (Math.abs(sum - links.needLoad[l]!) > 1) t.fail(`${id}: ${sum} and not ${links.needLoad[l]}`)
  }

  const transit = plan.links.findIndex(({ id }) => id === TRANSIT)
  const stopped = board.crossing(transit).filter(({ flow }) => flows.limitedBy[flow]!.id === TRANSIT)
  t.ok(stopped.length > 1, `${stopped.length} flows are stopped by it`)
  for (const { flow } of stopped) {
    const { kind, level, kept } = board.standing(flow)!
    t.match({ kind, kept }, { kind: 'share', kept: null })
    t.ok(Math.abs(level! / links.level[transit]! - 1) < 1e-9, `${plan.flows[flow]!.id}: ${level}`)
  }
  const fine = plan.flows.findIndex((_, f) => flows.limitedBy[f]!.code === 'DEMAND' && flows.need[f]! > 0)
  t.ok(board.standing(fine)!.band, 'whoever gets all stands in the band that gave the last of it')

  const low = new Loop({
    document: smallPlane({ upstream: 100e6 }),
    offer: (flow) => (flow.includes('/internet/down') ? 150e6 : 1e5),
  })
  for (let k = 0; k < 8; k++) await low.step()
  const broken = low.controller.board!
  const first = broken.plan.flowIndex.get('inst-001/internet/down')!
  const { band, kept } = broken.standing(first)!
  const committed = broken.explain(first).bands.find((step) => step.band === band)!
  t.equal(band, 'committed')
  t.ok(Math.abs(kept! - committed.kept!) < 1e-9, `${kept} of this guarantee, not of all: ${committed.kept}`)

  loop.switches.set('west', { enforcement: 'observe', until: null })
  for (let k = 0; k < 4; k++) await loop.step()
  const now = loop.controller.board!
  const observed = now.plan.flows.flatMap((_, f) =>
    now.flows.limitedBy[f]!.code === 'OBSERVE' && now.flows.need[f]! > 0 ? [f] : [],
  )
  t.ok(observed.length > 0)
  for (const f of observed) t.equal(now.standing(f), null, 'what is only observed shares in nothing')
})
