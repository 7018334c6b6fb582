// Letters that wait to be delivered, and those that were given up: one queue a receiver, in history/letters.jsonl, so
// that a restart forgets none. A letter that a kill caught between its delivery and the line that says so is sent once
// more, under the same delivery id.

import { z } from 'zod'
import type { Clock } from '../runtime/clock.js'
import type { Logger } from '../runtime/log.js'
import type { AlarmChange } from './alarm-book.js'
import { Journal } from './journal.js'

const MOST_WAITING = 1_000
const MOST_DEAD = 100
/** Lines beyond those that are needed, before the file is written anew. */
const SLACK = 2_000

const CHANGES = ['raised', 'acknowledged', 'cleared'] as const satisfies readonly AlarmChange[]
const named = { receiver: z.string(), letter: z.number() }
const letterShape = z.object({
  ...named,
  body: z.string(),
  alarm: z.string(),
  change: z.enum(CHANGES),
  at: z.number(),
})
const deadShape = z.object({
  ...named,
  alarm: z.string(),
  change: z.enum(CHANGES),
  at: z.number(),
  reason: z.string(),
})
const doneShape = z.object({ ...named, done: z.literal(true) })
/** The first that fits: a letter has a body, a dead one a reason. */
const lineShape = z.union([letterShape, deadShape, doneShape])

/** `letter`: its number, the same after a restart. */
export type Letter = z.infer<typeof letterShape>
/** `at`: when it was given up. */
export type DeadLetter = z.infer<typeof deadShape>

interface Box {
  readonly waiting: Letter[]
  readonly dead: DeadLetter[]
}

export class Letters {
  readonly #journal: Journal<z.infer<typeof lineShape>>
  readonly #clock: Clock
  readonly #boxes = new Map<string, Box>()
  #made = 0

  constructor({ file, clock, log }: { readonly file: string; readonly clock: Clock; readonly log: Logger }) {
    this.#journal = new Journal({ file, shape: lineShape, log })
    this.#clock = clock
    for (const line of this.#journal.read()) {
      const { waiting, dead } = this.#boxOf(line.receiver)
      this.#made = Math.max(this.#made, line.letter)
      const place = waiting.findIndex(({ letter }) => letter === line.letter)
      if ('body' in line) {
        if (place < 0) waiting.push(line)
        continue
      }
      if (place >= 0) waiting.splice(place, 1)
      if ('reason' in line) putAside(dead, line)
    }
  }

  waiting(receiver: string): readonly Letter[] {
    return this.#boxes.get(receiver)?.waiting ?? []
  }

  dead(receiver: string): readonly DeadLetter[] {
    return this.#boxes.get(receiver)?.dead ?? []
  }

  enter(receiver: string, { body, alarm, change }: Pick<Letter, 'body' | 'alarm' | 'change'>): void {
    const { waiting } = this.#boxOf(receiver)
    const letter = { receiver, letter: ++this.#made, body, alarm, change, at: this.#clock.wall() }
    waiting.push(letter)
    this.#write(letter)
    if (waiting.length > MOST_WAITING) this.bury(waiting[0]!, 'too many were waiting')
  }

  delivered({ receiver, letter }: Letter): void {
    if (this.#take(receiver, letter)) this.#write({ receiver, letter, done: true })
  }

  bury({ receiver, letter, alarm, change }: Letter, reason: string): void {
    if (!this.#take(receiver, letter)) return
    const dead = { receiver, letter, alarm, change, at: this.#clock.wall(), reason }
    putAside(this.#boxOf(receiver).dead, dead)
    this.#write(dead)
  }

  /** Nobody is told there any more. */
  forget(receiver: string): void {
    this.#boxes.delete(receiver)
    this.#compact()
  }

  #boxOf(receiver: string): Box {
    const box = this.#boxes.get(receiver) ?? { waiting: [], dead: [] }
    this.#boxes.set(receiver, box)
    return box
  }

  #take(receiver: string, letter: number): boolean {
    const waiting = this.#boxes.get(receiver)?.waiting ?? []
    const place = waiting.findIndex((known) => known.letter === letter)
    if (place >= 0) waiting.splice(place, 1)
    return place >= 0
  }

  #write(line: z.infer<typeof lineShape>): void {
    this.#journal.append(line)
    if (this.#journal.length > this.#needed().length + SLACK) this.#compact()
  }

  #needed(): (Letter | DeadLetter)[] {
    return [...this.#boxes.values()].flatMap(({ waiting, dead }) => [...dead, ...waiting])
  }

  #compact(): void {
    this.#journal.rewrite(this.#needed())
  }
}

function putAside(dead: DeadLetter[], letter: DeadLetter): void {
  dead.push(letter)
  if (dead.length > MOST_DEAD) dead.shift()
}
