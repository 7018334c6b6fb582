// Reads a problem file: the whole input of one solve as JSON, for people, tests and failing examples.
//
// A hostile file must cost less than a good one, so the bytes are walked twice. The first walk makes nothing: it sees
// the grammar, how deep and how many things are, and where each entry of each list begins. The second makes one entry
// after another (bands, links and envelopes before the flows, which name them), puts it to the schema and to what the
// others say, and ends with the hundredth fault. A file is either right as a whole or refused as a whole.

import { isUtf8 } from 'node:buffer'
import { JsonFault, JsonReader } from '../runtime/json-reader.js'
import {
  MAX_ENTRY_VALUES,
  MAX_PROBLEM_BYTES,
  MAX_PROBLEM_DEPTH,
  MAX_PROBLEM_TEXT,
  MAX_PROBLEM_VALUES,
} from '../runtime/limits.js'
import { didYouMean } from '../runtime/near-word.js'
import { pointerTo, shapeFaults } from '../runtime/shape-faults.js'
import { checkLists, FlowCheck, type Report } from './problem-check.js'
import { findPlace, ProblemFaults } from './problem-faults.js'
import { type FlowEntry, isFlow, LIST_NAMES, LISTS, type ListName, type ProblemFile } from './problem-schema.js'

export type { FlowEntry, PathStep, ProblemFile, SegmentEntry } from './problem-schema.js'

/**
 * Reads the bytes of a problem file.
 * @param name what messages call the file
 * @throws MizaniError PROBLEM_INVALID with every fault, of many the first hundred
 */
export function readProblemFile(bytes: Uint8Array, name = 'the problem'): ProblemFile {
  return new ProblemReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), name).read()
}

/** Checks a problem that is not in a file. */
export const checkProblem = (json: unknown): ProblemFile => readProblemFile(Buffer.from(JSON.stringify(json) ?? ''))

class ProblemReader {
  readonly #bytes: Buffer
  readonly #faults: ProblemFaults
  readonly #reader: JsonReader
  /** Where the value of each key of the file begins, and each entry of its lists. */
  readonly #keys = new Map<string, number>()
  readonly #entries: Readonly<Record<ListName, number[]>> = { bands: [], links: [], envelopes: [], flows: [] }
  /** Beginnings of entries that are not read: they are too large to be any. */
  readonly #tooLarge = new Set<number>()

  constructor(bytes: Buffer, name: string) {
    this.#bytes = bytes
    this.#faults = new ProblemFaults(bytes, name)
    this.#reader = new JsonReader(bytes, beginOf(bytes), MAX_PROBLEM_DEPTH)
  }

  read(): ProblemFile {
    this.#walk()
    const bands = this.#read('bands')
    const links = this.#read('links')
    const envelopes = this.#read('envelopes')
    const flows: FlowEntry[] = []
    const file = { bands, links, envelopes, flows } as ProblemFile
    if (this.#faults.none) this.#readFlows(file)
    else for (const n of this.#entries.flows.keys()) this.#entry('flows', n)
    this.#faults.refuse()
    return file
  }

  /** The first walk. */
  #walk(): void {
    const reader = this.#reader
    const refuse = (code: string, message: string, at = 0): void => {
      this.#faults.add(code, message, '', at)
      this.#faults.refuse()
    }
    const { length } = this.#bytes
    if (length > MAX_PROBLEM_BYTES) refuse('TOO_LARGE', `expected at most ${MAX_PROBLEM_BYTES} bytes, found more`)
    if (this.#bytes[0] === 0xff || this.#bytes[0] === 0xfe)
      refuse('NOT_JSON', 'expected UTF-8, found UTF-16: save it as UTF-8')
    if (!isUtf8(this.#bytes)) refuse('NOT_JSON', 'expected UTF-8, found a byte that is none', firstBad(this.#bytes))
    if (reader.peek() === undefined) refuse('EMPTY', 'the file is empty')
    const { kind } = reader
    if (kind !== 'an object' && kind !== 'a word') {
      refuse('SCHEMA', `expected an object with ${LIST_NAMES.join(', ')}; found ${kind}`, reader.at)
    }
    try {
      reader.object((key, at) => this.#walkMember(key, at))
      reader.end()
    } catch (error) {
      if (error instanceof JsonFault) refuse(error.code, error.message, error.at)
      throw error
    }
    for (const list of LIST_NAMES) {
      if (this.#keys.has(list) || LISTS[list].optional) continue
      this.#faults.add('SCHEMA', 'is missing: expected a list', `/${list}`, 0)
    }
  }

  #walkMember(key: string, at: number): void {
    const reader = this.#reader
    const list = LIST_NAMES.find((name) => name === key)
    if (list === undefined) {
      this.#faults.add('UNKNOWN_KEY', `unknown key${didYouMean(key, LIST_NAMES)}`, pointerTo([key]), at)
    } else if (this.#keys.has(key)) this.#faults.add('DUPLICATE_KEY', 'this key stands here twice', `/${key}`, at)
    else if (reader.kind === 'a list') {
      this.#keys.set(key, reader.at)
      this.#walkList(list)
      return
    } else this.#faults.add('SCHEMA', `expected a list, found ${reader.kind}`, `/${key}`, at)
    this.#keys.set(key, reader.at)
    this.#skip()
  }

  #walkList(list: ListName): void {
    const reader = this.#reader
    const begin = reader.at
    const entries = this.#entries[list]
    const { most } = LISTS[list]
    let count = 0
    reader.list(() => {
      reader.peek()
      const { at } = reader
      reader.longest = 0
      const values = this.#skip()
      if (++count > most) return true
      entries.push(at)
      if (values > MAX_ENTRY_VALUES) this.#leaveOut(list, 'values in an entry', MAX_ENTRY_VALUES, values)
      else if (reader.longest > MAX_PROBLEM_TEXT)
        this.#leaveOut(list, 'bytes in a text', MAX_PROBLEM_TEXT, reader.longest)
      return true
    })
    if (count > most) {
      this.#faults.add('TOO_MANY', `expected at most ${most} ${list}, found ${count}`, `/${list}`, begin)
      entries.length = 0
    } else if (list === 'bands' && count === 0) {
      this.#faults.add('SCHEMA', 'expected at least one band, found an empty list', `/${list}`, begin)
    }
  }

  /** The last entry is too large to be any, and is not read. */
  #leaveOut(list: ListName, what: string, most: number, found: number): void {
    const n = this.#entries[list].length - 1
    const at = this.#entries[list][n]!
    this.#tooLarge.add(at)
    this.#faults.add('TOO_LARGE', `expected at most ${most} ${what}, found ${found}`, `/${list}/${n}`, at)
  }

  /** Goes past a value; how many values it was. */
  #skip(): number {
    const before = this.#reader.values
    this.#reader.skip()
    if (this.#reader.values > MAX_PROBLEM_VALUES) {
      this.#faults.add('TOO_MANY', `expected at most ${MAX_PROBLEM_VALUES} values, found more`, '', this.#reader.at)
      this.#faults.refuse()
    }
    return this.#reader.values - before
  }

  /** Entry n of a list as the schema makes it; undefined: it is none, and was reported. */
  #entry(list: ListName, n: number): unknown {
    const at = this.#entries[list][n]!
    if (this.#tooLarge.has(at)) return undefined
    const reader = this.#reader
    reader.at = at
    const value = reader.value()
    for (const key of reader.repeated.splice(0)) {
      const message = 'this key stands here twice in one object'
      this.#faults.add('DUPLICATE_KEY', message, `/${list}/${n}`, key)
    }
    if (list === 'flows' && isFlow(value)) return value
    const parsed = LISTS[list].entry.safeParse(value)
    if (parsed.success) return parsed.data
    for (const { code, message, pointer = '' } of shapeFaults(parsed.error.issues)) {
      this.#report(list, n, pointer, code === 'INVALID' ? 'SCHEMA' : code, message)
    }
    return undefined
  }

  #report(list: ListName, n: number, within: string, code: string, message: string): void {
    const at = findPlace(this.#bytes, this.#entries[list][n]!, within)
    this.#faults.add(code, message, `/${list}/${n}${within}`, at)
  }

  #read(list: ListName): unknown[] {
    return this.#entries[list].map((_, n) => this.#entry(list, n))
  }

  /** Flows, each checked as it comes; after the first fault they are only checked. */
  #readFlows(file: ProblemFile): void {
    const report: Report = (...fault) => this.#report(...fault)
    checkLists(file, report)
    const check = new FlowCheck(file, report)
    for (const n of this.#entries.flows.keys()) {
      const flow = this.#entry('flows', n) as FlowEntry | undefined
      if (flow === undefined) continue
      const checked = check.flow(flow, n)
      if (this.#faults.none) file.flows.push(checked)
    }
  }
}

/** Behind the mark that some editors put in front of UTF-8. */
const beginOf = (bytes: Buffer): number => (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0)

/** The first byte that is no UTF-8: halved again and again, at places where a character begins. */
function firstBad(bytes: Buffer): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 8) {
    let middle = (good + bad) >> 1
    for (let back = 0; back < 3 && (bytes[middle]! & 0xc0) === 0x80; back++) middle--
    if (isUtf8(bytes.subarray(good, middle))) good = middle
    else bad = middle
  }
  const length = (): number | undefined => [1, 2, 3, 4].find((n) => isUtf8(bytes.subarray(good, good + n)))
  for (let n = length(); n !== undefined && good < bad; n = length()) good += n
  return good
}
