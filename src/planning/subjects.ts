// Who asks, as the load model sees it. A change of promises is no change of habits: what a flow asks for is measured by
// what it was promised when the habits were formed, and by whom it belonged to then.

import type { LoadSubject } from '../model/load.js'
import type { Plan, PlanFlow } from '../model/plan.js'

/**
 * Flows as the load model sees them. A family's load is split over its edges as its guarantee is. Category and sizes
 * are those of the same institution, service and direction in `habits`, where it has them.
 */
export function loadSubjects(plan: Plan, habits: Plan = plan): LoadSubject[] {
  const subjectOf = subjectsOf(plan, habits)
  return plan.flows.map((_, i) => subjectOf(i))
}

/** The same, flow by flow. */
export function subjectsOf(plan: Plan, habits: Plan): (flow: number) => LoadSubject {
  const [present, usual] = [categoriesOf(plan), categoriesOf(habits)]
  let byName: ReadonlyMap<string, PlanFlow> | undefined
  const usualOf = (flow: PlanFlow, i: number): PlanFlow => {
    if (habits === plan) return flow
    // Most flows stand where they stood.
    const there = habits.flows[i]
    if (there?.id === flow.id) return there
    byName ??= new Map(habits.flows.map((one) => [nameOf(one), one]))
    return byName.get(nameOf(flow)) ?? flow
  }
  return (i) => {
    const flow = plan.flows[i]!
    const { institution, service, direction, kind } = flow
    const { guarantee, ceiling } = usualOf(flow, i)
    const family = plan.families[flow.family]
    return {
      institution,
      category: usual.get(institution) ?? present.get(institution) ?? kind,
      service,
      direction,
      guarantee,
      ceiling,
      scale: family === undefined ? 1 : family.phi[family.flows.indexOf(i)]!,
    }
  }
}

const nameOf = (flow: PlanFlow): string => `${flow.institution}/${flow.service}/${flow.direction}`

const categories = new WeakMap<Plan['institutions'], ReadonlyMap<string, string>>()

function categoriesOf({ institutions }: Plan): ReadonlyMap<string, string> {
  const known = categories.get(institutions) ?? new Map(institutions.map(({ id, category }) => [id, category]))
  categories.set(institutions, known)
  return known
}
