// The cause of every shortage, by its definition and from the amounts alone: for networks too large for the oracle.
//
// It reads what was asked and what was given, and none of what the solver says of it: no level, bottleneck or band.
// Plain loops over all flows and links, without envelopes.

import { BAND_KIND, type Problem } from '../../src/solve/problem.js'

export interface Shortage {
  readonly band: number
  /** Links that are full in that band, and on which nobody who took in it has a higher level. */
  readonly links: ReadonlySet<number>
}

interface Claim {
  readonly cap: number
  readonly pieces: readonly { readonly weight: number; readonly upTo: number }[]
}

/** By flow; null: it has all that it may claim of its tier. */
export function shortagesOf(p: Problem): (Shortage | null)[] {
  const { flows, links, bands } = p.shape
  const held = new Float64Array(flows)
  const found: (Shortage | null)[] = new Array(flows).fill(null)
  for (let band = 0; band < bands && p.bandKind[band] !== BAND_KIND.headroom; band++) {
    const level = new Float64Array(flows)
    const short: number[] = []
    for (let i = 0; i < flows; i++) {
      const claim = claimOf(p, i, band, held[i]!)
      const got = p.amount[band * flows + i]!
      if (claim === null) continue
      level[i] = levelAt(claim, held[i]!, got)
      if (got < claim.cap * (1 - 1e-9) - 2 ** -40 * held[i]!) short.push(i)
    }
    for (let i = 0; i < flows; i++) held[i]! += p.amount[band * flows + i]!
    const load = new Float64Array(links)
    const highest = new Float64Array(links)
    for (let i = 0; i < flows; i++) {
      for (const [l, part] of pathOf(p, i)) {
        load[l]! += part * held[i]!
        highest[l] = Math.max(highest[l]!, level[i]!)
      }
    }
    const isFull = (l: number): boolean => p.linkRoom[l]! - load[l]! <= 2 ** -40 * p.linkRoom[l]!
    for (const i of short) {
      const full = pathOf(p, i).filter(([l]) => isFull(l) && level[i]! >= highest[l]! * (1 - 1e-9))
      found[i] ??= { band, links: new Set(full.map(([l]) => l)) }
    }
  }
  return found
}

function claimOf(p: Problem, i: number, band: number, held: number): Claim | null {
  const asked = Math.min(p.demand[i]!, p.ceiling[i]!) - held
  const pieces: { weight: number; upTo: number }[] = []
  let cap = asked
  for (let s = p.segmentStart[i]!; s < p.segmentStart[i + 1]!; s++) {
    if (p.segmentBand[s] !== band) continue
    if (p.bandKind[band] === BAND_KIND.share) pieces.push({ weight: p.segmentWeight[s]!, upTo: p.segmentUpTo[s]! })
    else {
      cap = Math.min(p.segmentSize[s]!, asked)
      pieces.push({ weight: p.segmentSize[s]! * p.segmentWeight[s]!, upTo: Number.POSITIVE_INFINITY })
    }
  }
  return pieces.length > 0 && cap > 2 ** -40 * held ? { cap, pieces } : null
}

/** Where the flow's own stepped function reaches what it got. */
function levelAt({ pieces }: Claim, held: number, got: number): number {
  let level = 0
  let at = 0
  for (const { weight, upTo } of pieces) {
    const end = Math.min(got, upTo - held)
    if (end > at) {
      level += (end - at) / weight
      at = end
    }
  }
  return level
}

function pathOf(p: Problem, i: number): [link: number, part: number][] {
  const path: [number, number][] = []
  for (let e = p.pathStart[i]!; e < p.pathStart[i + 1]!; e++) {
    if (p.pathFraction[e]! > 0) path.push([p.pathLink[e]!, p.pathFraction[e]!])
  }
  return path
}
