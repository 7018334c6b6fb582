// What limits a flow: what stopped it in the first band in which it got less than it may claim there.
//
// That is a link, or a ceiling (a virtual link), that is full in that band and on which nobody who took in that band
// has a higher level: the bottleneck condition of the certificate, put to one flow. Often several are: three upstreams
// that share by capacity fill as one. All are named, in front the one that filled first, which is the solver's
// bottleneck; of several that filled at one level, any. A link without room fills when somebody first wants some of it,
// at level 0 of that band, even if that somebody is stopped elsewhere as well.
//
// The promise of an envelope that is kept limits nobody: its members had of it all that they may claim, and go on in
// later bands. Headroom limits nobody either: nobody asked for it.

import { linksOf, type Solved } from './problem.js'

/** As in the certificate: of a level, and of a link's room. */
const SAME = 1e-9
const ROUNDING = 2 ** -40

/** One band of a solved problem, link by link. */
interface Fullness {
  /** 1: what is held after the band leaves no room. */
  readonly isFull: Uint8Array
  /** The highest level on it of those who took in the band; 0: nobody did. */
  readonly highest: Float64Array
}

/**
 * The causes of one solved problem, which must stay as it is. What a band needs is found when it is first asked about.
 */
export class Causes {
  private readonly problem: Solved
  private readonly bands: (Fullness | undefined)[] = []

  constructor(problem: Solved) {
    this.problem = problem
  }

  /**
   * Links that keep flow i from what it may claim, the one that filled first in front; empty where none does. `band`:
   * the one that is asked about, if not the first in which it is short.
   */
  of(i: number, band = this.problem.shortIn[i]!): number[] {
    const p = this.problem
    const first = band < 0 ? -1 : p.bottleneck[band * p.shape.flows + i]!
    if (first < 0) return []
    const { isFull, highest } = this.fullnessIn(band)
    const level = p.level[band * p.shape.flows + i]!
    const found = new Set([first])
    for (const l of linksOf(p, i)) if (isFull[l] === 1 && level >= highest[l]! * (1 - SAME)) found.add(l)
    return [...found]
  }

  private fullnessIn(band: number): Fullness {
    this.bands[band] ??= fullnessOf(this.problem, band)
    return this.bands[band]
  }
}

/** O(non-zeros x bands). */
function fullnessOf(p: Solved, band: number): Fullness {
  const { flows, links } = p.shape
  const { amount, level: levels, pathStart, pathLink, pathFraction } = p
  const load = new Float64Array(links)
  const highest = new Float64Array(links)
  for (let i = 0; i < flows; i++) {
    const level = levels[band * flows + i]!
    let held = 0
    for (let b = 0; b <= band; b++) held += amount[b * flows + i]!
    for (let e = pathStart[i]!; e < pathStart[i + 1]!; e++) {
      const l = pathLink[e]!
      const fraction = pathFraction[e]!
      if (!(fraction > 0)) continue
      load[l]! += fraction * held
      if (level > highest[l]!) highest[l] = level
    }
  }
  const isFull = Uint8Array.from(load, (has, l) => (p.linkRoom[l]! - has <= ROUNDING * p.linkRoom[l]! ? 1 : 0))
  return { isFull, highest }
}
