// Admission: do the promises that are made on a link fit it while nothing is broken? A plane may promise more (bands
// say who suffers first), so this warns and never refuses; but whoever signs the policy has seen the sum. And when
// something is broken: on which links do they not fit any more, and how much is missing?

import type { PromiseShortfall } from '../../model/plan.js'
import { formatRate } from '../../model/units.js'
import type { FlowColumns, FlowList } from './flows.js'
import type { Paths } from './paths.js'

/** Up to the rounding of sums. */
const fits = (sum: number, room: number): boolean => sum <= room * (1 + 1e-9)

/** Guarantees by real link over these paths, bit/s, in the order of their link table. */
export function promisesOn(
  { promised, local }: Pick<FlowColumns, 'promised' | 'local'>,
  { table, routes }: Paths,
): Float64Array {
  const promises = new Float64Array(table.links.length)
  for (let i = 0; i < promised.length; i++) {
    for (const { link, fraction } of routes[i]!) promises[link]! += promised[i]! * fraction
    for (const { link, fraction } of local[i]!) promises[link]! += promised[i]! * fraction
  }
  return promises
}

/**
 * Links on which promises do not fit because of these conditions: those that have less than they were built for, and
 * those that carry what others have lost. A promise crosses the links of its present route; one that has no route is
 * missing on each link of its intact route that is down, unless another edge of the institution can still take it.
 */
export function shortfallsUnder(
  { columns, families }: Pick<FlowList, 'columns' | 'families'>,
  intact: Paths,
  now: Paths,
): PromiseShortfall[] {
  if (now.table.links.every(({ state }) => state === 'up')) return []
  const before = promisesOn(columns, intact)
  const promises = promisesOn(columns, now)
  for (const i of now.unreachable) {
    if (families[columns.planned[i]!.family]?.flows.some((other) => !now.unreachable.has(other))) continue
    for (const { link, fraction } of intact.routes[i]!)
      if (now.table.links[link]!.state === 'down') promises[link]! += columns.promised[i]! * fraction
  }
  return now.table.links.flatMap(({ room, state }, link) => {
    const promised = promises[link]!
    // What did not fit in the intact network is what the policy says, and its author was warned.
    const isNews = state !== 'up' || fits(before[link]!, room)
    return isNews && !fits(promised, room) ? [{ link, promised }] : []
  })
}

/** One sentence for each link whose promises exceed its room, and one for each flow that nothing reaches. */
export function admissionWarnings(columns: FlowColumns, intact: Paths): string[] {
  const promises = promisesOn(columns, intact)
  const short = intact.table.links.flatMap(({ id, room }, link) => {
    const sum = promises[link]!
    if (fits(sum, room)) return []
    return [`link ${id}: guarantees add up to ${formatRate(sum)}, its room is ${formatRate(room)}`]
  })
  const lost = [...intact.unreachable].map((i) => `flow ${columns.planned[i]!.id}: no path in the intact network`)
  return [...short, ...lost]
}
