// One step of a search: of each story in a batch, all that can happen next. A world is kept as the story that leads to
// it, one byte for each event, and is told again when its turn comes; neighbours share most of theirs.

import { breachOf } from './breach.js'
import { keyOf } from './key.js'
import { MISTAKES } from './mistakes.js'
import type { Seen } from './seen.js'
import { begin, EVENTS, happen } from './story.js'
import type { Small } from './world.js'

export interface Batch {
  /** So many bytes for each story, one after the other: where it begins, and its events. */
  readonly stories: Uint8Array
  readonly width: number
  /** Name of a mistake that is made; null: none. */
  readonly mistake: string | null
  /** Nobody goes on from what is found. */
  readonly isLast: boolean
}

export interface Expanded {
  /** Those that lead to worlds which nobody had seen; none where nobody goes on. */
  readonly stories: Uint8Array
  readonly states: number
  /** Events that happened. */
  readonly events: number
  readonly breach: { readonly what: string; readonly story: readonly number[] } | null
}

export async function expand({ stories, width, mistake: name, isLast }: Batch, seen: Seen): Promise<Expanded> {
  const mistake = name === null ? {} : MISTAKES[name]!
  const teller = new Teller(mistake)
  const found: Uint8Array[] = []
  let [states, events] = [0, 0]
  for (let at = 0; at < stories.length; at += width) {
    const story = stories.subarray(at, at + width)
    const world = await teller.tell(story)
    for (let event = 0; event < EVENTS.length; event++) {
      const next = await happen(world, event, mistake)
      if (!next) continue
      events++
      if (!seen.add(keyOf(next))) continue
      states++
      const what = breachOf(next)
      if (what) return { stories: new Uint8Array(), states, events, breach: { what, story: [...story, event] } }
      if (!isLast) found.push(Uint8Array.of(...story, event))
    }
  }
  return { stories: joined(found, width + 1), states, events, breach: null }
}

/** Tells stories, and of each what it does not share with the one before. */
class Teller {
  readonly #mistake: (typeof MISTAKES)[string]
  #story: readonly number[] = []
  #worlds: Small[] = []

  constructor(mistake: (typeof MISTAKES)[string]) {
    this.#mistake = mistake
  }

  async tell(story: Uint8Array): Promise<Small> {
    let shared = 0
    while (shared < story.length && story[shared] === this.#story[shared]) shared++
    const worlds = this.#worlds.slice(0, shared)
    for (let k = shared; k < story.length; k++) {
      const world = k === 0 ? await begin(story[0]!) : await happen(worlds[k - 1]!, story[k]!, this.#mistake)
      if (!world) throw new Error(`event ${story[k]} cannot happen again`)
      worlds.push(world)
    }
    this.#story = [...story]
    this.#worlds = worlds
    return worlds.at(-1)!
  }
}

export function joined(stories: readonly Uint8Array[], width: number): Uint8Array {
  const all = new Uint8Array(stories.length * width)
  for (const [n, story] of stories.entries()) all.set(story, n * width)
  return all
}
