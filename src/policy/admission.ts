// Admission: do the promises that are made on a link fit it while nothing is broken? A plane may promise more (bands
// say who suffers first), so this warns and never refuses; but whoever signs the policy has seen the sum.

import { formatRate } from '../model/units.js'
import type { FlowDraft } from './flows.js'
import type { Paths } from './paths.js'

/** Guarantees by real link of the intact network, bit/s, in the order of its link table. */
export function promisesOn(flows: readonly FlowDraft[], { table, routes }: Paths): Float64Array {
  const promises = new Float64Array(table.links.length)
  flows.forEach(({ plan, phi, local }, i) => {
    for (const route of [routes[i]!, local]) {
      for (const { link, fraction } of route) promises[link]! += plan.guarantee * phi * fraction
    }
  })
  return promises
}

/** One sentence for each link whose promises exceed its room, and one for each flow that nothing reaches. */
export function admissionWarnings(flows: readonly FlowDraft[], intact: Paths): string[] {
  const promises = promisesOn(flows, intact)
  const short = intact.table.links.flatMap(({ id, room }, link) => {
    const sum = promises[link]!
    if (sum <= room * (1 + 1e-9)) return []
    return [`link ${id}: guarantees add up to ${formatRate(sum)}, its room is ${formatRate(room)}`]
  })
  const lost = [...intact.unreachable].map((i) => `flow ${flows[i]!.plan.id}: no path in the intact network`)
  return [...short, ...lost]
}
