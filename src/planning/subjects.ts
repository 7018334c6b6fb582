// Who asks, as the load model sees it. A change of promises is no change of habits: what a flow asks for is measured by
// what it was promised when the habits were formed, and by whom it belonged to then.

import type { LoadSubject } from '../model/load.js'
import type { Plan, PlanFlow } from '../model/plan.js'

/**
 * Flows as the load model sees them. A family's load is split over its edges as its guarantee is. Category and sizes
 * are those of the same institution, service and direction in `habits`, where it has them.
 */
export function loadSubjects(plan: Plan, habits: Plan = plan): LoadSubject[] {
  const categories = ({ institutions }: Plan) => institutions.map(({ id, category }) => [id, category] as const)
  const category = new Map([...categories(plan), ...categories(habits)])
  const nameOf = (flow: PlanFlow): string => `${flow.institution}/${flow.service}/${flow.direction}`
  const usual = habits === plan ? null : new Map(habits.flows.map((flow) => [nameOf(flow), flow]))
  return plan.flows.map((flow, i) => {
    const family = plan.families[flow.family]
    const { guarantee, ceiling } = usual?.get(nameOf(flow)) ?? flow
    return {
      institution: flow.institution,
      category: category.get(flow.institution) ?? flow.kind,
      service: flow.service,
      direction: flow.direction,
      guarantee,
      ceiling,
      scale: family === undefined ? 1 : family.phi[family.flows.indexOf(i)]!,
    }
  })
}
