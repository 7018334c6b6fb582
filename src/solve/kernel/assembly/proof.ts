// Passes of the proof: ../../certificate.ts says what for. They count what is wrong; whoever wants to know which looks
// for itself.

import { f64both, maskOf, numberOf, oneOf, sumOfPair } from './choice.js'
import { fillF64 } from './clearing.js'
import { countNamed, ROUNDING, SAME } from './counting.js'
import { linkRoom, room } from './filling.js'
import { f64at, i32at, setF64, setI32, setU32, u8at, u32at } from './memory.js'
import {
  blockedBy,
  cap,
  flows,
  PARTICIPANTS,
  participantFlow,
  piece,
  STOPPED,
  STUCK,
  segmentBand,
  segmentSize,
  segmentStart,
  segmentUpTo,
  segmentWeight,
  speed,
  stuckFlow,
  tally,
  WRONG,
  wanted,
} from './participants.js'
import { crossingFlow, crossingStart, links, routeLink, routeStart, TILE_BITS, tiles } from './sums.js'

/** By flow: what of its amount is accounted for, and the level at which that is reached. */
export let got: usize = 0
export let level: usize = 0
/** Participants below their caps. */
export let shortFlow: usize = 0
/** By link: a byte, 1 once it has been full; and the highest level on it of those whom it stopped in this stage. */
export let isFull: usize = 0
export let highest: usize = 0
/** By flow: the level it should have in the band (NaN: none), and a byte, 1 where something must have stopped it. */
export let expected: usize = 0
export let isStopped: usize = 0
/** By flow: the first band in which it is short, -1: none so far. */
export let firstShort: usize = 0
/** By flow: a link that is known to be on its path, -1: not asked yet. */
export let crossed: usize = 0

/**
 * The first `bands` bands, in which every flow has its whole guarantee; held is what they come to. False: somebody has
 * less or more, or has something where nothing is promised, or another level than that of its amount, or a bottleneck.
 */
export function readPromises(
  promisedTo: usize,
  amount: usize,
  levels: usize,
  bottleneck: usize,
  bands: u32,
  held: usize,
): bool {
  const count = flows
  if (countNamed(bottleneck, bands * count) > 0) return false
  const sizes = segmentSize
  const weights = segmentWeight
  const bandOf = segmentBand
  const starts = segmentStart
  const none = f64x2.splat(0)
  const same = f64x2.splat(SAME)
  const rounding = f64x2.splat(ROUNDING)
  let isRight = maskOf(1)
  for (let i: u32 = 0; i < count; i++) {
    const d = f64both(wanted, i)
    const end = u32at(promisedTo, i)
    let s = u32at(starts, i)
    let x = none
    for (let band: u32 = 0, row = i; band < bands; band++, row += count) {
      const y = f64both(amount, row)
      const at = f64both(levels, row)
      const isNone = f64x2.eq(y, none)
      if (s === end || u8at(bandOf, s) !== band) {
        isRight = v128.and(isRight, v128.andnot(isNone, f64x2.ge(at, none)))
        continue
      }
      const size = f64both(sizes, s)
      const u = f64x2.pmin(f64x2.sub(d, x), size)
      const isWhole = f64x2.le(f64x2.abs(f64x2.sub(y, u)), f64x2.mul(same, u))
      const isNothing = v128.and(isNone, f64x2.le(u, f64x2.mul(rounding, x)))
      isRight = v128.and(isRight, v128.or(isWhole, isNothing))
      // Level times speed is the amount; none has no level, but for what is nothing but rounding.
      const off = f64x2.abs(f64x2.sub(f64x2.mul(at, f64x2.mul(size, f64both(weights, s))), y))
      const isLevel = v128.and(f64x2.le(off, f64x2.mul(same, y)), f64x2.ge(at, none))
      isRight = v128.and(isRight, v128.or(isLevel, v128.and(isNone, f64x2.ne(at, at))))
      x = f64x2.add(x, y)
      s++
    }
    // A second promise in one band is for those to judge who look at bands one by one.
    isRight = v128.and(isRight, maskOf(u32(s === end)))
    setF64(held, i, numberOf(x))
  }
  return oneOf(isRight) === 1
}

/**
 * Compares amounts with caps, finds the level at which each participant has what it got, and lists those that are below
 * their caps; returns how many, and tallies whether any is wrong. `rest`: what of each amount is not accounted for.
 */
export function checkParticipants(rest: usize, isLast: bool, held: usize): u32 {
  const caps = cap
  const lefts = rest
  const gots = got
  const levels = level
  const end = participantFlow + ((<usize>u32at(tally, PARTICIPANTS)) << 2)
  const last = maskOf(u32(isLast))
  const none = f64x2.splat(0)
  const lowest = f64x2.splat(1 - SAME)
  const most = f64x2.splat(1 + SAME)
  const roundings = f64x2.splat(ROUNDING)
  let short = shortFlow
  let isRight = maskOf(1)
  memory.fill(levels, 0, (<usize>flows) << 3)
  for (let n = participantFlow; n < end; n += 4) {
    const i = load<u32>(n)
    const u = f64both(caps, i)
    const all = f64both(lefts, i)
    const rounding = f64x2.mul(roundings, f64both(held, i))
    // Whom a link stops in the first stage of headroom gets nothing in the second, so the split is known.
    const y = v128.bitselect(u, all, v128.andnot(f64x2.lt(u, all), last))
    const isTiny = v128.and(f64x2.le(y, rounding), f64x2.gt(y, f64x2.neg(rounding)))
    const x = v128.andnot(y, v128.and(last, isTiny))
    setF64(gots, i, numberOf(x))
    setF64(lefts, i, numberOf(f64x2.sub(all, x)))
    setF64(levels, i, levelOf(i, numberOf(x), held))
    store<u32>(short, i)
    short += oneOf(f64x2.lt(x, f64x2.sub(f64x2.mul(u, lowest), rounding))) << 2
    const isCapped = f64x2.le(x, f64x2.add(f64x2.mul(u, most), rounding))
    isRight = v128.and(isRight, v128.and(f64x2.ge(x, none), isCapped))
  }
  setU32(tally, WRONG, 1 - oneOf(isRight))
  return <u32>((short - shortFlow) >> 2)
}

/** The level at which flow i has y: the inverse of its stepped function. */
function levelOf(i: u32, y: f64, held: usize): f64 {
  let s = u32at(piece, i)
  if (f64at(segmentUpTo, s) === Infinity) return y / f64at(speed, i)
  const x = f64at(held, i)
  let reached: f64 = 0
  let at: f64 = 0
  for (; f64at(segmentUpTo, s) - x < y; s++) {
    const next = f64at(segmentUpTo, s) - x
    reached += (next - at) / f64at(segmentWeight, s)
    at = next
  }
  return reached + (y - at) / f64at(segmentWeight, s)
}

/** Participants hold what they got, and should have its level: that of the last stage in which they rose. */
export function settle(held: usize): void {
  const gots = got
  const levels = level
  const should = expected
  const none = f64x2.splat(0)
  const end = participantFlow + ((<usize>u32at(tally, PARTICIPANTS)) << 2)
  for (let n = participantFlow; n < end; n += 4) {
    const i = load<u32>(n)
    const x = f64both(gots, i)
    const before = f64both(should, i)
    const stays = v128.andnot(f64x2.ge(before, none), f64x2.gt(x, none))
    setF64(should, i, numberOf(v128.bitselect(before, f64both(levels, i), stays)))
    setF64(held, i, numberOf(f64x2.add(f64both(held, i), x)))
  }
}

/**
 * Finds the links that are full now and were not, and the highest level on each; in later bands nobody on them takes.
 * Notes for whom such a link is the bottleneck that is named: it is on the path.
 */
export function findFull(load: usize, bottleneck: usize): void {
  const fulls = isFull
  const rooms = room
  const wholes = linkRoom
  const count = links
  memory.fill(highest, 0, (<usize>count) << 3)
  for (let l: u32 = 0; l < count; l++) {
    if (u8at(fulls, l) === 1 || f64at(rooms, l) - f64at(load, l) > ROUNDING * f64at(wholes, l)) continue
    store<u8>(fulls + l, 1)
    setF64(highest, l, block(l, bottleneck))
  }
}

/** Link l blocks all on it; returns their highest level. */
function block(l: u32, bottleneck: usize): f64 {
  const levels = level
  const blocked = blockedBy
  const known = crossed
  let most = f64x2.splat(0)
  for (let tile: u32 = 0; tile < tiles; tile++) {
    const first = tile << TILE_BITS
    const at = tile * links + l
    const end = crossingFlow + ((<usize>u32at(crossingStart, at + 1)) << 1)
    for (let e = crossingFlow + ((<usize>u32at(crossingStart, at)) << 1); e < end; e += 2) {
      const i = first + load<u16>(e)
      most = f64x2.pmax(most, f64both(levels, i))
      setI32(blocked, i, l)
      setI32(known, i, select<i32>(l, i32at(known, i), i32at(bottleneck, i) === l))
    }
  }
  return numberOf(most)
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

/** Before the stages of a band: nobody has a level, and nothing has stopped anybody. */
export function beginBand(): void {
  fillF64(expected, flows, NaN)
  memory.fill(isStopped, 0, flows)
  setU32(tally, STOPPED, 0)
}

/**
 * Of the first `count` participants below their caps, and of those who are stuck: how many a wrong link, or none, is
 * said to have stopped. Notes who is short in this band of need (-1: it is none).
 */
export function countMisnamed(count: u32, bottleneck: usize, held: usize, need: i32): u32 {
  const found = countFalse(shortFlow, count, false, bottleneck, held, need)
  return found + countFalse(stuckFlow, u32at(tally, STUCK), true, bottleneck, held, need)
}

/**
 * Link `bottleneck` is right for a flow if it is on its path, full, and gives nobody a higher level. Those who are
 * stuck stand at level 0, unless they rose in an earlier stage.
 */
function countFalse(list: usize, count: u32, isStuck: bool, bottleneck: usize, held: usize, need: i32): u32 {
  const levels = level
  const fulls = isFull
  const highests = highest
  const known = crossed
  const stops = isStopped
  const firsts = firstShort
  const isNeed = need >= 0
  // A promise of an envelope that is kept is all that could be claimed of it; it stops nobody for good.
  const least = isStuck ? i32.MIN_VALUE : 0
  const end = list + ((<usize>count) << 2)
  let found: u32 = 0
  let stopped: u32 = 0
  for (let n = list; n < end; n += 4) {
    const i = load<u32>(n)
    if (isStuck) {
      const at = f64both(expected, i)
      setF64(expected, i, numberOf(v128.and(at, f64x2.ge(at, f64x2.splat(0)))))
      // What is left of its claim may be a rounding, of which the solver knows nothing.
      if (f64at(cap, i) * (1 - SAME) <= ROUNDING * f64at(held, i)) continue
    }
    const l = i32at(bottleneck, i)
    const isLink = u32(<u32>l < links)
    const k = select<u32>(l, 0, isLink)
    const holds = isLink & u8at(fulls, k) & u32(f64at(levels, i) >= f64at(highests, k) * (1 - SAME))
    found += 1 - (i32at(known, i) === l ? holds : holds & u32(crosses(i, l)))
    stopped += 1 - u8at(stops, i)
    store<u8>(stops + i, 1)
    if (isNeed) {
      const before = i32at(firsts, i)
      setI32(firsts, i, select<i32>(need, before, u32(l >= least) & u32(before < 0)))
    }
  }
  setU32(tally, STOPPED, u32at(tally, STOPPED) + stopped)
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
  const found = sumOfPair(count) + rest
  return found + u32(countNamed(bottleneck, flows) !== u32at(tally, STOPPED))
}

function isMislevelled(at: v128, should: v128, same: v128): v128 {
  const isSame = f64x2.le(f64x2.abs(f64x2.sub(at, should)), f64x2.mul(same, should))
  return v128.not(v128.or(isSame, v128.and(f64x2.ne(at, at), f64x2.ne(should, should))))
}
