// What the main thread tells the thread of the simulated edges of the network, and how that is read. A plan comes with
// every rollback and every link that is cut, and most of it is as it was: parts cross as texts, which are soon compared
// and copied, and only where they have changed.

import type { Network } from './demo-links.js'

type Paths = Network['problems'][0]

interface Parts extends Omit<Network['plan'], 'flowIndex'> {
  /** By link, the part of its capacity that may be handed out. */
  readonly usable: Readonly<Record<string, number>>
}

export interface NetworkNews {
  /** JSON, by name; what is not there is as it was. */
  readonly parts: Readonly<Partial<Record<keyof Parts, string>>>
  readonly paths: Paths
}

/** @param told texts of before, by name; they are brought up to date */
export function networkNews(
  { plan, problems: [path] }: Network,
  usableOf: (link: string) => number,
  told: Map<string, string>,
): NetworkNews {
  const parts: Parts = {
    flows: plan.flows.map(({ id, direction, record, guarantee, ceiling, family }) => {
      return { id, direction, record, guarantee, ceiling, family }
    }),
    families: plan.families.map(({ phi, flows }) => ({ phi, flows })),
    links: plan.links.map(({ link, virtual, kind, capacity, room }) => ({ link, virtual, kind, capacity, room })),
    institutions: plan.institutions.map(({ id, category, edges }) => ({ id, category, edges })),
    edges: plan.edges.map(({ id, flows }) => ({ id, flows })),
    usable: Object.fromEntries(plan.links.map(({ link }) => [link, usableOf(link)])),
  }
  const texts = Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)] as const)
  const changed = texts.filter(([name, text]) => told.get(name) !== text)
  for (const [name, text] of changed) told.set(name, text)
  const { pathStart, pathLink, pathFraction } = path
  return {
    parts: Object.fromEntries(changed),
    paths: { pathStart: pathStart.slice(), pathLink: pathLink.slice(), pathFraction: pathFraction.slice() },
  }
}

export interface ToldNetwork extends Network {
  readonly usable: Parts['usable']
}

/** @param before null: the first news, which has all parts */
export function networkOf({ parts, paths }: NetworkNews, before: ToldNetwork | null): ToldNetwork {
  const read = Object.entries(parts).map(([name, text]) => [name, JSON.parse(text) as unknown])
  // They are what the other end has written.
  const { usable, ...plan } = { ...before?.plan, usable: before?.usable, ...Object.fromEntries(read) } as Parts
  const flowIndex = parts.flows === undefined ? before?.plan.flowIndex : undefined
  return {
    plan: { ...plan, flowIndex: flowIndex ?? new Map(plan.flows.map(({ id }, f) => [id, f])) },
    problems: [paths],
    usable,
  }
}
