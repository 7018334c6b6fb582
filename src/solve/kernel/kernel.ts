// The passes over flows and links that take the solver's time, compiled to WebAssembly.
//
// Whether a flow is at its cap is a coin toss, and JavaScript can only branch on it: a wrong guess costs the processor
// as much as twenty additions. WebAssembly has masks (assembly/choice.ts), which makes these passes two to three times
// faster. The sources are in assembly/, in AssemblyScript, which is TypeScript with the machine's numbers. `npm run
// kernel` compiles them into code.ts; tests hold code.ts to them, and each pass to a definition in plain JavaScript.
//
// A pass takes columns of the kernel's memory, and finds those of columns.ts by itself; where they are is nobody's
// business but that of this folder. Columns are by flow or by link, in bit/s, as their owners say. No pass packs
// addresses into an array only to take them apart: a warm solve would leave such arrays behind.

import { CODE } from './code.js'
import { COLUMNS, type ColumnName, type Columns, tilesOf } from './columns.js'
import type { LinearMemory } from './linear-memory.js'

/** Of a pass: what it takes, each a number or the address of a column, and what it returns, or nothing. */
type Run = (...values: number[]) => number

/** The passes, as the kernel has them. */
export type PassName = Exclude<keyof Kernel, 'memory' | 'columns' | 'column'>

type Exports = Readonly<Record<PassName, Run>> &
  Readonly<Record<ColumnName | 'flows' | 'links' | 'tiles', WebAssembly.Global>>

const code = new WebAssembly.Module(Uint8Array.from(atob(CODE), (c) => c.charCodeAt(0)))

/** An instance of the code: passes over columns of one memory. */
export class Kernel {
  readonly memory: LinearMemory
  /** The columns that passes find and somebody has asked for. */
  readonly columns: Partial<Record<ColumnName, ArrayBufferView>> = {}
  private readonly run: Exports

  constructor(memory: LinearMemory) {
    const { exports } = new WebAssembly.Instance(code, { env: { memory: memory.memory } })
    // Both sides of this line are written by hand; a name that is not there fails when it is first used.
    this.run = exports as unknown as Exports
    this.memory = memory
    this.run.flows.value = memory.shape.flows
    this.run.links.value = memory.shape.links
    this.run.tiles.value = tilesOf(memory.shape)
    for (const [name, [, owner]] of Object.entries(COLUMNS)) if (owner === 'paths') this.column(name as ColumnName)
  }

  /** A column of this kernel, which its passes find from now on; the same however often it is asked for. */
  column<N extends ColumnName>(name: N): Columns[N] {
    const column = (this.columns[name] as Columns[N] | undefined) ?? this.memory.column(name)
    this.columns[name] = column
    this.run[name].value = column.byteOffset
    return column
  }

  // Any column (assembly/clearing.ts).

  fillBytes(column: ArrayBufferView, value: number): void {
    this.run.fillBytes(column.byteOffset, column.byteLength, value)
  }

  fillF64(column: Float64Array, value: number): void {
    this.run.fillF64(column.byteOffset, column.length, value)
  }

  // Sums over links (assembly/sums.ts).

  /** load[l] = sum over all flows of a_li x_i, for all links; x by flow, load by link. */
  loadLinks(x: Float64Array, load: Float64Array): void {
    this.run.loadLinks(x.byteOffset, load.byteOffset)
  }

  /** The same for the first `count` of these links, in another order of additions. */
  sum(x: Float64Array, link: Uint32Array, count: number, sum: Float64Array): void {
    this.run.sum(x.byteOffset, link.byteOffset, count, sum.byteOffset)
  }

  /** Whether all that `bound` is above `last`, over all flows, is less than slack[0]. */
  covers(bound: Float64Array, last: Float64Array, slack: Float64Array): boolean {
    return this.run.covers(bound.byteOffset, last.byteOffset, slack.byteOffset) === 1
  }

  isEqual(a: Float64Array, b: Float64Array): boolean {
    return this.run.isEqual(a.byteOffset, b.byteOffset, a.length) === 1
  }

  // Who takes part (assembly/participants.ts).

  /** column[i] = min(a[i], b[i]) */
  least(a: Float64Array, b: Float64Array, column: Float64Array): void {
    this.run.least(a.byteOffset, b.byteOffset, column.byteOffset)
  }

  /** Of rows from .. to - 1 of bandFlow, lists those who may take more, up to a limit. */
  selectUpTo(from: number, to: number, limit: Float64Array, held: Float64Array): void {
    this.run.selectUpTo(from, to, limit.byteOffset, held.byteOffset)
  }

  /** The same up to the guarantee of each. */
  selectGuaranteed(from: number, to: number, held: Float64Array): void {
    this.run.selectGuaranteed(from, to, held.byteOffset)
  }

  // A filling (assembly/filling.ts) and what it comes to (assembly/recording.ts).

  /** Of `count` contended links, lists in `tight` those on which flows may come to more than the room; how many. */
  findTight(
    link: Uint32Array,
    count: number,
    tight: Uint32Array,
    left: Float64Array,
    load: Float64Array,
    held: Float64Array,
  ): number {
    const from = link.byteOffset
    const to = tight.byteOffset
    return this.run.findTight(from, count, to, left.byteOffset, load.byteOffset, held.byteOffset)
  }

  /** Level 0: nobody has taken anything. True: some weights have steps. */
  begin(): boolean {
    return this.run.begin() === 1
  }

  /** Raises the level until no tight link can fill any more, past the first `steps` of stepTag. */
  climb(band: number, tight: Uint32Array, tightCount: number, left: Float64Array, steps: number): void {
    this.run.climb(band, tight.byteOffset, tightCount, left.byteOffset, steps)
  }

  /** Writes down what participants have taken, and who is short in `need` (-1: no band of need). False: no bound. */
  record(amount: Float64Array, level: Float64Array, bottleneck: Int32Array, held: Float64Array, need: number): boolean {
    const x = amount.byteOffset
    return this.run.record(x, level.byteOffset, bottleneck.byteOffset, held.byteOffset, need) === 1
  }

  recordStuck(level: Float64Array, bottleneck: Int32Array, held: Float64Array, need: number): void {
    this.run.recordStuck(level.byteOffset, bottleneck.byteOffset, held.byteOffset, need)
  }

  /** Of `count` contended links, marks those that are full to the last bit, though they have stopped nobody. */
  markFull(
    link: Uint32Array,
    count: number,
    reached: Float64Array,
    left: Float64Array,
    isFlat: boolean,
    held: Float64Array,
    level: Float64Array,
    band: number,
  ): void {
    const from = link.byteOffset
    const most = reached.byteOffset
    const flat = isFlat ? 1 : 0
    this.run.markFull(from, count, most, left.byteOffset, flat, held.byteOffset, level.byteOffset, band)
  }

  /** Hands out guarantees flow by flow, those of flow i up to segment promisedTo[i] - 1. */
  give(promisedTo: Uint32Array, amount: Float64Array, level: Float64Array, held: Float64Array): void {
    this.run.give(promisedTo.byteOffset, amount.byteOffset, level.byteOffset, held.byteOffset)
  }

  // The proof (assembly/proof.ts, assembly/counting.ts).

  /** Whether each flow has just its guarantee in each of the first bands; `held` is what they come to. */
  readPromises(
    promisedTo: Uint32Array,
    amount: Float64Array,
    levels: Float64Array,
    bottleneck: Int32Array,
    bands: number,
    held: Float64Array,
  ): boolean {
    const to = promisedTo.byteOffset
    const x = amount.byteOffset
    return this.run.readPromises(to, x, levels.byteOffset, bottleneck.byteOffset, bands, held.byteOffset) === 1
  }

  beginBand(): void {
    this.run.beginBand()
  }

  /** Takes from `rest` what each participant got, and its level; lists those below their caps, and says how many. */
  checkParticipants(rest: Float64Array, isLast: boolean, held: Float64Array): number {
    return this.run.checkParticipants(rest.byteOffset, isLast ? 1 : 0, held.byteOffset)
  }

  settle(held: Float64Array): void {
    this.run.settle(held.byteOffset)
  }

  findFull(load: Float64Array, bottleneck: Int32Array): void {
    this.run.findFull(load.byteOffset, bottleneck.byteOffset)
  }

  countMisnamed(count: number, bottleneck: Int32Array, held: Float64Array, need: number): number {
    return this.run.countMisnamed(count, bottleneck.byteOffset, held.byteOffset, need)
  }

  countMislevelled(levels: Float64Array, bottleneck: Int32Array): number {
    return this.run.countMislevelled(levels.byteOffset, bottleneck.byteOffset)
  }

  countUnlike(a: Int32Array, b: Int32Array): number {
    return this.run.countUnlike(a.byteOffset, b.byteOffset)
  }

  countOver(load: Float64Array, need: Float64Array): number {
    return this.run.countOver(load.byteOffset, need.byteOffset)
  }

  countUnequal(x: Float64Array, held: Float64Array): number {
    return this.run.countUnequal(x.byteOffset, held.byteOffset)
  }

  countLeft(x: Float64Array): number {
    return this.run.countLeft(x.byteOffset)
  }

  // Whole kbit/s (assembly/rounding.ts).

  floorRates(rate: Float64Array, ceiling: Float64Array, least: Float64Array, most: Float64Array): void {
    this.run.floorRates(rate.byteOffset, ceiling.byteOffset, least.byteOffset, most.byteOffset)
  }

  findNarrow(
    linkRoom: Float64Array,
    isParted: Uint8Array,
    kept: number,
    asked: Float64Array,
    room: Float64Array,
    narrow: Uint32Array,
    left: Float64Array,
  ): number {
    const rooms = linkRoom.byteOffset
    const parted = isParted.byteOffset
    const list = narrow.byteOffset
    return this.run.findNarrow(rooms, parted, kept, asked.byteOffset, room.byteOffset, list, left.byteOffset)
  }

  markFlows(link: Uint32Array, count: number, isOn: Uint8Array, last: Uint32Array, part: Float64Array): void {
    this.run.markFlows(link.byteOffset, count, isOn.byteOffset, last.byteOffset, part.byteOffset)
  }

  giveWide(
    rate: Float64Array,
    least: Float64Array,
    most: Float64Array,
    isNarrow: Uint8Array,
    kbps: Float64Array,
    level: Float64Array,
    tag: Uint32Array,
  ): number {
    const exact = rate.byteOffset
    const low = least.byteOffset
    const high = most.byteOffset
    const on = isNarrow.byteOffset
    return this.run.giveWide(exact, low, high, on, kbps.byteOffset, level.byteOffset, tag.byteOffset)
  }

  giveNarrow(
    sorted: Uint32Array,
    count: number,
    isOn: Uint8Array,
    last: Uint32Array,
    part: Float64Array,
    start: Uint32Array,
    link: Uint32Array,
    fraction: Float64Array,
    left: Float64Array,
    kbps: Float64Array,
  ): void {
    const on = isOn.byteOffset
    const one = last.byteOffset
    const by = part.byteOffset
    const from = start.byteOffset
    const to = link.byteOffset
    const parts = fraction.byteOffset
    this.run.giveNarrow(sorted.byteOffset, count, on, one, by, from, to, parts, left.byteOffset, kbps.byteOffset)
  }
}
