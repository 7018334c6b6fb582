// Sums over the flows on links. See ../../paths-by-link.ts and ../../path-groups.ts, which lay these columns out.

import { f64at, setF64, u16at, u32at } from './memory.js'
import { flows } from './participants.js'

/** Flows in a tile, as a power of two. */
export const TILE_BITS: u32 = 16

export let links: u32 = 0
export let tiles: u32 = 0

// All crossings, piece by piece; links in the order in which they are summed.
export let crossingStart: usize = 0
export let crossingParts: usize = 0
export let crossingFlow: usize = 0
export let crossingFraction: usize = 0
export let crossingLinks: usize = 0

// Those of flows in no path group, where there are groups.
export let otherStart: usize = 0
export let otherParts: usize = 0
export let otherFlow: usize = 0
export let otherFraction: usize = 0
export let otherLinks: usize = 0

export let pathGroupCount: usize = 0
export let pathGroupStart: usize = 0
export let pathGroupFlow: usize = 0
export let pathGroupSum: usize = 0
export let pathGroupLinkStart: usize = 0
export let pathGroupOnLink: usize = 0
export let pathGroupFraction: usize = 0

// Paths flow by flow: entries routeStart[i] .. routeStart[i + 1] - 1; an entry that carries nothing names no link.
export let routeStart: usize = 0
export let routeLink: usize = 0

function gather(
  start: usize,
  parts: usize,
  flow: usize,
  fraction: usize,
  x: usize,
  link: usize,
  count: u32,
  out: usize,
): void {
  for (let tile: u32 = 0; tile < tiles; tile++) {
    const own = x + ((<usize>tile) << (TILE_BITS + 3))
    for (let k: u32 = 0; k < count; k++) {
      const l = u32at(link, k)
      const piece = tile * links + l
      const whole = u32at(parts, piece)
      const end = u32at(start, piece + 1)
      let e = u32at(start, piece)
      let a: f64 = 0
      let b: f64 = 0
      let c: f64 = 0
      let d: f64 = 0
      for (; e + 3 < whole; e += 4) {
        a += f64at(own, u16at(flow, e))
        b += f64at(own, u16at(flow, e + 1))
        c += f64at(own, u16at(flow, e + 2))
        d += f64at(own, u16at(flow, e + 3))
      }
      for (; e < whole; e++) a += f64at(own, u16at(flow, e))
      for (; e + 1 < end; e += 2) {
        b += f64at(fraction, e) * f64at(own, u16at(flow, e))
        c += f64at(fraction, e + 1) * f64at(own, u16at(flow, e + 1))
      }
      if (e < end) d += f64at(fraction, e) * f64at(own, u16at(flow, e))
      setF64(out, l, (tile === 0 ? 0 : f64at(out, l)) + (a + b + (c + d)))
    }
  }
}

/** out[l] = sum over all flows of a_li x_i, for `count` links. */
export function sum(x: usize, link: usize, count: u32, out: usize): void {
  gather(crossingStart, crossingParts, crossingFlow, crossingFraction, x, link, count, out)
}

/** The same for all links, by path groups. */
export function loadLinks(x: usize, out: usize): void {
  const groups = u32at(pathGroupCount, 0)
  if (groups === 0) {
    sum(x, crossingLinks, links, out)
    return
  }
  gather(otherStart, otherParts, otherFlow, otherFraction, x, otherLinks, links, out)
  for (let t: u32 = 0; t < groups; t++) {
    let a: f64 = 0
    let b: f64 = 0
    let m = u32at(pathGroupStart, t)
    const end = u32at(pathGroupStart, t + 1)
    for (; m + 1 < end; m += 2) {
      a += f64at(x, u32at(pathGroupFlow, m))
      b += f64at(x, u32at(pathGroupFlow, m + 1))
    }
    if (m < end) a += f64at(x, u32at(pathGroupFlow, m))
    setF64(pathGroupSum, t, a + b)
  }
  for (let l: u32 = 0; l < links; l++) {
    let a = f64at(out, l)
    const end = u32at(pathGroupLinkStart, l + 1)
    for (let e = u32at(pathGroupLinkStart, l); e < end; e++)
      a += f64at(pathGroupFraction, e) * f64at(pathGroupSum, u32at(pathGroupOnLink, e))
    setF64(out, l, a)
  }
}

// Which links matter (../../contention.ts).

/** Whether all that `bound` is above `last`, over all flows, is less than the slack. */
export function covers(bound: usize, last: usize, slack: usize): bool {
  const none = f64x2.splat(0)
  const end = (<usize>(flows & ~1)) << 3
  let more = none
  for (let n: usize = 0; n < end; n += 16) {
    more = f64x2.add(more, f64x2.pmax(none, f64x2.sub(v128.load(bound + n), v128.load(last + n))))
  }
  const rest = (flows & 1) !== 0 ? f64at(bound, flows - 1) - f64at(last, flows - 1) : 0
  const all = f64x2.extract_lane(more, 0) + f64x2.extract_lane(more, 1) + (rest > 0 ? rest : 0)
  return all < f64at(slack, 0)
}

export function isEqual(a: usize, b: usize, count: u32): bool {
  const end = (<usize>(count & ~1)) << 3
  let isSame = v128.not(i64x2.splat(0))
  for (let n: usize = 0; n < end; n += 16) isSame = v128.and(isSame, f64x2.eq(v128.load(a + n), v128.load(b + n)))
  const isLast = (count & 1) === 0 || f64at(a, count - 1) === f64at(b, count - 1)
  return isLast && v128.all_true<i64>(isSame)
}
