// `npm run model [SEEDS] [FIRST] [WAY]`: tells so many stories, one seed after the other, and prints what broke. Every
// fifth is told once more with edges that lie, and another fifth with a policy store that is lost again and again; with
// a way, such as `lying` or `losing`, all are told in that one.

import { loadavg } from 'node:os'
import { tellNamed } from './tell.js'

const seeds = Number(process.argv[2] ?? 10_000)
const first = Number(process.argv[3] ?? 1)
const way = process.argv[4]
if (!Number.isInteger(seeds) || seeds < 1 || !Number.isInteger(first)) {
  console.error(
    'npm run model -- [SEEDS] [FIRST] [WAY]: two whole numbers and a way, as in: npm run model -- 500 1 lying',
  )
  process.exit(2)
}
/** By what is left of a seed that is divided by five. */
const BESIDES: Readonly<Record<number, readonly string[]>> = { 0: ['lying'], 2: ['losing'] }
const started = performance.now()
let broken = 0
let checked = 0
const excess = { excused: 0, beyond: 0 }
const takeovers = { heard: 0, unknown: 0 }
const stories = Array.from({ length: seeds }, (_, n) => first + n).flatMap((seed) =>
  way !== undefined ? [`${seed} ${way}`] : [`${seed}`, ...(BESIDES[seed % 5] ?? []).map((other) => `${seed} ${other}`)],
)
for (const story of stories) {
  const verdict = await tellNamed(story)
  checked += verdict.checked
  excess.excused += verdict.excess.excused
  excess.beyond += verdict.excess.beyond
  takeovers.heard += verdict.takeovers.heard
  takeovers.unknown += verdict.takeovers.unknown
  if (verdict.breaches.length === 0) continue
  broken++
  console.log(`seed ${story}: ${verdict.breaches.length} breaches`)
  for (const { at, what } of verdict.breaches.slice(0, 5)) console.log(`  ${(at / 1_000).toFixed(3)} s  ${what}`)
  if (stories.length === 1) {
    for (const { at, name, edge } of verdict.events) console.log(`    ${(at / 1_000).toFixed(2)} ${name} ${edge ?? ''}`)
  }
}
const seconds = (performance.now() - started) / 1_000
const verdict = broken === 0 ? 'no breach' : `${broken} stories broken`
const gigabits = (bits: number): string => `${(bits / 1e9).toFixed(1)} Gbit`
console.log(
  `seeds ${first} to ${first + seeds - 1}${way ? `, ${way}` : ''}: ${stories.length} stories, ${verdict}, ` +
    `${checked} sums checked; above capacity ` +
    `${gigabits(excess.beyond)} in breach of the promise and ${gigabits(excess.excused)} where it allows for time; ` +
    `led after a store that lost all: ${takeovers.heard} who had heard, ${takeovers.unknown} who had not; ` +
    `${seconds.toFixed(1)} s, load average ${loadavg()[0]!.toFixed(1)}`,
)
process.exitCode = broken === 0 ? 0 : 1
