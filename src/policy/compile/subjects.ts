// Institutions and edges of a plan, each with the places of its flows. Most policies leave nearly all of them as they
// are: those are the very objects of the policy that was compiled before over the same flows and sites.

import type { Enforcement } from '../../model/network.js'
import type { Plan, PlanEdge, PlanFlow, PlanInstitution, PlanSite } from '../../model/plan.js'
import type { PolicyDocument, PolicyInstitution } from '../document/document.js'
import { sortedEntries } from '../document/members.js'
import type { FlowList } from './flows.js'

type PolicyEdge = PolicyDocument['edges'][string]

/** By the ids of flows. With the sites they say where the flows of each subject stand. */
const known = new WeakMap<FlowList['flowIndex'], KnownSubjects>()

interface Given {
  readonly indexes: ReadonlyMap<string, number>
  /** Switched since, by edge. */
  readonly enforcement?: ReadonlyMap<string, Enforcement>
}

export function subjectsOf(
  document: PolicyDocument,
  { indexes, enforcement }: Given,
  flowIndex: FlowList['flowIndex'],
  flows: readonly PlanFlow[],
): Pick<Plan, 'institutions' | 'edges'> {
  let subjects = known.get(flowIndex)
  if (subjects?.sites !== document.sites) subjects = new KnownSubjects(document.sites, flows)
  known.set(flowIndex, subjects)
  const { institution, edge } = subjects
  return {
    institutions: sortedEntries(document.institutions).map(([id, about]) => institution(id, about, indexes.get(id)!)),
    edges: sortedEntries(document.edges).map(([id, about]) =>
      edge(id, about, enforcement?.get(id) ?? about.enforcement),
    ),
  }
}

class KnownSubjects {
  readonly sites: PolicyDocument['sites']
  readonly #sitesOf: ReadonlyMap<string, readonly PlanSite[]>
  readonly #edgesOf = new Map<string, Set<string>>()
  readonly #flowsOf: Record<'institution' | 'edge', ReadonlyMap<string, readonly number[]>>
  readonly #institutions = new Map<string, { readonly about: PolicyInstitution; readonly is: PlanInstitution }>()
  readonly #edges = new Map<string, { readonly about: PolicyEdge; readonly is: PlanEdge }>()

  constructor(sites: PolicyDocument['sites'], flows: readonly PlanFlow[]) {
    this.sites = sites
    for (const { institution, edge } of Object.values(sites))
      this.#edgesOf.set(institution, (this.#edgesOf.get(institution) ?? new Set()).add(edge))
    this.#sitesOf = grouped(sortedEntries(sites).map(planSite), ({ edge }) => edge)
    const places = [...flows.keys()]
    this.#flowsOf = {
      institution: grouped(places, (at) => flows[at]!.institution),
      edge: grouped(places, (at) => flows[at]!.edge),
    }
  }

  readonly institution = (id: string, about: PolicyInstitution, index: number): PlanInstitution => {
    const before = this.#institutions.get(id)
    if (before?.about === about && before.is.index === index) return before.is
    const edges = [...(this.#edgesOf.get(id) ?? [])].sort()
    const is = { id, index, ...about, edges, flows: this.#flowsOf.institution.get(id) ?? [] }
    this.#institutions.set(id, { about, is })
    return is
  }

  readonly edge = (id: string, about: PolicyEdge, enforcement: Enforcement): PlanEdge => {
    const before = this.#edges.get(id)
    if (before !== undefined && before.about === about && before.is.enforcement === enforcement) return before.is
    const [sites, flows] = [this.#sitesOf.get(id) ?? [], this.#flowsOf.edge.get(id) ?? []]
    const is = { id, ...about, enforcement, sites, flows }
    this.#edges.set(id, { about, is })
    return is
  }
}

function planSite([id, site]: [string, PolicyDocument['sites'][string]]): PlanSite {
  const { institution, edge, prefixes, vlan, access, interface: port } = site
  return { id, institution, edge, prefixes, vlan, access, ...(port !== undefined && { interface: port }) }
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
