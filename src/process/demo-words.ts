// What the main thread tells the thread of the simulated edges of the network, and how that is read: what they need of
// the plan, the ways of its flows, and how much of each link may be handed out.

import { atOnce } from '../runtime/pieces.js'
import type { Network } from './demo-links.js'
import { type PlanNews, planNews, planOf } from './plan-news.js'

type Paths = Network['problems'][0]

/** What main keeps of what it has told: of the plan in force nothing beside it. */
export interface Told {
  readonly plan: Network['plan']
  /** By link, the part of its capacity that may be handed out. */
  readonly usable: Readonly<Record<string, number>>
}

export interface NetworkNews {
  readonly plan: PlanNews<ToldPlan>
  readonly paths: Paths
}

type ToldPlan = Network['plan'] & Pick<Told, 'usable'>

/** The network as the thread knows it. */
export interface ToldNetwork extends Network {
  readonly usable: Told['usable']
}

export const toldOf = (plan: Network['plan'], usableOf: (link: string) => number): Told => ({
  plan,
  usable: Object.fromEntries(plan.links.map(({ link }) => [link, usableOf(link)])),
})

/** Of a plan of tens of thousands of flows no more than the thread looks at. */
function planTold({ plan: { flowIndex, families, links, ...plan }, usable }: Told): ToldPlan {
  const flows = plan.flows.map(({ id, direction, record, guarantee, ceiling, family }) => ({
    ...{ id, direction, record, guarantee, ceiling, family },
  }))
  const institutions = plan.institutions.map(({ id, category, edges }) => ({ id, category, edges }))
  const edges = plan.edges.map(({ id, flows }) => ({ id, flows }))
  return { flows, flowIndex, families, links, institutions, edges, usable }
}

/** @param before null: it knows none yet */
export function networkNews(told: Told, { problems: [path] }: Network, before: Told | null): NetworkNews {
  const { pathStart, pathLink, pathFraction } = path
  return {
    plan: atOnce(planNews(planTold(told), before && planTold(before))),
    paths: { pathStart: pathStart.slice(), pathLink: pathLink.slice(), pathFraction: pathFraction.slice() },
  }
}

/** @param before the network that the news were made against */
export function networkOf({ plan, paths }: NetworkNews, before: ToldNetwork | null): ToldNetwork {
  const { usable, ...rest } = planOf(plan, before && { ...before.plan, usable: before.usable })
  return { plan: rest, problems: [paths], usable }
}
