// The profile of an edge: all it must know to shape but the rates, drawn from the plan. Its hash is its version, so two
// plans that say the same of an edge make the same bytes, and an unchanged profile is not sent again while
// the store is known to have it.

import type { EdgeProfile, ProfileInstitution, ProfilePromise } from '../model/lease.js'
import type { Enforcement } from '../model/network.js'
import type { Plan, PlanEdge, PlanFlow } from '../model/plan.js'
import type { Promised } from '../model/reason.js'
import type { BitsPerSecond, UnixMilliseconds } from '../model/units.js'
import { MAX_RATE } from '../runtime/limits.js'
import { atOnce, type InPieces } from '../runtime/pieces.js'
import { encodeProfile, inFormat1, type ProfileBytes } from '../wire/profile.js'

/** A profile in format 2, and in format 1 for an edge of an older release, made when the first one asks. */
export interface BothFormats extends ProfileBytes {
  /** What it was made from. */
  readonly source: string
  readonly first: ProfileBytes
}

export type Profiles = ReadonlyMap<string, BothFormats>

/** A switched enforcement that ends by itself, and what the policy says, which follows. */
export interface SwitchEnd {
  readonly until: UnixMilliseconds
  readonly after: Enforcement
}

/** By edge; `ends`: of what is switched. */
export const profilesOf = (...about: Parameters<typeof makeProfiles>): Profiles => atOnce(makeProfiles(...about))

/** Edges whose profiles are made in a piece. */
const MADE = 4

/**
 * The same, in pieces.
 * @param before of these, those that say the same are taken again
 */
export function* makeProfiles(
  plan: Plan,
  ends: ReadonlyMap<string, SwitchEnd> = new Map(),
  before?: Profiles,
): InPieces<Profiles> {
  const profiles = new Map<string, BothFormats>()
  for (const [at, edge] of plan.edges.entries()) {
    if (at % MADE === 0) yield
    profiles.set(edge.id, inBothFormats(profileOf(plan, edge, ends.get(edge.id)), before?.get(edge.id)))
  }
  return profiles
}

function inBothFormats(profile: EdgeProfile, before: BothFormats | undefined): BothFormats {
  const source = JSON.stringify(profile)
  if (before?.source === source) return before
  let first: ProfileBytes | undefined
  return {
    ...encodeProfile(profile),
    source,
    get first() {
      first ??= encodeProfile(inFormat1(profile))
      return first
    },
  }
}

/** The profile of one edge of the plan. */
export function profileOf(plan: Plan, edge: PlanEdge, end?: SwitchEnd): EdgeProfile {
  return {
    format: 2,
    plane: plan.plane,
    edge: edge.id,
    enforcement: edge.enforcement,
    until: end?.until ?? null,
    after: end?.after ?? null,
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
  const promised = promisesOf(plan, edge)
  return plan.institutions
    .filter((institution) => here.has(institution.id))
    .map(({ index, id, name }) => ({ index, id, name, sites: here.get(id)!, promised: promised.get(index) ?? [] }))
}

/** By institution: the whole of it where several edges serve it, for parts move with demand. */
function promisesOf({ flows }: Plan, edge: PlanEdge): Map<number, ProfilePromise[]> {
  const promised = new Map<number, ProfilePromise[]>()
  for (const f of edge.flows) {
    const { institution, service, direction } = flows[f]!.record
    const one = { service, direction, ...promisedOf(flows[f]!) }
    promised.set(institution, [...(promised.get(institution) ?? []), one])
  }
  return promised
}

/** As edges are told it. */
export const promisedOf = ({ guarantee, ceiling }: Pick<PlanFlow, 'guarantee' | 'ceiling'>): Promised => ({
  guarantee: wholeRate(guarantee),
  ceiling: wholeRate(ceiling),
})

const wholeRate = (rate: BitsPerSecond): BitsPerSecond => Math.min(MAX_RATE, Math.round(rate))
