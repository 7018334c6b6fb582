// `npm run planted`: makes mistakes, one at a time, in a copy of the sources, and looks whether the tests of that part
// find each. What `npm test` no longer tells twice, it must still find once: whoever cuts a test runs this.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './harness/root.js'
import { MISTAKES } from './mistakes.js'

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
