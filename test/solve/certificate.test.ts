// The certificate names what is false, of whichever flow, in whichever column; and nobody else's columns help or hurt
// it.

import t from 'tap'
import { drawDemand, nation, randomNetwork } from '../../bench/generate.js'
import { seeded } from '../../bench/harness.js'
import { checkProblem } from '../../src/planning/problem-file.js'
import { Certifier, type ViolationReason } from '../../src/solve/certificate.js'
import { Integers } from '../../src/solve/integers.js'
import { Paths } from '../../src/solve/paths.js'
import { bytesIn, linksOf, type Problem } from '../../src/solve/problem.js'
import { createSolver } from '../../src/solve/solve.js'
import { solved } from './agree.js'
import { SEED } from './problems.js'

type Column = 'amount' | 'level' | 'bottleneck' | 'shortIn' | 'need' | 'rate' | 'linkRoom'

/** Whether, with one number changed, the certificate refuses the answer for this reason, and names the flow or link. */
function isRefused(
  p: Problem,
  certifier: Certifier,
  [column, at, value]: readonly [Column, number, number],
  reason: ViolationReason,
  where: { readonly flow: number } | { readonly link: number },
): boolean {
  const was = p[column][at]!
  p[column][at] = value
  const { ok, violations } = certifier.certify(p)
  p[column][at] = was
  const [[key, number]] = Object.entries(where) as [['flow' | 'link', number]]
  return !ok && violations.some((found) => found.reason === reason && found[key] === number)
}

t.test('what is false of one flow or link is found, whichever it is', async (t) => {
  // Columns are looked at two or four at a time: all that can be left over.
  for (const flows of [5, 6, 7, 8]) {
    const p = randomNetwork({ flows, links: 2 + (flows % 2), crossings: 2 }, SEED)
    createSolver(p.shape).solve(p)
    const certifier = new Certifier(p.shape)
    const missed: string[] = []
    const expect = (
      change: readonly [Column, number, number],
      reason: ViolationReason,
      where: { readonly flow: number } | { readonly link: number },
    ): void => {
      if (!isRefused(p, certifier, change, reason, where)) missed.push(`${change} is not ${reason}`)
    }
    t.ok(certifier.certify(p).ok)
    for (let i = 0; i < flows; i++) {
      expect(['amount', i, Number.NaN], 'NEGATIVE', { flow: i })
      expect(['amount', i, -1], 'NEGATIVE', { flow: i })
      expect(['amount', i, p.demand[i]! * (1 + 1e-8)], 'ABOVE_CAP', { flow: i })
      expect(['level', i, p.level[i]! * (1 + 1e-8)], 'WRONG_LEVEL', { flow: i })
      expect(['level', i, Number.NaN], 'WRONG_LEVEL', { flow: i })
      expect(['bottleneck', i, p.bottleneck[i]! < 0 ? 0 : -1], 'WRONG_CAUSE', { flow: i })
      expect(['bottleneck', i, p.shape.links], 'WRONG_CAUSE', { flow: i })
      const off = [...Array(p.shape.links).keys()].find((l) => !linksOf(p, i).includes(l))
      if (off !== undefined) expect(['bottleneck', i, off], 'WRONG_CAUSE', { flow: i })
      expect(['shortIn', i, -1 - p.shortIn[i]!], 'WRONG_BAND', { flow: i })
      expect(['need', i, p.need[i]! * (1 + 1e-8)], 'WRONG_SUM', { flow: i })
      expect(['rate', i, p.rate[i]! * (1 - 1e-8)], 'WRONG_SUM', { flow: i })
    }
    for (let l = 0; l < p.shape.links; l++) {
      expect(['linkRoom', l, p.linkNeedLoad[l]! * (1 - 1e-9)], 'OVERLOADED', { link: l })
    }
    t.same(missed, [], `${flows} flows`)
  }
})

t.test('guarantees that are kept are read off; what is not as promised is refused', async (t) => {
  const p = nation(SEED, 0.6)
  createSolver(p.shape).solve(p)
  const certifier = new Certifier(p.shape)
  t.ok(certifier.certify(p).ok)
  const { flows } = p.shape
  const missed: string[] = []
  const promised = p.bandKind.indexOf(1)
  const some = [...Array(flows).keys()].filter((i) => i % 199 === 0 || i === flows - 1)
  for (const i of some) {
    for (let band = 0; band < promised; band++) {
      const at = band * flows + i
      const gets = p.amount[at]! > 0
      const changes: [Column, number, number, ViolationReason][] = gets
        ? [
            ['amount', at, p.amount[at]! * (1 - 1e-8), 'COULD_HAVE_MORE'],
            ['amount', at, p.amount[at]! * (1 + 1e-8), 'ABOVE_CAP'],
            ['level', at, p.level[at]! * (1 - 1e-8), 'WRONG_LEVEL'],
            ['level', at, Number.NaN, 'WRONG_LEVEL'],
            ['bottleneck', at, 0, 'WRONG_CAUSE'],
          ]
        : [
            ['amount', at, 1e6, 'ABOVE_CAP'],
            ['amount', at, -1e6, 'NEGATIVE'],
            ['bottleneck', at, 0, 'WRONG_CAUSE'],
          ]
      for (const [column, n, value, reason] of changes) {
        if (!isRefused(p, certifier, [column, n, value], reason, { flow: i })) missed.push(`${column} ${at}: ${reason}`)
      }
    }
  }
  t.same(missed, [])
  t.ok(certifier.certify(p).ok, 'and it goes on as before')
})

t.test('an amount that nobody promised is not made up for by a level that nobody has', async (t) => {
  const file = checkProblem({
    bands: [
      { id: 'g', kind: 'guarantee' },
      { id: 's', kind: 'share' },
    ],
    links: [{ id: 'l', capacity: 100 }],
    flows: [
      {
        ...{ id: 'a', path: ['l'], demand: 10 },
        segments: [
          { band: 'g', size: 0 },
          { band: 's', weight: 1 },
        ],
      },
      { id: 'b', path: ['l'], demand: 20, segments: [{ band: 's', weight: 1 }] },
    ],
  })
  const { problem: p } = solved(file)
  p.level[0] = -5
  p.amount[1] = 1
  t.same(new Certifier(p.shape).certify(p).violations, [{ reason: 'ABOVE_CAP', band: 0, flow: 1, link: -1 }])
})

t.test('solver, rounding and proof with one memory answer as with one each', async (t) => {
  const random = seeded(SEED)
  const here = [nation(SEED, 0.6), nation(SEED + 1, 2)]
  const paths = new Paths(here[0]!.shape)
  const { shape } = here[0]!
  const together = { solver: createSolver(shape, paths), integers: new Integers(shape, paths) }
  const prover = new Certifier(shape, paths)
  for (let round = 0; round < 6; round++) {
    const p = here[round % 2]!
    drawDemand(p, random, [0.2, 0.6, 3][round % 3]!)
    const answers = [together, { solver: createSolver(shape), integers: new Integers(shape) }].map(
      ({ solver, integers }) => {
        // What the last proof left behind, of another problem and false, is nothing to the next solve.
        p.amount[round] = -1
        t.notOk(prover.certify(p).ok)
        solver.solve(p)
        const rates = Buffer.from(bytesIn(p.rate)).toString('hex')
        t.ok(prover.certify(p).ok)
        integers.round(p)
        t.ok(prover.certify(p).ok, 'rounding changes nothing of the exact answer')
        return [rates, bytesIn(p.level).toString('hex'), bytesIn(p.kbps).toString('hex')]
      },
    )
    t.ok(answers[0]!.every((bytes, n) => bytes === answers[1]![n]))
  }
})

t.test('whole kbit/s, as the rule says it', async (t) => {
  for (let seed = SEED; seed < SEED + 40; seed++) {
    const random = seeded(seed)
    const p = randomNetwork({ flows: 60 + (seed % 5), links: 9, crossings: 3 }, seed)
    if (seed % 2 === 1) for (const e of p.pathFraction.keys()) if (random() < 0.2) p.pathFraction[e] = 0.5
    createSolver(p.shape).solve(p)
    new Integers(p.shape).round(p)
    t.same([...p.kbps], byRule(p), `seed ${seed}`)
  }
})

/** The largest fraction first, then the first flow, while every link has room. */
function byRule(p: Problem): number[] {
  const kbps = [...p.rate].map((rate) => Math.floor(rate / 1000 + 1e-9))
  const parted = new Set([...p.pathLink].filter((_, e) => p.pathFraction[e]! < 1))
  const left = [...p.linkRoom].map((room, l) => (room / 1000) * (parted.has(l) ? 1 - 2 ** -36 : 1))
  const entries = (i: number): number[] => [...p.pathLink.keys()].slice(p.pathStart[i], p.pathStart[i + 1])
  const charge = (i: number, by: number): void => {
    for (const e of entries(i)) left[p.pathLink[e]!]! -= by * p.pathFraction[e]!
  }
  for (const [i, whole] of kbps.entries()) charge(i, whole)
  const lost = (i: number): number => p.rate[i]! / 1000 - kbps[i]!
  const order = [...kbps.keys()].filter((i) => lost(i) > 1e-9).sort((i, j) => lost(j) - lost(i) || i - j)
  for (const i of order) {
    if (!entries(i).every((e) => p.pathFraction[e]! <= left[p.pathLink[e]!]!)) continue
    charge(i, 1)
    kbps[i]!++
  }
  return kbps
}
