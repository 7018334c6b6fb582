// How an institution that several edges serve is divided among them: phi, one part per edge, summing to 1.
//
// phi follows recent demand, at least 5 % each, and moves at most 10 points a tick, so that a promise is never torn
// away from an edge faster than the other edge can take it up. A silent edge keeps its part: what it enforces cannot
// be changed, and the rest is shared on what remains. Differences below 2 points are left alone (stillness).

export const PHI_LEAST = 0.05
export const PHI_STEP = 0.1
const PHI_STILL = 0.02

/**
 * Moves `phi` in place towards `recent` (bit/s, one number per edge). `pinned[k]` keeps its part.
 * Keeps: sum of phi, each part >= PHI_LEAST unless it already was below, no part moves by more than PHI_STEP.
 */
export function moveSplit(phi: Float64Array, recent: ArrayLike<number>, pinned: ArrayLike<boolean | number>): void {
  let room = 0
  let free = 0
  let asked = 0
  for (let k = 0; k < phi.length; k++) {
    if (pinned[k]) continue
    room += phi[k]!
    free++
    asked += Math.max(0, recent[k]!)
  }
  if (free < 2 || !(asked >= 1)) return // below 1 bit/s nobody asks
  const least = Math.min(PHI_LEAST, room / free)
  const spare = room - least * free
  let largest = 0
  for (let k = 0; k < phi.length; k++) {
    if (!pinned[k]) largest = Math.max(largest, Math.abs(least + (spare * Math.max(0, recent[k]!)) / asked - phi[k]!))
  }
  if (largest <= PHI_STILL) return
  // One common factor keeps the sum: moving all parts the same fraction of their way cannot change it.
  const fraction = Math.min(1, PHI_STEP / largest)
  for (let k = 0; k < phi.length; k++) {
    if (!pinned[k]) phi[k]! += fraction * (least + (spare * Math.max(0, recent[k]!)) / asked - phi[k]!)
  }
}
