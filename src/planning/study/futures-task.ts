// What happens in states of the network: a part of the agenda, in a thread of this machine or of another. The answer
// depends on the part and on what all parts share, and on nothing else.

import type { Conditions } from '../../model/network.js'
import { parsed } from '../shared-document.js'
import { Sweep } from './sweep.js'

/** What all parts of a run share; `key` tells it from all others. */
export interface FuturesInput {
  readonly key: string
  /** The policy as JSON. */
  readonly document: SharedArrayBuffer
  /** Of the moments of a working day, then of a day off: [moment * flows + flow]. */
  readonly moments: number
  readonly demand: SharedArrayBuffer
  /** Sizes of demand that are met. */
  readonly factors: readonly number[]
}

/** A state, and when the network is in it: [place in `factors`, then moment] and the hours of all years there. */
interface PartState {
  readonly conditions: Conditions
  readonly steps: readonly number[]
  readonly hours: readonly number[]
}

export interface Part {
  readonly states: readonly PartState[]
}

export interface PartResult {
  readonly solves: number
  /** Sets of institutions. */
  readonly sets: readonly (readonly number[])[]
  /** Of each state what hurts: place in its steps, bit/s that is short and that is unreachable, the sets of both. */
  readonly harms: readonly (readonly number[])[]
  /** Three numbers each: institution and service, thousandths of its claims that it keeps (rounded down), hours. */
  readonly kept: readonly number[]
  /** Three numbers each: institution and service, bit/s times hours that are short and unreachable. */
  readonly lacks: readonly number[]
}

let last: { readonly key: string; readonly sweep: Sweep } | undefined

/** The task of a thread. */
export function futures({ part, ...input }: FuturesInput & { readonly part: Part }): PartResult {
  if (last?.key !== input.key) {
    const { document, moments: count, demand, factors } = input
    last = { key: input.key, sweep: new Sweep(parsed(document), { count, demand: new Float64Array(demand), factors }) }
  }
  const count = new Count(last.sweep)
  for (const state of part.states) count.add(state)
  return count.result()
}

/** Thousandths; who keeps all is not listed. */
export const WHOLE = 1_000

class Count {
  readonly #sweep: Sweep
  readonly #sets: number[][] = []
  readonly #places = new Map<string, number>()
  readonly #harms: number[][] = []
  readonly #kept = new Map<number, number>()
  readonly #lacks = new Map<number, [short: number, unreachable: number]>()
  #solves = 0

  constructor(sweep: Sweep) {
    this.#sweep = sweep
  }

  add({ conditions, steps, hours }: PartState): void {
    const { stranded, short, solves } = this.#sweep.inEach(conditions, steps)
    this.#solves += solves
    const lost = new Set(stranded.map((flow) => this.#rowOf(flow)))
    const lostBy = this.#setOf(lost)
    const inAll = hours.reduce((sum, each) => sum + each, 0)
    for (const row of lost) this.#keeps(row, 0, inAll)
    const harms: number[] = []
    for (const [n, step] of steps.entries()) {
      let unreachable = 0
      for (const flow of stranded) {
        const claim = this.#sweep.claimOf(flow, step)
        unreachable += claim
        this.#lacksOf(this.#rowOf(flow))[1] += claim * hours[n]!
      }
      let missing = 0
      const least = new Map<number, number>()
      for (const each of short[n]!) {
        const row = this.#rowOf(each.flow)
        // What a service lacks that cannot be reached somewhere counts as that.
        if (lost.has(row)) unreachable += each.missing
        else {
          missing += each.missing
          least.set(row, Math.min(each.kept, least.get(row) ?? 1))
        }
        this.#lacksOf(row)[lost.has(row) ? 1 : 0] += each.missing * hours[n]!
      }
      for (const [row, kept] of least) this.#keeps(row, kept, hours[n]!)
      if (lost.size + least.size > 0) harms.push(n, missing, unreachable, this.#setOf(least.keys()), lostBy)
    }
    this.#harms.push(harms)
  }

  /** Institution and service. */
  #rowOf(flow: number): number {
    const { institution, service } = this.#sweep.ownerOf(flow)
    return institution * this.#sweep.plan.services.length + service
  }

  #lacksOf(row: number): [number, number] {
    const lacks = this.#lacks.get(row) ?? [0, 0]
    this.#lacks.set(row, lacks)
    return lacks
  }

  #keeps(row: number, kept: number, hours: number): void {
    const bin = row * WHOLE + Math.min(WHOLE - 1, Math.floor(kept * WHOLE))
    this.#kept.set(bin, (this.#kept.get(bin) ?? 0) + hours)
  }

  /** The place of a set of institutions. */
  #setOf(rows: Iterable<number>): number {
    const services = this.#sweep.plan.services.length
    const members = [...new Set(Array.from(rows, (row) => Math.floor(row / services)))]
    const key = members.join(' ')
    const known = this.#places.get(key)
    if (known !== undefined) return known
    this.#places.set(key, this.#sets.length)
    return this.#sets.push(members) - 1
  }

  result(): PartResult {
    const ordered = <T>(map: ReadonlyMap<number, T>): [number, T][] => [...map].sort(([a], [b]) => a - b)
    return {
      ...{ solves: this.#solves, sets: this.#sets, harms: this.#harms },
      kept: ordered(this.#kept).flatMap(([bin, hours]) => [Math.floor(bin / WHOLE), bin % WHOLE, hours]),
      lacks: ordered(this.#lacks).flatMap(([row, lacks]) => [row, ...lacks]),
    }
  }
}
