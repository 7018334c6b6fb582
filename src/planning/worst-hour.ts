// The worst hour of each link, with who took most of it, found while the hours are played: what each flow had in each
// hour of a year would be a column of a hundred megabytes, of which one hour a link is ever read.
//
// Chunks are played side by side, and of hours that are as good as equal the earliest is the worst, so a chunk alone
// cannot say which of its hours that is. It tells each in which a link was fuller than in all of its hours before, and
// than what was known of the chunks before when it began: any other is beaten by one of these whatever else they hold.

import type { BitsPerSecond } from '../model/units.js'
import type { Problem } from '../solve/problem.js'

/** Loads are kept with 24 bits: utilisations this close are equal. */
const SAME = 1e-6
const TAKERS = 5

/** A link in an hour; means over its steps. */
export interface LinkHour {
  /** Its place among those whose load is kept. */
  readonly link: number
  readonly firstStep: number
  readonly load: BitsPerSecond
  readonly room: BitsPerSecond
  /** 0: it had no room. */
  readonly utilisation: number
  /** The institutions with the largest mean need on it, by the paths that held when the hour began. */
  readonly takers: readonly { readonly institution: string; readonly need: BitsPerSecond }[]
}

/** The utilisation that an hour has to exceed to be worse than this one; absent: than none. */
export const beatenBy = (worst: LinkHour | undefined): number => (worst === undefined ? -1 : worst.utilisation + SAME)

/** For each loaded link, from `start[n]` to before `start[n + 1]`, the flows that cross it and the part that does. */
interface Crossings {
  readonly start: Uint32Array
  readonly flow: Uint32Array
  readonly part: Float64Array
}

/** Watches the hours of a chunk, step by step. */
export class HourWatch {
  /** In their order. */
  readonly found: LinkHour[] = []
  readonly #stepsPerHour: number
  readonly #loaded: Uint32Array
  /** In their order, so that of equal takers the first is named first. */
  readonly #names: readonly string[]
  /** By flow: the place of its institution's name. */
  readonly #nameOf: Uint16Array
  /** By loaded link: the utilisation that an hour has to exceed. */
  readonly #exceeding: Float64Array
  /** Of the hour being played: means by flow, kept with 24 bits; sums by loaded link. */
  readonly #need: Float32Array
  readonly #load: Float64Array
  readonly #room: Float64Array
  /** By name, while the takers of a link are added up; -1: none of its flows was met. */
  readonly #taken: Float64Array
  readonly #crossings = new WeakMap<Problem, Crossings>()
  /** The problem by which the hour began. */
  #begun!: Problem

  /**
   * @param loaded links whose load is kept
   * @param exceeding by loaded link, the utilisation that an hour has to exceed to be told
   * @param institutions by flow
   */
  constructor(
    stepsPerHour: number,
    loaded: readonly number[],
    exceeding: Float64Array,
    institutions: readonly string[],
  ) {
    this.#stepsPerHour = stepsPerHour
    this.#loaded = Uint32Array.from(loaded)
    this.#names = [...new Set(institutions)].sort()
    const place = new Map(this.#names.map((name, n) => [name, n]))
    this.#nameOf = Uint16Array.from(institutions, (name) => place.get(name)!)
    this.#exceeding = exceeding.slice()
    this.#need = new Float32Array(institutions.length)
    this.#taken = new Float64Array(this.#names.length).fill(-1)
    this.#load = new Float64Array(loaded.length)
    this.#room = new Float64Array(loaded.length)
  }

  /** @param load by loaded link, as it is kept of the step */
  write(step: number, p: Problem, load: Float32Array): void {
    const [needs, stepsPerHour] = [this.#need, this.#stepsPerHour]
    const within = step % stepsPerHour
    if (within === 0) this.#begin(p)
    for (let i = 0; i < needs.length; i++) needs[i]! += p.need[i]! / stepsPerHour
    for (let n = 0; n < load.length; n++) {
      this.#load[n]! += load[n]!
      this.#room[n]! += p.linkRoom[this.#loaded[n]!]!
    }
    if (within === stepsPerHour - 1) this.#end(step - within)
  }

  #begin(p: Problem): void {
    this.#begun = p
    this.#need.fill(0)
    this.#load.fill(0)
    this.#room.fill(0)
  }

  #end(firstStep: number): void {
    for (let n = 0; n < this.#load.length; n++) {
      const [load, room] = [this.#load[n]!, this.#room[n]!]
      const utilisation = room > 0 ? load / room : 0
      if (utilisation <= this.#exceeding[n]!) continue
      this.#exceeding[n] = utilisation
      const means = { load: load / this.#stepsPerHour, room: room / this.#stepsPerHour }
      this.found.push({ link: n, firstStep, ...means, utilisation, takers: this.#takersOf(n) })
    }
  }

  #takersOf(n: number): LinkHour['takers'] {
    const { start, flow, part } = this.#crossingsOf(this.#begun)
    const [taken, need, nameOf] = [this.#taken, this.#need, this.#nameOf]
    const met: number[] = []
    for (let at = start[n]!; at < start[n + 1]!; at++) {
      const i = flow[at]!
      const name = nameOf[i]!
      if (taken[name]! < 0) {
        met.push(name)
        taken[name] = 0
      }
      taken[name]! += part[at]! * need[i]!
    }
    const most: number[] = []
    for (const name of met) {
      let at = most.length
      while (at > 0 && this.#takesMore(name, most[at - 1]!)) at--
      if (at === TAKERS) continue
      most.splice(at, 0, name)
      most.length = Math.min(most.length, TAKERS)
    }
    const takers = most.map((name) => ({ institution: this.#names[name]!, need: taken[name]! }))
    for (const name of met) taken[name] = -1
    return takers
  }

  #takesMore(a: number, b: number): boolean {
    const [ofA, ofB] = [this.#taken[a]!, this.#taken[b]!]
    return ofA > ofB || (ofA === ofB && a < b)
  }

  #crossingsOf(p: Problem): Crossings {
    const known = this.#crossings.get(p) ?? crossingsOf(p, this.#loaded)
    this.#crossings.set(p, known)
    return known
  }
}

function crossingsOf({ shape, pathStart, pathLink, pathFraction }: Problem, loaded: Uint32Array): Crossings {
  const placeOf = new Int32Array(shape.links).fill(-1)
  for (const [n, link] of loaded.entries()) placeOf[link] = n
  const start = new Uint32Array(loaded.length + 1)
  for (const link of pathLink.subarray(0, pathStart[shape.flows])) if (placeOf[link]! >= 0) start[placeOf[link]! + 1]!++
  for (let n = 0; n < loaded.length; n++) start[n + 1]! += start[n]!
  const [flow, part] = [new Uint32Array(start[loaded.length]!), new Float64Array(start[loaded.length]!)]
  const next = start.slice()
  for (let i = 0; i < shape.flows; i++) {
    for (let q = pathStart[i]!; q < pathStart[i + 1]!; q++) {
      const n = placeOf[pathLink[q]!]!
      if (n < 0) continue
      flow[next[n]!] = i
      part[next[n]!++] = pathFraction[q]!
    }
  }
  return { start, flow, part }
}
