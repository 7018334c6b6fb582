// What the main thread tells the thread of the simulated edges of the network, and how that is read: what they need of
// the plan, the ways of its flows, and how much of each link may be handed out.

import { atOnce } from '../runtime/pieces.js'
import type { Network } from './demo-links.js'
import { type PlanNews, planNews, planOf } from './plan-news.js'

type Paths = Network['problems'][0]
/** What of a network news are made against. */
export type Told = Network['plan'] & Pick<ToldNetwork, 'usable'>

export interface NetworkNews {
  readonly plan: PlanNews<Told>
  readonly paths: Paths
}

export interface ToldNetwork extends Network {
  /** By link, the part of its capacity that may be handed out. */
  readonly usable: Readonly<Record<string, number>>
}

/** The network as the thread is to know it: of a plan of tens of thousands of flows no more than it looks at. */
export function toldNetwork({ plan, problems: [path] }: Network, usableOf: (link: string) => number): ToldNetwork {
  const { flowIndex, families, links } = plan
  const { pathStart, pathLink, pathFraction } = path
  const flows = plan.flows.map(({ id, direction, record, guarantee, ceiling, family }) => ({
    ...{ id, direction, record, guarantee, ceiling, family },
  }))
  const institutions = plan.institutions.map(({ id, category, edges }) => ({ id, category, edges }))
  const edges = plan.edges.map(({ id, flows }) => ({ id, flows }))
  return {
    plan: { flows, flowIndex, families, links, institutions, edges },
    problems: [{ pathStart: pathStart.slice(), pathLink: pathLink.slice(), pathFraction: pathFraction.slice() }],
    usable: Object.fromEntries(links.map(({ link }) => [link, usableOf(link)])),
  }
}

/** @param before null: it knows none yet */
export const networkNews = (network: ToldNetwork, before: Told | null): NetworkNews => ({
  plan: atOnce(planNews(planTold(network), before)),
  paths: network.problems[0],
})

/** @param before the network that the news were made against */
export function networkOf({ plan, paths }: NetworkNews, before: ToldNetwork | null): ToldNetwork {
  const { usable, ...rest } = planOf(plan, before && planTold(before))
  return { plan: rest, problems: [paths], usable }
}

export const planTold = ({ plan, usable }: ToldNetwork): Told => ({ ...plan, usable })
