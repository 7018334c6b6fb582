// Mistakes that tests must find (`npm run planted`): what is right, said once in its file, and what is wrong.

export interface Mistake {
  readonly what: string
  readonly file: string
  readonly right: string
  readonly wrong: string
  /** Where it must be found. */
  readonly tests: readonly string[]
}

export const MISTAKES: readonly Mistake[] = [
  {
    what: 'a rate is kept although less than the need',
    file: 'src/publish/quiet.ts',
    right: 'held * 1_000 >= problem.need[i]! - 1 &&',
    wrong: '',
    tests: ['test/publish/publish.test.ts'],
  },
  {
    what: 'what was sent and not acknowledged is not charged',
    file: 'src/publish/edge-lease.ts',
    right: 'most: pending.reduce<Columns>(mostOf, held)',
    wrong: 'most: pending.length < 0 ? mostOf(acknowledged, acknowledged) : acknowledged',
    tests: ['test/publish/edge-lease.test.ts', 'test/publish/publish.test.ts'],
  },
  {
    what: 'what was dropped has not arrived',
    file: 'src/demand/estimator.ts',
    right: 'p.bytes + p.drops * packet + p.backlogChange',
    wrong: 'p.bytes + 0 * packet + p.backlogChange',
    tests: ['test/demand'],
  },
  {
    what: 'an institution moves between its edges at once',
    file: 'src/demand/split.ts',
    right: 'Math.min(1, PHI_STEP / largest)',
    wrong: '1',
    tests: ['test/demand'],
  },
  {
    what: 'a lease of another boot goes on',
    file: 'src/edge/lease-keeper.ts',
    right: 'memory.boot === boot ? Math.min(memory.leaseEnd, now + lease) : NEVER',
    wrong: 'Math.min(memory.leaseEnd, now + lease)',
    tests: ['test/edge/lease-keeper.test.ts'],
  },
  {
    what: 'hold holds nothing',
    file: 'src/edge/goal.ts',
    right: 'held ? heldRates(content, held) : ratesAt(content, step)',
    wrong: 'ratesAt(content, step)',
    tests: ['test/edge/agent.test.ts'],
  },
  {
    what: 'the last kilobits go to whoever comes first',
    file: 'src/solve/integers.ts',
    right: '    order.sort()\n',
    wrong: '',
    tests: ['test/solve/certificate.test.ts'],
  },
  {
    what: 'nobody is given headroom',
    file: 'src/solve/solve.ts',
    right: 'if (band < p.shape.bands) this.addHeadroom',
    wrong: 'if (band > p.shape.bands) this.addHeadroom',
    tests: ['test/solve/solve.test.ts'],
  },
  {
    what: 'safe rates forget the first failure that the plane survives',
    file: 'src/policy/compile/safe.ts',
    right: 'of document.plane.survive) {',
    wrong: 'of document.plane.survive.slice(1)) {',
    tests: ['test/policy/plane.test.ts', 'test/policy/routing.test.ts', 'test/publish/publish.test.ts'],
  },
  {
    what: 'an override holds at the moment at which it ends',
    file: 'src/policy/in-force/holding.ts',
    right: 'from <= at && at < until',
    wrong: 'from <= at && at <= until',
    tests: ['test/policy/holding.test.ts'],
  },
]
