// Every order of what can happen in a small world, to a depth, one event more at each level; equal worlds are looked at
// once. Threads take batches of the stories of a level, and share the keys of all worlds that were seen.

import { Worker } from 'node:worker_threads'
import { type Batch, type Expanded, expand } from './expand.js'
import { keyOf } from './key.js'
import { Seen } from './seen.js'
import { BEGINNING_NAMES, begin, namesOf } from './story.js'

const BATCH = 200
const SLOTS = 1 << 24

export interface SearchOptions {
  readonly depth: number
  /** More than one: that many threads beside this one, which waits. */
  readonly threads?: number
  /** Name of a mistake that is made. */
  readonly mistake?: string
  /** States that there is room for, a power of two. */
  readonly slots?: number
  readonly progress?: (sofar: { readonly states: number; readonly depth: number; readonly part: number }) => void
}

export interface Found {
  readonly states: number
  readonly depth: number
  readonly events: number
  /** One of the shortest stories that lead to one, where it begins first. */
  readonly breach: { readonly what: string; readonly story: readonly string[] } | null
}

/** Expands a batch, here or in a thread. */
interface Hand {
  expand(batch: Batch): Promise<Expanded>
  close(): Promise<unknown>
}

export async function search({ depth, threads = 1, slots = SLOTS, mistake, progress }: SearchOptions): Promise<Found> {
  const seen = new Seen(slots)
  const hands = threads > 1 ? Array.from({ length: threads }, () => inThread(seen)) : [here(seen)]
  let level: Uint8Array[] = []
  let [states, events] = [0, 0]
  for (const beginning of BEGINNING_NAMES.keys()) {
    if (!seen.add(keyOf(await begin(beginning)))) throw new Error(`${BEGINNING_NAMES[beginning]} is another beginning`)
    level.push(Uint8Array.of(beginning))
    states++
  }
  try {
    for (let width = 1; width <= depth; width++) {
      const isLast = width === depth
      const batches = level.flatMap((stories) => cut(stories, BATCH * width))
      level = []
      let [breach, done]: [Expanded['breach'], number] = [null, 0]
      const work = async (hand: Hand): Promise<void> => {
        for (let next = batches.shift(); next && !breach; next = batches.shift()) {
          const found = await hand.expand({ stories: next, width, mistake: mistake ?? null, isLast })
          if (found.stories.length > 0) level.push(found.stories)
          states += found.states
          events += found.events
          breach ??= found.breach
          done++
          progress?.({ states, depth: width, part: done / (done + batches.length) })
        }
      }
      await Promise.all(hands.map(work))
      if (breach !== null) {
        const { what, story } = breach as NonNullable<Expanded['breach']>
        return { states, depth: width, events, breach: { what, story: namesOf(story) } }
      }
    }
    return { states, depth, events, breach: null }
  } finally {
    await Promise.all(hands.map((hand) => hand.close()))
  }
}

function cut(stories: Uint8Array, length: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < stories.length; at += length) pieces.push(stories.slice(at, at + length))
  return pieces
}

const here = (seen: Seen): Hand => ({ expand: (batch) => expand(batch, seen), close: async () => undefined })

function inThread(seen: Seen): Hand {
  const worker = new Worker(new URL('./expand-thread.js', import.meta.url), { workerData: seen.buffer })
  return {
    expand: (batch) =>
      new Promise((resolve, reject) => {
        worker.once('error', reject)
        worker.once('message', (expanded: Expanded) => {
          worker.off('error', reject)
          resolve(expanded)
        })
        worker.postMessage(batch)
      }),
    close: () => worker.terminate(),
  }
}
