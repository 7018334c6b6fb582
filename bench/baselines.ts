// Two well-known ways to share one link, as they are usually written, to measure the solver against.

/** Weighted max-min by sorting: ask in the order of demand per weight, give each what its weight is due. */
export function sortedWaterFill(room: number, demand: Float64Array, weight: Float64Array): Float64Array {
  const share = new Float64Array(demand.length)
  const order = [...demand.keys()].sort((a, b) => demand[a]! / weight[a]! - demand[b]! / weight[b]!)
  let left = room
  let weights = weight.reduce((sum, w) => sum + w, 0)
  for (const i of order) {
    share[i] = Math.min(demand[i]!, (left / weights) * weight[i]!)
    left -= share[i]!
    weights -= weight[i]!
  }
  return share
}

/**
 * What a doorman-style server computes when every client refreshes once: for each client it walks all clients, in two
 * rounds of redistribution (github.com/youtube/doorman, doc/algorithms.md, FAIR_SHARE). O(n^2), and not max-min.
 */
export function fairShareRound(room: number, demand: Float64Array, weight: Float64Array): Float64Array {
  const n = demand.length
  const share = new Float64Array(n)
  for (let client = 0; client < n; client++) {
    let weights = 0
    for (let i = 0; i < n; i++) weights += weight[i]!
    const equal = room / weights
    const own = equal * weight[client]!
    if (demand[client]! <= own) {
      share[client] = demand[client]!
      continue
    }
    let extra = 0
    let wanting = 0
    for (let i = 0; i < n; i++) {
      if (demand[i]! < equal * weight[i]!) extra += equal * weight[i]! - demand[i]!
      else wanting += weight[i]!
    }
    const deserved = own + (extra / wanting) * weight[client]!
    if (demand[client]! < deserved) {
      share[client] = demand[client]!
      continue
    }
    let more = 0
    let stillWanting = 0
    for (let i = 0; i < n; i++) {
      const due = (equal + extra / wanting) * weight[i]!
      if (demand[i]! < equal * weight[i]!) continue
      if (demand[i]! < due) more += due - demand[i]!
      else stillWanting += weight[i]!
    }
    share[client] = deserved + (more / stillWanting) * weight[client]!
  }
  return share
}
