// A story of the small world: where it begins, and what happens then, one event after the other. What a search finds is
// told in the same words, so that it can be told again.

import { breachOf } from './breach.js'
import { CONTROLLER_EVENTS } from './controllers.js'
import { EDGE_EVENTS } from './edges.js'
import type { Mistake } from './mistakes.js'
import { type Event, nothing, type Small } from './world.js'

export const EVENTS: readonly Event[] = [...CONTROLLER_EVENTS, ...EDGE_EVENTS]
const numberOf = new Map(EVENTS.map(([name], n) => [name, n]))

const QUIET = 'all have a quiet second'
/** a leads, b stands by, and east has nearly all of the upstream. */
const AT_REST = ['a leads', ...[QUIET, QUIET, QUIET, QUIET], '4 s pass', ...[QUIET, QUIET, QUIET]]

/** Where stories begin: what has happened until then. */
export const BEGINNINGS: Readonly<Record<string, readonly string[]>> = {
  'all is at rest': AT_REST,
  'east has given way and west may grow': [
    ...AT_REST,
    ...['a decides for west', 'east hears the oldest', 'east says what it has', 'east is heard'],
  ],
  'west has been silent for most of a lease': [...AT_REST, '16 s pass', 'east has a quiet second'],
}
export const BEGINNING_NAMES = Object.keys(BEGINNINGS)

export async function begin(beginning: number): Promise<Small> {
  let world = nothing()
  for (const name of BEGINNINGS[BEGINNING_NAMES[beginning]!]!) {
    const next = await happen(world, numberOf.get(name)!, {})
    if (!next) throw new Error(`${name}: it cannot happen`)
    world = next
    const what = breachOf(world)
    if (what) throw new Error(`${name}: ${what}`)
  }
  return world
}

/** Null: it cannot happen now. */
export async function happen(world: Small, event: number, mistake: Mistake): Promise<Small | null> {
  const happened = EVENTS[event]![1](world, mistake)
  return happened instanceof Promise ? await happened : happened
}

/** The story as numbers: where it begins, and its events. */
export function numbersOf(story: readonly string[]): number[] {
  const [first, ...events] = story
  const beginning = BEGINNING_NAMES.indexOf(first!)
  if (beginning < 0) throw new Error(`${first}: a story begins with one of: ${BEGINNING_NAMES.join(' | ')}`)
  return [beginning, ...events.map((name) => numberOf.get(name) ?? unknown(name))]
}

function unknown(name: string): never {
  throw new Error(`${name}: there is no such event. There are: ${EVENTS.map(([known]) => known).join(' | ')}`)
}

export const namesOf = ([beginning, ...events]: readonly number[]): string[] => [
  BEGINNING_NAMES[beginning!]!,
  ...events.map((event) => EVENTS[event]![0]),
]
