// Counts over whole columns of what is not as it should be: ../../certificate.ts says what for. Two or four at a time.

import { f64both, oneOf, sumOfPair } from './choice.js'
import { linkRoom, room } from './filling.js'
import { i32at } from './memory.js'
import { flows } from './participants.js'
import { links } from './sums.js'

/** Amounts and levels within this part of each other are the same. */
export const SAME: f64 = 1e-9
/** What is below this part of a number is rounding: 2^-40. */
export const ROUNDING: f64 = 1 / 1099511627776

/** Where the last pair of `rows` numbers of eight bytes ends, and the last four of as many of four. */
function endOfPairs(rows: u32): usize {
  return (<usize>(rows & ~1)) << 3
}

function endOfFours(rows: u32): usize {
  return (<usize>(rows & ~3)) << 2
}

function sumOfFour(count: v128): u32 {
  const a = i32x4.extract_lane(count, 0) + i32x4.extract_lane(count, 1)
  const b = i32x4.extract_lane(count, 2) + i32x4.extract_lane(count, 3)
  return <u32>(a + b)
}

/** Rows that name a bottleneck. */
export function countNamed(bottleneck: usize, rows: u32): u32 {
  const none = i32x4.splat(-1)
  const end = endOfFours(rows)
  let count = i32x4.splat(0)
  for (let n: usize = 0; n < end; n += 16) count = i32x4.sub(count, i32x4.ne(v128.load(bottleneck + n), none))
  let rest: u32 = 0
  for (let n = rows & ~3; n < rows; n++) rest += u32(i32at(bottleneck, n) !== -1)
  return sumOfFour(count) + rest
}

/** Flows for which two columns of whole numbers differ. */
export function countUnlike(a: usize, b: usize): u32 {
  const end = endOfFours(flows)
  let count = i32x4.splat(0)
  for (let n: usize = 0; n < end; n += 16) count = i32x4.sub(count, i32x4.ne(v128.load(a + n), v128.load(b + n)))
  let rest: u32 = 0
  for (let i = flows & ~3; i < flows; i++) rest += u32(i32at(a, i) !== i32at(b, i))
  return sumOfFour(count) + rest
}

/** Flows of which x is not 0. */
export function countLeft(x: usize): u32 {
  const none = f64x2.splat(0)
  const end = endOfPairs(flows)
  let count = i64x2.splat(0)
  for (let n: usize = 0; n < end; n += 16) count = i64x2.sub(count, f64x2.ne(v128.load(x + n), none))
  return sumOfPair(count) + ((flows & 1) === 1 ? oneOf(f64x2.ne(f64both(x, flows - 1), none)) : 0)
}

function isEqual(x: v128, has: v128): v128 {
  return f64x2.le(f64x2.abs(f64x2.sub(x, has)), f64x2.mul(f64x2.splat(SAME), has))
}

/** Flows of which x is not held, but for rounding. */
export function countUnequal(x: usize, held: usize): u32 {
  const end = endOfPairs(flows)
  let equal = i64x2.splat(0)
  for (let n: usize = 0; n < end; n += 16) {
    equal = i64x2.sub(equal, isEqual(v128.load(x + n), v128.load(held + n)))
  }
  const last = flows - 1
  return flows - sumOfPair(equal) - ((flows & 1) === 1 ? oneOf(isEqual(f64both(x, last), f64both(held, last))) : 0)
}

function isWithin(load: v128, most: v128, need: v128, whole: v128): v128 {
  const room = f64x2.add(f64x2.pmax(most, need), f64x2.mul(f64x2.splat(ROUNDING), whole))
  return f64x2.le(load, room)
}

/** Links that carry more than their room, and more than `need` does. */
export function countOver(load: usize, need: usize): u32 {
  const rooms = room
  const wholes = linkRoom
  const end = endOfPairs(links)
  let within = i64x2.splat(0)
  for (let n: usize = 0; n < end; n += 16) {
    const is = isWithin(v128.load(load + n), v128.load(rooms + n), v128.load(need + n), v128.load(wholes + n))
    within = i64x2.sub(within, is)
  }
  const some = links - sumOfPair(within)
  if ((links & 1) === 0) return some
  const l = links - 1
  return some - oneOf(isWithin(f64both(load, l), f64both(rooms, l), f64both(need, l), f64both(wholes, l)))
}
