// The package for programs: what `solve` answers `certify` proves, also after a way through JSON, and nothing else.

import t from 'tap'
import { certify, problemSchema, solve } from '../../src/package.js'
import type { ProblemFile } from '../../src/planning/problem-file.js'
import { MizaniError } from '../../src/runtime/errors.js'
import { forAll, type ProblemClass } from '../solve/problems.js'

const RUNS = 150
const CLASSES: Readonly<Record<string, ProblemClass>> = {
  'links alone': { envelopes: false },
  'envelopes in envelopes': { envelopes: true },
}

/** One flow is said to have half of its rate. */
function halved<T extends { readonly flows: readonly { readonly rate: number }[] }>(answer: T, flow: number): T {
  const flows = answer.flows.map((one, n) => (n === flow ? { ...one, rate: one.rate / 2 } : one))
  return { ...answer, flows }
}

for (const [name, of] of Object.entries(CLASSES)) {
  t.test(`${name}: what is solved is proved, as it is printed too`, (t) => {
    let refused = 0
    forAll(of, RUNS, (file: ProblemFile) => {
      const answer = solve(file)
      if (!answer.certificate.ok) return 'not proved by the solver'
      const printed = JSON.parse(JSON.stringify(answer)) as typeof answer
      const { ok, violations } = certify(file, printed)
      if (!ok) return `not proved: ${JSON.stringify(violations[0])}`
      const flow = answer.flows.findIndex(({ rate }) => rate > 1)
      if (flow < 0) return undefined
      if (certify(file, halved(answer, flow)).ok) return `half of ${answer.flows[flow]!.id} passes`
      refused++
      return undefined
    })
    t.ok(refused > RUNS / 4, `${refused} wrong ones were refused`)
    t.end()
  })
}

t.test('what is not said, or of nobody, is refused with the name that may be meant', (t) => {
  const problem = {
    bands: [{ id: 'share', kind: 'share' as const }],
    links: [{ id: 'transit', capacity: '10Mbps' }],
    flows: ['a', 'b'].map((id) => ({ id, path: ['transit'], demand: '8Mbps', segments: [{ band: 'share' }] })),
  }
  const answer = solve(problem)
  t.same(
    answer.flows.map(({ kbps, limitedBy }) => [kbps, limitedBy.id]),
    [
      [5_000, 'transit'],
      [5_000, 'transit'],
    ],
  )
  t.same(certify(problem, answer), { ok: true, violations: [] })
  const [a, b] = answer.flows
  t.throws(() => certify(problem, { flows: [a!] }), {
    code: 'ALLOCATION_INVALID',
    faults: [{ message: /the flow "?b/ }],
  })
  const bands = [{ ...b!.bands[0]!, bottleneck: 'transti' }]
  t.throws(() => certify(problem, { flows: [a!, { ...b!, bands }] }), {
    code: 'ALLOCATION_INVALID',
    faults: [{ message: /transit/ }],
  })
  for (const flows of [undefined, null, [null], [{ ...a!, limitedBy: null }], [{ ...a!, rate: '1Mbps' }]])
    t.throws(() => certify(problem, { flows } as never), { code: 'ALLOCATION_INVALID' })
  t.throws(() => solve({ ...problem, links: [] }), MizaniError)
  t.match(problemSchema(), { title: /problem/, properties: { flows: {} } })
  t.end()
})
