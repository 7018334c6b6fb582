// `npm run model [SEEDS] [FIRST]`: tells so many stories, one seed after the other, and prints what broke.

import { loadavg } from 'node:os'
import { tell } from './story.js'

const seeds = Number(process.argv[2] ?? 10_000)
const first = Number(process.argv[3] ?? 1)
if (!Number.isInteger(seeds) || seeds < 1 || !Number.isInteger(first)) {
  console.error('npm run model -- [SEEDS] [FIRST]: two whole numbers, as in: npm run model -- 500 1')
  process.exit(2)
}
const started = performance.now()
let broken = 0
let checked = 0
const excess = { excused: 0, beyond: 0 }
const takeovers = { heard: 0, unknown: 0 }
for (let seed = first; seed < first + seeds; seed++) {
  const verdict = await tell(seed)
  checked += verdict.checked
  excess.excused += verdict.excess.excused
  excess.beyond += verdict.excess.beyond
  takeovers.heard += verdict.takeovers.heard
  takeovers.unknown += verdict.takeovers.unknown
  if (verdict.breaches.length === 0) continue
  broken++
  console.log(`seed ${seed}: ${verdict.breaches.length} breaches`)
  for (const { at, what } of verdict.breaches.slice(0, 5)) console.log(`  ${(at / 1_000).toFixed(3)} s  ${what}`)
  if (seeds === 1) {
    for (const { at, name, edge } of verdict.events) console.log(`    ${(at / 1_000).toFixed(2)} ${name} ${edge ?? ''}`)
  }
}
const seconds = (performance.now() - started) / 1_000
const verdict = broken === 0 ? 'no breach' : `${broken} stories broken`
const gigabits = (bits: number): string => `${(bits / 1e9).toFixed(1)} Gbit`
console.log(
  `seeds ${first} to ${first + seeds - 1}: ${verdict}, ${checked} sums checked; above capacity ` +
    `${gigabits(excess.beyond)} in breach of the promise and ${gigabits(excess.excused)} where it allows for time; ` +
    `led after a store that lost all: ${takeovers.heard} who had heard, ${takeovers.unknown} who had not; ` +
    `${seconds.toFixed(1)} s, load average ${loadavg()[0]!.toFixed(1)}`,
)
process.exitCode = broken === 0 ? 0 : 1
