// Questions of planners to the controller: each waits for its turn, is answered in a process of its own, and is kept
// for whoever asks again. Nothing of an answer is made on the thread that answers people, nor on that of the tick; what
// is known here of a question is its record.

import { createHash } from 'node:crypto'
import type { ReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { canonicalJson } from '../../model/canonical.js'
import { civilTime } from '../../model/civil-time.js'
import {
  hasEnded,
  refusedWith,
  type Simulation,
  type SimulationAsked,
  type SimulationRefusal,
} from '../../model/simulation.js'
import { type Bytes, toSeconds } from '../../model/units.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import type { Change } from '../../policy/revisions/proposal.js'
import type { Clock } from '../../runtime/clock.js'
import { VERSION } from '../../runtime/config.js'
import { MizaniError, messageOf } from '../../runtime/errors.js'
import {
  MAX_SIMULATION_BYTES,
  MAX_SIMULATIONS_AT_ONCE,
  MAX_SIMULATIONS_BYTES,
  MAX_SIMULATIONS_EACH,
  MAX_SIMULATIONS_KEPT,
  MAX_SIMULATIONS_WAITING,
  MAX_SIMULATIONS_WAITING_EACH,
  SIMULATION_LIFE,
} from '../../runtime/limits.js'
import type { Logger } from '../../runtime/log.js'
import { SerialQueue } from '../../runtime/serial-queue.js'
import { scenarioFaults } from '../scenario.js'
import { workingDay } from '../working-day.js'
import type { Ask } from './answer.js'
import { FINDINGS, tableFile } from './answer-files.js'
import { SimulationFolder } from './kept.js'
import { BOUNDS, type Bounds, CANCELLED, type Running, startProcess } from './process.js'

/** What a question is asked of. */
export interface SimulationBase {
  readonly revision: number
  readonly hash: string
  readonly document: PolicyDocument
  /** Of the proposal; null: none. */
  readonly changes: readonly Change[] | null
}

export interface SimulationsOptions {
  /** Of the data folder; nobody else uses it. */
  readonly folder: string
  /** Folder of the record. */
  readonly record: string
  readonly workers: number
  readonly clock: Clock
  readonly log: Logger
  readonly bounds?: Bounds
}

interface Entry {
  simulation: Simulation
  bytes: Bytes
  /** Until it begins. */
  base: SimulationBase | null
  running: Running | null
  /** Over when its end is told and kept. */
  run: Promise<void> | null
  isCancelled: boolean
}

const fresh = { base: null, running: null, run: null, isCancelled: false }

export class Simulations {
  readonly #options: SimulationsOptions
  readonly #kept: SimulationFolder
  readonly #entries = new Map<string, Entry>()
  readonly #listeners = new Set<(simulation: Simulation) => void>()
  readonly #disk = new SerialQueue()
  #isClosed = false

  constructor(options: SimulationsOptions) {
    this.#options = options
    this.#kept = new SimulationFolder(options.folder)
    for (const { simulation, bytes } of this.#kept.begun())
      this.#entries.set(simulation.id, { ...fresh, simulation, bytes })
  }

  /** The latest first. */
  list(): Simulation[] {
    return [...this.#entries.values()].map(({ simulation }) => simulation).sort((a, b) => b.at - a.at || byId(a, b))
  }

  /** @throws MizaniError NOT_FOUND */
  find(id: string): Simulation {
    return this.#find(id).simulation
  }

  /** Tells of every step of each; its end included. */
  onNews(listen: (simulation: Simulation) => void): void {
    this.#listeners.add(listen)
  }

  /**
   * Asks, or finds who has asked the same.
   * @throws MizaniError BAD_REQUEST for a scenario that is none, NOT_FOUND, RATE_LIMITED
   */
  async order(question: SimulationAsked, base: SimulationBase, author: string): Promise<Simulation> {
    const asked = this.#settled(question, base.document)
    const id = nameOf(asked, base)
    const known = this.#entries.get(id)
    if (known !== undefined && (known.simulation.state === 'done' || !hasEnded(known.simulation)))
      return known.simulation
    this.#admit(author)
    const simulation: Simulation = {
      ...{ id, asked, revision: base.revision, hash: base.hash, build: VERSION, author },
      ...{ at: this.#options.clock.wall(), begun: null, ended: null },
      ...{ state: 'queued', progress: 0, left: null, refusal: null },
    }
    const entry: Entry = { ...fresh, simulation, bytes: 0, base }
    this.#entries.set(id, entry)
    await this.#keep(entry)
    this.#tell(entry)
    this.#next()
    return entry.simulation
  }

  /** Ends one that is under way; takes away one that has ended. @throws MizaniError NOT_FOUND */
  async cancel(id: string): Promise<Simulation> {
    const entry = this.#find(id)
    if (hasEnded(entry.simulation)) {
      this.#entries.delete(id)
      await this.#kept.remove(id)
    } else if (entry.run === null) await this.#end(entry, CANCELLED)
    else {
      // Its end is told when the process is gone.
      entry.isCancelled = true
      entry.running?.kill()
      await entry.run
    }
    return entry.simulation
  }

  /** JSON of what was found. @throws as `open` */
  async findings(id: string): Promise<string> {
    let text = ''
    for await (const piece of await this.open(id, FINDINGS)) text += piece
    return text
  }

  /** JSON of one table of it, with so many rows at most. @throws as `open` */
  async table(id: string, table: string, most: number): Promise<string> {
    const input = await this.open(id, tableFile(table))
    const kept: string[] = []
    for await (const line of createInterface({ input })) if (kept.push(line) > most) break
    input.destroy()
    // A row that another was to follow ends with nothing now.
    const text = kept.join('\n')
    return text.endsWith(']}') ? text : `${text.replace(/,$/, '')}]}`
  }

  /** A file of the answer, as the command writes it. @throws MizaniError NOT_FOUND where there is none */
  async open(id: string, file: string): Promise<ReadStream> {
    const { simulation } = this.#find(id)
    const stream = simulation.state === 'done' ? await this.#kept.open(id, file) : null
    if (stream === null) throw notThere(`answer of ${id} with that in it`)
    return stream
  }

  /** Ends what is under way; the next start says so of it. */
  async close(): Promise<void> {
    this.#isClosed = true
    const entries = [...this.#entries.values()]
    for (const { running } of entries) running?.kill()
    await Promise.all(entries.map(({ run }) => run))
  }

  #find(id: string): Entry {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw notThere(`simulation "${id}"`)
    return entry
  }

  /** With everything that would otherwise depend on when it is answered. */
  #settled(asked: SimulationAsked, document: PolicyDocument): SimulationAsked {
    const { scenario, day, kind } = asked
    if (kind === 'compare') {
      const [a, b] = [this.find(asked.a ?? ''), this.find(asked.b ?? '')]
      if (a.state !== 'done' || b.state !== 'done' || a.asked.kind !== b.asked.kind || a === b)
        throw refused('Two different answers to questions of one kind can be compared.')
      return asked
    }
    if (typeof scenario === 'object') {
      const faults = scenarioFaults({ plane: '.', ...scenario })
      if (faults.length > 0)
        throw new MizaniError({ code: 'BAD_REQUEST', message: 'The scenario is not usable.', faults })
    }
    if (scenario !== undefined || day !== undefined) return asked
    const { timezone } = document.plane
    return { ...asked, day: civilTime(workingDay(this.#options.clock.wall(), timezone), timezone).date }
  }

  /** @throws MizaniError RATE_LIMITED */
  #admit(author: string): void {
    const waiting = this.#in('queued')
    const mine = waiting.filter(({ simulation }) => simulation.author === author).length
    const runs = this.#in('running').some(({ simulation }) => simulation.author === author)
    // With nothing that runs the first one does not wait.
    if (mine >= MAX_SIMULATIONS_WAITING_EACH + (runs ? 0 : MAX_SIMULATIONS_EACH) || this.#isFull(waiting.length)) {
      throw new MizaniError({
        code: 'RATE_LIMITED',
        remedy: 'retry',
        message: `${author} has ${mine} questions that wait, of ${waiting.length} of all; wait for an answer first.`,
      })
    }
  }

  #isFull(waiting: number): boolean {
    return waiting >= MAX_SIMULATIONS_WAITING
  }

  #in(state: Simulation['state']): Entry[] {
    return [...this.#entries.values()].filter(({ simulation }) => simulation.state === state)
  }

  /** Begins what may begin, the longest waiting first. */
  #next(): void {
    const waiting = this.#in('queued').sort((a, b) => a.simulation.at - b.simulation.at)
    for (const entry of waiting) {
      const running = this.#in('running')
      const mine = running.filter(({ simulation }) => simulation.author === entry.simulation.author)
      if (this.#isClosed || running.length >= MAX_SIMULATIONS_AT_ONCE) return
      if (mine.length >= MAX_SIMULATIONS_EACH || entry.base === null) continue
      const { base } = entry
      entry.base = null
      this.#change(entry, { state: 'running', begun: this.#options.clock.wall() })
      entry.run = this.#run(entry, base)
      void entry.run.finally(() => this.#next())
    }
  }

  /** From its begin to its end; never throws. */
  async #run(entry: Entry, { document, changes }: SimulationBase): Promise<void> {
    const { id, asked } = entry.simulation
    const { workers, record, clock, bounds = BOUNDS, log } = this.#options
    const ask: Ask = { asked, document, changes, workers, record }
    try {
      await this.#keep(entry)
      const folder = await this.#kept.begin(id, ask)
      if (this.#isClosed) return
      if (entry.isCancelled) return await this.#end(entry, CANCELLED)
      const begun = clock.monotonic()
      entry.running = startProcess(folder, clock, bounds, (progress) => {
        const left = progress > 0 ? ((clock.monotonic() - begun) * (1 - progress)) / progress : null
        this.#change(entry, { progress, left })
      })
      const refusal = await entry.running.ended
      if (this.#isClosed) return
      await this.#end(entry, refusal ?? (await this.#take(entry)))
    } catch (error) {
      log.warn({ err: error, simulation: id }, 'a question of a planner has no answer')
      await this.#end(entry, { code: 'INTERNAL', message: messageOf(error), faults: [] })
    }
  }

  async #take(entry: Entry): Promise<SimulationRefusal | null> {
    const { id } = entry.simulation
    const bytes = await this.#kept.size(id)
    if (bytes > MAX_SIMULATION_BYTES) {
      return refusedWith('PAYLOAD_TOO_LARGE', {
        en: `The answer takes ${bytes} bytes; ${MAX_SIMULATION_BYTES} is the most that is kept here.`,
        sw: `Jibu ni la baiti ${bytes}; hapa huhifadhiwa baiti ${MAX_SIMULATION_BYTES} kwa kiwango cha juu.`,
      })
    }
    entry.bytes = bytes
    await this.#kept.take(id)
    return null
  }

  async #end(entry: Entry, refusal: SimulationRefusal | null): Promise<void> {
    entry.running = null
    entry.base = null
    const { clock, log } = this.#options
    const state = refusal === null ? 'done' : refusal.code === CANCELLED.code ? 'cancelled' : 'failed'
    const { progress } = entry.simulation
    const all = refusal === null ? 1 : progress
    const { author, id, begun } = entry.simulation
    this.#change(entry, { state, refusal, ended: clock.wall(), progress: all, left: null })
    const seconds = begun === null ? 0 : toSeconds(clock.wall() - begun)
    log.info({ simulation: id, author, state, seconds, reason: refusal?.message }, 'a question of a planner has ended')
    try {
      await this.#kept.clear(id)
      await this.#keep(entry)
      await this.#forget()
    } catch (error) {
      log.warn({ err: error, simulation: id }, 'a question of a planner is not kept')
    }
  }

  /** Of those that have ended the oldest go, beyond count, age and room. */
  async #forget(): Promise<void> {
    const since = this.#options.clock.wall() - SIMULATION_LIFE
    let [count, bytes] = [0, 0]
    for (const { id, at } of this.list()) {
      const entry = this.#find(id)
      count++
      bytes += entry.bytes
      const isOver = count > MAX_SIMULATIONS_KEPT || bytes > MAX_SIMULATIONS_BYTES || at < since
      if (!isOver || !hasEnded(entry.simulation)) continue
      this.#entries.delete(id)
      await this.#kept.remove(id)
    }
  }

  #keep({ simulation, bytes }: Entry): Promise<void> {
    return this.#disk.run(() => this.#kept.write({ simulation, bytes }))
  }

  #change(entry: Entry, change: Partial<Simulation>): void {
    entry.simulation = { ...entry.simulation, ...change }
    this.#tell(entry)
  }

  #tell({ simulation }: Entry): void {
    for (const listen of this.#listeners) listen(simulation)
  }
}

const byId = (a: Simulation, b: Simulation): number => (a.id < b.id ? -1 : 1)

/** Of all that the answer depends on. */
function nameOf(asked: SimulationAsked, { revision, hash, changes }: SimulationBase): string {
  const all = { asked, revision, hash, changes, build: VERSION }
  const digest = createHash('sha256').update(canonicalJson(all)).digest('hex')
  return `${asked.kind}-${digest.slice(0, 16)}`
}

const notThere = (what: string): MizaniError => new MizaniError({ code: 'NOT_FOUND', message: `There is no ${what}.` })

const refused = (message: string): MizaniError => new MizaniError({ code: 'BAD_REQUEST', message })
