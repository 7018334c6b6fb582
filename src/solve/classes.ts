// A flow's rate, split over its traffic classes: the rule of the bands on one link whose room is the rate.
//
//   1. guarantees: up to min(guarantee, demand), in proportion to the guarantees when they do not fit
//   2. weights: up to the demand of each class
//   3. what nobody asks for: by weight, without a limit, so that the parts add up to the rate, exactly
//
// The parts are whole kbit/s: floors, then 1 kbit/s each to the largest fractions, the first class first.

/** More classes than a packet mark can tell apart; the plane's limit is far below. */
const MOST_CLASSES = 64
// Scratch of one call, never read across calls: splitting thousands of flows each tick must not allocate.
const cap = new Float64Array(MOST_CLASSES)
const held = new Float64Array(MOST_CLASSES)

/**
 * Splits `kbps` over out.length classes; all figures kbit/s but the weights, which are positive. A demand may be
 * Infinity. Throws RangeError for more than 64 classes, or for none to give a positive rate to.
 */
export function splitClasses(
  kbps: number,
  guaranteeKbps: ArrayLike<number>,
  weight: ArrayLike<number>,
  demandKbps: ArrayLike<number>,
  out: Uint32Array,
): void {
  const n = out.length
  if (n > MOST_CLASSES || (n === 0 && kbps > 0)) throw new RangeError(`cannot split a rate over ${n} classes`)
  held.fill(0, 0, n)
  for (let c = 0; c < n; c++) cap[c] = Math.min(guaranteeKbps[c]!, demandKbps[c]!)
  let left = pour(kbps, guaranteeKbps, n)
  for (let c = 0; c < n; c++) cap[c] = Math.max(0, demandKbps[c]! - held[c]!)
  left = pour(left, weight, n)
  cap.fill(Number.POSITIVE_INFINITY, 0, n)
  pour(left, weight, n)
  wholes(kbps, out)
}

/** Fills `held` from `room` by weight up to `cap`; returns what is left. The slow loop is right for a few classes. */
function pour(room: number, weight: ArrayLike<number>, n: number): number {
  let left = room
  for (;;) {
    let sum = 0
    for (let c = 0; c < n; c++) if (cap[c]! > 0) sum += weight[c]!
    if (!(left > 0) || !(sum > 0)) return Math.max(0, left)
    const level = left / sum
    let reached = false
    for (let c = 0; c < n; c++) {
      const u = cap[c]!
      if (!(u > 0) || u > level * weight[c]!) continue
      held[c]! += u
      left -= u
      cap[c] = 0
      reached = true
    }
    if (reached) continue
    for (let c = 0; c < n; c++) if (cap[c]! > 0) held[c]! += level * weight[c]!
    return 0
  }
}

function wholes(kbps: number, out: Uint32Array): void {
  const n = out.length
  let left = kbps
  for (let c = 0; c < n; c++) {
    // 2.9999999 was 3 before float arithmetic.
    out[c] = Math.min(left, Math.floor(held[c]! + 1e-9))
    left -= out[c]!
    held[c]! -= out[c]!
  }
  for (; left > 0; left--) {
    let best = 0
    for (let c = 1; c < n; c++) if (held[c]! > held[best]!) best = c
    out[best]!++
    held[best]! -= 1
  }
}
