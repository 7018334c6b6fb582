// What holds at a time, as a pure function of (policy, register, time). The register is what people have put in force
// for a while: overrides, modes, the state of links. A boundary (08:00, the end of an override) is no event that
// could be missed while a store or a leader was away: whoever asks later finds what holds then.
//
// Layers, each over the one before: the document, its schedules, modes, overrides. Inside a layer the narrower change
// outranks the wider one (region, category, tier, institution), then the later id outranks the earlier.

import type { Conditions } from '../../model/network.js'
import type { LaidBy } from '../../model/plan.js'
import type { UnixMilliseconds } from '../../model/units.js'
import { type LocalTime, localTime } from '../document/calendar.js'
import type { PolicyDocument, PolicyInstitution, PolicySchedule } from '../document/document.js'
import { SUBJECTS, type Subject, subscribes, WEEKDAYS } from '../document/members.js'
import type { Patch } from '../document/prepared.js'
import { factorNow, type LinkState } from './link-state.js'

/** A change in force for a while, with the person who answers for it. */
export interface Override {
  readonly id: string
  readonly patch: Patch
  readonly from: UnixMilliseconds
  readonly until: UnixMilliseconds
  readonly reason: string
  readonly reference: string | null
  /** Who answers for it; the author where nobody else is named. */
  readonly owner: string
  readonly author: string
  readonly at: UnixMilliseconds
}

/** A mode of the document that somebody has switched on. */
export interface ModeSwitch {
  readonly mode: string
  readonly from: UnixMilliseconds
  readonly until: UnixMilliseconds
  readonly reason: string
  readonly author: string
}

export interface Freeze {
  readonly since: UnixMilliseconds
  readonly reason: string
  readonly author: string
}

/** All that is in force beside the document. */
export interface InForce {
  readonly overrides: readonly Override[]
  readonly modes: readonly ModeSwitch[]
  readonly links: readonly LinkState[]
  /** While frozen, schedules stand as they stood when it began. */
  readonly freeze: Freeze | null
}

export const NOTHING_IN_FORCE: InForce = { overrides: [], modes: [], links: [], freeze: null }

/** As much of that as is laid over the document. */
interface Laying extends Pick<InForce, 'modes' | 'freeze'> {
  readonly overrides: readonly Pick<Override, 'id' | 'patch' | 'from' | 'until'>[]
}

/** One source of changes that holds now. */
export interface Holding {
  readonly kind: LaidBy['kind']
  readonly id: string
  readonly patches: readonly Patch[]
}

export interface PolicyAt {
  readonly document: PolicyDocument
  readonly conditions: Conditions
  readonly holdings: readonly Holding[]
}

/** The policy that holds at the time. Total: a change that names what the document no longer has does nothing. */
export function policyAt(document: PolicyDocument, inForce: InForce, at: UnixMilliseconds): PolicyAt {
  const holdings = holdingsAt(document, inForce, at)
  return { document: patched(document, holdings), conditions: conditionsAt(holdings, inForce, at), holdings }
}

/** What holds at the time, in the order in which it is laid over the document. */
export function holdingsAt(document: PolicyDocument, inForce: Laying, at: UnixMilliseconds): Holding[] {
  const { overrides, modes, freeze } = inForce
  const schedules = Object.entries(document.schedules)
  const time = schedules.length === 0 ? null : localTime(freeze?.since ?? at, document.plane.timezone)
  const holds = ({ from, until }: { from: UnixMilliseconds; until: UnixMilliseconds }) => from <= at && at < until
  return [
    ...schedules
      .filter(([, schedule]) => time !== null && scheduleHolds(document, schedule, time))
      .map(([id, { patches }]) => ({ kind: 'schedule' as const, id, patches }))
      .sort(byId),
    ...modes
      .filter(holds)
      .flatMap(({ mode: id }) => {
        const mode = document.modes[id]
        return mode === undefined ? [] : [{ kind: 'mode' as const, id, patches: mode.patches }]
      })
      .sort(byId),
    ...overrides
      .filter(holds)
      .map(({ id, patch }) => ({ kind: 'override' as const, id, patches: [patch] }))
      .sort(byId),
  ]
}

/** What is wrong with the network: the word of monitoring, and what holdings take from links. The least counts. */
export function conditionsAt(
  holdings: readonly Holding[],
  { links }: Pick<InForce, 'links'>,
  at: UnixMilliseconds,
): Conditions {
  const factors = new Map<string, number>()
  const take = (link: string, factor: number): void => {
    if (factor < 1) factors.set(link, Math.min(factor, factors.get(link) ?? 1))
  }
  for (const state of links) take(state.link, factorNow(state, at))
  for (const { patches } of holdings) {
    for (const { on, factor } of patches) if (on.link !== undefined && factor !== undefined) take(on.link, factor)
  }
  return Object.fromEntries(factors)
}

/** Changes in the order in which they are laid over the document, each with what it comes from. */
function inOrder(holdings: readonly Holding[]): { readonly patch: Patch; readonly from: Holding }[] {
  const layers = (['schedule', 'mode', 'override'] as const).map((kind) =>
    holdings
      .filter((holding) => holding.kind === kind)
      .flatMap((from) => from.patches.map((patch) => ({ patch, from }))),
  )
  return layers.flatMap((layer) => SUBJECTS.flatMap((subject) => layer.filter(({ patch }) => subject in patch.on)))
}

/**
 * What was laid over the policy of an institution: by `institution/service` the schedule, mode or override that was the
 * last to say the ceiling or the tier.
 */
export function laidOver(document: PolicyDocument, holdings: readonly Holding[]): ReadonlyMap<string, LaidBy> {
  const by = new Map<string, LaidBy>()
  for (const { patch, from } of inOrder(holdings)) {
    for (const id of membersOf(document, patch.on)) {
      const isServed = patch.tier !== undefined && serves(document, patch.tier, document.institutions[id]!)
      for (const service of isServed ? Object.keys(document.services) : Object.keys(patch.ceilings ?? {})) {
        by.set(`${id}/${service}`, { kind: from.kind, id: from.id })
      }
    }
  }
  return by
}

/** Lays what holds over the document; the same object where nothing does. */
export function patched(document: PolicyDocument, holdings: readonly Holding[]): PolicyDocument {
  const changes = inOrder(holdings).map(({ patch }) => patch)
  if (changes.every(({ on }) => on.link !== undefined)) return document
  const institutions = { ...document.institutions }
  const envelopes = { ...document.envelopes }
  for (const { on, tier, ceilings } of changes) {
    const envelope = on.envelope === undefined ? undefined : envelopes[on.envelope]
    if (envelope !== undefined) {
      envelopes[on.envelope!] = { ...envelope, ceilings: { ...envelope.ceilings, ...ceilings } }
      continue
    }
    for (const id of membersOf(document, on)) {
      const before = institutions[id]!
      const after = { ...before }
      if (tier !== undefined && serves(document, tier, before)) after.tier = tier
      if (ceilings !== undefined) after.ceilings = { ...before.ceilings, ...ceilings }
      institutions[id] = after
    }
  }
  return { ...document, institutions, envelopes }
}

/** Institutions that a change concerns, told by what the document says of them. */
export function membersOf({ institutions }: Pick<PolicyDocument, 'institutions'>, on: Patch['on']): string[] {
  if (on.institution !== undefined) return on.institution in institutions ? [on.institution] : []
  const [field] = Object.keys(on) as Subject[]
  if (field !== 'region' && field !== 'category' && field !== 'tier') return []
  return Object.keys(institutions).filter((id) => institutions[id]![field] === on[field])
}

/** Whether the tier has bandwidth for every service that the institution takes. */
export function serves(
  { tiers, services }: Pick<PolicyDocument, 'tiers' | 'services'>,
  tier: string,
  institution: PolicyInstitution,
): boolean {
  const offered = tiers[tier]?.services
  if (offered === undefined) return false
  return Object.entries(services).every(([id, service]) => !subscribes(institution, service) || id in offered)
}

export function scheduleHolds(document: PolicyDocument, schedule: PolicySchedule, time: LocalTime): boolean {
  const { days, from, until, only, except } = schedule
  const overnight = until <= from
  const inHours = overnight ? time.clock >= from || time.clock < until : time.clock >= from && time.clock < until
  if (!inHours) return false
  // After midnight the hours still belong to the day they began on.
  const day = overnight && time.clock < until ? time.yesterday : time
  const listed = (calendar: string): boolean => isListed(document, calendar, day.date)
  return (
    days.includes(WEEKDAYS[day.weekday]!) && (only === null || listed(only)) && (except === null || !listed(except))
  )
}

/** Whether the date (2026-12-09) is one of the calendar's days. */
export function isListed({ calendars }: PolicyDocument, calendar: string, date: string): boolean {
  return calendars[calendar]?.days.some(({ from, until }) => from <= date && date <= until) ?? false
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1)
