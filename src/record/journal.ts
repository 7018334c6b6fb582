// A file of lines that only grows: JSON, one thing a line, read back when the process starts again. A kill may cut the
// last line short; it is passed over and the next one begins on a line of its own. A disk that refuses delays lines
// and stops nobody: they wait, so many as a page of memory holds, and go first when there is room again.

import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf } from '../runtime/errors.js'
import { jsonOrNull } from '../runtime/json.js'
import type { Logger } from '../runtime/log.js'
import { syncFolder, writeWhole } from '../runtime/whole-file.js'
import type * as z from '../runtime/zod.js'

const MOST_DELAYED = 1_000

export interface JournalOptions<Line> {
  readonly file: string
  readonly shape: z.ZodType<Line>
  readonly log: Logger
}

export class Journal<Line> {
  readonly #file: string
  readonly #shape: z.ZodType<Line>
  readonly #log: Logger
  readonly #delayed: string[] = []
  /** The file ends within a line. */
  #torn = false
  #failing = false
  /** Lines are on their way from the memory of the machine to its disk; more have come meanwhile. */
  #syncing = false
  #isBehind = false
  /** Lines in the file. */
  length = 0

  constructor({ file, shape, log }: JournalOptions<Line>) {
    this.#file = file
    this.#shape = shape
    this.#log = log
  }

  /** What is there, in its order; lines that this release cannot read are left out. */
  read(): Line[] {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 })
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : ''
    const lines = text.split('\n')
    this.#torn = lines.at(-1) !== ''
    this.length = lines.filter((line) => line !== '').length
    return lines.flatMap((line) => {
      const parsed = this.#shape.safeParse(jsonOrNull(line))
      return parsed.success ? [parsed.data] : []
    })
  }

  /** Never throws: a line that finds no room waits. */
  append(line: Line): void {
    this.#delayed.push(JSON.stringify(line))
    if (this.#delayed.length > MOST_DELAYED) this.#delayed.shift()
    try {
      const text = this.#delayed.map((waiting) => `${waiting}\n`).join('')
      appendFileSync(this.#file, this.#torn ? `\n${text}` : text, { mode: 0o600 })
      if (this.length === 0) syncFolder(dirname(this.#file))
      this.length += this.#delayed.length
      this.#delayed.length = 0
      this.#torn = false
      this.#failing = false
      void this.#sync()
    } catch (error) {
      // Part of it may be there.
      this.#torn = true
      if (!this.#failing) this.#log.warn({ file: this.#file, reason: messageOf(error) }, 'lines wait for the disk')
      this.#failing = true
    }
  }

  /** Not only a kill, a power cut as well shall cost no more than what was just said. Nobody waits for it. */
  async #sync(): Promise<void> {
    this.#isBehind = this.#syncing
    if (this.#syncing) return
    this.#syncing = true
    try {
      const handle = await open(this.#file, 'r+')
      await handle.datasync().finally(() => handle.close())
    } catch (error) {
      this.#log.warn({ file: this.#file, reason: messageOf(error) }, 'lines may be lost in a power cut')
    }
    this.#syncing = false
    if (this.#isBehind) await this.#sync()
  }

  /** Puts these in the place of all; where the disk refuses, the longer file stays. */
  rewrite(lines: readonly Line[]): void {
    try {
      writeWhole(this.#file, Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')))
      this.length = lines.length
      this.#delayed.length = 0
      this.#torn = false
    } catch (error) {
      this.#log.warn({ file: this.#file, reason: messageOf(error) }, 'a journal stays long')
    }
  }
}
