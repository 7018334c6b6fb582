// Simulations on the disk, in a folder of their own: `ID.json` says what was asked and what became of it, the folder
// `ID` is the answer, `ID.work` that in which it is made. An answer appears whole, by a rename, and before its record
// says that it is there: whenever the process ends, what is found is either all of an answer or none.

import { mkdirSync, type ReadStream, readdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasEnded, refusedWith, type Simulation } from '../../model/simulation.js'
import type { Bytes } from '../../model/units.js'
import { writeWholeAside } from '../../runtime/whole-file.js'
import type { Ask } from './answer.js'
import { ANSWER } from './answer-files.js'

/** With how much its answer takes. */
export interface KeptSimulation {
  readonly simulation: Simulation
  readonly bytes: Bytes
}

const RECORD = /^([a-z]+-[0-9a-f]{16})\.json$/
const INTERRUPTED = refusedWith('STOPPING', {
  en: 'The controller ended meanwhile; ask again.',
  sw: 'Kituo cha udhibiti kilizimwa wakati huo; uliza tena.',
})

export class SimulationFolder {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** What there is after a start. What was under way is over; what is no whole answer goes. */
  begun(): KeptSimulation[] {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const found = readdirSync(this.#folder).flatMap((name) => {
      const kept = RECORD.test(name) ? readRecord(join(this.#folder, name)) : null
      return kept === null ? [] : [kept]
    })
    const whole = new Set(found.filter(({ simulation: { state } }) => state === 'done').map((one) => one.simulation.id))
    const known = new Set(found.map(({ simulation }) => `${simulation.id}.json`))
    for (const name of readdirSync(this.#folder))
      if (!whole.has(name) && !known.has(name)) rmSync(join(this.#folder, name), { recursive: true, force: true })
    return found.map(({ simulation, bytes }) => {
      if (hasEnded(simulation)) return { simulation, bytes }
      const { begun, at } = simulation
      const over = { state: 'failed', refusal: INTERRUPTED, ended: begun ?? at, left: null } as const
      return { simulation: { ...simulation, ...over }, bytes: 0 }
    })
  }

  write(kept: KeptSimulation): Promise<void> {
    return writeWholeAside(join(this.#folder, `${kept.simulation.id}.json`), JSON.stringify(kept))
  }

  /** @returns the folder in which it is answered */
  async begin(id: string, ask: Ask): Promise<string> {
    const work = this.#work(id)
    await rm(work, { recursive: true, force: true })
    await mkdir(work, { mode: 0o700 })
    await writeFile(join(work, 'ask.json'), JSON.stringify(ask), { mode: 0o600 })
    return work
  }

  /** @returns what the answer takes */
  async size(id: string): Promise<Bytes> {
    const answer = join(this.#work(id), ANSWER)
    const sizes = await Promise.all((await readdir(answer)).map(async (name) => (await stat(join(answer, name))).size))
    return sizes.reduce((sum, size) => sum + size, 0)
  }

  /** From now on the answer is there. */
  async take(id: string): Promise<void> {
    await rm(join(this.#folder, id), { recursive: true, force: true })
    await rename(join(this.#work(id), ANSWER), join(this.#folder, id))
    const folder = await open(this.#folder, 'r')
    await folder.sync().finally(() => folder.close())
  }

  async clear(id: string): Promise<void> {
    await rm(this.#work(id), { recursive: true, force: true })
  }

  /** The record first: an answer without one is nobody's. */
  async remove(id: string): Promise<void> {
    await rm(join(this.#folder, `${id}.json`), { force: true })
    await rm(join(this.#folder, id), { recursive: true, force: true })
  }

  /** A file of the answer, which may be long; null: it has no such file. */
  async open(id: string, file: string): Promise<ReadStream | null> {
    const handle = await open(join(this.#folder, id, file), 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    return handle?.createReadStream({ encoding: 'utf8' }) ?? null
  }

  #work(id: string): string {
    return join(this.#folder, `${id}.work`)
  }
}

/** Null: nobody can read it, so it goes. */
function readRecord(file: string): KeptSimulation | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KeptSimulation
  } catch {
    return null // as said above
  }
}
