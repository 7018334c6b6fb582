// What the tables of two answers are compared in: their titles, heads and bodies as people read them. A report's JSON
// has ids alone; where its tables lie beside it, as the API keeps them, the words come from there. A report that a
// command has written has none, and stays with its ids.

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { timeInWords } from '../../model/civil-time.js'
import type { Text } from '../../model/network.js'
import { FINDINGS, tableFile } from '../simulations/answer-files.js'
import { type Cell, type Column, idOf, named, nameOf, type PlanTable, text } from './plan-report.js'

/** Tables that the report's JSON calls otherwise: those of the institutions below their promise are of all of them. */
const KEPT_AS: Readonly<Record<string, string>> = { 'institutions-below': 'institutions' }

interface Known {
  readonly title: Text
  readonly columns: ReadonlyMap<string, { readonly column: Column; readonly bodies: ReadonlyMap<string, Cell> }>
}

export class CompareWords {
  readonly #folders: readonly string[]
  readonly #zone: string | null
  readonly #known = new Map<string, readonly Known[]>()

  /** @param reports folders with a report; a file by itself has nothing beside it */
  constructor(reports: readonly string[]) {
    this.#folders = reports.filter((name) => statSync(name, { throwIfNoEntry: false })?.isDirectory() === true)
    const zones = this.#folders.map((folder) => (readIn(folder, FINDINGS) as { zone?: string } | null)?.zone)
    this.#zone = zones.find((zone) => zone !== undefined) ?? null
  }

  table(id: string): Cell {
    const [first] = this.#tables(id)
    if (first === undefined) return id
    // Its title goes on to say how it is ordered.
    const short = (title: string): string => title.split(',')[0]!
    return named(id, text(short(first.title.en), short(first.title.sw)))
  }

  /** @param cells what names the row, by column */
  row(table: string, id: string, cells: readonly (readonly [column: string, cell: Cell])[]): Cell {
    const said = cells.map(([column, cell]) => this.cell(table, column, cell))
    if (said.every((cell) => typeof cell !== 'object')) return id
    const listed = (lang: 'en' | 'sw'): string =>
      said.map((cell) => (typeof cell === 'object' && cell !== null ? cell[lang] : String(cell))).join(', ')
    return named(id, text(listed('en'), listed('sw')))
  }

  /** With its unit, for the cells of a comparison are of many. */
  value(table: string, id: string): Cell {
    const head = this.#columns(table, id)[0]?.column
    if (head === undefined) return id
    const { kind, head: said } = head
    if (kind === 'rate') return named(id, text(`${said.en}, Mbit/s`, `${said.sw}, Mbit/s`))
    return named(id, kind === 'part' ? text(`${said.en}, part of 1`, `${said.sw}, sehemu ya 1`) : said)
  }

  cell(table: string, column: string, cell: Cell): Cell {
    if (typeof cell !== 'string') return cell
    const columns = this.#columns(table, column)
    const body = columns.map(({ bodies }) => bodies.get(cell)).find((found) => found !== undefined)
    if (body !== undefined) return body
    const at = columns[0]?.column.kind === 'time' && this.#zone !== null ? Date.parse(cell) : Number.NaN
    if (Number.isNaN(at)) return cell
    const time = timeInWords(at, this.#zone!)
    return named(cell, text(time, time))
  }

  #columns(table: string, id: string) {
    return this.#tables(table).flatMap(({ columns }) => columns.get(id) ?? [])
  }

  #tables(id: string): readonly Known[] {
    const known = this.#known.get(id) ?? this.#folders.flatMap((folder) => readTable(folder, KEPT_AS[id] ?? id))
    this.#known.set(id, known)
    return known
  }
}

/** By the names that columns have in the report's JSON, and bodies by what stands there of them. */
function readTable(folder: string, id: string): Known[] {
  const table = readIn(folder, tableFile(id)) as PlanTable | null
  if (table === null) return []
  const columns = table.columns.map((column, c) => {
    const bodies = new Map<string, Cell>()
    for (const row of table.rows) {
      const cell: Cell = row[c] ?? null
      if (typeof cell !== 'object' || cell === null) continue
      bodies.set(idOf(cell), named(idOf(cell), cell))
    }
    return [nameOf(column), { column, bodies }] as const
  })
  return [{ title: table.title, columns: new Map(columns) }]
}

/** Written by this program; null: it is not there. */
function readIn(folder: string, file: string): unknown {
  const path = join(folder, file)
  return statSync(path, { throwIfNoEntry: false }) === undefined ? null : JSON.parse(readFileSync(path, 'utf8'))
}
