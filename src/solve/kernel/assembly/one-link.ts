// One link that everybody crosses, one band, one weight each: ../../one-link.ts says why this is apart.
//
// Flows stand side by side in columns, so every pass goes straight through, two at a time. A column ends with a cache
// line, and what is behind its last flow is 0.

import { numberOf } from './choice.js'
import { flows } from './participants.js'

/** Bytes of a column that a pass takes in one turn: four flows. */
const TURN: usize = 32
/** Of each 32 flows two are in the sample. */
const SAMPLED: usize = 256

/** As in filling.ts. */
const ENOUGH: f64 = 1 - 1e-9

// What a look saw: what those have that stand at the level, and how fast the others rise.
let stood: f64 = 0
let rising: f64 = 0

function both(pair: v128): f64 {
  return numberOf(pair) + f64x2.extract_lane(pair, 1)
}

function look(asked: usize, weight: usize, bytes: usize, level: f64): void {
  const height = f64x2.splat(level)
  const none = f64x2.splat(0)
  let has = none
  let hasToo = none
  let rises = none
  let risesToo = none
  for (let n: usize = 0; n < bytes; n += TURN) {
    const u = v128.load(asked + n)
    const w = v128.load(weight + n)
    const stands = f64x2.le(u, f64x2.mul(w, height))
    has = f64x2.add(has, v128.and(u, stands))
    rises = f64x2.add(rises, v128.andnot(w, stands))
    const uToo = v128.load(asked + n, 16)
    const wToo = v128.load(weight + n, 16)
    const standsToo = f64x2.le(uToo, f64x2.mul(wToo, height))
    hasToo = f64x2.add(hasToo, v128.and(uToo, standsToo))
    risesToo = f64x2.add(risesToo, v128.andnot(wToo, standsToo))
  }
  stood = both(f64x2.add(has, hasToo))
  rising = both(f64x2.add(rises, risesToo))
}

/**
 * The level at which flows that ask for more than `room` fill it, by Newton's method. What they have is concave in the
 * level: a look at any level leads to one that is not above the answer, and each look from there leads nearer to it,
 * until nobody more stands. A good guess saves looks, a bad one costs one.
 */
function levelOf(asked: usize, weight: usize, bytes: usize, room: f64, weights: f64, guess: f64): f64 {
  const least = room / weights
  let level: f64
  let next = guess > least && guess < Infinity ? guess : least
  look(asked, weight, bytes, next)
  next = max<f64>((room - stood) / rising, least)
  do {
    level = next
    look(asked, weight, bytes, level)
    next = max<f64>((room - stood) / rising, least)
  } while (next > level)
  return level
}

/** About where the level is when `part` of what all ask for can be had: where it is for the sample. */
function guessOf(asked: usize, weight: usize, bytes: usize, part: f64, sample: usize, sampleWeight: usize): f64 {
  const none = f64x2.splat(0)
  let asks = none
  let weighs = none
  let end: usize = 0
  for (let n: usize = 0; n < bytes; n += SAMPLED) {
    const u = v128.load(asked + n)
    const w = v128.load(weight + n)
    v128.store(sample + end, u)
    v128.store(sampleWeight + end, w)
    asks = f64x2.add(asks, u)
    weighs = f64x2.add(weighs, w)
    end += 16
  }
  return levelOf(sample, sampleWeight, end, part * both(asks), both(weighs), 0)
}

/**
 * Shares link 0, which has `room`. `asked` comes as demands, and is cut to ceilings, and to nothing where there is no
 * weight. The samples are columns of a sixteenth. Writes amount, level, bottleneck and shortIn of each, and returns the
 * level at which the link filled; Infinity: everybody has all; NaN: somebody has no bound. `load` gets what the link
 * carries.
 */
export function shareLink(
  room: f64,
  asked: usize,
  ceiling: usize,
  weight: usize,
  sample: usize,
  sampleWeight: usize,
  amount: usize,
  level: usize,
  bottleneck: usize,
  shortIn: usize,
  load: usize,
): f64 {
  const bytes = (((<usize>flows) << 3) + TURN - 1) & ~(TURN - 1)
  const none = f64x2.splat(0)
  // Added up in the order of a look, so that a look at which all stand sees the same.
  let asks = none
  let asksToo = none
  let weighs = none
  for (let n: usize = 0; n < bytes; n += TURN) {
    const w = v128.load(weight + n)
    const u = v128.and(f64x2.pmin(v128.load(asked + n), v128.load(ceiling + n)), f64x2.gt(w, none))
    v128.store(asked + n, u)
    asks = f64x2.add(asks, u)
    const wToo = v128.load(weight + n, 16)
    const demandToo = f64x2.pmin(v128.load(asked + n, 16), v128.load(ceiling + n, 16))
    const uToo = v128.and(demandToo, f64x2.gt(wToo, none))
    v128.store(asked + n, uToo, 16)
    asksToo = f64x2.add(asksToo, uToo)
    weighs = f64x2.add(weighs, f64x2.add(w, wToo))
  }
  const all = both(f64x2.add(asks, asksToo))
  let at: f64 = Infinity
  if (all > room) {
    const guess = guessOf(asked, weight, bytes, room / all, sample, sampleWeight)
    at = levelOf(asked, weight, bytes, room, both(weighs), guess)
  } else if (all === Infinity) return NaN
  store<f64>(load, write(at, asked, weight, bytes, amount, level, bottleneck, shortIn))
  return at
}

/** What each has at this level, which was where it stood or else that of the link; returns the sum. */
function write(
  at: f64,
  asked: usize,
  weight: usize,
  bytes: usize,
  amount: usize,
  level: usize,
  bottleneck: usize,
  shortIn: usize,
): f64 {
  const height = f64x2.splat(at)
  const enough = f64x2.splat(ENOUGH)
  const none = f64x2.splat(0)
  const nothing = f64x2.splat(NaN)
  let carries = none
  let carriesToo = none
  for (let n: usize = 0; n < bytes; n += TURN) {
    const u = v128.load(asked + n)
    const w = v128.load(weight + n)
    const takes = f64x2.gt(u, none)
    const due = f64x2.mul(w, height)
    const stops = v128.and(takes, f64x2.gt(u, due))
    const x = v128.bitselect(due, u, stops)
    v128.store(amount + n, x)
    v128.store(level + n, v128.bitselect(v128.bitselect(height, f64x2.div(u, w), stops), nothing, takes))
    carries = f64x2.add(carries, x)

    const uToo = v128.load(asked + n, 16)
    const wToo = v128.load(weight + n, 16)
    const takesToo = f64x2.gt(uToo, none)
    const dueToo = f64x2.mul(wToo, height)
    const stopsToo = v128.and(takesToo, f64x2.gt(uToo, dueToo))
    const xToo = v128.bitselect(dueToo, uToo, stopsToo)
    v128.store(amount + n, xToo, 16)
    v128.store(
      level + n,
      v128.bitselect(v128.bitselect(height, f64x2.div(uToo, wToo), stopsToo), nothing, takesToo),
      16,
    )
    carriesToo = f64x2.add(carriesToo, xToo)

    // Link 0 where it stopped a flow, -1 elsewhere.
    v128.store(bottleneck + (n >> 1), v128.not(v128.shuffle<i32>(stops, stopsToo, 0, 2, 4, 6)))
    // Band 0 where that leaves it short.
    const isShort = f64x2.lt(x, f64x2.mul(u, enough))
    const isShortToo = f64x2.lt(xToo, f64x2.mul(uToo, enough))
    v128.store(shortIn + (n >> 1), v128.not(v128.shuffle<i32>(isShort, isShortToo, 0, 2, 4, 6)))
  }
  return both(f64x2.add(carries, carriesToo))
}
