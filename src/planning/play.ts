// Plays a chunk of a scenario's steps: offered load in, solve, write down. Pure but for the ledger rows of its steps.
//
// The demand of a step is the load that is offered in it, known perfectly, or what was recorded of another: planning
// asks what a policy does with a demand, not how fast the estimator notices it. The compiled problem is copied first,
// so that threads share nothing they write, and a chunk starts from the same bytes whoever played the one before.

import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { Causes } from '../solve/causes.js'
import { BAND_KIND, createProblem, type Problem, type Shape, viewProblem } from '../solve/problem.js'
import { createSolver } from '../solve/solve.js'
import { lackOf, type PromiseColumns, promiseColumns } from './claims.js'
import { type Ledger, type LedgerShape, viewLedger, wordsOf } from './ledger.js'
import { type Askers, type Basis, demandSource, type Recorded } from './recorded/source.js'
import { type ChunkSums, createSums, type SummedChunk } from './sums.js'
import { HourWatch } from './worst-hour.js'

export interface PlayPhase {
  readonly firstStep: number
  /** Exclusive. */
  readonly endStep: number
  /** The problem compiled under the conditions of the phase; read, never written. */
  readonly shape: Shape
  readonly buffer: SharedArrayBuffer
  /** Flows without a path. An edge lets them have their lifeline, but nothing arrives. */
  readonly unreachable: readonly number[]
}

export interface PlayTask {
  readonly ledger: { readonly shape: LedgerShape; readonly buffer: SharedArrayBuffer }
  readonly chunk: number
  readonly firstStep: number
  readonly endStep: number
  readonly stepsPerHour: number
  /** Those that the chunk meets, in order, without a gap. */
  readonly phases: readonly PlayPhase[]
  /** i32 by flow: its institution; -1: an edge's own traffic, which is nobody's shortage. */
  readonly institutionOf: SharedArrayBuffer
  readonly askers: Askers
  /** Null: they ask for what the model says. */
  readonly recorded: Recorded | null
  /** Links whose load is kept step by step. */
  readonly loaded: readonly number[]
  /** By such a link: what the utilisation of its worst hour exceeds, as far as is known when this is handed out. */
  readonly exceeding: Float64Array
  /** Whether headroom is solved too, of which rates are made. */
  readonly withRates: boolean
  /** Begin of step 0, and the length of a step. */
  readonly from: UnixMilliseconds
  readonly step: Milliseconds
}

export interface PlayedChunk extends SummedChunk {
  readonly steps: number
  readonly firstStep: number
  /** f32 by step and loaded link: load by need, bit/s. Printed to six digits. */
  readonly loads: Float32Array
  /** What the demand of the steps came from. */
  readonly basis: Basis
}

/** Plays the chunk. */
export async function play(task: PlayTask): Promise<PlayedChunk> {
  const ledger = viewLedger(task.ledger.shape, task.ledger.buffer)
  const scribe = new Scribe(ledger, task)
  const source = demandSource(task.askers, task.recorded)
  for (const phase of task.phases) {
    const problem = copyProblem(viewProblem(phase.shape, phase.buffer))
    const solver = createSolver(phase.shape)
    const promises = promiseColumns(problem)
    const end = Math.min(phase.endStep, task.endStep)
    for (let step = Math.max(phase.firstStep, task.firstStep); step < end; step++) {
      const filling = source.fill(task.from + step * task.step, problem.demand)
      if (filling !== undefined) await filling
      problem.recent.set(problem.demand)
      if (task.withRates) solver.solve(problem)
      else solver.solveNeed(problem)
      for (const i of phase.unreachable) takeAway(problem, i)
      scribe.write(step, problem, promises)
      if (task.recorded !== null) scribe.writeLeast(source.isLeast)
    }
  }
  const { chunk, firstStep, endStep } = task
  return { chunk, firstStep, steps: endStep - firstStep, basis: source.basis, ...scribe.done() }
}

function copyProblem(compiled: Problem): Problem {
  const copy = createProblem(compiled.shape)
  new Uint8Array(copy.buffer).set(new Uint8Array(compiled.buffer))
  return copy
}

function takeAway(p: Problem, i: number): void {
  p.need[i] = 0
  p.rate[i] = 0
  for (let band = 0; band < p.shape.bands; band++) p.amount[band * p.shape.flows + i] = 0
}

/** Writes the answers of one chunk into the ledger, and adds them up. */
class Scribe {
  private readonly ledger: Ledger
  private readonly sums: ChunkSums
  private readonly hours: HourWatch
  private readonly institutionOf: Int32Array
  private readonly loaded: Uint32Array
  private readonly loads: Float32Array
  private readonly firstStep: number
  /** By band that is a guarantee. */
  private readonly rowOf: readonly number[]
  /** [institution * rows + row]: whether it is short in the step being written. */
  private readonly short: Uint8Array
  /** By institution: whether anything it asks for in the step is a lower bound. */
  private readonly least: Uint8Array
  private readonly causes: number[][] = []
  private readonly places = new Map<string, number>()
  /** Of the step being written. */
  private causesOfStep!: Causes

  constructor(ledger: Ledger, task: PlayTask) {
    const { firstStep, endStep, stepsPerHour, institutionOf, phases, loaded, exceeding, askers } = task
    this.ledger = ledger
    this.firstStep = firstStep
    this.loads = new Float32Array((endStep - firstStep) * loaded.length)
    this.sums = createSums(ledger.shape)
    const institutions = askers.subjects.map(({ institution }) => institution)
    this.hours = new HourWatch(stepsPerHour, loaded, exceeding, institutions)
    this.institutionOf = new Int32Array(institutionOf)
    this.loaded = Uint32Array.from(loaded)
    const { shape, buffer } = phases[0]!
    let row = 0
    const { bandKind } = viewProblem(shape, buffer)
    this.rowOf = Array.from(bandKind, (kind) => (kind === BAND_KIND.guarantee ? row++ : -1))
    this.short = new Uint8Array(ledger.shape.institutions * ledger.shape.rows)
    this.least = new Uint8Array(ledger.shape.institutions)
  }

  /** @param promises of the problem */
  write(step: number, p: Problem, promises: PromiseColumns): void {
    const { ledger, sums, institutionOf, loaded } = this
    const { flows } = ledger.shape
    const row = (step - this.firstStep) * loaded.length
    const load = this.loads.subarray(row, row + loaded.length)
    for (let n = 0; n < load.length; n++) load[n] = p.linkNeedLoad[loaded[n]!]!
    this.hours.write(step, p, load)
    let demand = 0
    let need = 0
    this.short.fill(0)
    this.causesOfStep = new Causes(p)
    for (let i = 0; i < flows; i++) {
      const [asks, needs] = [p.demand[i]!, p.need[i]!]
      demand += asks
      need += needs
      sums.demand[i]! += asks
      sums.need[i]! += needs
      sums.rate[i]! += p.rate[i]!
      if (institutionOf[i]! >= 0) this.writePromises(step, p, promises, i)
    }
    ledger.stepDemand[step] = demand
    ledger.stepNeed[step] = need
    this.writeShortInstitutions(step)
  }

  /** @param isLeast by flow, whether what it asks for in the step is a lower bound */
  writeLeast(isLeast: Uint8Array): void {
    const { least, institutionOf, sums } = this
    least.fill(0)
    for (let i = 0; i < isLeast.length; i++)
      if (isLeast[i] === 1 && institutionOf[i]! >= 0) least[institutionOf[i]!] = 1
    for (let n = 0; n < least.length; n++) sums.leastSteps[n]! += least[n]!
  }

  done(): Pick<PlayedChunk, 'sums' | 'loads' | 'causes' | 'hours'> {
    return { sums: this.sums.buffer, loads: this.loads, causes: this.causes, hours: this.hours.found }
  }

  /**
   * Holds the amounts of the guarantee bands against what the flow's demand may claim of them: of each size in turn as
   * much as the demand still reaches. Rows add up: the last one is min(guarantee, demand) against what was given.
   */
  private writePromises(step: number, p: Problem, { start, band, size }: PromiseColumns, i: number): void {
    const { flows, rows } = this.ledger.shape
    const { stepPromised } = this.ledger
    const { amount } = p
    const end = start[i + 1]!
    let unclaimed = p.demand[i]!
    let [promised, all] = [0, 0]
    let first = -1
    for (let s = start[i]!; s < end; s++) {
      const of = band[s]!
      const row = this.rowOf[of]!
      const claim = Math.min(size[s]!, unclaimed)
      const given = amount[of * flows + i]!
      stepPromised[step * rows + row]! += claim
      if (lackOf(claim, given) > 0) {
        if (first < 0) first = of
        this.writeRow(step, i, row, claim, given, of)
      }
      unclaimed -= claim
      promised += claim
      all += given
    }
    stepPromised[step * rows + rows - 1]! += promised
    if (lackOf(promised, all) > 0) this.writeRow(step, i, rows - 1, promised, all, first)
  }

  /** Something is missing. `band`: the one in which the flow was stopped. */
  private writeRow(step: number, flow: number, row: number, claim: number, given: number, band: number): void {
    const { ledger, sums } = this
    const { rows } = ledger.shape
    const missing = lackOf(claim, given)
    const at = flow * rows + row
    const kept = given / claim
    ledger.stepMissing[step * rows + row]! += missing
    sums.missing[at]! += missing
    sums.shortSteps[at]!++
    if (kept < ledger.stepKept[step * rows + row]!) ledger.stepKept[step * rows + row] = kept
    if (kept < sums.kept[at]!) {
      sums.kept[at] = kept
      sums.worstStep[at] = step
      sums.worstCause[at] = this.placeOf(band < 0 ? [] : this.causesOfStep.of(flow, band))
    }
    this.short[this.institutionOf[flow]! * rows + row] = 1
  }

  private placeOf(links: number[]): number {
    if (links.length === 0) return -1
    const name = links.join(' ')
    const known = this.places.get(name) ?? this.causes.push(links) - 1
    this.places.set(name, known)
    return known
  }

  private writeShortInstitutions(step: number): void {
    const { short, ledger, sums } = this
    const { rows } = ledger.shape
    const words = step * wordsOf(ledger.shape)
    for (let n = 0; n < short.length; n++) {
      if (short[n] === 0) continue
      ledger.stepShort[step * rows + (n % rows)]!++
      if (n % rows !== rows - 1) continue
      const institution = (n - rows + 1) / rows
      sums.belowSteps[institution]!++
      ledger.stepBelow[words + (institution >> 5)]! |= 1 << (institution & 31)
    }
  }
}
