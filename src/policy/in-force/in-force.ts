// What is in force beside the policy as it is written, each thing with who put it there, why, since when and until
// when. A schedule has no record of its beginning or end: both are found on the walls' clock.

import type { CauseInForce } from '../../model/in-force.js'
import { MINUTE, type UnixMilliseconds } from '../../model/units.js'
import { localTime } from '../document/calendar.js'
import type { PolicyDocument, PolicySchedule } from '../document/document.js'
import type { Patch } from '../document/prepared.js'
import { type Holding, holdingsAt, type InForce, scheduleHolds } from './holding.js'
import { factorNow, spanNow } from './link-state.js'

const DAY_MINUTES = 1_440
/** A schedule that holds without a break for longer has no beginning or end that anybody waits for. */
const MOST_DAYS = 62
/** The policy itself, where nobody in particular is behind a thing. */
const POLICY = 'policy'

/** In the order in which they are laid over the document, then link states, then a freeze. */
export function causesInForce(document: PolicyDocument, inForce: InForce, at: UnixMilliseconds): CauseInForce[] {
  const { freeze } = inForce
  const holdings = holdingsAt(document, inForce, at).map((holding) => ofHolding(document, inForce, holding, at))
  const states = inForce.links.flatMap((state): CauseInForce[] => {
    const factor = factorNow(state, at)
    if (factor >= 1) return []
    const { link, source, reason, events } = state
    return [
      {
        ...{ kind: 'LINK_STATE', id: link, subjects: [`link ${link}`], by: source, owner: source, reason },
        ...spanNow(state, at),
        ...{ event: events.at(-1) ?? null, factors: { [link]: factor }, ceilings: [] },
      },
    ]
  })
  if (freeze === null) return [...holdings, ...states]
  const { since, author, reason } = freeze
  const frozen: CauseInForce = {
    ...{ kind: 'FREEZE', id: 'freeze', subjects: [POLICY], by: author, owner: author, reason, since },
    ...{ until: null, event: null, factors: {}, ceilings: [] },
  }
  return [...holdings, ...states, frozen]
}

const KIND = { schedule: 'SCHEDULE', mode: 'MODE', override: 'OVERRIDE' } as const

function ofHolding(
  document: PolicyDocument,
  inForce: InForce,
  { kind, id, patches }: Holding,
  at: UnixMilliseconds,
): CauseInForce {
  return {
    ...{ kind: KIND[kind], id, event: null },
    ...originOf(document, inForce, kind, id, at),
    subjects: [...new Set(patches.map(({ on }) => Object.entries(on)[0]!.join(' ')))],
    factors: factorsOf(patches),
    ceilings: patches.flatMap(({ on, ceilings = {} }) =>
      on.envelope === undefined ? [] : Object.keys(ceilings).map((service) => `${on.envelope}/${service}`),
    ),
  }
}

type Origin = Pick<CauseInForce, 'by' | 'owner' | 'reason' | 'since' | 'until'>

function originOf(
  document: PolicyDocument,
  { overrides, modes, freeze }: InForce,
  kind: Holding['kind'],
  id: string,
  at: UnixMilliseconds,
): Origin {
  if (kind === 'override') {
    const { author, owner, reason, from, until } = overrides.find((override) => override.id === id)!
    return { by: author, owner, reason, since: from, until }
  }
  if (kind === 'mode') {
    const { author, reason, from, until } = modes.find(
      ({ mode, from, until }) => mode === id && from <= at && at < until,
    )!
    return { by: author, owner: author, reason, since: from, until }
  }
  const schedule = document.schedules[id]!
  const { since, until } = scheduleSpan(document, schedule, freeze?.since ?? at)
  // While frozen it does not end by itself.
  return { by: POLICY, owner: POLICY, reason: schedule.name.en, since, until: freeze === null ? until : null }
}

/** The least word counts, as for all conditions. */
function factorsOf(patches: readonly Patch[]): Record<string, number> {
  const factors: Record<string, number> = {}
  for (const { on, factor } of patches)
    if (on.link !== undefined && factor !== undefined) factors[on.link] = Math.min(factor, factors[on.link] ?? 1)
  return factors
}

interface Span {
  readonly since: UnixMilliseconds | null
  readonly until: UnixMilliseconds | null
}

/** The last span of each schedule: asked for at many times within it, and walls' clocks are slow to read. */
const spans = new WeakMap<PolicyDocument, Map<PolicySchedule, Span>>()

/** When a schedule that holds at the time began to, and when it will not any more; null: more than two months away. */
function scheduleSpan(document: PolicyDocument, schedule: PolicySchedule, at: UnixMilliseconds): Span {
  const kept = spans.get(document) ?? new Map<PolicySchedule, Span>()
  spans.set(document, kept)
  const last = kept.get(schedule)
  if (last && last.since !== null && last.until !== null && last.since <= at && at < last.until) return last
  const span = { since: beginning(document, schedule, at), until: ending(document, schedule, at) }
  kept.set(schedule, span)
  return span
}

function beginning(document: PolicyDocument, schedule: PolicySchedule, at: UnixMilliseconds): UnixMilliseconds | null {
  const zone = document.plane.timezone
  let time = at - (at % MINUTE)
  for (let day = 0; day < MOST_DAYS; day++) {
    time -= minutesPast(time, schedule.from, zone) * MINUTE
    if (!scheduleHolds(document, schedule, localTime(time - MINUTE, zone))) return time
    time -= MINUTE
  }
  return null
}

function ending(document: PolicyDocument, schedule: PolicySchedule, at: UnixMilliseconds): UnixMilliseconds | null {
  const zone = document.plane.timezone
  let time = at - (at % MINUTE)
  for (let day = 0; day < MOST_DAYS; day++) {
    time += (DAY_MINUTES - minutesPast(time, schedule.until, zone)) * MINUTE
    if (!scheduleHolds(document, schedule, localTime(time, zone))) return time
  }
  return null
}

/** Minutes that clocks show past this time of day. */
const minutesPast = (time: UnixMilliseconds, clock: string, zone: string): number =>
  (minutesOf(localTime(time, zone).clock) - minutesOf(clock) + DAY_MINUTES) % DAY_MINUTES

function minutesOf(clock: string): number {
  const [hours = '', minutes = ''] = clock.split(':')
  return Number(hours) * 60 + Number(minutes)
}
