// The profile of an edge: all it must know to shape but the rates, drawn from the plan. Its hash is its version, so two
// plans that say the same of an edge make the same bytes, and an unchanged profile is never sent again.

import type { EdgeProfile, ProfileInstitution } from '../model/lease.js'
import type { Plan, PlanEdge } from '../model/plan.js'
import type { UnixMilliseconds } from '../model/units.js'
import { encodeProfile } from '../wire/profile.js'

/** By edge; `until`: when a switched enforcement ends by itself. */
export const profilesOf = (plan: Plan, until: ReadonlyMap<string, UnixMilliseconds | null> = new Map()) =>
  new Map(plan.edges.map((edge) => [edge.id, encodeProfile(profileOf(plan, edge, until.get(edge.id) ?? null))]))

/** The profile of one edge of the plan; `until` is when a bypass or hold ends by itself. */
export function profileOf(plan: Plan, edge: PlanEdge, until: UnixMilliseconds | null): EdgeProfile {
  return {
    format: 1,
    plane: plan.plane,
    edge: edge.id,
    enforcement: edge.enforcement,
    until,
    pace: edge.pace,
    line: edge.line,
    tick: plan.timing.tick,
    lease: plan.timing.lease,
    staleAfterTicks: plan.timing.staleAfterTicks,
    bootRate: plan.bootRate,
    port: edge.port,
    institutions: institutionsOf(plan, edge),
    services: plan.services.map(({ index, id, prefixes }) => ({ index, id, prefixes })),
    classes: plan.classes.map(({ index, id, dscp, weight, guarantee }) => ({ index, id, dscp, weight, guarantee })),
  }
}

function institutionsOf(plan: Plan, edge: PlanEdge): ProfileInstitution[] {
  const here = new Map<string, ProfileInstitution['sites'][number][]>()
  for (const site of edge.sites) {
    const { id, prefixes, vlan, access } = site
    here.set(site.institution, [...(here.get(site.institution) ?? []), { id, prefixes, vlan, access }])
  }
  return plan.institutions
    .filter((institution) => here.has(institution.id))
    .map(({ index, id, name }) => ({ index, id, name, sites: here.get(id)! }))
}
