// The passes over flows and links that take the solver's time, compiled to WebAssembly.
//
// Whether a flow is at its cap is a coin toss, and JavaScript can only branch on it: a wrong guess costs the processor
// as much as twenty additions. WebAssembly has masks (assembly/choice.ts), which makes these passes two to three times
// faster. The sources are in assembly/, in AssemblyScript, which is TypeScript with the machine's numbers. `npm run
// kernel` compiles them into code.ts, and a test holds code.ts to them.

import { CODE } from './code.js'
import type { LinearMemory } from './linear-memory.js'

/** Where a column begins in the kernel's memory. */
type Address = number

/** What the kernel does; assembly/ says how. Columns are by flow or by link, in bit/s, as their owners say. */
interface Passes {
  fillBytes(column: Address, bytes: number, value: number): void
  fillF64(column: Address, count: number, value: number): void
  sum(x: Address, link: Address, count: number, sum: Address): void
  loadLinks(x: Address, load: Address): void
  covers(bound: Address, last: Address, slack: Address): number
  isEqual(a: Address, b: Address, count: number): number
  least(a: Address, b: Address, column: Address): void
  selectUpTo(from: number, to: number, limit: Address, held: Address): void
  selectGuaranteed(from: number, to: number, held: Address): void
  findTight(link: Address, count: number, tight: Address, left: Address, load: Address, held: Address): number
  begin(): number
  climb(band: number, tight: Address, tightCount: number, left: Address): void
  record(amount: Address, level: Address, bottleneck: Address, held: Address, need: number): number
  recordStuck(level: Address, bottleneck: Address, held: Address, need: number): void
  markFull(
    link: Address,
    count: number,
    reached: Address,
    left: Address,
    isFlat: number,
    held: Address,
    level: Address,
    band: number,
  ): void
  give(promisedTo: Address, amount: Address, level: Address, held: Address): void
  readPromises(
    promisedTo: Address,
    amount: Address,
    levels: Address,
    bottleneck: Address,
    bands: number,
    held: Address,
  ): number
  beginBand(amount: Address): void
  checkParticipants(isLast: number, held: Address): number
  settle(held: Address): void
  findFull(load: Address, bottleneck: Address): void
  countMisnamed(count: number, bottleneck: Address, held: Address, need: number): number
  countMislevelled(levels: Address, bottleneck: Address): number
  countUnlike(a: Address, b: Address): number
  countOver(load: Address, most: Address): number
  countUnequal(x: Address, held: Address): number
  countLeft(x: Address): number
  floorRates(rate: Address, ceiling: Address, least: Address, most: Address): void
  markFlows(link: Address, count: number, isOn: Address, last: Address, part: Address): void
  findNarrow(
    linkRoom: Address,
    isParted: Address,
    kept: number,
    asked: Address,
    room: Address,
    narrow: Address,
    left: Address,
  ): number
  giveWide(
    rate: Address,
    least: Address,
    most: Address,
    isNarrow: Address,
    kbps: Address,
    level: Address,
    tag: Address,
  ): number
  giveNarrow(
    sorted: Address,
    count: number,
    isOn: Address,
    last: Address,
    part: Address,
    start: Address,
    link: Address,
    fraction: Address,
    left: Address,
    kbps: Address,
  ): void
}

/** Counts that the kernel reads or leaves. */
type Count = 'flows' | 'links' | 'tiles' | 'pathGroupCount' | 'participantCount' | 'stuckCount' | 'stepCount' | 'wrong'

/** Columns that the kernel must be told of before passes that use them. */
export type KernelColumn =
  | `crossing${'Start' | 'Parts' | 'Flow' | 'Fraction'}`
  | `route${'Start' | 'Link'}`
  | `other${'Start' | 'Parts' | 'Flow' | 'Fraction' | 'Links'}`
  | `pathGroup${'Start' | 'Flow' | 'Sum' | 'LinkStart' | 'OnLink' | 'Fraction'}`
  | `segment${'Start' | 'Band' | 'Size' | 'Weight' | 'UpTo'}`
  | `band${'Flow' | 'From'}`
  | `participant${'Flow'}`
  | `stuck${'Flow'}`
  | ('wanted' | 'blockedBy' | 'reach' | 'speed' | 'cap' | 'piece')
  | ('water' | 'slope' | 'gone' | 'liveFlow' | 'liveEnd' | 'heapLink' | 'heapLevel' | 'stepTag' | 'stepLevel')
  | ('shortIn' | 'saturatedIn' | 'filledAt' | 'room' | 'linkRoom')
  | ('got' | 'level' | 'shortFlow' | 'isFull' | 'highest' | 'expected' | 'isStopped' | 'firstShort' | 'crossed')

type Exports = Passes & Readonly<Record<KernelColumn | Count, WebAssembly.Global>>

const code = new WebAssembly.Module(Uint8Array.from(atob(CODE), (c) => c.charCodeAt(0)))

/** An instance of the code: passes over columns of one memory, and where those are. */
export class Kernel {
  readonly memory: LinearMemory
  readonly run: Passes
  private readonly exports: Exports

  constructor(memory: LinearMemory) {
    const { exports } = new WebAssembly.Instance(code, { env: { memory: memory.memory } })
    // Both sides of this line are written by hand; a name that is not there fails when it is first used.
    this.exports = exports as unknown as Exports
    this.run = this.exports
    this.memory = memory
  }

  /** Tells the passes where columns are. */
  place(columns: Readonly<Partial<Record<KernelColumn, ArrayBufferView>>>): void {
    for (const [name, column] of Object.entries(columns)) {
      this.exports[name as KernelColumn].value = column.byteOffset
    }
  }

  /** load[l] = sum over all flows of a_li x_i, for all links; x by flow, load by link. */
  load(x: Float64Array, load: Float64Array): void {
    this.run.loadLinks(x.byteOffset, load.byteOffset)
  }

  /** The same for the first `count` of these links. */
  sum(x: Float64Array, link: Uint32Array, count: number, sum: Float64Array): void {
    this.run.sum(x.byteOffset, link.byteOffset, count, sum.byteOffset)
  }

  count(name: Count): number {
    return this.exports[name].value
  }

  setCount(name: Count, value: number): void {
    this.exports[name].value = value
  }
}
