// `npm run test:hours [FIRST] [COUNT]`: runs what reads a wall clock at each of the 24 hours of a working day and of a
// Sunday, as Dar es Salaam has them, and says at which it fails. A test that hangs on the hour of the day is found here
// and not by whoever lands something at night.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ROOT } from './harness/root.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Of Dar es Salaam, the whole year. */
const ZONE = 3 * HOUR
const [WEDNESDAY, SUNDAY] = [3, 0]
/** Chromium has a clock of its own; the kernel knows no hours. */
const ELSEWHERE = /^test\/(browser|netns)\//
const CLOCK = /systemClock|Date\.now\(\)|new Date\(\)|startService|startUp|startProgram/

const files = readdirSync(join(ROOT, 'test'), { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
  .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
  .filter((file) => !ELSEWHERE.test(file) && CLOCK.test(readFileSync(join(ROOT, file), 'utf8')))

const [first = 0, count = 48] = process.argv.slice(2).map(Number)
const moments = [WEDNESDAY, SUNDAY].flatMap((day) => Array.from({ length: 24 }, (_, hour) => ({ day, hour })))
const started = performance.now()
const failed: string[] = []
for (const { day, hour } of moments.slice(first, first + count)) {
  const now = Date.now() + ZONE
  const midnight = now - (now % DAY)
  const days = (day - new Date(now).getUTCDay() + 7) % 7
  // In the middle of the hour: it must not go by meanwhile.
  const since = midnight + days * DAY + hour * HOUR + HOUR / 2 - now
  // Never back: certificates that tests make would not be valid yet.
  const ahead = since < 0 ? since + 7 * DAY : since
  const { stdout, status } = spawnSync(process.execPath, ['src/bin/test.mjs', ...files], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: {
      ...process.env,
      TESTS_AHEAD_MS: String(ahead),
      NODE_OPTIONS: `--import ${join(ROOT, 'test/harness/shifted-clock.mjs')}`,
    },
  })
  const name = `${day === SUNDAY ? 'Sunday' : 'Wednesday'} ${String(hour).padStart(2, '0')}:30`
  console.log(`${name}  ${stdout.trimEnd().split('\n').at(-1)}`)
  if (status === 0) continue
  failed.push(name)
  for (const line of stdout.split('\n')) if (line.startsWith('# FAILED')) console.log(`  ${line.slice(2)}`)
}
const minutes = ((performance.now() - started) / 60_000).toFixed(1)
const verdict = failed.length === 0 ? 'all hold' : `FAILED at ${failed.join(', ')}`
console.log(`${files.length} files at ${moments.slice(first, first + count).length} hours, ${minutes} min: ${verdict}`)
process.exitCode = failed.length === 0 ? 0 : 1
