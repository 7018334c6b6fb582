// Runs the test files it is given, one after the other, and says of each, when it has ended, what it counted. What one
// of them leaves changed (a clock, a variable of the environment) the next one meets: each takes back what it did.
//
//   node src/bin/suite.mjs FILE.ts ...

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { COMPILED } from './build.mjs'
import { ROOT } from './setup.mjs'

// Of these tap would make the names of folders.
const files = process.argv.splice(2)
const program = (...path) => pathToFileURL(join(ROOT, COMPILED.folder, ...path))
const { counted, runAsOne, waitFor } = await import(program('node_modules', '@tapjs', 'tap.mjs'))

// Of each file as of tap by itself, seconds.
waitFor(Number(process.env.TAP_TIMEOUT ?? 30) * 1_000 * files.length)
for (const file of files) {
  const before = counted()
  await runAsOne(file, () => import(program(file.replace(/\.ts$/, '.js'))))
  // What it has said is out by then.
  await new Promise(setImmediate)
  const counts = Object.entries(counted()).map(([key, count]) => [key, count - (before[key] ?? 0)])
  // A file that sets it has failed; tap does so at the end, for all.
  const { exitCode = 0 } = process
  process.exitCode = 0
  console.log(`# ended ${JSON.stringify({ ...Object.fromEntries(counts), exitCode })}`)
}
