// Many stories, one verdict: none is broken, and enough was summed, read and suffered for that to mean something.

import type { Test } from 'tap'
import { tell, type Verdict } from './story.js'

export const seedsFrom = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n)

export async function noBreach(
  t: Test,
  seeds: readonly number[],
  story: (seed: number) => Promise<Verdict> = tell,
): Promise<void> {
  let checked = 0
  let beyond = 0
  const reads = { added: 0, whole: 0, unknown: 0 }
  const strangers = { heard: 0, deaf: 0 }
  const kinds = new Set<string>()
  for (const seed of seeds) {
    const { breaches, events, excess, ...verdict } = await story(seed)
    checked += verdict.checked
    beyond += excess.beyond
    for (const how of ['added', 'whole', 'unknown'] as const) reads[how] += verdict.reads[how]
    for (const how of ['heard', 'deaf'] as const) strangers[how] += verdict.strangers[how]
    for (const event of events) kinds.add(event.replace(/^[\d.]+ | \w+$/g, ''))
    if (breaches.length === 0) continue
    t.fail(`seed ${seed}: ${breaches[0]!.at} ms: ${breaches[0]!.what}`)
  }
  t.equal(beyond, 0, 'bits above capacity beyond what the promise allows for')
  t.ok(checked > 100 * seeds.length, `${checked} times what is in force was summed`)
  t.ok(reads.added > reads.whole && reads.unknown > seeds.length, `counters were read as ${JSON.stringify(reads)}`)
  t.ok(
    strangers.heard > 5 * strangers.deaf,
    `who led after a store had lost what another told: ${strangers.heard} had heard it, ${strangers.deaf} had not`,
  )
  t.ok(kinds.size > 20, `${kinds.size} kinds of trouble`)
}
