// The record on the disk: a folder a day (UTC), and in it at first a small file for each part of a slot, later one file
// a table for the whole day.
//
//   history/2026-05-12/1035-0.flows.parquet   while the day is open
//   history/2026-05-12/flows.parquet          once it is over, sorted by flow and time
//   history/2026-05-12/in-force.jsonl         what was in force at the moment of each part that is kept in full
//   history/2026-05-12/plan-0f3c….gz          what was solved in those slots, by the hash of its content
//
// What is lost when the machine stops at any instant is the slot that was being gathered, never a file: each is written
// whole or not at all, and a day's parts go only after the day's file is on the disk. All of this runs in a thread of
// its own (workers/archive.ts); a disk that is slow or full stops the record and nothing else.

import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { CauseInForce } from '../model/in-force.js'
import { type Bytes, DAY, SLOT, type UnixMilliseconds } from '../model/units.js'
import { BESIDE, writeWhole } from '../runtime/whole-file.js'
import { readColumns, readTable, tableWriter, type Wanted, writeTable } from './parquet-file.js'
import {
  appendRows,
  emptyRows,
  FLOW_MEANS,
  FLOWS,
  type FlowMeans,
  type FlowRows,
  LINKS,
  type LinkRows,
  type Rows,
  rowCount,
  sortRows,
  type Table,
  type TableColumns,
} from './tables.js'

/** A plan that changes more often than this within five minutes leaves a gap instead of a thousand files. */
const MOST_PARTS = 40
/** Times that a day's files may be merged while somebody reads them. */
const MOST_TRIES = 3

export interface Part {
  readonly slot: UnixMilliseconds
  readonly flows: FlowRows
  readonly links: LinkRows
  /** The plan of these rows, for the first part that names it on its day; packed as its file is. */
  readonly plan: { readonly name: string; readonly packed: Uint8Array }
  /** The moment that is kept in full, and what was in force then; null: that is not known. */
  readonly at: UnixMilliseconds
  readonly inForce: readonly CauseInForce[] | null
}

export interface Bound {
  /** Days with anything in them. */
  readonly days: number
  readonly bytes: Bytes
}

/** Rows of a day that others have kept. */
export interface AdoptedDay {
  /** Equal for equal rows. */
  readonly content: string
  /** Ordered as the table is. */
  rows(): LinkRows
}

/** What an import did: days it speaks of, those whose file was written, files of earlier imports that were read. */
export interface Adopted {
  readonly days: number
  readonly written: number
  readonly read: number
}

export interface Asked extends Pick<Wanted, 'subjects'> {
  /** Slots that begin at or after `from` and before `before`. */
  readonly from: UnixMilliseconds
  readonly before: UnixMilliseconds
}

const dayOf = (at: UnixMilliseconds): string => new Date(at).toISOString().slice(0, 10)
const timeOf = (at: UnixMilliseconds): string => new Date(at).toISOString().slice(11, 16).replace(':', '')
const isDay = (name: string): boolean => /^\d{4}-\d\d-\d\d$/.test(name)
const startOf = (day: string): UnixMilliseconds => Date.parse(`${day}T00:00:00Z`)

const IN_FORCE = 'in-force.jsonl'
const wholeDay = (table: { readonly name: string }): string => `${table.name}.parquet`
const isPart = (name: string, table: { readonly name: string }): boolean =>
  /^\d{4}-\d+\./.test(name) && name.endsWith(`.${table.name}.parquet`)
/** A clock that ran ahead has closed a day too early; what that day still brings stays in files of its own. */
const LATE = 'late-'
const isLate = (name: string, table: { readonly name: string }): boolean =>
  name.startsWith(LATE) && isPart(name.slice(LATE.length), table)
/**
 * What came from elsewhere stays in files of their own, named by their content: the same import twice is one. No two of
 * a day have rows of the same link and slot.
 */
const isImport = (name: string, table: { readonly name: string }): boolean =>
  name.startsWith('import-') && name.endsWith(`.${table.name}.parquet`)

const importName = (content: string): string => `import-${content}.links.parquet`
/** What a later import leaves of an earlier one is named by both. */
const restOf = (earlier: string, later: string): string =>
  createHash('sha256').update(`${earlier} ${later}`).digest('hex').slice(0, 16)

/** A day is merged in pieces of about so many subjects: its parts are read once for each, and never all held. */
const SUBJECTS_PER_PIECE = 1_000

/** Ranges that hold every subject there can be, each about as many of these. */
function piecesOf(subjects: readonly string[]): { from: string; before: string }[] {
  const sorted = [...subjects].sort()
  const pieces = Math.ceil(sorted.length / SUBJECTS_PER_PIECE)
  const cuts = Array.from({ length: pieces - 1 }, (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / pieces)]!)
  const bounds = ['', ...new Set(cuts), '\uffff']
  return bounds.slice(1).map((before, k) => ({ from: bounds[k]!, before }))
}

/** Reads again where the archive's own thread has made one file of a day's parts meanwhile. */
export async function whileMerged<T>(read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await read()
    } catch (error) {
      const isMerged = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!isMerged || tries === MOST_TRIES) throw error
    }
  }
}

export class Archive {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  /** @returns false when this slot takes no more: it has too many parts already. */
  write({ slot, flows, links, plan, at, inForce }: Part): boolean {
    const day = join(this.folder, dayOf(slot))
    mkdirSync(day, { recursive: true, mode: 0o700 })
    const names = readdirSync(day)
    const isClosed = names.includes(wholeDay(FLOWS)) || names.includes(wholeDay(LINKS))
    const stem = `${isClosed ? LATE : ''}${timeOf(slot)}-`
    const parts = names.filter((name) => name.startsWith(stem) && name.endsWith(`.${wholeDay(FLOWS)}`)).length
    if (parts >= MOST_PARTS) return false
    const planFile = `plan-${plan.name}.gz`
    if (!names.includes(planFile)) writeWhole(join(day, planFile), plan.packed)
    // A line that a full disk cuts short is passed over, and the next one begins anew.
    if (inForce !== null) appendFileSync(join(day, IN_FORCE), `\n${JSON.stringify({ at, inForce })}`, { mode: 0o600 })
    // Links first: rows of flows are what makes a part count.
    writeTable(join(day, `${stem}${parts}.${wholeDay(LINKS)}`), LINKS, links)
    writeTable(join(day, `${stem}${parts}.${wholeDay(FLOWS)}`), FLOWS, flows)
    return true
  }

  /**
   * Makes one file of each day that is over; lets go of what is too old or too much.
   * @returns bytes that are left.
   * @throws what the disk says, having let go all the same: on a full disk that is what makes room.
   */
  async tidy(now: UnixMilliseconds, bound: Bound): Promise<Bytes> {
    try {
      for (const day of this.days()) {
        for (const name of readdirSync(join(this.folder, day)))
          if (name.endsWith(BESIDE)) rmSync(join(this.folder, day, name), { force: true })
        if (startOf(day) + DAY + SLOT > now) continue
        await this.#close(day, LINKS)
        await this.#close(day, FLOWS)
      }
    } finally {
      this.#letGo(bound)
    }
    return this.days().reduce((sum, day) => sum + this.#sizeOf(day), 0)
  }

  /** Days are counted, not dated: a clock that jumps years ahead must not take the record with it. */
  #letGo({ days, bytes }: Bound): void {
    const sizes = this.days().map((day) => ({ day, size: this.#sizeOf(day) }))
    let total = sizes.reduce((sum, { size }) => sum + size, 0)
    // The oldest first, and never the day that is being written.
    for (const [older, { day, size }] of sizes.slice(0, -1).entries()) {
      if (total <= bytes && sizes.length - older <= days) break
      rmSync(join(this.folder, day), { recursive: true })
      total -= size
    }
  }

  /**
   * Takes in rows that others have kept, by day (its start). What was imported before for the same link and slot gives
   * way to them; a day that is there already is neither read nor written.
   */
  async adopt(days: ReadonlyMap<UnixMilliseconds, AdoptedDay>): Promise<Adopted> {
    let [read, written] = [0, 0]
    for (const [start, day] of days) {
      const folder = join(this.folder, dayOf(start))
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const names = readdirSync(folder)
      const own = importName(day.content)
      if (names.includes(own)) continue
      const rows = day.rows()
      const taken = new Set(rows.link.map((link, i) => `${link} ${rows.slot[i]}`))
      for (const name of names.filter((name) => isImport(name, LINKS))) {
        const before = await readTable(join(folder, name), LINKS)
        const left = emptyRows(LINKS)
        appendRows(left, before, (i) => !taken.has(`${before.link[i]} ${before.slot[i]}`))
        read++
        if (rowCount(left) === rowCount(before)) continue
        if (rowCount(left) > 0) writeTable(join(folder, importName(restOf(name, own))), LINKS, left)
        rmSync(join(folder, name))
      }
      // Last: whoever finds it finds its day in order.
      writeTable(join(folder, own), LINKS, rows)
      written++
    }
    return { days: days.size, read, written }
  }

  days(): string[] {
    return readdirSync(this.folder).filter(isDay).sort()
  }

  readFlows(asked: Asked): Promise<FlowRows> {
    return this.#read(FLOWS, asked)
  }

  readFlowMeans(asked: Asked): Promise<FlowMeans> {
    return this.#read(FLOW_MEANS, asked)
  }

  readLinks(asked: Asked): Promise<LinkRows> {
    return this.#read(LINKS, asked)
  }

  /** The bytes of a plan that rows of this slot name. @throws Error when the file is not there. */
  readPlan(slot: UnixMilliseconds, name: string): Uint8Array {
    return gunzipSync(readFileSync(join(this.folder, dayOf(slot), `plan-${name}.gz`)))
  }

  /** What was in force at the moment of a part; null: that was not recorded. */
  readInForce(slot: UnixMilliseconds, at: UnixMilliseconds): readonly CauseInForce[] | null {
    const file = join(this.folder, dayOf(slot), IN_FORCE)
    if (!existsSync(file)) return null
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .findLast((text) => text.startsWith(`{"at":${at},`) && text.endsWith('}'))
    // Written above, in a folder that only we can write.
    return line === undefined ? null : (JSON.parse(line) as Pick<Part, 'inForce'>).inForce
  }

  async #close<T extends TableColumns>(day: string, table: Table<T>): Promise<void> {
    const folder = join(this.folder, day)
    const parts = readdirSync(folder).filter((name) => isPart(name, table))
    if (parts.length === 0) return
    // Parts beside a day's file are those it was made of: the machine stopped before they were gone.
    if (!existsSync(join(folder, wholeDay(table)))) {
      const writing = tableWriter(table)
      const [first] = parts.sort()
      for (const subjects of piecesOf((await readTable(join(folder, first!), table))[table.subject] as string[])) {
        const rows = emptyRows(table)
        for (const part of parts) appendRows(rows, await readTable(join(folder, part), table, { subjects }))
        if (rowCount(rows) > 0) writing.add(sortRows(table, rows))
      }
      writeWhole(join(folder, wholeDay(table)), writing.end())
    }
    for (const part of parts) rmSync(join(folder, part))
  }

  async #read<T extends TableColumns>(table: Table<T>, asked: Asked): Promise<Rows<T>> {
    const rows = emptyRows(table)
    for (const file of this.#files(table, asked))
      appendRows(rows, await readTable(file, table, { subjects: asked.subjects, slots: asked }))
    return rowCount(rows) === 0 ? rows : sortRows(table, rows)
  }

  /** Rows of flows, some columns of them, a file at a time: so months may be walked without lying in memory. */
  async *walkFlows<Name extends keyof FlowRows & string>(
    names: readonly Name[],
    asked: Asked,
  ): AsyncGenerator<Pick<FlowRows, Name>> {
    for (const file of this.#files(FLOWS, asked))
      yield await readColumns(file, FLOWS, names, { subjects: asked.subjects, slots: asked })
  }

  /** The same of links. */
  async *walkLinks<Name extends keyof LinkRows & string>(
    names: readonly Name[],
    asked: Asked,
  ): AsyncGenerator<Pick<LinkRows, Name>> {
    for (const file of this.#files(LINKS, asked))
      yield await readColumns(file, LINKS, names, { subjects: asked.subjects, slots: asked })
  }

  /** Of links what was imported alone. */
  async *walkImports<Name extends keyof LinkRows & string>(
    names: readonly Name[],
    asked: Asked,
  ): AsyncGenerator<Pick<LinkRows, Name>> {
    for (const file of this.#files(LINKS, asked))
      if (isImport(basename(file), LINKS)) yield await readColumns(file, LINKS, names, { slots: asked })
  }

  /** The files of both tables of a day, and whether it is over: no more is written but what is late. */
  filesOf(start: UnixMilliseconds): { folder: string; files: string[]; isOver: boolean } {
    const asked = { from: start, before: start + DAY }
    const files = [LINKS, FLOWS].flatMap((table) => this.#files(table, asked))
    const folder = join(this.folder, dayOf(start))
    return { folder, files, isOver: files.some((file) => file.endsWith(`/${wholeDay(FLOWS)}`)) }
  }

  /** Files that may hold such rows. */
  #files(table: { readonly name: string }, asked: Pick<Asked, 'from' | 'before'>): string[] {
    return this.days().flatMap((day) => {
      if (startOf(day) + DAY <= asked.from || startOf(day) >= asked.before) return []
      const folder = join(this.folder, day)
      const names = readdirSync(folder)
      const isClosed = names.includes(wholeDay(table))
      const parts = names.filter((name) => isLate(name, table) || (!isClosed && isPart(name, table)))
      const files = [
        ...(isClosed ? [wholeDay(table)] : []),
        ...parts.filter((name) => this.#mayHold(day, name.replace(LATE, ''), asked)).sort(),
        ...names.filter((name) => isImport(name, table)),
      ]
      return files.map((file) => join(folder, file))
    })
  }

  #mayHold(day: string, part: string, { from, before }: Pick<Asked, 'from' | 'before'>): boolean {
    const slot = Date.parse(`${day}T${part.slice(0, 2)}:${part.slice(2, 4)}:00Z`)
    return slot >= from && slot < before
  }

  #sizeOf(day: string): Bytes {
    const folder = join(this.folder, day)
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  }
}
