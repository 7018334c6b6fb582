// `npm run planted`: makes mistakes, one at a time, in a copy of the sources, and looks whether the tests of that part
// find each. What `npm test` no longer tells twice, it must still find once: whoever cuts a test runs this.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './harness/root.js'

interface Mistake {
  readonly what: string
  readonly file: string
  readonly right: string
  readonly wrong: string
  /** Where it must be found. */
  readonly tests: readonly string[]
}

const MISTAKES: readonly Mistake[] = [
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
    right: 'most: pending.reduce<Columns>(mostOf, acknowledged)',
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

/** All that is no folder of a program's own making; packages are those of this checkout. */
const LEFT = /^(\.git|\.compiled|dist|node_modules|data)$/

const copy = mkdtempSync(join(tmpdir(), 'mizani-planted-'))
process.once('exit', () => rmSync(copy, { recursive: true, force: true }))
for (const name of readdirSync(ROOT).filter((name) => !LEFT.test(name)))
  cpSync(join(ROOT, name), join(copy, name), { recursive: true })
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))

/** The closing line of the tests, and whether they found something: that it does not even compile is no finding. */
function told(tests: readonly string[]): { readonly line: string; readonly isFound: boolean } {
  const { stdout } = spawnSync(process.execPath, ['src/bin/test.mjs', ...tests], { cwd: copy, encoding: 'utf8' })
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  const counts = /^([1-9]\d*) passed, (\d+) failed/.exec(line)
  if (counts === null) throw new Error(`no verdict of ${tests.join(' ')}: ${stdout.slice(-500)}`)
  return { line, isFound: counts[2] !== '0' }
}

const begun = performance.now()
const chosen = MISTAKES.filter(
  ({ file }) => process.argv.length < 3 || process.argv.slice(2).some((p) => file.includes(p)),
)
const whole = told([...new Set(chosen.flatMap(({ tests }) => tests))])
console.log(`without a mistake: ${whole.line}`)
const missed: string[] = whole.isFound ? ['there is a mistake already'] : []
for (const { what, file, right, wrong, tests } of chosen) {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (text.split(right).length !== 2) throw new Error(`${file} does not say once: ${right}`)
  writeFileSync(
    path,
    text.replace(right, () => wrong),
  )
  const { line, isFound } = told(tests)
  writeFileSync(path, text)
  console.log(`${isFound ? 'found' : 'NOT FOUND'}: ${what} (${file}): ${line}`)
  if (!isFound) missed.push(what)
}
const seconds = ((performance.now() - begun) / 1_000).toFixed(0)
console.log(
  `planted: ${chosen.length} mistakes, ${missed.length === 0 ? 'all found' : missed.join('; ')}, ${seconds} s`,
)
process.exitCode = missed.length === 0 ? 0 : 1
