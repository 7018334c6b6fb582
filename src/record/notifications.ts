// Notifications that wait to be delivered, and dead letters, which were given up: one queue a receiver, in
// history/letters.jsonl, so that a restart forgets none. A notification that a kill caught between its delivery and the
// line that says so is sent once more, under the same delivery id.

import type { Clock } from '../runtime/clock.js'
import type { Logger } from '../runtime/log.js'
import * as z from '../runtime/zod.js'
import type { AlarmChange } from './alarm-book.js'
import { Journal } from './journal.js'

const MOST_WAITING = 1_000
const MOST_DEAD = 100
/** Lines beyond those that are needed, before the file is written anew. */
const SLACK = 2_000

const CHANGES = ['raised', 'acknowledged', 'cleared'] as const satisfies readonly AlarmChange[]
const named = { receiver: z.string(), letter: z.number() }
const told = { ...named, alarm: z.string(), change: z.enum(CHANGES), at: z.number() }
const notificationShape = z.object({ ...told, body: z.string() })
const deadLetterShape = z.object({ ...told, reason: z.string() })
const doneShape = z.object({ ...named, done: z.literal(true) })
/** The first that fits: a notification has a body, a dead one a reason. */
const lineShape = z.union([notificationShape, deadLetterShape, doneShape])

/** `letter`: its number, the same after a restart. */
export type Notification = z.infer<typeof notificationShape>
/** `at`: when it was given up. */
export type DeadLetter = z.infer<typeof deadLetterShape>

interface Queue {
  readonly waiting: Notification[]
  readonly dead: DeadLetter[]
}

export class Notifications {
  readonly #journal: Journal<z.infer<typeof lineShape>>
  readonly #clock: Clock
  readonly #queues = new Map<string, Queue>()
  #made = 0

  constructor({ file, clock, log }: { readonly file: string; readonly clock: Clock; readonly log: Logger }) {
    this.#journal = new Journal({ file, shape: lineShape, log })
    this.#clock = clock
    for (const line of this.#journal.read()) {
      const { waiting, dead } = this.#queueOf(line.receiver)
      this.#made = Math.max(this.#made, line.letter)
      const place = waiting.findIndex(({ letter }) => letter === line.letter)
      if ('body' in line) {
        if (place < 0) waiting.push(line)
        continue
      }
      if (place >= 0) waiting.splice(place, 1)
      if ('reason' in line) keepDead(dead, line)
    }
  }

  waiting(receiver: string): readonly Notification[] {
    return this.#queues.get(receiver)?.waiting ?? []
  }

  deadLetters(receiver: string): readonly DeadLetter[] {
    return this.#queues.get(receiver)?.dead ?? []
  }

  enter(receiver: string, { body, alarm, change }: Pick<Notification, 'body' | 'alarm' | 'change'>): void {
    const { waiting } = this.#queueOf(receiver)
    const notification = { receiver, letter: ++this.#made, body, alarm, change, at: this.#clock.wall() }
    waiting.push(notification)
    this.#write(notification)
    if (waiting.length > MOST_WAITING) this.deadLetter(waiting[0]!, 'too many were waiting')
  }

  delivered({ receiver, letter }: Notification): void {
    if (this.#take(receiver, letter)) this.#write({ receiver, letter, done: true })
  }

  deadLetter({ receiver, letter, alarm, change }: Notification, reason: string): void {
    if (!this.#take(receiver, letter)) return
    const dead = { receiver, letter, alarm, change, at: this.#clock.wall(), reason }
    keepDead(this.#queueOf(receiver).dead, dead)
    this.#write(dead)
  }

  /** Nobody is told there any more. */
  forget(receiver: string): void {
    this.#queues.delete(receiver)
    this.#compact()
  }

  #queueOf(receiver: string): Queue {
    const queue = this.#queues.get(receiver) ?? { waiting: [], dead: [] }
    this.#queues.set(receiver, queue)
    return queue
  }

  #take(receiver: string, letter: number): boolean {
    const waiting = this.#queues.get(receiver)?.waiting ?? []
    const place = waiting.findIndex((known) => known.letter === letter)
    if (place >= 0) waiting.splice(place, 1)
    return place >= 0
  }

  #write(line: z.infer<typeof lineShape>): void {
    this.#journal.append(line)
    if (this.#journal.length > this.#needed().length + SLACK) this.#compact()
  }

  #needed(): (Notification | DeadLetter)[] {
    return [...this.#queues.values()].flatMap(({ waiting, dead }) => [...dead, ...waiting])
  }

  #compact(): void {
    this.#journal.rewrite(this.#needed())
  }
}

function keepDead(dead: DeadLetter[], deadLetter: DeadLetter): void {
  dead.push(deadLetter)
  if (dead.length > MOST_DEAD) dead.shift()
}
