// The profile of an edge: all it must know to shape but the rates, drawn from the plan. Its hash is its version, so two
// plans that say the same of an edge make the same bytes, and an unchanged profile is never sent again.

import type { EdgeProfile, ProfileInstitution } from '../model/lease.js'
import type { Plan, PlanEdge } from '../model/plan.js'
import type { UnixMilliseconds } from '../model/units.js'
import { atOnce, type InPieces } from '../runtime/pieces.js'
import { encodeProfile } from '../wire/profile.js'

export type Profiles = ReadonlyMap<string, ReturnType<typeof encodeProfile>>

/** By edge; `until`: when a switched enforcement ends by itself. */
export const profilesOf = (...about: Parameters<typeof makeProfiles>): Profiles => atOnce(makeProfiles(...about))

/** Edges whose profiles are made in a piece. */
const MADE = 4

/** The same, in pieces. */
export function* makeProfiles(
  plan: Plan,
  until: ReadonlyMap<string, UnixMilliseconds | null> = new Map(),
): InPieces<Profiles> {
  const profiles = new Map<string, ReturnType<typeof encodeProfile>>()
  for (const [at, edge] of plan.edges.entries()) {
    if (at % MADE === 0) yield
    profiles.set(edge.id, encodeProfile(profileOf(plan, edge, until.get(edge.id) ?? null)))
  }
  return profiles
}

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
