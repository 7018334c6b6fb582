// Passes of the proof and of the rounding: ../../certificate.ts and ../../integers.ts say what for. They count what is
// wrong; whoever wants to know which looks for itself.

import { f64both, maskOf, numberOf, oneOf } from './choice.js'
import { linkRoom, room } from './filling.js'
import { f64at, setF64, setI32, setU32, u8at, u16at, u32at } from './memory.js'
import { crossingFlow, crossingStart, links, TILE_BITS, tiles } from './sums.js'
import {
  blockedBy,
  cap,
  flows,
  piece,
  segmentBand,
  segmentSize,
  segmentStart,
  segmentUpTo,
  segmentWeight,
  speed,
  takerCount,
  takerFlow,
  wanted,
} from './takers.js'

const SAME: f64 = 1e-9
const ROUNDING: f64 = 1 / 1099511627776 // 2^-40

/** By flow: what of its amount is not accounted for, and what is, and the level at which that is reached. */
export let rest: usize = 0
export let got: usize = 0
export let level: usize = 0
/** Takers below their caps. */
export let shortFlow: usize = 0
/** By flow and by link, bytes. */
export let isExcused: usize = 0
export let isFull: usize = 0
export let wrong: u32 = 0

/**
 * Leading bands in which every flow has its whole guarantee, `rows` amounts; held is what they come to. False: somebody
 * has less or more, or has something where nothing is promised.
 */
export function readPromises(promisedTo: usize, amount: usize, rows: u32, held: usize): bool {
  const sizes = segmentSize
  const bands = segmentBand
  const starts = segmentStart
  const count = flows
  const none = f64x2.splat(0)
  const same = f64x2.splat(SAME)
  const rounding = f64x2.splat(ROUNDING)
  let given: u32 = 0
  for (let n: u32 = 0; n < rows; n++) given += u32(f64at(amount, n) !== 0)
  let isRight = maskOf(1)
  for (let i: u32 = 0; i < count; i++) {
    const d = f64both(wanted, i)
    const end = u32at(promisedTo, i)
    let x = none
    for (let s = u32at(starts, i); s < end; s++) {
      const y = f64both(amount, <u32>load<u8>(bands + s) * count + i)
      const u = f64x2.pmin(f64x2.sub(d, x), f64both(sizes, s))
      const isWhole = f64x2.le(f64x2.abs(f64x2.sub(y, u)), f64x2.mul(same, u))
      const isNone = f64x2.eq(y, none)
      const isNothing = v128.and(isNone, f64x2.le(u, f64x2.mul(rounding, x)))
      isRight = v128.and(isRight, v128.or(isWhole, isNothing))
      given -= 1 - oneOf(isNone)
      x = f64x2.add(x, y)
    }
    setF64(held, i, numberOf(x))
  }
  return given === 0 && oneOf(isRight) === 1
}

/** Compares amounts with caps, and lists the takers that are below theirs; returns how many, and counts the wrong. */
export function checkCaps(isLast: bool, held: usize): u32 {
  const last = maskOf(u32(isLast))
  const none = f64x2.splat(0)
  const lowest = f64x2.splat(1 - SAME)
  const highest = f64x2.splat(1 + SAME)
  const roundings = f64x2.splat(ROUNDING)
  let short: u32 = 0
  let isRight = maskOf(1)
  for (let n: u32 = 0; n < takerCount; n++) {
    const i = u32at(takerFlow, n)
    const u = f64both(cap, i)
    const all = f64both(rest, i)
    const rounding = f64x2.mul(roundings, f64both(held, i))
    // Whom a link stops in the first stage of headroom gets nothing in the second, so the split is known.
    const y = v128.bitselect(u, all, v128.andnot(f64x2.lt(u, all), last))
    const isTiny = v128.and(f64x2.le(y, rounding), f64x2.gt(y, f64x2.neg(rounding)))
    const x = v128.andnot(y, v128.and(last, isTiny))
    setF64(got, i, numberOf(x))
    setF64(rest, i, numberOf(f64x2.sub(all, x)))
    setU32(shortFlow, short, i)
    short += oneOf(f64x2.lt(x, f64x2.sub(f64x2.mul(u, lowest), rounding)))
    const isCapped = f64x2.le(x, f64x2.add(f64x2.mul(u, highest), rounding))
    isRight = v128.and(isRight, v128.and(f64x2.ge(x, none), isCapped))
  }
  wrong = 1 - oneOf(isRight)
  return short
}

/** The level at which each taker has what it got: the inverse of its stepped function. */
export function findLevels(held: usize): void {
  memory.fill(level, 0, (<usize>flows) << 3)
  for (let n: u32 = 0; n < takerCount; n++) {
    const i = u32at(takerFlow, n)
    const y = f64at(got, i)
    let s = u32at(piece, i)
    if (f64at(segmentUpTo, s) === Infinity) {
      setF64(level, i, y / f64at(speed, i))
      continue
    }
    const x = f64at(held, i)
    let reached: f64 = 0
    let at: f64 = 0
    for (; f64at(segmentUpTo, s) - x < y; s++) {
      const next = f64at(segmentUpTo, s) - x
      reached += (next - at) / f64at(segmentWeight, s)
      at = next
    }
    setF64(level, i, reached + (y - at) / f64at(segmentWeight, s))
  }
}

export function addGot(held: usize): void {
  for (let n: u32 = 0; n < takerCount; n++) {
    const i = u32at(takerFlow, n)
    setF64(held, i, f64at(held, i) + f64at(got, i))
  }
}

/** Full links excuse those at the highest level on them; in later bands nobody on them takes part. */
export function excuseFull(load: usize): void {
  memory.fill(isExcused, 0, flows)
  for (let l: u32 = 0; l < links; l++) {
    if (u8at(isFull, l) === 1 || f64at(room, l) - f64at(load, l) > ROUNDING * f64at(linkRoom, l)) continue
    store<u8>(isFull + l, 1)
    let highest = f64x2.splat(0)
    for (let tile: u32 = 0; tile < tiles; tile++) {
      const at = tile * links + l
      const end = u32at(crossingStart, at + 1)
      for (let e = u32at(crossingStart, at); e < end; e++) {
        highest = f64x2.pmax(highest, f64both(level, (tile << TILE_BITS) + u16at(crossingFlow, e)))
      }
    }
    const enough = numberOf(highest) * (1 - SAME)
    for (let tile: u32 = 0; tile < tiles; tile++) {
      const at = tile * links + l
      const end = u32at(crossingStart, at + 1)
      for (let e = u32at(crossingStart, at); e < end; e++) {
        const i = (tile << TILE_BITS) + u16at(crossingFlow, e)
        store<u8>(isExcused + i, u8at(isExcused, i) | u32(f64at(level, i) >= enough))
        setI32(blockedBy, i, l)
      }
    }
  }
}

/** How many of the first `count` takers below their caps nothing excuses. */
export function countShort(count: u32): u32 {
  let found: u32 = 0
  for (let n: u32 = 0; n < count; n++) found += 1 - u8at(isExcused, u32at(shortFlow, n))
  return found
}

/** Links that carry more than their room, and more than `need` does. */
export function countOver(load: usize, need: usize): u32 {
  let found: u32 = 0
  for (let l: u32 = 0; l < links; l++) {
    const most = f64x2.pmax(f64both(room, l), f64both(need, l))
    const over = f64x2.add(most, f64x2.mul(f64x2.splat(ROUNDING), f64both(linkRoom, l)))
    found += 1 - oneOf(f64x2.le(f64both(load, l), over))
  }
  return found
}

/** Flows of which x is not held, but for rounding. */
export function countUnequal(x: usize, held: usize): u32 {
  let found: u32 = 0
  for (let i: u32 = 0; i < flows; i++) {
    const has = f64both(held, i)
    const off = f64x2.abs(f64x2.sub(f64both(x, i), has))
    found += 1 - oneOf(f64x2.le(off, f64x2.mul(f64x2.splat(SAME), has)))
  }
  return found
}

/** Flows of whose amount something is not accounted for. */
export function countLeft(): u32 {
  let found: u32 = 0
  for (let i: u32 = 0; i < flows; i++) found += u32(f64at(rest, i) !== 0)
  return found
}

const KBIT: f64 = 1000
/** A rate this close to a whole kbit/s (relatively, and at least in kbit/s) was whole before float arithmetic. */
const WHOLE: f64 = 1e-12
const WHOLE_LEAST: f64 = 1e-9

/** kbit/s, by flow: what a rate (bit/s) comes to at least, and at most. Two at a time: columns end with a line. */
export function floorRates(rate: usize, ceiling: usize, least: usize, most: usize): void {
  const kbit = f64x2.splat(KBIT)
  const one = f64x2.splat(1)
  const end = (<usize>flows) << 3
  for (let n: usize = 0; n < end; n += 16) {
    const exact = f64x2.div(v128.load(rate + n), kbit)
    const whole = f64x2.floor(exact)
    const fraction = f64x2.sub(exact, whole)
    const hair = f64x2.pmax(f64x2.splat(WHOLE_LEAST), f64x2.mul(f64x2.splat(WHOLE), exact))
    const fits = f64x2.le(f64x2.mul(f64x2.add(whole, one), kbit), v128.load(ceiling + n))
    const isBelow = v128.and(f64x2.gt(fraction, hair), fits)
    const isNearly = v128.and(isBelow, f64x2.ge(fraction, f64x2.sub(one, hair)))
    v128.store(most + n, f64x2.add(whole, v128.and(one, isBelow)))
    v128.store(least + n, f64x2.add(whole, v128.and(one, isNearly)))
  }
}
