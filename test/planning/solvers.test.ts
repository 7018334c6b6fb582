// Solvers that lie in one memory have most of their columns in common. None may see what another has left there.

import t from 'tap'
import { randomNetwork } from '../../bench/generate.js'
import { seeded } from '../../bench/harness.js'
import { solverFor } from '../../src/planning/solvers.js'
import { copyBuffer } from '../../src/solve/copies.js'
import { type Problem, viewProblem } from '../../src/solve/problem.js'
import { createSolver } from '../../src/solve/solve.js'

const sizes = [
  { flows: 60, links: 12, crossings: 3 },
  { flows: 60, links: 12, crossings: 5 },
  { flows: 61, links: 12, crossings: 3 },
  { flows: 60, links: 12, crossings: 3, envelopes: 5 },
]
/** Seven networks of each size: more than there are solvers, with ways of other lengths. */
const networks = sizes.map((size) => Array.from({ length: 7 }, (_, n) => randomNetwork(size, n + 1)))

/** By a solver that has seen nothing else. */
const answered = (p: Problem): Problem => {
  const copy = viewProblem(p.shape, copyBuffer(p.buffer, new SharedArrayBuffer(p.buffer.byteLength)))
  createSolver(p.shape).solve(copy)
  return copy
}

t.test('whoever was solved before, a network comes to the same', async (t) => {
  const random = seeded(16)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const expected = new Map(networks.flat().map((p) => [p, answered(p)]))
  let same = 0
  for (let n = 0; n < 400; n++) {
    const p = pick(networks[n % 40 < 30 ? Math.floor(n / 40) % 2 : Math.floor(random() * sizes.length)]!)
    const is = expected.get(p)!
    solverFor(p).solve(p)
    const isSame = (
      ['amount', 'level', 'need', 'rate', 'bottleneck', 'shortIn', 'saturatedIn', 'linkLoad'] as const
    ).every((column) =>
      Buffer.from(p[column].buffer, p[column].byteOffset, p[column].byteLength).equals(
        Buffer.from(is[column].buffer, is[column].byteOffset, is[column].byteLength),
      ),
    )
    if (isSame) same++
  }
  t.equal(same, 400)
})

t.test('networks of one size have one memory', async (t) => {
  let memories = 0
  const { Memory } = WebAssembly
  t.teardown(() => Object.assign(WebAssembly, { Memory }))
  Object.assign(WebAssembly, {
    Memory: class extends Memory {
      constructor(...about: ConstructorParameters<typeof Memory>) {
        super(...about)
        memories++
      }
    },
  })
  const many = Array.from({ length: 9 }, (_, n) => randomNetwork({ flows: 40, links: 9, crossings: 3 }, n + 1))
  for (const p of many) solverFor(p).solve(p)
  t.equal(memories, 1)
  for (const p of many.slice(-5)) t.equal(solverFor(p), solverFor(p), 'what is ready is used again')
  const other = randomNetwork({ flows: 41, links: 9, crossings: 3 }, 1)
  solverFor(other).solve(other)
  t.equal(memories, 2, 'one more flow is another size')
})
