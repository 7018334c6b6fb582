// The demand table: what is known of every flow's demand, in columns by flow index of the plan.
//
// Intake is honest about time. A report holds cumulative counters, at least of the leaves that changed since the
// controller last read one, so the latest counters are always complete, however many reports were lost; samples are
// taken from them at most once in SAMPLE_LEAST, because an edge also reports at once after each apply and a rate over
// 10 ms means nothing. Time between samples is the edge's own (its stamps), so late delivery changes nothing. A leaf
// counts from where it was heard first: that of a flow which comes back to its edge may have counted all the while.
//
// Nor is it credulous: what is counted is shown, and no more of it is asked for than the lines of the flow can carry.

import { scaleSegments, type WholeSegments } from '../model/families.js'
import { type EdgeReport, recordKey, type Stamp } from '../model/lease.js'
import type { Plan } from '../model/plan.js'
import type { BitsPerSecond, Milliseconds, UnixMilliseconds } from '../model/units.js'
import { copyColumn, type Problem } from '../solve/problem.js'
import { classOfLeaf, columnsOf, flowOfLeaf } from '../wire/leaf-columns.js'
import { copyRows } from './columns.js'
import { Estimates, type Seen } from './estimates.js'
import {
  arrivedBits,
  ask,
  FREE,
  isOfLate,
  isThrottled,
  nextNow,
  nextRecent,
  PRESSED,
  type Pressure,
  recentLeft,
  THROTTLED,
} from './estimator.js'
import { type Lines, linesOf } from './lines.js'
import { moveSplit } from './split.js'

const SAMPLE_LEAST = 0.75
const DEFAULT_PACKET = 1_000
/** Counted beyond what its lines carry: stamps and counters are not read in the same instant. */
const BEYOND_PART = 1.1
const BEYOND_LEAST: BitsPerSecond = 5_000_000
/** Samples the 3 s window can hold at SAMPLE_LEAST of a tick of one second. */
const WINDOW_SAMPLES = 4

interface EdgeClock {
  sampled: Stamp | null
  generation: number
  /** False until two samples have had time between them: what is in the columns then is of before. */
  measured: boolean
}

export class DemandTable {
  readonly plan: Plan
  /** bit/s of the last sample, before the shaper; NaN until the first. */
  readonly arrival: Float64Array
  /** bit/s of the last sample that the shaper let through; NaN until the first. */
  readonly carried: Float64Array
  readonly now: Float64Array
  readonly recent: Float64Array
  /** Part of its family's promise that a flow holds; 1 outside families. */
  readonly phi: Float64Array
  /** Bit/s that arrived in each class, [flow * classes + class]. */
  readonly classArrival: Float64Array
  /** Flows of which the last sample said more than their lines can carry. */
  readonly impossible: Uint8Array
  /** bit/s, before phi. */
  readonly #guarantee: Float64Array
  readonly #lines: Lines
  readonly #classes: number
  readonly #pressure: Uint8Array
  readonly #throttledAt: Float64Array
  readonly #backlogs: Uint8Array
  readonly #estimates: Estimates
  readonly #ring: Float64Array
  readonly #ringAt: Float64Array
  readonly #ringNext: Uint8Array
  // leaves, [flow * classes + class]: the latest counters, and those at the last sample
  readonly #latest: LeafColumns
  readonly #sampled: LeafColumns
  /** 1: it was heard since its edge began to count. */
  readonly #isHeard: Uint8Array
  readonly #meanPacket: Float64Array
  readonly #flowOf: ReadonlyMap<string, ReadonlyMap<number, number>>
  /** By edge, its flows in the order in which leaves are told. */
  readonly #inOrder: ReadonlyMap<string, InOrder>
  readonly #clocks = new Map<string, EdgeClock>()

  constructor(plan: Plan, problem: Problem) {
    const n = plan.flows.length
    this.plan = plan
    this.#lines = linesOf(plan, problem)
    this.impossible = new Uint8Array(n)
    this.#guarantee = new Float64Array(n)
    for (let f = 0; f < n; f++) this.#guarantee[f] = plan.flows[f]!.guarantee
    this.#classes = plan.classes.length
    this.arrival = new Float64Array(n).fill(Number.NaN)
    this.carried = new Float64Array(n).fill(Number.NaN)
    this.now = new Float64Array(n)
    this.recent = new Float64Array(n)
    this.phi = new Float64Array(n).fill(1)
    for (const family of plan.families)
      family.flows.forEach((f, k) => {
        this.phi[f] = family.phi[k]!
      })
    this.#pressure = new Uint8Array(n)
    this.#throttledAt = new Float64Array(n).fill(Number.NEGATIVE_INFINITY)
    this.#backlogs = new Uint8Array(n)
    this.#estimates = new Estimates(n)
    this.#ring = new Float64Array(n * WINDOW_SAMPLES)
    this.#ringAt = new Float64Array(n * WINDOW_SAMPLES).fill(Number.NEGATIVE_INFINITY)
    this.#ringNext = new Uint8Array(n)
    this.#latest = leafColumns(n * this.#classes)
    this.#sampled = leafColumns(n * this.#classes)
    this.#isHeard = new Uint8Array(n * this.#classes)
    this.classArrival = new Float64Array(n * this.#classes)
    this.#meanPacket = new Float64Array(n * this.#classes).fill(DEFAULT_PACKET)
    this.#flowOf = new Map(
      plan.edges.map((edge) => [edge.id, new Map(edge.flows.map((f) => [recordKey(plan.flows[f]!.record), f]))]),
    )
    this.#inOrder = new Map([...this.#flowOf].map(([edge, flowOf]) => [edge, inOrder(flowOf)]))
  }

  /** Takes over what an earlier plan's table knew of the flows that both have. */
  inherit(from: DemandTable): void {
    for (const [edge, clock] of from.#clocks) this.#clocks.set(edge, { ...clock })
    const { flows } = this.plan
    // By what it is called at its edge: the id changes when the institution gets a second edge.
    const before = flows.map(({ edge, record }) => from.#flowOf.get(edge)?.get(recordKey(record)) ?? -1)
    // Most of two plans stands in the same order, and is taken over a run at a time.
    for (let i = 0; i < flows.length; ) {
      const j = before[i]!
      let length = 1
      while (j >= 0 && before[i + length] === j + length) length++
      if (j >= 0) this.#takeRun(from, i, j, length)
      i += length
    }
  }

  /** So many flows from `i` on, which stood from `j` on. */
  #takeRun(from: DemandTable, i: number, j: number, length: number): void {
    for (const column of ['arrival', 'carried', 'now', 'recent'] as const)
      copyRows(this[column], i, from[column], j, length)
    for (let k = 0; k < length; k++) {
      const { family } = this.plan.flows[i + k]!
      if (family >= 0 && sameFamily(this.plan, family, from.plan, from.plan.flows[j + k]!.family))
        this.phi[i + k] = from.phi[j + k]!
    }
    copyRows(this.#pressure, i, from.#pressure, j, length)
    copyRows(this.#throttledAt, i, from.#throttledAt, j, length)
    this.#estimates.takeRun(from.#estimates, i, j, length)
    copyRows(this.#backlogs, i, from.#backlogs, j, length)
    copyRows(this.#ringNext, i, from.#ringNext, j, length)
    copyRows(this.#ring, i, from.#ring, j, length, WINDOW_SAMPLES)
    copyRows(this.#ringAt, i, from.#ringAt, j, length, WINDOW_SAMPLES)
    const C = this.#classes
    if (C !== from.#classes) return
    for (const part of COUNTED) {
      copyRows(this.#latest[part], i, from.#latest[part], j, length, C)
      copyRows(this.#sampled[part], i, from.#sampled[part], j, length, C)
    }
    copyRows(this.#isHeard, i, from.#isHeard, j, length, C)
    copyRows(this.classArrival, i, from.classArrival, j, length, C)
    copyRows(this.#meanPacket, i, from.#meanPacket, j, length, C)
  }

  /**
   * Takes a report in. `rateOf(flow)` is the rate in force at the edge as this report acknowledges it, bit/s; `wall` is
   * when it was read.
   * Reports of unknown edges, reports without counters, and leaves that the plan does not know are passed over.
   */
  observe(report: EdgeReport, rateOf: (flow: number) => BitsPerSecond, wall: UnixMilliseconds): void {
    const own = this.#inOrder.get(report.edge)
    if (!own || !report.counters) return
    const clock = this.#clockOf(report)
    const told = columnsOf(report.counters)
    const { keys, flows } = own
    // Both rise: whoever walks one looks for nothing in the other.
    let k = 0
    for (let i = 0; i < told.length; i++) {
      const key = flowOfLeaf(told.key[i]!)
      while (k < keys.length && keys[k]! < key) k++
      const trafficClass = classOfLeaf(told.key[i]!)
      if (keys[k] !== key || trafficClass >= this.#classes) continue
      const leaf = flows[k]! * this.#classes + trafficClass
      copyLeaf(this.#latest, leaf, told, i)
      if (this.#isHeard[leaf] === 0) copyLeaf(this.#sampled, leaf, told, i)
      this.#isHeard[leaf] = 1
    }
    const elapsed = clock.sampled ? report.stamp.at - clock.sampled.at : Number.NaN
    if (elapsed < SAMPLE_LEAST * this.plan.timing.tick) return
    const left = recentLeft(elapsed)
    const moment = { elapsed, left, at: report.stamp.at, wall }
    for (const flow of flows) this.#sample(flow, moment, rateOf(flow))
    clock.sampled = report.stamp
    clock.measured = !Number.isNaN(elapsed)
  }

  /**
   * When what the columns say of this edge was measured, on the edge's own clock; null: nothing was, since it started
   * or its counters did.
   */
  measuredAt(edge: string): Stamp | null {
    const clock = this.#clocks.get(edge)
    return clock?.measured ? clock.sampled : null
  }

  /** The edge's clock; a new boot or a new generation of counters starts from what is reported now. */
  #clockOf(report: EdgeReport): EdgeClock {
    let clock = this.#clocks.get(report.edge)
    if (clock && clock.generation === report.generation && clock.sampled?.boot === report.stamp.boot) return clock
    clock = { sampled: null, generation: report.generation, measured: false }
    this.#clocks.set(report.edge, clock)
    for (const flow of this.#flowOf.get(report.edge)!.values()) {
      for (let leaf = flow * this.#classes; leaf < (flow + 1) * this.#classes; leaf++) {
        for (const part of COUNTED) this.#latest[part][leaf] = this.#sampled[part][leaf] = 0
        this.#isHeard[leaf] = 0
      }
    }
    return clock
  }

  #sample(flow: number, { elapsed, left, at, wall }: SampleTime, rate: BitsPerSecond): void {
    const C = this.#classes
    const latest = this.#latest
    const sampled = this.#sampled
    let backlog = 0
    let dropped = 0
    let total = 0
    let through = 0
    const first = !Number.isFinite(elapsed)
    for (let leaf = flow * C; leaf < (flow + 1) * C; leaf++) {
      if (!first) {
        const bytes = risen(latest.bytes, sampled.bytes, leaf)
        const packets = risen(latest.packets, sampled.packets, leaf)
        const drops = latest.drops[leaf]! - sampled.drops[leaf]!
        const backlogChange = latest.backlog[leaf]! - sampled.backlog[leaf]!
        const bits = arrivedBits({ bytes, packets, drops, backlogChange }, this.#meanPacket[leaf]!)
        this.classArrival[leaf] = (bits * 1_000) / elapsed
        total += this.classArrival[leaf]!
        dropped += drops
        through += (bytes * 8_000) / elapsed
        if (packets > 0) this.#meanPacket[leaf] = bytes / packets
      }
      backlog += latest.backlog[leaf]!
      copyLeaf(sampled, leaf, latest, leaf)
    }
    this.#backlogs[flow] = backlog > 0 ? Math.min(2, this.#backlogs[flow]! + 1) : 0
    if (first) return // counters before the first sample have no time to be divided by
    this.arrival[flow] = total
    this.carried[flow] = through
    const { arrives, passes } = this.#lines
    const beyond = Math.max(total - BEYOND_PART * arrives[flow]!, through - BEYOND_PART * passes[flow]!)
    this.impossible[flow] = beyond > BEYOND_LEAST ? 1 : 0
    // More may arrive than the next line carries on, and it is of no use to ask for that.
    const credible = Math.min(total, passes[flow]!)
    const slot = flow * WINDOW_SAMPLES + this.#ringNext[flow]!
    this.#ring[slot] = credible
    this.#ringAt[slot] = at
    this.#ringNext[flow] = (this.#ringNext[flow]! + 1) % WINDOW_SAMPLES
    let largest = 0
    for (let k = flow * WINDOW_SAMPLES; k < (flow + 1) * WINDOW_SAMPLES; k++) {
      if (isOfLate(at, this.#ringAt[k]!)) largest = Math.max(largest, this.#ring[k]!)
    }
    const before = this.now[flow]!
    this.now[flow] = nextNow(before, largest, this.plan.demand.margin)
    this.recent[flow] = nextRecent(this.recent[flow]!, this.now[flow]!, left)
    const queued = this.#backlogs[flow]! >= 2
    const throttled = isThrottled(credible, rate, queued, this.plan.demand.threshold)
    if (throttled) this.#throttledAt[flow] = at
    const pressure = throttled ? THROTTLED : isOfLate(at, this.#throttledAt[flow]!) ? PRESSED : FREE
    this.#pressure[flow] = pressure
    const waits = throttled && (queued || dropped > 0)
    this.#estimates.note(flow, { pressure, before, arrival: credible, waits, at, wall })
  }

  /** Whether it is known what arrives at these flows, all of one edge. */
  isMeasured(flows: readonly number[]): boolean {
    return flows.length === 0 || !Number.isNaN(this.arrival[flows[0]!]!)
  }

  /** What the flow asks for, bit/s, with its part of the guarantee; `rate` is what is in force. */
  askOf(flow: number, rate: BitsPerSecond): BitsPerSecond {
    const guarantee = this.#guarantee[flow]! * this.phi[flow]!
    // The column holds nothing else.
    return ask(this.now[flow]!, this.#pressure[flow] as Pressure, rate, guarantee)
  }

  /** What of it was seen. @param asked by flow, as `fill` wrote it */
  seenOf(asked: Float64Array): Seen {
    return this.#estimates.of(asked)
  }

  /** Moves the splits of institutions with several edges; a pinned part stays, one that is left makes room. */
  moveSplits(isPinned: (flow: number) => boolean, isLeft: (flow: number) => boolean = () => false): void {
    for (const family of this.plan.families) {
      const phi = Float64Array.from(family.flows, (f) => this.phi[f]!)
      const leaving = family.flows.some(isLeft)
      moveSplit(
        phi,
        // Where nobody asks for anything, those that stay take over evenly.
        family.flows.map((f) => (isLeft(f) ? 0 : leaving ? Math.max(1, this.recent[f]!) : this.recent[f]!)),
        family.flows.map(isPinned),
      )
      family.flows.forEach((f, k) => {
        this.phi[f] = phi[k]!
      })
    }
  }

  /** Writes demand, recent and the split promises into the problem. Pinned flows are the caller's to take out. */
  fill(problem: Problem, whole: WholeSegments, rateOf: (flow: number) => BitsPerSecond): void {
    const { demand, segmentStart } = problem
    for (let i = 0; i < demand.length; i++) demand[i] = this.askOf(i, rateOf(i))
    copyColumn(this.recent, problem.recent)
    for (const { flows } of this.plan.families)
      for (const i of flows) scaleSegments(problem, whole, segmentStart[i]!, segmentStart[i + 1]!, this.phi[i]!)
  }
}

/** `left`: of what was recent, after so much time; `at` on the edge's clock, `wall` on ours. */
interface SampleTime {
  readonly elapsed: Milliseconds
  readonly left: number
  readonly at: Milliseconds
  readonly wall: UnixMilliseconds
}

interface InOrder {
  /** recordKey, rising. */
  readonly keys: Float64Array
  readonly flows: Uint32Array
}

function inOrder(flowOf: ReadonlyMap<number, number>): InOrder {
  const keys = Float64Array.from(flowOf.keys()).sort()
  return { keys, flows: Uint32Array.from(keys, (key) => flowOf.get(key)!) }
}

const COUNTED = ['bytes', 'packets', 'drops', 'backlog'] as const

type LeafColumns = Readonly<Record<(typeof COUNTED)[number], Float64Array>>

const leafColumns = (n: number): LeafColumns => ({
  bytes: new Float64Array(n),
  packets: new Float64Array(n),
  drops: new Float64Array(n),
  backlog: new Float64Array(n),
})

/** Counters only rise; one that fell was reset without a new generation, and says nothing about this interval. */
const risen = (latest: Float64Array, sampled: Float64Array, leaf: number): number =>
  Math.max(0, latest[leaf]! - sampled[leaf]!)

function copyLeaf(to: LeafColumns, leaf: number, from: LeafColumns, at: number): void {
  to.bytes[leaf] = from.bytes[at]!
  to.packets[leaf] = from.packets[at]!
  to.drops[leaf] = from.drops[at]!
  to.backlog[leaf] = from.backlog[at]!
}

function sameFamily(a: Plan, i: number, b: Plan, j: number): boolean {
  if (j < 0) return false
  const edges = (plan: Plan, family: number) => plan.families[family]!.flows.map((f) => plan.flows[f]!.edge).join(' ')
  return edges(a, i) === edges(b, j)
}
