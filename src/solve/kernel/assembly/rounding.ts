// Passes of the rounding: ../../integers.ts says what for.

import { f64both, maskOf, numberOf } from './choice.js'
import { fillF64 } from './clearing.js'
import { f64at, setF64, setU32, u8at, u16at, u32at } from './memory.js'
import { flows } from './participants.js'
import { crossingFlow, crossingFraction, crossingStart, links, TILE_BITS, tiles } from './sums.js'

const KBIT: f64 = 1000
/** A rate this close to a whole kbit/s (relatively, and at least in kbit/s) was whole before float arithmetic. */
const WHOLE: f64 = 1e-12
const WHOLE_LEAST: f64 = 1e-9

/** By flow: turns rates (bit/s) into kbit/s; and what each comes to at least, and at most. Columns end with a line. */
export function floorRates(rate: usize, ceiling: usize, least: usize, most: usize): void {
  const kbit = f64x2.splat(KBIT)
  const one = f64x2.splat(1)
  const end = (<usize>flows) << 3
  for (let n: usize = 0; n < end; n += 16) {
    const exact = f64x2.div(v128.load(rate + n), kbit)
    v128.store(rate + n, exact)
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

/**
 * Lists the links that are narrow: not everybody on them can be rounded up. Room is kbit/s, of links that carry parts
 * of flows but `kept` of it; nothing is known to be left of any.
 */
export function findNarrow(
  linkRoom: usize,
  isParted: usize,
  kept: f64,
  asked: usize,
  room: usize,
  narrow: usize,
  left: usize,
): u32 {
  const count = links
  let found: u32 = 0
  fillF64(left, count, Infinity)
  for (let l: u32 = 0; l < count; l++) {
    const has = (f64at(linkRoom, l) / KBIT) * (u8at(isParted, l) === 1 ? kept : 1)
    setF64(room, l, has)
    setU32(narrow, found, l)
    found += u32(f64at(asked, l) > has)
  }
  return found
}

/**
 * By flow: a byte, whether none (0), one (1) or several (2) of `count` links are on its path; and the last of them,
 * with what part of the flow it carries.
 */
export function markFlows(link: usize, count: u32, isOn: usize, last: usize, part: usize): void {
  const fractions = crossingFraction
  memory.fill(isOn, 0, flows)
  for (let tile: u32 = 0; tile < tiles; tile++) {
    const first = tile << TILE_BITS
    for (let k: u32 = 0; k < count; k++) {
      const l = u32at(link, k)
      const at = tile * links + l
      const end = u32at(crossingStart, at + 1)
      for (let e = u32at(crossingStart, at); e < end; e++) {
        const i = first + u16at(crossingFlow, e)
        store<u8>(isOn + i, 1 + u32(u8at(isOn, i) > 0))
        setU32(last, i, l)
        setF64(part, i, f64at(fractions, e))
      }
    }
  }
}

/**
 * kbit/s, by flow: who crosses no narrow link gets the most it may, and the others the least. Of these, lists those
 * that lost a fraction, each with a level that is the lower the larger the fraction; returns how many.
 */
export function giveWide(
  rate: usize,
  least: usize,
  most: usize,
  isNarrow: usize,
  kbps: usize,
  level: usize,
  tag: usize,
): u32 {
  const count = flows
  let waiting: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const whole = f64at(least, i)
    const more = f64at(most, i) - whole
    const narrow = u32(u8at(isNarrow, i) > 0)
    setF64(kbps, i, whole + (1 - <f64>narrow) * more)
    // Levels between 1 and 2 lie evenly in the bits that an order looks at.
    const lost = f64x2.splat(f64at(rate, i) - whole)
    setF64(level, waiting, numberOf(f64x2.pmax(f64x2.splat(0), f64x2.sub(f64x2.splat(2), lost))))
    setU32(tag, waiting, i)
    waiting += narrow & u32(more > 0)
  }
  return waiting
}

/**
 * In this order, gives each flow one kbit/s more if every link on its path has room for it. Most cross one narrow link
 * (isOn, last and part are what markFlows found); the paths of the others are entries start[i] .. start[i + 1] - 1.
 * Whether there is room is a coin toss: where there is none, links are charged 0.
 */
export function giveNarrow(
  sorted: usize,
  count: u32,
  isOn: usize,
  last: usize,
  part: usize,
  start: usize,
  link: usize,
  fraction: usize,
  left: usize,
  kbps: usize,
): void {
  for (let n: u32 = 0; n < count; n++) {
    const i = u32at(sorted, n)
    let fits: u32 = 1
    if (u8at(isOn, i) === 1) {
      const l = u32at(last, i)
      fits = u32(f64at(part, i) <= f64at(left, l))
      charge(left, l, part, i, fits)
    } else {
      const end = u32at(start, i + 1)
      for (let e = u32at(start, i); e < end; e++) fits &= u32(f64at(fraction, e) <= f64at(left, u32at(link, e)))
      for (let e = u32at(start, i); e < end; e++) charge(left, u32at(link, e), fraction, e, fits)
    }
    setF64(kbps, i, f64at(kbps, i) + <f64>fits)
  }
}

function charge(left: usize, l: u32, fraction: usize, e: u32, fits: u32): void {
  setF64(left, l, f64at(left, l) - numberOf(v128.and(f64both(fraction, e), maskOf(fits))))
}
