// One row for all restricted institutions, in the place of theirs: their figures in sums, by service and direction, and
// nothing that is one's own. Of causes only the code is told, that of whatever misses most.

import type { Text } from '../model/network.js'
import { RESTRICTED } from '../model/plan.js'
import type { AllocationView, FlowView, InstitutionView } from './shapes.js'
import { sumOf } from './views.js'

/** What those are called together that are not. */
export const restrictedName = (count: number): Text => ({
  en: `Restricted institutions (${count})`,
  sw: `Taasisi zenye usiri (${count})`,
})

export function institutionSum(rows: readonly InstitutionView[]): InstitutionView[] {
  const place = { category: '', region: '', tier: '', govnet: false, internet: false, envelope: null }
  const flows = kindsOf(rows.flatMap((row) => row.flows)).map(flowSum)
  return [{ id: RESTRICTED, name: restrictedName(rows.length), ...place, labels: {}, edges: [], flows }]
}

/** By service and direction. */
export function allocationSums(rows: readonly AllocationView[]): AllocationView[] {
  return kindsOf(rows).map((flows) => {
    const { belowGuarantee: _, ...sum } = flowSum(flows.map((flow) => ({ ...flow, belowGuarantee: false })))
    const { service, direction } = sum
    const safe = flows.reduce((total, flow) => total + flow.safe, 0)
    const place = { kind: 'institution' as const, institution: RESTRICTED, edge: '', tier: null, safe }
    return { id: `${RESTRICTED}/${service}/${direction}`, ...place, ...sum }
  })
}

type Kind = Pick<FlowView, 'service' | 'direction'>

function kindsOf<Flow extends Kind>(flows: readonly Flow[]): Flow[][] {
  const kinds = new Map<string, Flow[]>()
  for (const flow of flows) {
    const key = `${flow.service}/${flow.direction}`
    kinds.set(key, [...(kinds.get(key) ?? []), flow])
  }
  return [...kinds.values()]
}

function flowSum(flows: readonly FlowView[]): FlowView {
  const { service, direction } = flows[0]!
  const ceilings = flows.map(({ ceiling }) => ceiling)
  const amounts = sumOf(flows)
  return {
    ...{ service, direction },
    guarantee: flows.reduce((total, flow) => total + flow.guarantee, 0),
    ceiling: ceilings.includes(null) ? null : ceilings.reduce((total: number, ceiling) => total + (ceiling ?? 0), 0),
    ...amounts,
    belowGuarantee: flows.some((flow) => flow.belowGuarantee),
    limitedBy: { code: amounts.limitedBy.code, id: null },
  }
}
