// Passes of the proof and of the rounding: ../../certificate.ts and ../../integers.ts say what for. They count what is
// wrong; whoever wants to know which looks for itself.

import { f64both, maskOf, numberOf, oneOf } from './choice.js'
import { fillF64 } from './clearing.js'
import { linkRoom, room } from './filling.js'
import { f64at, i32at, setF64, setI32, setU32, u8at, u16at, u32at } from './memory.js'
import { crossingFlow, crossingStart, links, routeLink, routeStart, TILE_BITS, tiles } from './sums.js'
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
  stuckCount,
  stuckFlow,
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
/** By link: a byte, 1 once it has been full; and the highest level on it of those whom it stopped in this stage. */
export let isFull: usize = 0
export let highest: usize = 0
/** By flow: the level it should have in the band (NaN: none), and a byte, 1 where something must have stopped it. */
export let expected: usize = 0
export let isStopped: usize = 0
export let stoppedCount: u32 = 0
/** By flow: the first band in which it is short, -1: none so far. */
export let firstShort: usize = 0
/** By flow: a link that is known to be on its path, -1: not asked yet. */
export let crossed: usize = 0
export let wrong: u32 = 0

/**
 * Leading bands in which every flow has its whole guarantee, `rows` amounts; held is what they come to. False: somebody
 * has less or more, or has something where nothing is promised, or another level than that of its amount, or a
 * bottleneck.
 */
export function readPromises(
  promisedTo: usize,
  amount: usize,
  levels: usize,
  bottleneck: usize,
  rows: u32,
  held: usize,
): bool {
  if (countNamed(bottleneck, rows) > 0) return false
  const sizes = segmentSize
  const weights = segmentWeight
  const bands = segmentBand
  const starts = segmentStart
  const count = flows
  const none = f64x2.splat(0)
  const same = f64x2.splat(SAME)
  const rounding = f64x2.splat(ROUNDING)
  let given = countGiven(amount, levels, rows)
  let isRight = maskOf(1)
  for (let i: u32 = 0; i < count; i++) {
    const d = f64both(wanted, i)
    const end = u32at(promisedTo, i)
    let x = none
    for (let s = u32at(starts, i); s < end; s++) {
      const row = <u32>load<u8>(bands + s) * count + i
      const y = f64both(amount, row)
      const size = f64both(sizes, s)
      const u = f64x2.pmin(f64x2.sub(d, x), size)
      const isWhole = f64x2.le(f64x2.abs(f64x2.sub(y, u)), f64x2.mul(same, u))
      const isNone = f64x2.eq(y, none)
      const isNothing = v128.and(isNone, f64x2.le(u, f64x2.mul(rounding, x)))
      isRight = v128.and(isRight, v128.or(isWhole, isNothing))
      // Level times speed is the amount; none has no level, but for what is nothing but rounding.
      const at = f64both(levels, row)
      const off = f64x2.abs(f64x2.sub(f64x2.mul(at, f64x2.mul(size, f64both(weights, s))), y))
      const isLevel = f64x2.le(off, f64x2.mul(same, y))
      const isNan = f64x2.ne(at, at)
      isRight = v128.and(isRight, v128.or(isLevel, v128.and(isNone, isNan)))
      given -= (1 - oneOf(isNone)) | (1 - oneOf(isNan))
      x = f64x2.add(x, y)
    }
    setF64(held, i, numberOf(x))
  }
  return given === 0 && oneOf(isRight) === 1
}

/** Rows with an amount or a level. Two at a time. */
function countGiven(amount: usize, levels: usize, rows: u32): u32 {
  const none = f64x2.splat(0)
  const end = (<usize>(rows & ~1)) << 3
  let count = i64x2.splat(0)
  for (let n: usize = 0; n < end; n += 16) {
    const isGiven = v128.or(f64x2.ne(v128.load(amount + n), none), f64x2.ge(v128.load(levels + n), none))
    count = i64x2.sub(count, isGiven)
  }
  const last = rows - 1
  const rest = (rows & 1) === 1 ? u32(f64at(amount, last) !== 0) | u32(f64at(levels, last) >= 0) : 0
  return <u32>(i64x2.extract_lane(count, 0) + i64x2.extract_lane(count, 1)) + rest
}

/** Rows that name a bottleneck. Four at a time. */
function countNamed(bottleneck: usize, rows: u32): u32 {
  const none = i32x4.splat(-1)
  const end = (<usize>(rows & ~3)) << 2
  let count = i32x4.splat(0)
  for (let n: usize = 0; n < end; n += 16) count = i32x4.sub(count, i32x4.ne(v128.load(bottleneck + n), none))
  let rest: u32 = 0
  for (let n = rows & ~3; n < rows; n++) rest += u32(i32at(bottleneck, n) !== -1)
  const a = i32x4.extract_lane(count, 0) + i32x4.extract_lane(count, 1)
  const b = i32x4.extract_lane(count, 2) + i32x4.extract_lane(count, 3)
  return <u32>(a + b) + rest
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

/** What takers and those who are stuck should have as their level: that of the last stage in which they rose. */
export function expectLevels(): void {
  for (let n: u32 = 0; n < takerCount; n++) {
    const i = u32at(takerFlow, n)
    if (f64at(got, i) > 0 || !(f64at(expected, i) >= 0)) setF64(expected, i, f64at(level, i))
  }
  for (let n: u32 = 0; n < stuckCount; n++) {
    const i = u32at(stuckFlow, n)
    const at = f64at(expected, i)
    if (!(at >= 0)) setF64(expected, i, 0)
  }
}

/**
 * Finds the links that are full now and were not, and the highest level on each; in later bands nobody on them takes.
 */
export function findFull(load: usize): void {
  memory.fill(highest, 0, (<usize>links) << 3)
  for (let l: u32 = 0; l < links; l++) {
    if (u8at(isFull, l) === 1 || f64at(room, l) - f64at(load, l) > ROUNDING * f64at(linkRoom, l)) continue
    store<u8>(isFull + l, 1)
    let most = f64x2.splat(0)
    for (let tile: u32 = 0; tile < tiles; tile++) {
      const at = tile * links + l
      const end = u32at(crossingStart, at + 1)
      for (let e = u32at(crossingStart, at); e < end; e++) {
        const i = (tile << TILE_BITS) + u16at(crossingFlow, e)
        most = f64x2.pmax(most, f64both(level, i))
        setI32(blockedBy, i, l)
      }
    }
    setF64(highest, l, numberOf(most))
  }
}

/** Link l is on the path of flow i, full, and gives nobody a higher level than `at`. */
function isCause(i: u32, l: i32, at: f64): u32 {
  const isLink = u32(<u32>l < links)
  const k = select<u32>(l, 0, isLink)
  const holds = isLink & u8at(isFull, k) & u32(at >= f64at(highest, k) * (1 - SAME))
  // Whom a link stopped in one band it stops in all that follow.
  return i32at(crossed, i) === l ? holds : holds & u32(crosses(i, l))
}

function crosses(i: u32, l: i32): bool {
  const end = u32at(routeStart, i + 1)
  for (let e = u32at(routeStart, i); e < end; e++) {
    if (u32at(routeLink, e) !== <u32>l) continue
    setI32(crossed, i, l)
    return true
  }
  return false
}

function noteShort(i: u32, isShort: u32, need: i32): void {
  const before = i32at(firstShort, i)
  setI32(firstShort, i, select<i32>(need, before, isShort & u32(before < 0)))
}

function noteStopped(i: u32): void {
  stoppedCount += 1 - u8at(isStopped, i)
  store<u8>(isStopped + i, 1)
}

/** Before the stages of a band: nobody has a level, and nothing has stopped anybody. */
export function beginBand(): void {
  fillF64(expected, flows, NaN)
  memory.fill(isStopped, 0, flows)
  stoppedCount = 0
}

/**
 * Of the first `count` takers below their caps, and of those who are stuck: how many a wrong link, or none, is said to
 * have stopped. Notes who is short in this band of need (-1: it is none).
 */
export function countMisnamed(count: u32, bottleneck: usize, held: usize, need: i32): u32 {
  let found: u32 = 0
  for (let n: u32 = 0; n < count; n++) {
    const i = u32at(shortFlow, n)
    const l = i32at(bottleneck, i)
    noteStopped(i)
    found += 1 - isCause(i, l, f64at(level, i))
    // A promise of an envelope that is kept is all that could be claimed of it.
    if (need >= 0) noteShort(i, u32(l >= 0), need)
  }
  for (let n: u32 = 0; n < stuckCount; n++) {
    const i = u32at(stuckFlow, n)
    // What is left of its claim may be a rounding, of which the solver knows nothing.
    if (f64at(cap, i) * (1 - SAME) <= ROUNDING * f64at(held, i)) continue
    noteStopped(i)
    found += 1 - isCause(i, i32at(bottleneck, i), 0)
    if (need >= 0) noteShort(i, 1, need)
  }
  return found
}

/**
 * Flows whose level in the band is not the one expected, and by how many more than those who must be (isStopped) are
 * said to have been stopped.
 */
export function countMislevelled(levels: usize, bottleneck: usize): u32 {
  const same = f64x2.splat(SAME)
  const end = (<usize>(flows & ~1)) << 3
  let count = i64x2.splat(0)
  for (let n: usize = 0; n < end; n += 16) {
    count = i64x2.sub(count, isMislevelled(v128.load(levels + n), v128.load(expected + n), same))
  }
  const last = flows - 1
  const rest = (flows & 1) === 1 ? oneOf(isMislevelled(f64both(levels, last), f64both(expected, last), same)) : 0
  const found = <u32>(i64x2.extract_lane(count, 0) + i64x2.extract_lane(count, 1)) + rest
  return found + u32(countNamed(bottleneck, flows) !== stoppedCount)
}

function isMislevelled(at: v128, should: v128, same: v128): v128 {
  const isSame = f64x2.le(f64x2.abs(f64x2.sub(at, should)), f64x2.mul(same, should))
  return v128.not(v128.or(isSame, v128.and(f64x2.ne(at, at), f64x2.ne(should, should))))
}

/** Flows of which it is said that they are short in another band than they are. */
export function countMisplaced(shortIn: usize): u32 {
  let found: u32 = 0
  for (let i: u32 = 0; i < flows; i++) found += u32(i32at(shortIn, i) !== i32at(firstShort, i))
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
