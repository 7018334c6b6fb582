// Rates are quiet: an edge is granted a new rate only where it matters.
//
// The rate in force is kept while it is at least the need, at most the ceiling, within max(15 %, 64 kbit/s) of the new
// rate, and every link still fits. Need up to the guarantee, ceilings and policy changes are therefore never held back:
// they break one of the first two conditions. Headroom is what makes this possible, and stops at `fill`.

import type { BitsPerSecond, KilobitsPerSecond } from '../model/units.js'
import type { Problem } from '../solve/problem.js'

const NEAR_PART = 0.15
const NEAR_LEAST: KilobitsPerSecond = 64

export interface Quieted {
  readonly kept: number
  readonly moved: number
}

/**
 * Rewrites `rates` (kbit/s by flow: the new rates in, the quiet ones out) against what is in force.
 * `ceilingOf(flow)` is bit/s; `exempt(flow)` marks flows that are not ours to quiet (pinned ones).
 * Keeping never overfills: on a link that would not fit, every kept rate above its new rate gives way to it.
 */
export function quiet(
  problem: Problem,
  rates: Uint32Array,
  inForce: Uint32Array,
  ceilingOf: (flow: number) => BitsPerSecond,
  exempt: (flow: number) => boolean,
  scratch: QuietScratch,
): Quieted {
  const { flows, links } = problem.shape
  const { kept, load } = scratch
  load.fill(0)
  for (let i = 0; i < flows; i++) {
    const rate = rates[i]!
    const held = inForce[i]!
    kept[i] =
      held > 0 &&
      !exempt(i) &&
      held * 1_000 >= problem.need[i]! - 1 &&
      held * 1_000 <= ceilingOf(i) &&
      Math.abs(held - rate) <= Math.max(NEAR_PART * rate, NEAR_LEAST)
        ? 1
        : 0
    // The charge of an exempt flow is out of the room already.
    if (!exempt(i)) charge(problem, load, i, kept[i] ? held : rate)
  }
  for (let l = 0; l < links; l++) scratch.over[l] = load[l]! > problem.linkRoom[l]! ? 1 : 0
  let keptCount = 0
  for (let i = 0; i < flows; i++) {
    if (!kept[i]) continue
    if (inForce[i]! > rates[i]! && crosses(problem, i, scratch.over)) continue
    if (inForce[i] !== rates[i]) keptCount++
    rates[i] = inForce[i]!
  }
  let moved = 0
  for (let i = 0; i < flows; i++) if (rates[i] !== inForce[i]) moved++
  return { kept: keptCount, moved }
}

export interface QuietScratch {
  readonly kept: Uint8Array
  readonly over: Uint8Array
  readonly load: Float64Array
}

export const quietScratch = (problem: Problem): QuietScratch => ({
  kept: new Uint8Array(problem.shape.flows),
  over: new Uint8Array(problem.shape.links),
  load: new Float64Array(problem.shape.links),
})

function charge(problem: Problem, load: Float64Array, flow: number, kbps: KilobitsPerSecond): void {
  for (let p = problem.pathStart[flow]!; p < problem.pathStart[flow + 1]!; p++)
    load[problem.pathLink[p]!]! += problem.pathFraction[p]! * kbps * 1_000
}

function crosses(problem: Problem, flow: number, marked: Uint8Array): boolean {
  for (let p = problem.pathStart[flow]!; p < problem.pathStart[flow + 1]!; p++)
    if (marked[problem.pathLink[p]!]) return true
  return false
}
