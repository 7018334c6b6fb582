// What a run adds up over time, flow by flow. A chunk adds from nothing, in a thread, and hands its sums over; the run
// takes the chunks in their order, whoever was done first, so that floating-point sums come out the same with one
// worker and with eight. What was taken is let go: a year holds what a day does.

import { type Arrays, bytesOfColumns, type ColumnType, viewColumns } from '../solve/problem.js'
import type { LedgerShape } from './ledger.js'
import { beatenBy, type LinkHour } from './worst-hour.js'

type Shape = Pick<LedgerShape, 'flows' | 'institutions' | 'rows'>

/** Of one chunk. Rows as in the ledger; rates are bit/s. */
const COLUMNS = {
  /** [flow]: sums over the steps. */
  demand: ['f64', (s: Shape) => s.flows],
  need: ['f64', (s: Shape) => s.flows],
  rate: ['f64', (s: Shape) => s.flows],
  /** [flow * rows + row]: sum over steps of what was missing; least kept fraction. */
  missing: ['f64', (s: Shape) => s.flows * s.rows],
  kept: ['f64', (s: Shape) => s.flows * s.rows],
  /** As `missing`: steps in which the flow was short, and the step of its least kept fraction. */
  shortSteps: ['u32', (s: Shape) => s.flows * s.rows],
  worstStep: ['u32', (s: Shape) => s.flows * s.rows],
  /** [institution]: steps in which the demand of any of its flows was a lower bound; in which it was below. */
  leastSteps: ['u32', (s: Shape) => s.institutions],
  belowSteps: ['u32', (s: Shape) => s.institutions],
  /** As `missing`: which of the chunk's causes stopped the flow in its worst step; -1: none did. */
  worstCause: ['i32', (s: Shape) => s.flows * s.rows],
} as const satisfies Record<string, readonly [ColumnType, (s: Shape) => number]>

export interface ChunkSums extends Readonly<{ [K in keyof typeof COLUMNS]: Arrays[(typeof COLUMNS)[K][0]] }> {
  readonly buffer: ArrayBuffer
}

const viewSums = (shape: Shape, buffer: ArrayBuffer) =>
  viewColumns(COLUMNS, shape, buffer, { buffer }) as unknown as ChunkSums

/** Of no step yet: nobody short, everything kept. */
export function createSums(shape: Shape): ChunkSums {
  const sums = viewSums(shape, new ArrayBuffer(bytesOfColumns(COLUMNS, shape)))
  sums.kept.fill(1)
  sums.worstCause.fill(-1)
  return sums
}

/** What a chunk hands over. */
export interface SummedChunk {
  readonly chunk: number
  /** Of its ChunkSums. */
  readonly sums: ArrayBuffer
  /** Links that stopped somebody together, each set of them once; its sums name them by their place. */
  readonly causes: readonly (readonly number[])[]
  /** In their order: each that may be the worst of a link. */
  readonly hours: readonly LinkHour[]
}

/** Of the whole run, as far as its chunks are done. */
export class RunSums {
  /** [institution]: of all its flows. */
  readonly demand: Float64Array
  readonly need: Float64Array
  readonly rate: Float64Array
  readonly leastSteps: Uint32Array
  readonly belowSteps: Uint32Array
  /** [flow * rows + row], as of a chunk. */
  readonly missing: Float64Array
  readonly kept: Float64Array
  readonly shortSteps: Uint32Array
  readonly worstStep: Uint32Array
  /** By the place of whoever was short: the links that stopped it in its worst step; none: it has no path. */
  readonly causes = new Map<number, readonly number[]>()
  /** By link whose load is kept: the hour in which it was fullest. */
  readonly worstHours: LinkHour[] = []
  readonly #shape: Shape
  readonly #flowsOf: readonly (readonly number[])[]
  readonly #links: number
  /** Chunks that were done before one that comes before them. */
  readonly #waiting = new Map<number, SummedChunk>()
  #next = 0

  /**
   * @param flowsOf by institution
   * @param links whose load is kept
   */
  constructor(shape: Shape, flowsOf: readonly (readonly number[])[], links: number) {
    const { flows, institutions, rows } = shape
    this.#shape = shape
    this.#flowsOf = flowsOf
    this.#links = links
    this.demand = new Float64Array(institutions)
    this.need = new Float64Array(institutions)
    this.rate = new Float64Array(institutions)
    this.leastSteps = new Uint32Array(institutions)
    this.belowSteps = new Uint32Array(institutions)
    this.missing = new Float64Array(flows * rows)
    this.kept = new Float64Array(flows * rows).fill(1)
    this.shortSteps = new Uint32Array(flows * rows)
    this.worstStep = new Uint32Array(flows * rows)
  }

  take(done: SummedChunk): void {
    this.#waiting.set(done.chunk, done)
    for (let next = this.#waiting.get(this.#next); next !== undefined; next = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next++)
      this.#add(next)
    }
  }

  /** By link whose load is kept: the utilisation that an hour has to exceed to be its worst, as far as is known. */
  exceeding(): Float64Array {
    return Float64Array.from({ length: this.#links }, (_, link) => beatenBy(this.worstHours[link]))
  }

  #add({ sums, causes, hours }: SummedChunk): void {
    const chunk = viewSums(this.#shape, sums)
    for (const [n, flows] of this.#flowsOf.entries()) {
      for (const i of flows) {
        this.demand[n]! += chunk.demand[i]!
        this.need[n]! += chunk.need[i]!
        this.rate[n]! += chunk.rate[i]!
      }
      this.leastSteps[n]! += chunk.leastSteps[n]!
      this.belowSteps[n]! += chunk.belowSteps[n]!
    }
    for (let at = 0; at < this.missing.length; at++) {
      if (chunk.shortSteps[at] === 0) continue
      this.missing[at]! += chunk.missing[at]!
      this.shortSteps[at]! += chunk.shortSteps[at]!
      if (chunk.kept[at]! >= this.kept[at]!) continue
      this.kept[at] = chunk.kept[at]!
      this.worstStep[at] = chunk.worstStep[at]!
      this.causes.set(at, causes[chunk.worstCause[at]!] ?? [])
    }
    for (const hour of hours)
      if (hour.utilisation > beatenBy(this.worstHours[hour.link])) this.worstHours[hour.link] = hour
  }
}

export type Sums = Omit<RunSums, 'take' | 'exceeding'>
