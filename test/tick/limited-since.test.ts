// What limits flows, and since when: a limit that is the very same object as a moment ago is not looked at again. The
// same story told in new objects each time is looked at whole, and must come to the same, which is what stood last of
// each flow; and what an edge was told is the very same list for as long as nothing of it changes.

import t from 'tap'
import { seeded } from '../../bench/harness.js'
import type { LimitedBy } from '../../src/model/explanation.js'
import type { Plan } from '../../src/model/plan.js'
import { LimitedSince } from '../../src/tick/limited-since.js'
import { SEED } from '../solve/problems.js'

const EDGES = ['east', 'west']
const TOLD = ['CEILING', 'LINK', 'OVERRIDE']
const LIMITS: readonly LimitedBy[] = [
  ...(['DEMAND', 'CEILING', 'PENDING', 'OBSERVE', 'SAFE'] as const).map((code) => ({ code, id: null })),
  ...['trunk', 'line'].map((id) => ({ code: 'LINK' as const, id })),
  { code: 'OVERRIDE', id: 'one' },
]

/** What is looked at of a plan. */
function planOf(flows: readonly number[], laid: boolean): Plan {
  const plan = {
    flows: flows.map((n) => ({
      ...{ id: `flow-${n}`, edge: EDGES[n % 2], record: { institution: n, service: 0, direction: 0 } },
      laidBy: laid && n % 3 === 0 ? { kind: 'mode', id: 'night' } : null,
    })),
    flowIndex: new Map(flows.map((n, f) => [`flow-${n}`, f])),
    edges: EDGES.map((id, e) => ({ id, line: 'fibre', flows: flows.flatMap((n, f) => (n % 2 === e ? [f] : [])) })),
  }
  return plan as unknown as Plan
}

t.test('told in the same objects or in new ones, a story comes to the same reasons', (t) => {
  const random = seeded(SEED)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const plans = [planOf([0, 1, 2, 3, 4, 5], false), planOf([5, 3, 1, 7], true), planOf([0, 1, 2, 3, 4, 5], true)]
  let now = 0
  const clock = { monotonic: () => now, wall: () => now }
  const [kept, anew] = [new LimitedSince(clock), new LimitedSince(clock)]
  let plan = plans[0]!
  let limits = plan.flows.map(() => pick(LIMITS))
  let told = 0
  let same = 0
  let standing = new Map<string, LimitedBy>()
  const before = new Map<string, unknown>()
  for (let tick = 0; tick < 2_000; tick++) {
    now += 500
    if (random() < 0.02) {
      plan = pick(plans)
      limits = plan.flows.map(() => pick(LIMITS))
    }
    limits = limits.map((limit) => (random() < 0.1 ? pick(LIMITS) : limit))
    kept.note(plan, limits)
    anew.note(plan, structuredClone(limits))
    standing = new Map(
      plan.flows.flatMap(({ id }, f) => {
        const limit = limits[f]!.code === 'PENDING' ? standing.get(id) : limits[f]
        return limit ? [[id, limit]] : []
      }),
    )
    for (const edge of EDGES) {
      if (kept.isDue(edge) !== anew.isDue(edge)) t.fail(`${tick}: one is due and the other is not`)
      const reasons = kept.of(edge)
      if (before.get(edge) === reasons) same++
      before.set(edge, reasons)
      const plain = plan.flows.flatMap(({ id, edge: at }) => {
        const limit = standing.get(id)
        return at === edge && limit && TOLD.includes(limit.code) ? [`${id} ${limit.code} ${limit.id}`] : []
      })
      const found = reasons.map(({ institution, code, id }) => `flow-${institution} ${code} ${id}`)
      if (plain.join() !== found.join()) t.same(found, plain, `${tick}: what stands`)
      if (JSON.stringify(reasons) !== JSON.stringify(anew.of(edge))) t.same(reasons, anew.of(edge), `${tick}`)
      if (!kept.isDue(edge) || random() < 0.5) continue
      told++
      for (const one of [kept, anew]) one.noteTold(edge, one.of(edge))
    }
  }
  t.ok(told > 300, `${told} times an edge was told`)
  t.ok(same > 300, `${same} times in the same list`)
  t.end()
})
