// A family is one service and direction of an institution that several edges serve. Each edge's flow gets the tier's
// bandwidth function in miniature: sizes, share weights and the totals at which weights end, all times its part phi.
//
// A guarantee's weight multiplies its size and so stays. In the first band a size never falls below the least
// lifeline, or a small part at an edge could not even ask for more.

import { MIN_LIFELINE } from './units.js'

/** Columns of the segments as the tier states them, before any phi; bit/s, weights, bit/s (Infinity: no end). */
export interface WholeSegments {
  readonly size: Float64Array
  readonly weight: Float64Array
  readonly upTo: Float64Array
}

/** The same columns where the solver reads them. */
export interface ScaledSegments {
  readonly segmentSize: Float64Array
  readonly segmentWeight: Float64Array
  readonly segmentUpTo: Float64Array
  readonly segmentBand: Uint8Array
  /** By band; 0 is a guarantee. */
  readonly bandKind: Uint8Array
}

/** Writes segments `from` to `to` (excluded) of one flow for its part phi, 0 to 1. */
export function scaleSegments(into: ScaledSegments, whole: WholeSegments, from: number, to: number, phi: number): void {
  for (let s = from; s < to; s++) {
    const band = into.segmentBand[s]!
    const guarantee = into.bandKind[band] === 0
    const size = whole.size[s]! * phi
    into.segmentSize[s] = guarantee && band === 0 ? Math.max(size, Math.min(MIN_LIFELINE, whole.size[s]!)) : size
    into.segmentWeight[s] = guarantee ? whole.weight[s]! : whole.weight[s]! * phi
    // Nothing at all of what has no end still has none.
    into.segmentUpTo[s] = whole.upTo[s] === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : whole.upTo[s]! * phi
  }
}
