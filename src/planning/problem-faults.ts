// The faults of one problem file, each at its place. At most as many are kept as are shown: a file may hold a fault in
// every byte, and after the hundredth there is nothing to be learned from the next.

import { type Fault, MizaniError } from '../runtime/errors.js'
import { JsonReader } from '../runtime/json-reader.js'
import { MAX_FAULTS_SHOWN, MAX_PROBLEM_DEPTH } from '../runtime/limits.js'

const LINE_FEED = 0x0a

interface Kept {
  readonly code: string
  readonly message: string
  readonly pointer: string
  readonly at: number
}

export class ProblemFaults {
  readonly #bytes: Buffer
  readonly #file: string
  readonly #kept: Kept[] = []

  constructor(bytes: Buffer, file: string) {
    this.#bytes = bytes
    this.#file = file
  }

  get none(): boolean {
    return this.#kept.length === 0
  }

  /** @throws MizaniError with all faults when there are as many as are shown. */
  add(code: string, message: string, pointer: string, at: number): void {
    this.#kept.push({ code, message, pointer, at })
    if (this.#kept.length === MAX_FAULTS_SHOWN) this.refuse()
  }

  /** @throws MizaniError if there are any faults. */
  refuse(): void {
    if (this.none) return
    const count = this.#kept.length
    const many = count === MAX_FAULTS_SHOWN ? `the first ${count} faults` : count === 1 ? '1 fault' : `${count} faults`
    throw new MizaniError({
      code: 'PROBLEM_INVALID',
      message: `${this.#file} is refused: ${many}`,
      advice: '`mizani allocate --schema` prints what a problem file may say.',
      faults: this.#placed(),
    })
  }

  /** In the order of the file, with lines: they are counted once, from one fault to the next. */
  #placed(): Fault[] {
    let line = 1
    let begin = 0
    let looked = 0
    return this.#kept
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, ...fault }) => {
        for (; looked < at; looked++) {
          if (this.#bytes[looked] !== LINE_FEED) continue
          line++
          begin = looked + 1
        }
        return { ...fault, file: this.#file, line, position: at - begin + 1 }
      })
  }
}

/** Where the deepest part of a JSON pointer that is there stands, from the value at byte `at`; the grammar is right. */
export const findPlace = (bytes: Buffer, at: number, pointer: string): number =>
  find(bytes, at, pointer.split('/').slice(1))

function find(bytes: Buffer, at: number, path: readonly string[]): number {
  const reader = new JsonReader(bytes, at, MAX_PROBLEM_DEPTH)
  reader.peek()
  const place = reader.at
  const [part, ...rest] = path
  let found = -1
  if (part !== undefined && reader.kind === 'a list') {
    reader.list((n) => {
      if (String(n) === part) found = reader.at
      else reader.skip()
      return found < 0
    })
  } else if (part !== undefined && reader.kind === 'an object') {
    const wanted = part.replaceAll('~1', '/').replaceAll('~0', '~')
    reader.object((key) => {
      if (key === wanted) found = reader.at
      reader.skip()
    })
  }
  return found < 0 ? place : find(bytes, found, rest)
}
