// Many stories, one verdict: none is broken; they cover all that is needed, by what happened as they were told; and
// enough was summed and read for that to mean something.

import type { Test } from 'tap'
import { coverOf, NEEDED } from './cover.js'
import { tellNamed } from './tell.js'

export async function noBreach(t: Test, stories: readonly string[]): Promise<void> {
  let checked = 0
  let beyond = 0
  const reads = { added: 0, whole: 0, unknown: 0 }
  const takeovers = { heard: 0, unknown: 0 }
  const uncovered = new Set(NEEDED)
  for (const story of stories) {
    const verdict = await tellNamed(story)
    checked += verdict.checked
    beyond += verdict.excess.beyond
    for (const how of ['added', 'whole', 'unknown'] as const) reads[how] += verdict.reads[how]
    for (const how of ['heard', 'unknown'] as const) takeovers[how] += verdict.takeovers[how]
    for (const covered of coverOf(verdict)) uncovered.delete(covered)
    for (const { at, what } of verdict.breaches.slice(0, 1)) t.fail(`seed ${story}: ${at} ms: ${what}`)
  }
  t.equal(beyond, 0, 'bits above capacity beyond what the promise allows for')
  t.same([...uncovered], [], 'what no story covers any more: choose.ts chooses others')
  t.ok(checked > 100 * stories.length, `${checked} times what is in force was summed`)
  t.ok(reads.added > reads.whole && reads.unknown > stories.length, `counters were read as ${JSON.stringify(reads)}`)
  t.ok(
    takeovers.heard > 5 * takeovers.unknown,
    `who led after a store had lost what another told: ${takeovers.heard} had heard it, ${takeovers.unknown} had not`,
  )
}
