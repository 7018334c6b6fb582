// What a filling came to, in rows of the answer: who got what, at which level, by what each was stopped, who is short,
// and which links are full. And guarantees that fit, which need no filling: ../../promises.ts.

import { f64both, numberOf } from './choice.js'
import {
  BASE,
  BY,
  filledAt,
  heapLink,
  linkRoom,
  MOST,
  NOTHING,
  room,
  SPEED,
  STRIDE_BITS,
  saturatedIn,
  slope,
  UNBOUNDED,
  water,
} from './filling.js'
import { f64at, i32at, setF64, setI32, setU32, u16at, u32at } from './memory.js'
import {
  blockedBy,
  cap,
  flows,
  PARTICIPANTS,
  participantFlow,
  reach,
  STUCK,
  segmentBand,
  segmentSize,
  segmentStart,
  segmentWeight,
  stuckFlow,
  tally,
  wanted,
} from './participants.js'
import { crossingFlow, crossingStart, links, sum, TILE_BITS, tiles } from './sums.js'

/** Who has this part of what it may take, but for roundings of what it holds, is not short. */
const ENOUGH: f64 = 1 - 1e-9

/** By flow: the first band in which it got less than it may claim there. */
export let shortIn: usize = 0

function noteShort(i: u32, isShort: u32, need: i32): void {
  const before = i32at(shortIn, i)
  setI32(shortIn, i, select<i32>(need, before, isShort & u32(before < 0)))
}

/** A participant that held `held` and got x of u: is that less than it may claim? */
function isLess(x: f64, u: f64, held: f64): u32 {
  return u32(x < u * ENOUGH - NOTHING * held)
}

/**
 * Writes down what participants have taken, in rows of the answer, and who is short in this band of need (-1: it is
 * none). False: some flow has no bound.
 */
export function record(amount: usize, level: usize, bottleneck: usize, held: usize, need: i32): bool {
  const drops = water
  const caps = cap
  const ends = reach
  const last = participantFlow + ((<usize>u32at(tally, PARTICIPANTS)) << 2)
  let unbounded: u32 = 0
  for (let n = participantFlow; n < last; n += 4) {
    const i = load<u32>(n)
    const here = drops + ((<usize>i) << STRIDE_BITS)
    const x = load<f64>(here, MOST)
    unbounded |= u32(x === UNBOUNDED)
    setF64(amount, i, f64at(amount, i) + x)
    // Who rises no more in the second stage of headroom keeps the level of the first.
    const reached = (x - load<f64>(here, BASE)) / load<f64>(here, SPEED)
    if (need >= 0 || x > 0 || !(f64at(level, i) >= 0)) setF64(level, i, reached)
    const by = load<i32>(here, BY)
    setI32(bottleneck, i, by)
    if (need >= 0) noteShort(i, u32(by >= 0) & isLess(x, f64at(caps, i), f64at(held, i)), need)
    // x + (d - x) may miss d by a rounding, and would leave a flow that has all it asks asking for it again.
    const got = f64x2.splat(x)
    const sum = f64x2.add(f64both(held, i), got)
    setF64(held, i, numberOf(v128.bitselect(f64both(ends, i), sum, f64x2.eq(got, f64both(caps, i)))))
  }
  return unbounded === 0
}

/**
 * Those that could use more but cross a full link: they stop at level 0, by that link. In the second stage of headroom
 * a flow may have risen before; it keeps that level.
 */
export function recordStuck(level: usize, bottleneck: usize, held: usize, need: i32): void {
  const count = u32at(tally, STUCK)
  for (let n: u32 = 0; n < count; n++) {
    const i = u32at(stuckFlow, n)
    const at = f64at(level, i)
    if (!(at >= 0)) setF64(level, i, 0)
    setI32(bottleneck, i, i32at(blockedBy, i))
    if (need >= 0) noteShort(i, isLess(0, f64at(cap, i), f64at(held, i)), need)
  }
}

/**
 * Of `count` contended links, those that are full to the last bit, though they have stopped nobody: nobody will rise on
 * them again. They filled at the highest level on them, and so perhaps before others of this band. A link without room
 * is full once somebody wants some of it, even who is stuck elsewhere (../../causes.ts). After a flat filling
 * (`isFlat`) it is known of tight links what all on them came to at the most.
 */
export function markFull(
  link: usize,
  count: u32,
  reached: usize,
  left: usize,
  isFlat: bool,
  held: usize,
  level: usize,
  band: i32,
): void {
  let open: u32 = 0
  for (let k: u32 = 0; k < count; k++) {
    const l = u32at(link, k)
    if (i32at(saturatedIn, l) !== -1) continue
    const tiny = NOTHING * f64at(linkRoom, l)
    const isTight = f64at(reached, l) > f64at(room, l)
    const isNear = f64at(reached, l) > f64at(room, l) - tiny || f64at(room, l) === 0
    const may = isFlat && isTight ? f64at(slope, l) >= f64at(left, l) - tiny : isNear
    setU32(heapLink, open, l)
    open += u32(may)
  }
  if (open === 0) return
  sum(held, heapLink, open, slope)
  for (let k: u32 = 0; k < open; k++) {
    const l = u32at(heapLink, k)
    if (f64at(room, l) - f64at(slope, l) > NOTHING * f64at(linkRoom, l)) continue
    const highest = highestOn(l, level)
    if (highest >= 0 || f64at(room, l) > 0) fillAt(l, max<f64>(highest, 0), band)
  }
}

/** The highest level of anybody on link l, -1: nobody has one, for nobody wanted anything. */
function highestOn(l: u32, level: usize): f64 {
  let highest: f64 = -1
  for (let tile: u32 = 0; tile < tiles; tile++) {
    const at = tile * links + l
    const end = u32at(crossingStart, at + 1)
    for (let e = u32at(crossingStart, at); e < end; e++) {
      const reached = f64at(level, (tile << TILE_BITS) + u16at(crossingFlow, e))
      if (reached > highest) highest = reached
    }
  }
  return highest
}

function fillAt(l: u32, level: f64, band: i32): void {
  setI32(saturatedIn, l, band)
  setF64(filledAt, l, level)
  for (let tile: u32 = 0; tile < tiles; tile++) {
    const at = tile * links + l
    const end = u32at(crossingStart, at + 1)
    for (let e = u32at(crossingStart, at); e < end; e++) {
      const i = (tile << TILE_BITS) + u16at(crossingFlow, e)
      const by = i32at(blockedBy, i)
      if (by < 0 || (i32at(saturatedIn, by) === band && f64at(filledAt, by) > level)) setI32(blockedBy, i, l)
    }
  }
}

/**
 * Hands out guarantees flow by flow, in rows of the answer from `amount` and `level` on. The guarantees of flow i are
 * its segments up to the one before promisedTo[i].
 */
export function give(promisedTo: usize, amount: usize, level: usize, held: usize): void {
  const sizes = segmentSize
  const weights = segmentWeight
  const bands = segmentBand
  const starts = segmentStart
  const most = wanted
  const count = flows
  const none = f64x2.splat(0)
  const nan = f64x2.splat(NaN)
  for (let i: u32 = 0; i < count; i++) {
    const d = f64both(most, i)
    const end = u32at(promisedTo, i)
    let x = none
    for (let s = u32at(starts, i); s < end; s++) {
      const size = f64both(sizes, s)
      const u = f64x2.pmin(f64x2.sub(d, x), size)
      const gets = f64x2.gt(u, none)
      const row = <u32>load<u8>(bands + s) * count + i
      setF64(amount, row, numberOf(v128.and(u, gets)))
      const at = f64x2.div(u, f64x2.mul(size, f64both(weights, s)))
      setF64(level, row, numberOf(v128.bitselect(at, nan, gets)))
      x = v128.bitselect(d, f64x2.add(x, u), f64x2.lt(u, size))
    }
    setF64(held, i, numberOf(x))
  }
}
