// Who takes part in a filling: ../../participants.ts says what it means. Whether a flow does is a coin toss, so it is
// listed first and then counted or not.

import { f64both, numberOf, oneOf } from './choice.js'
import { f64at, i32at, setF64, setU32, u32at } from './memory.js'

export let flows: u32 = 0

// What is asked, by flow and by segment.
export let wanted: usize = 0
export let segmentStart: usize = 0
export let segmentBand: usize = 0
export let segmentSize: usize = 0
export let segmentWeight: usize = 0
export let segmentUpTo: usize = 0

// Who has weights in which band, and their first.
export let bandFlow: usize = 0
export let bandFrom: usize = 0

// What a selection finds.
/** How many: ../columns.ts says of what. */
export let tally: usize = 0
export const PARTICIPANTS: u32 = 0
export const STUCK: u32 = 1
export const WRONG: u32 = 2
export const STOPPED: u32 = 3
export let participantFlow: usize = 0
export let stuckFlow: usize = 0
export let blockedBy: usize = 0
export let reach: usize = 0
export let speed: usize = 0
export let cap: usize = 0
export let piece: usize = 0

/** column[i] = min(a[i], b[i]) */
export function least(a: usize, b: usize, column: usize): void {
  const last = (<usize>flows) << 3
  // Columns are padded to cache lines.
  for (let n: usize = 0; n < last; n += 16) v128.store(column + n, f64x2.pmin(v128.load(a + n), v128.load(b + n)))
}

function begin(held: usize): void {
  memory.copy(reach, held, (<usize>flows) << 3)
  memory.fill(speed, 0, (<usize>flows) << 3)
}

/** Everybody listed in rows from .. to - 1, up to a limit. */
export function selectUpTo(from: u32, to: u32, limit: usize, held: usize): void {
  begin(held)
  const upTo = segmentUpTo
  const weight = segmentWeight
  const blocked = blockedBy
  const ends = reach
  const speeds = speed
  const caps = cap
  const pieces = piece
  let participant = participantFlow
  let stuck = stuckFlow
  let at = bandFlow + ((<usize>from) << 2)
  let first = bandFrom + ((<usize>from) << 2)
  const none = f64x2.splat(0)
  for (const last = bandFlow + ((<usize>to) << 2); at < last; at += 4, first += 4) {
    const i = load<u32>(at)
    const x = f64both(held, i)
    const most = f64both(limit, i)
    let s = load<u32>(first)
    // The last piece never ends, whatever a false answer says that somebody holds.
    while (f64at(upTo, s) <= numberOf(x) && f64at(upTo, s) < Infinity) s++
    const w = f64both(weight, s)
    const wants = v128.and(f64x2.gt(most, x), f64x2.gt(w, none))
    const isOpen = i32x4.lt_s(v128.load32_splat(blocked + ((<usize>i) << 2)), i32x4.splat(0))
    const takes = v128.and(wants, isOpen)
    store<u32>(participant, i)
    store<u32>(stuck, i)
    participant += oneOf(takes) << 2
    stuck += oneOf(v128.andnot(wants, isOpen)) << 2
    setF64(ends, i, numberOf(v128.bitselect(most, x, takes)))
    setF64(speeds, i, numberOf(v128.and(w, takes)))
    setF64(caps, i, numberOf(f64x2.sub(most, x)))
    setU32(pieces, i, s)
  }
  setU32(tally, PARTICIPANTS, <u32>((participant - participantFlow) >> 2))
  setU32(tally, STUCK, <u32>((stuck - stuckFlow) >> 2))
}

export function selectGuaranteed(from: u32, to: u32, held: usize): void {
  begin(held)
  let count: u32 = 0
  let stuck: u32 = 0
  for (let n = from; n < to; n++) {
    const i = u32at(bandFlow, n)
    const s = u32at(bandFrom, n)
    const x = f64at(held, i)
    const size = f64at(segmentSize, s)
    const d = f64at(wanted, i)
    const rest = d - x
    const isPart = size < rest
    const most = select<f64>(size, rest, isPart)
    const wants = u32(most > 0)
    const isBlocked = u32(i32at(blockedBy, i) >= 0)
    const takes = wants & (isBlocked ^ 1)
    setU32(participantFlow, count, i)
    setU32(stuckFlow, stuck, i)
    count += takes
    stuck += wants & isBlocked
    setF64(reach, i, takes ? (isPart ? x + size : d) : x)
    setF64(speed, i, takes ? size * f64at(segmentWeight, s) : 0)
    setF64(cap, i, most)
    setU32(piece, i, s)
  }
  setU32(tally, PARTICIPANTS, count)
  setU32(tally, STUCK, stuck)
}
