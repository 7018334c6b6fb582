// One filling of one band, for flows that answer only to links: ../../max-min.ts says what it is and why it is right.
//
// The heap, the look at a link and the stop are one module, so that nothing leaves registers on the way.

import { f64both, first, numberOf, second } from './choice.js'
import { f64at, i32at, setF64, setI32, setU32, u16at, u32at } from './memory.js'
import {
  blockedBy,
  cap,
  flows,
  PARTICIPANTS,
  participantFlow,
  piece,
  reach,
  segmentUpTo,
  segmentWeight,
  speed,
  tally,
} from './participants.js'
import {
  crossingFlow,
  crossingFraction,
  crossingParts,
  crossingStart,
  links,
  loadLinks,
  sum,
  TILE_BITS,
  tiles,
} from './sums.js'

// By flow, four numbers that stand together, two and two: at level L it has base + speed L, until that is the most it
// may take; and, as a whole number, the link that has stopped it, -1: none.
export let water: usize = 0
export const BASE: usize = 0
export const SPEED: usize = 8
export const MOST: usize = 16
export const BY: usize = 24
export const STRIDE_BITS: u32 = 5
export const UNBOUNDED: f64 = f64.MAX_VALUE
/** Room below this fraction of a link is rounding, not room: 2^-40. */
export const NOTHING: f64 = 1 / 1099511627776

export let slope: usize = 0
export let heapLink: usize = 0
export let heapLevel: usize = 0
let heapSize: u32 = 0

// By link: what flows that rise no more have there, -1: not looked at yet. By piece: the flows that still do.
export let gone: usize = 0
export let liveFlow: usize = 0
export let liveEnd: usize = 0

// Ends of pieces of weights, in the order of their levels: tags are 2 x flow + 1, see ../../events.ts.
export let stepTag: usize = 0
export let stepLevel: usize = 0
let stepCount: u32 = 0
let nextStep: u32 = 0

// By link: the band in which it filled, and at which level.
export let saturatedIn: usize = 0
export let filledAt: usize = 0
export let room: usize = 0
export let linkRoom: usize = 0

// What is seen of a link.
let taken: f64 = 0
let rising: f64 = 0
let asked: f64 = 0

/** Of `count` contended links, lists in `tight` those on which flows may come to more than the room. */
export function findTight(link: usize, count: u32, tight: usize, left: usize, load: usize, held: usize): u32 {
  let open: u32 = 0
  for (let k: u32 = 0; k < count; k++) {
    const l = u32at(link, k)
    setU32(tight, open, l)
    open += u32(i32at(saturatedIn, l) < 0)
  }
  if (open === 0) return 0
  loadLinks(reach, load)
  let found: u32 = 0
  for (let k: u32 = 0; k < open; k++) {
    const l = u32at(tight, k)
    setU32(tight, found, l)
    found += u32(f64at(load, l) > f64at(room, l))
  }
  if (found === 0) return 0
  sum(held, tight, found, left)
  for (let k: u32 = 0; k < found; k++) {
    const l = u32at(tight, k)
    const free = f64x2.sub(f64both(room, l), f64both(left, l))
    const least = f64x2.mul(f64x2.splat(NOTHING), f64both(linkRoom, l))
    setF64(left, l, numberOf(v128.and(free, f64x2.gt(free, least))))
  }
  return found
}

/** Level 0: nobody has taken anything. True: some weights have steps. */
export function begin(): bool {
  const drops = water
  const caps = cap
  const speeds = speed
  const pieces = piece
  const upTo = segmentUpTo
  const last = participantFlow + ((<usize>u32at(tally, PARTICIPANTS)) << 2)
  const unbounded = f64x2.splat(UNBOUNDED)
  memory.fill(drops, 0, (<usize>flows) << STRIDE_BITS)
  let stepped: u32 = 0
  for (let n = participantFlow; n < last; n += 4) {
    const i = load<u32>(n)
    const here = drops + ((<usize>i) << STRIDE_BITS)
    store<f64>(here, f64at(speeds, i), SPEED)
    store<f64>(here, numberOf(f64x2.pmin(f64both(caps, i), unbounded)), MOST)
    store<i64>(here, -1, BY)
    stepped |= u32(f64at(upTo, u32at(pieces, i)) < Infinity)
  }
  return stepped !== 0
}

/** Raises the level until no tight link can fill any more, past the first `steps` of stepTag. */
export function climb(band: i32, tight: usize, tightCount: u32, left: usize, steps: u32): void {
  nextStep = 0
  stepCount = steps
  sum(speed, tight, tightCount, slope)
  heapSize = 0
  for (let k: u32 = 0; k < tightCount; k++) {
    const l = u32at(tight, k)
    setF64(gone, l, -1)
    const s = f64at(slope, l)
    if (!(s > 0)) continue
    setU32(heapLink, heapSize, l)
    setF64(heapLevel, heapSize++, f64at(left, l) / s)
  }
  for (let n = <i32>(heapSize >> 1) - 1; n >= 0; n--) sink(n)
  while (heapSize > 0) {
    const l = u32at(heapLink, 0)
    const level = f64at(heapLevel, 0)
    if (nextStep < stepCount) passSteps(level)
    look(l, level)
    const most = f64at(left, l)
    const fills = (most - taken) / rising
    if (!(asked > most && rising > 0)) {
      // It stops nobody; whether it will be full to the last bit is seen in the end.
      setF64(slope, l, asked)
      pop()
    } else if (fills > level) {
      setF64(heapLevel, 0, fills)
      sink(0)
    } else {
      if (i32at(saturatedIn, l) === -1) setI32(saturatedIn, l, band)
      setF64(filledAt, l, level)
      stopAll(l, level)
      pop()
    }
  }
  passSteps(Infinity)
}

/** A mask: whether what rises has all it may take at this height. */
function isStanding(rises: v128, most: v128, height: v128): v128 {
  return first(f64x2.le(most, f64x2.add(rises, f64x2.mul(second(rises), height))))
}

/**
 * Sees what flows on link l have at this level, and how fast they rise. Those that rise no more are added up for good,
 * and are not looked at again.
 */
function look(l: u32, level: f64): void {
  const before = f64at(gone, l)
  const isFirst = before < 0
  const from = isFirst ? crossingFlow : liveFlow
  const height = f64x2.splat(level)
  const none = f64x2.splat(0)
  let had = none // by flows that rise no more
  let has = none // base and speed of the others
  let all = none
  let parts = none
  let partsHad = none
  for (let tile: u32 = 0; tile < tiles; tile++) {
    const own = water + ((<usize>tile) << (TILE_BITS + STRIDE_BITS))
    const at = tile * links + l
    const begin = u32at(crossingStart, at)
    const whole = u32at(crossingParts, at)
    const last = from + ((<usize>(isFirst ? whole : u32at(liveEnd, at))) << 1)
    let live = liveFlow + ((<usize>begin) << 1)
    for (let e = from + ((<usize>begin) << 1); e < last; e += 2) {
      const flow = load<u16>(e)
      const here = own + ((<usize>flow) << STRIDE_BITS)
      const rises = v128.load(here, BASE)
      const most = v128.load_splat<f64>(here, MOST)
      const stands = isStanding(rises, most, height)
      store<u16>(live, flow)
      live += 2 + (i32x4.extract_lane(stands, 0) << 1)
      had = f64x2.add(had, v128.and(most, stands))
      has = f64x2.add(has, v128.andnot(rises, stands))
      all = f64x2.add(all, most)
    }
    setU32(liveEnd, at, <u32>(live - liveFlow) >> 1)
    const end = u32at(crossingStart, at + 1)
    for (let e = whole; e < end; e++) {
      const a = f64both(crossingFraction, e)
      const here = own + ((<usize>u16at(crossingFlow, e)) << STRIDE_BITS)
      const rises = v128.load(here, BASE)
      const most = v128.load_splat<f64>(here, MOST)
      const stands = isStanding(rises, most, height)
      partsHad = f64x2.add(partsHad, f64x2.mul(a, v128.and(most, stands)))
      has = f64x2.add(has, f64x2.mul(a, v128.andnot(rises, stands)))
      parts = f64x2.add(parts, f64x2.mul(a, most))
    }
  }
  const soFar = isFirst ? 0 : before
  const stood = soFar + numberOf(had)
  setF64(gone, l, stood)
  taken = stood + numberOf(partsHad) + numberOf(has)
  rising = f64x2.extract_lane(has, 1)
  asked = soFar + numberOf(all) + numberOf(parts)
}

/** Link l is full at this level: all on it stop, and will not rise again. What filled first stays what blocks. */
function stopAll(l: u32, level: f64): void {
  const drops = water
  const blocked = blockedBy
  const height = f64x2.splat(level)
  const by = i64x2.splat(<i64>l)
  for (let tile: u32 = 0; tile < tiles; tile++) {
    const tileStart = tile << TILE_BITS
    const at = tile * links + l
    const last = crossingFlow + ((<usize>u32at(crossingStart, at + 1)) << 1)
    for (let e = crossingFlow + ((<usize>u32at(crossingStart, at)) << 1); e < last; e += 2) {
      const i = tileStart + load<u16>(e)
      const here = drops + ((<usize>i) << STRIDE_BITS)
      const rises = v128.load(here, BASE)
      const stands = v128.load(here, MOST)
      const has = f64x2.add(rises, f64x2.mul(second(rises), height))
      const stops = first(f64x2.lt(has, stands))
      const now = v128.shuffle<f64>(has, by, 0, 2)
      v128.store(here, v128.bitselect(now, stands, stops), MOST)
      const before = i32at(blocked, i)
      setI32(blocked, i, select<i32>(before, l, before >= 0))
    }
  }
}

function passSteps(level: f64): void {
  for (; nextStep < stepCount && f64at(stepLevel, nextStep) <= level; nextStep++) {
    const tag = u32at(stepTag, nextStep)
    const i = tag >>> 1
    const here = water + ((<usize>i) << STRIDE_BITS)
    if ((tag & 1) === 0 || load<i32>(here, BY) >= 0) continue
    const s = u32at(piece, i) + 1
    setU32(piece, i, s)
    const w = f64at(segmentWeight, s)
    store<f64>(here, load<f64>(here, BASE) + (load<f64>(here, SPEED) - w) * f64at(stepLevel, nextStep), BASE)
    store<f64>(here, w, SPEED)
  }
}

/**
 * A min-heap of links by the level at which each may fill, ties to the smaller link. It is lazy: a flow that stops can
 * only raise the level of a link, so what was right once is a lower bound, and only the top is looked at again.
 */
function sink(from: u32): void {
  const linkOf = heapLink
  const levelOf = heapLevel
  const size = heapSize
  const l = u32at(linkOf, from)
  const at = f64at(levelOf, from)
  // Past the end stands what comes last.
  setF64(levelOf, size, Infinity)
  setU32(linkOf, size, u32.MAX_VALUE)
  let n = from
  for (let child: u32 = 2 * n + 1; child < size; child = 2 * n + 1) {
    const left = f64at(levelOf, child)
    const right = f64at(levelOf, child + 1)
    child += u32(right < left) | (u32(right === left) & u32(u32at(linkOf, child + 1) < u32at(linkOf, child)))
    const next = f64at(levelOf, child)
    const other = u32at(linkOf, child)
    if ((u32(at < next) | (u32(at === next) & u32(l < other))) !== 0) break
    setU32(linkOf, n, other)
    setF64(levelOf, n, next)
    n = child
  }
  setU32(linkOf, n, l)
  setF64(levelOf, n, at)
}

function pop(): void {
  heapSize--
  setU32(heapLink, 0, u32at(heapLink, heapSize))
  setF64(heapLevel, 0, f64at(heapLevel, heapSize))
  if (heapSize > 1) sink(0)
}
