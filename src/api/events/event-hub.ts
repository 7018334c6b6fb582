// What happens, as a list that is remembered for a while, so that a reader who lost the line is told what was missed.
// Ticks are not worth remembering: only the last one counts, and a slow reader is told that one.
//
// Ids are <start of this process>-<number>: after a restart, or after more than is remembered, a reader is told to
// read everything again (`reset`) instead of being left with a gap that cannot be seen.

import type { Board, EdgeStatus } from '../../model/board.js'
import type { Milliseconds } from '../../model/units.js'
import type { Clock, Timer } from '../../runtime/clock.js'
import { MAX_EVENTS_KEPT } from '../../runtime/limits.js'

export const EVENT_KINDS = ['tick', 'alarm', 'revision', 'override', 'edge', 'simulation'] as const
export type EventKind = (typeof EVENT_KINDS)[number]

export interface ApiEvent {
  readonly n: number
  readonly kind: EventKind
  /** JSON, without line breaks. */
  readonly text: string
}

/** How often the board is looked at; it changes once a tick. */
const LOOK: Milliseconds = 100

export class EventHub {
  readonly #name: string
  readonly #kept: ApiEvent[] = []
  #tick: ApiEvent | null = null
  #last = 0
  #forgotten = 0
  readonly #listeners = new Set<(event: ApiEvent) => void>()

  constructor(clock: Clock) {
    this.#name = clock.wall().toString(36)
  }

  tell(kind: EventKind, data: unknown): void {
    const event = { n: ++this.#last, kind, text: JSON.stringify(data) }
    if (kind === 'tick') this.#tick = event
    else this.#kept.push(event)
    if (this.#kept.length > MAX_EVENTS_KEPT) this.#forgotten = this.#kept.shift()!.n
    for (const listener of this.#listeners) listener(event)
  }

  idOf({ n }: Pick<ApiEvent, 'n'>): string {
    return `${this.#name}-${n}`
  }

  /** The number behind an id that this process gave; null: it did not, or has forgotten what came then. */
  placeOf(id: string): number | null {
    const [name, text = ''] = id.split('-')
    const n = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return name === this.#name && n >= this.#forgotten && n <= this.#last ? n : null
  }

  /** What came after this number, in order; null: some of it is forgotten. */
  since(n: number): ApiEvent[] | null {
    if (n < this.#forgotten) return null
    const missed = this.#kept.filter((event) => event.n > n)
    const tick = this.#tick
    return tick !== null && tick.n > n ? [...missed, tick].sort((a, b) => a.n - b.n) : missed
  }

  get last(): number {
    return this.#last
  }

  /** @returns what ends it. */
  listen(listener: (event: ApiEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

/** Something that lasts for a while: an override, a mode, a freeze; an alarm. */
export interface Ongoing {
  readonly kind: 'override' | 'alarm'
  /** Unique, such as `mode ramadhani`. */
  readonly id: string
  /** What it is about, which its end says as well: whoever is not told of one is not told of the other. */
  readonly on?: unknown
  readonly subject?: unknown
  readonly [more: string]: unknown
}

/** Tells what changed from one board to the next, and what began and ended beside them. */
export function watchBoards(
  hub: EventHub,
  board: () => Board | null,
  ongoing: () => readonly Ongoing[],
  clock: Clock,
): Timer {
  let known: Board | null = null
  let stood: readonly Ongoing[] = ongoing()
  let timer = clock.setTimer(LOOK, look)
  function look(): void {
    const next = board()
    if (next !== null && next !== known) tellChanges(hub, known, next)
    known = next
    const stands = ongoing()
    tellOngoing(hub, stood, stands)
    stood = stands
    timer = clock.setTimer(LOOK, look)
  }
  return { cancel: () => timer.cancel() }
}

export function tellOngoing(hub: Pick<EventHub, 'tell'>, before: readonly Ongoing[], after: readonly Ongoing[]): void {
  const was = new Map(before.map((ongoing) => [ongoing.id, JSON.stringify(ongoing)]))
  for (const ongoing of after) {
    const { kind, ...shown } = ongoing
    const known = was.get(ongoing.id)
    if (known !== JSON.stringify(ongoing))
      hub.tell(kind, { ...shown, state: known === undefined ? 'began' : 'changed' })
  }
  const stands = new Set(after.map(({ id }) => id))
  for (const { kind, id, on, subject } of before)
    if (!stands.has(id)) hub.tell(kind, { id, on, subject, state: 'ended' })
}

export function tellChanges(hub: Pick<EventHub, 'tell'>, known: Board | null, next: Board): void {
  const { plan, serial, at, learning, satisfied, tick } = next
  if (known !== null && known.plan.revision !== plan.revision) {
    hub.tell('revision', { revision: plan.revision, hash: plan.hash })
  }
  const before = new Map(known?.edges.map((edge) => [edge.id, shown(edge)]))
  for (const edge of next.edges) {
    if (known !== null && before.get(edge.id) !== shown(edge)) hub.tell('edge', edgeEvent(edge))
  }
  const epoch = String(serial.epoch)
  hub.tell('tick', { epoch, seq: serial.seq, at, learning, revision: plan.revision, satisfied, tick })
}

const edgeEvent = ({ id, state, enforcement, refusal }: EdgeStatus) => ({
  ...{ id, state, enforcement },
  refusal: refusal?.code ?? null,
})
const shown = (edge: EdgeStatus): string => JSON.stringify(edgeEvent(edge))
