// The parts of a run, each named by all that its answer depends on: what all parts share, this build, and the part. A
// result is kept under its name, here in a folder, so that a part which was answered twice is one part, and a run that
// was ended goes on where it stood.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VERSION } from '../../runtime/config.js'
import { messageOf, usageError } from '../../runtime/errors.js'
import { createPool, type Pool } from '../../runtime/pool.js'
import { writeWhole } from '../../runtime/whole-file.js'
import { type Agenda, factorOf, INTACT } from './futures-agenda.js'
import type { FuturesInput, Part, PartResult } from './futures-task.js'

const digest = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

export const keyOf = ({ document, demand, moments, factors }: Omit<FuturesInput, 'key'>): string =>
  digest(`${VERSION}\n${moments}\n${factors.join(' ')}\n`, new Uint8Array(document), new Uint8Array(demand))

const nameOf = (key: string, part: Part): string => digest(`${key}\n`, JSON.stringify(part))

/** As many as make a part worth sending, and few enough that parts are done often. */
const STATES_A_PART = 12
const STEPS_A_PART = 20_000

/**
 * The same whoever answers them. They take over the hours of the agenda, which nobody else asks about.
 * @param moments of a working day and a day off together
 */
export function partsOf(agenda: Agenda, moments: number): { readonly factors: number[]; readonly parts: Part[] } {
  const { levels, states } = agenda
  const placeOf = new Map(levels.map((level, place) => [level, place]))
  const parts: Part[] = []
  let part: Part['states'][number][] = []
  let steps = 0
  for (const [n, { conditions, hours }] of states.entries()) {
    const all = [...hours].sort(([a], [b]) => a - b)
    hours.clear()
    // Where other states have taken all hours of a moment, the intact network is still what they are held against.
    const met = n === INTACT ? all : all.filter(([, each]) => each > 0)
    part.push({
      conditions,
      steps: met.map(([moment]) => placeOf.get(Math.floor(moment / moments))! * moments + (moment % moments)),
      hours: met.map(([, each]) => Math.max(0, each)),
    })
    steps += met.length
    if (part.length < STATES_A_PART && steps < STEPS_A_PART && n < states.length - 1) continue
    parts.push({ states: part })
    part = []
    steps = 0
  }
  return { factors: levels.map(factorOf), parts }
}

export type PartsPool = Pool<FuturesInput & { readonly part: Part }, PartResult>

/** Answers parts, here or elsewhere. */
export interface PartRunner {
  run(name: string, part: Part): Promise<PartResult>
  close(): Promise<void>
}

/** For each million bytes of a policy, and at least: four times what a thread holds on to. */
const HEAP_MB = 160

/** Threads that look at parts. */
export const partsPool = ({ document }: Pick<FuturesInput, 'document'>, workers: number): PartsPool =>
  createPool('futures', workers, { heapMb: Math.ceil(HEAP_MB * Math.max(1, document.byteLength / 1e6)) })

export function poolRunner(input: FuturesInput, workers: number, signal?: AbortSignal): PartRunner {
  const pool = partsPool(input, workers)
  return { run: (_name, part) => pool.run({ ...input, part }, signal), close: () => pool.close() }
}

export interface PartsOptions {
  /** Where results are kept; absent: nowhere. */
  readonly folder?: string
  readonly onProgress?: (done: number, of: number) => void
}

/** Has the result of each part taken, in the order of the parts, as soon as all before it are: none is kept here. */
export async function runParts(
  key: string,
  parts: readonly Part[],
  runner: PartRunner,
  take: (part: Part, result: PartResult) => void,
  { folder, onProgress = () => undefined }: PartsOptions,
): Promise<void> {
  const of = parts.reduce((sum, { states }) => sum + states.length, 0)
  let done = 0
  const answer = async (part: Part, before: Promise<void>): Promise<PartResult> => {
    const name = nameOf(key, part)
    // What is kept in the folder is read when its turn has come: read at once it would all be kept here.
    const isKept = folder !== undefined && existsSync(fileOf(folder, name))
    const known = isKept ? await before.then(() => readResult(folder, name)) : null
    const result = known ?? (await runner.run(name, part))
    if (folder !== undefined && known === null) writeResult(folder, name, result)
    done += part.states.length
    onProgress(done, of)
    return result
  }
  let before = Promise.resolve()
  try {
    await Promise.all(
      parts.map((part) => {
        before = Promise.all([answer(part, before), before]).then(([result]) => take(part, result))
        return before
      }),
    )
  } finally {
    await runner.close()
  }
}

const fileOf = (folder: string, name: string): string => join(folder, `${name}.json`)

/** Null: it is not there, or is not what was written. */
function readResult(folder: string, name: string): PartResult | null {
  let text: string
  try {
    text = readFileSync(fileOf(folder, name), 'utf8')
  } catch {
    return null // it was not answered yet, which is what most are
  }
  const end = text.indexOf('\n')
  return text.slice(0, end) === digest(text.slice(end + 1)) ? (JSON.parse(text.slice(end + 1)) as PartResult) : null
}

function writeResult(folder: string, name: string, result: PartResult): void {
  const body = JSON.stringify(result)
  try {
    mkdirSync(folder, { recursive: true })
    writeWhole(fileOf(folder, name), `${digest(body)}\n${body}`)
  } catch (error) {
    throw usageError(`--parts ${folder}: ${messageOf(error)}`, 'Name a folder; one that is not there is made.')
  }
}
