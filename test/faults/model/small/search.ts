// Every order of what can happen in a small world, to a depth: equal worlds are looked at once.

import { createHash } from 'node:crypto'
import type { Wrong } from '../store.js'
import { breachOf, FIRST, HAPPENINGS, type Small, textOf } from './world.js'

interface Found {
  readonly states: number
  readonly depth: number
  /** The shortest story that leads to it. */
  readonly breach: { readonly what: string; readonly story: readonly string[] } | null
}

interface Node {
  readonly world: Small
  readonly name: string
  readonly before: Node | null
}

/** A mistake: what was sent counts as done, so that others grow before anybody has shrunk. */
export const GROWS_TOO_SOON: Wrong = {
  said: (report, newest) =>
    newest && report.applied
      ? { ...report, applied: { ...report.applied, epoch: newest.epoch, seq: newest.seq } }
      : report,
}

/** Looks at all worlds that so many events lead to. */
export function search(depth: number, wrong: Wrong = {}): Found {
  const seen = new Set<string>([nameOf(FIRST)])
  let level: Node[] = [{ world: FIRST, name: '', before: null }]
  for (let d = 1; d <= depth; d++) {
    const next: Node[] = []
    for (const before of level) {
      for (const [name, act] of HAPPENINGS) {
        const world = act(before.world, wrong)
        if (!world) continue
        const key = nameOf(world)
        if (seen.has(key)) continue
        seen.add(key)
        const node = { world, name, before }
        const what = breachOf(world)
        if (what) return { states: seen.size, depth: d, breach: { what, story: storyOf(node) } }
        if (d < depth) next.push(node)
      }
    }
    level = next
  }
  return { states: seen.size, depth, breach: null }
}

const nameOf = (world: Small): string => createHash('md5').update(textOf(world)).digest('base64')

function storyOf(node: Node): string[] {
  const story: string[] = []
  for (let at: Node | null = node; at?.before; at = at.before) story.unshift(at.name)
  return story
}
