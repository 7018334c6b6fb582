// A network as researchers exchange it, whatever the format: nodes, links with what is built and what could be bought,
// demands from node to node. Each reader makes one of these and tells every fault with its line; what Mizani makes of
// it stands in plane-of.ts.

import type { BitsPerSecond } from '../../model/units.js'
import { type Fault, invalid } from '../../runtime/errors.js'
import { MAX_FAULTS_SHOWN, MAX_NETWORK_DEMANDS, MAX_NETWORK_LINKS, MAX_NETWORK_NODES } from '../../runtime/limits.js'
import { didYouMean } from '../../runtime/near-word.js'

export interface NetworkNode {
  readonly id: string
  /** As the file has it. */
  readonly name: string
  /** To the right and down, as pictures are drawn; null: the file does not say. */
  readonly at: readonly [number, number] | null
}

/** What a link could be made larger by. */
export interface NetworkModule {
  readonly capacity: BitsPerSecond
  readonly cost: number
}

export interface NetworkLink {
  readonly id: string
  readonly from: string
  readonly to: string
  /** `down` is from `from` to `to`; both 0: nothing is built yet. */
  readonly capacity: { readonly down: BitsPerSecond; readonly up: BitsPerSecond }
  /** Length for the shortest path: whole, 1 or more. */
  readonly cost: number
  /** What the first of its modules costs on top, where nothing is built yet. */
  readonly setup: number
  readonly modules: readonly NetworkModule[]
}

export interface NetworkDemand {
  readonly from: string
  readonly to: string
  readonly rate: BitsPerSecond
}

export interface Network {
  readonly name: string
  readonly format: string
  readonly nodes: readonly NetworkNode[]
  readonly links: readonly NetworkLink[]
  readonly demands: readonly NetworkDemand[]
  /** Demands of a node to itself, which are none of these: they cross no link. */
  readonly toSelf: number
}

/** How a number of the file is to be taken. */
export interface ReadOptions {
  /** bit/s of one unit of capacity and demand; absent: as the format has it. */
  readonly unit?: number
  /** Of links of which the file says none. */
  readonly capacity: BitsPerSecond
}

const LONGEST_ID = 56
const MOST_COST = 1_000_000
/** No line carries more. */
const MOST_RATE = 1e15

/** A length as routes count them. */
export const costOf = (length: number): number => Math.min(MOST_COST, Math.max(1, Math.round(length)))

/** Gathers what a file says and what is wrong with it. */
export class Reading {
  readonly nodes: NetworkNode[] = []
  readonly links: NetworkLink[] = []
  readonly demands: NetworkDemand[] = []
  readonly faults: Fault[] = []
  #toSelf = 0
  readonly #file: string
  /** By the name that the file has for it. */
  readonly #nodes = new Map<string, string>()
  readonly #nodeIds = new Set<string>()
  readonly #linkIds = new Set<string>()
  readonly #linkNames = new Set<string>()
  readonly #lineAt: (place: number) => number

  /** @param lineAt the line of a place, where lines are not what things are named by; asked only where one is wrong */
  constructor(file: string, lineAt: (place: number) => number = (line) => line) {
    this.#file = file
    this.#lineAt = lineAt
  }

  refuse(line: number, message: string, file = this.#file): void {
    this.faults.push({ code: 'INVALID', file, line, message })
  }

  node(line: number, name: string, at: NetworkNode['at'], shown = name): void {
    if (this.#nodes.has(name)) this.refuse(line, `node "${name}" stands twice`)
    else if (this.nodes.length === MAX_NETWORK_NODES) this.refuse(line, `expected at most ${MAX_NETWORK_NODES} nodes`)
    else {
      const id = freshId(shown, this.#nodeIds)
      this.#nodes.set(name, id)
      this.#nodeIds.add(id)
      this.nodes.push({ id, name: shown, at })
    }
  }

  hasLink(name: string): boolean {
    return this.#linkNames.has(name)
  }

  /** Ends that the file does not name are told. */
  link(line: number, name: string, { from, to, ...link }: Omit<NetworkLink, 'id'>): void {
    const ends = this.#ends(line, from, to)
    const isLoop = ends !== null && from === to
    const isFull = this.links.length === MAX_NETWORK_LINKS
    if (this.#linkNames.has(name)) this.refuse(line, `link "${name}" stands twice`)
    else if (isFull) this.refuse(line, `expected at most ${MAX_NETWORK_LINKS} links`)
    else if (isLoop) this.refuse(line, `both ends are "${from}"`)
    else if (ends !== null) {
      const id = freshId(name, this.#linkIds)
      this.#linkNames.add(name)
      this.#linkIds.add(id)
      this.links.push({ id, ...ends, ...link })
    }
  }

  demand(line: number, from: string, to: string, rate: BitsPerSecond, file?: string): void {
    const ends = this.#ends(line, from, to, file)
    if (ends === null || rate === 0) return
    if (from === to) this.#toSelf++
    else if (this.demands.length < MAX_NETWORK_DEMANDS) this.demands.push({ ...ends, rate })
    else this.refuse(line, `expected at most ${MAX_NETWORK_DEMANDS} demands`, file)
  }

  #ends(line: number, from: string, to: string, file?: string): { from: string; to: string } | null {
    // Where no node could be read that is told, and this is only its shadow.
    if (this.#nodes.size === 0) return null
    const wrong = [...new Set([from, to])].filter((name) => !this.#nodes.has(name))
    for (const name of wrong) this.refuse(line, `no node "${name}"${didYouMean(name, this.#nodes.keys())}`, file)
    if (wrong.length > 0) return null
    return { from: this.#nodes.get(from)!, to: this.#nodes.get(to)! }
  }

  /** @throws MizaniError NETWORK_INVALID with every fault, in the order of the file */
  done(name: string, format: string): Network {
    if (this.faults.length === 0 && this.nodes.length === 0) this.refuse(1, 'has no nodes')
    if (this.faults.length === 0 && this.links.length === 0) this.refuse(1, 'has no links')
    if (this.faults.length > 0) {
      const isOther = ({ file }: Fault): number => Number(file !== this.#file)
      // Nobody reads more.
      const some = this.faults.slice(0, MAX_FAULTS_SHOWN + 1)
      const faults = some.map((fault) => ({ ...fault, line: this.#lineAt(fault.line ?? 0) }))
      faults.sort((a, b) => isOther(a) - isOther(b) || a.line - b.line)
      throw invalid('NETWORK_INVALID', `${this.#file} cannot be read as ${format}`, faults)
    }
    const { nodes, links, demands } = this
    return { name, format, nodes, links, demands, toSelf: this.#toSelf }
  }
}

/** Lower case letters, digits and "-"; the first that nobody has. */
export function freshId(name: string, taken: ReadonlySet<string>): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-')
  const parts = plain.split('-').filter((part) => part !== '')
  const stem = parts.join('-').slice(0, LONGEST_ID) || 'x'
  let id = stem
  for (let n = 2; taken.has(id); n++) id = `${stem}-${n}`
  return id
}

/** What is wrong with a line: its words are told, the rest of it is passed over. */
export class WrongLine extends Error {}

/** The words of one line, taken in their order. */
export class Words {
  readonly #words: readonly string[]
  #at = 0

  constructor(words: readonly string[]) {
    this.#words = words
  }

  get next(): string | undefined {
    return this.#words[this.#at]
  }

  word(what: string): string {
    const word = this.next
    if (word === undefined || word === '(' || word === ')')
      throw new WrongLine(`expected ${what}, found ${word === undefined ? 'the end of the line' : `"${word}"`}`)
    this.#at++
    return word
  }

  mark(mark: string, where: string): void {
    const found = this.next === undefined ? 'the end of the line' : `"${this.next}"`
    if (this.next !== mark) throw new WrongLine(`expected "${mark}" ${where}, found ${found}`)
    this.#at++
  }

  number(what: string): number {
    const word = this.word(what)
    if (/^[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,2})?$/.test(word)) return Number(word)
    throw new WrongLine(`expected ${what} as a number, found "${word}"`)
  }

  /** @param unit bit/s of one */
  rate(what: string, unit: number): BitsPerSecond {
    const rate = Math.round(this.amount(what) * unit)
    if (rate <= MOST_RATE) return rate
    throw new WrongLine(`expected ${what} of ${MOST_RATE / 1e12} Tbit/s at most, found ${rate / 1e12} Tbit/s`)
  }

  /** Not below 0. */
  amount(what: string): number {
    const number = this.number(what)
    if (number >= 0) return number
    throw new WrongLine(`expected ${what} of 0 or more, found ${number}`)
  }

  end(): void {
    if (this.next !== undefined) throw new WrongLine(`expected the end of the line, found "${this.next}"`)
  }
}

/** Reads one line; what is wrong with it is told. */
export function onLine(reading: Reading, line: number, read: () => void, file?: string): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof WrongLine)) throw error
    reading.refuse(line, error.message, file)
  }
}
