// Expressions of which it takes long to say that they are safe, as they were judged once: of the same expression it is
// always the same. Of all others the test asks anew.
//
//   npm run expressions     judges all of them, and writes which took long

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../harness/root.js'
import * as rules from './rules.js'
import { readTree } from './tree.js'

const FILE = join(ROOT, 'test/house/judged.json')
const LONG_MS = 100

interface Judged {
  /** The version of recheck that said so. */
  readonly judge: string
  readonly safe: readonly string[]
}

export const readJudged = (): Judged => JSON.parse(readFileSync(FILE, 'utf8'))

export const recheckVersion = (): string =>
  JSON.parse(readFileSync(join(ROOT, 'node_modules/recheck/package.json'), 'utf8')).version

if (process.argv[1]?.endsWith('house/judged.js')) {
  const safe: string[] = []
  let faults = 0
  for (const [name, expression] of rules.expressionsOf(readTree())) {
    const begun = performance.now()
    const breaches = await rules.judge(name, expression)
    if (breaches.length === 0 && performance.now() - begun > LONG_MS) safe.push(name)
    for (const { file, line, message } of breaches) console.log(`${file}:${line} ${message}`)
    faults += breaches.length
  }
  writeFileSync(FILE, `${JSON.stringify({ judge: recheckVersion(), safe: safe.sort() }, null, 2)}\n`)
  console.log(`expressions: ${faults === 0 ? 'all safe' : `${faults} are not`}, ${safe.length} took long`)
  process.exitCode = faults === 0 ? 0 : 1
}
