// When a change of a scoped officer meets what else holds: overrides, modes that are on, schedules. Between two
// boundaries nothing changes, so that a few moments stand for all: each beginning and end of what is in force for a
// while, and the hours of schedules on the eight days that follow anything that alters which days they hold on. What
// holds once more is judged once.

import { DAY, MINUTE, type UnixMilliseconds } from '../../model/units.js'
import { localTime } from '../document/calendar.js'
import type { PolicyDocument } from '../document/document.js'
import type { Patch } from '../document/prepared.js'
import { type Holding, holdingsAt, type InForce, membersOf, type Override } from '../in-force/holding.js'

/** What is to be laid over institutions for a while. */
export type Laid = Pick<Override, 'patch' | 'from' | 'until'>

/** A policy with what people have put in force beside it. */
export interface Held extends Pick<InForce, 'modes'> {
  readonly document: PolicyDocument
  readonly overrides: readonly (Laid & Pick<Override, 'id'>)[]
}

export interface BudgetedChange {
  readonly before: Held
  readonly after: Held
  readonly from: UnixMilliseconds
  /** Null: it is for good. */
  readonly until: UnixMilliseconds | null
}

/** What holds at a moment, without the change and with it. */
export interface Moment {
  readonly without: readonly Holding[]
  readonly beside: readonly Holding[]
}

/** A change for good is looked at as far as calendars are drawn. */
const HORIZON = 400 * DAY
/** All days of a week, and the night into the next. */
const DAYS = 8

/** The moments that differ, the first one first. @param members institutions that the scope is about */
export function* momentsOf(
  { before, after, from, until }: BudgetedChange,
  members: ReadonlySet<string>,
): Generator<Moment> {
  const [was, is] = [concerning(before, members), concerning(after, members)]
  const spans = [was, is].flatMap(({ overrides, modes }) => [...overrides, ...modes])
  const cuts = spans.flatMap(({ from, until }) => [from, until])
  const known = new Set<string>()
  const nameOf = (holdings: readonly Holding[]): string => holdings.map(({ kind, id }) => `${kind} ${id}`).join()
  for (const at of boundaries(is.document, cuts, from, until ?? from + HORIZON)) {
    const [without, beside] = [holdingsOf(was, at), holdingsOf(is, at)]
    const name = `${nameOf(without)} ${nameOf(beside)}`
    if (!known.has(name)) yield { without, beside }
    known.add(name)
  }
}

/** Without what lays nothing over these institutions. */
function concerning({ document, overrides, modes }: Held, members: ReadonlySet<string>): Held {
  const concerns = (patches: readonly Patch[]): boolean =>
    patches.some(({ on }) => membersOf(document, on).some((id) => members.has(id)))
  const schedules = Object.entries(document.schedules).filter(([, { patches }]) => concerns(patches))
  return {
    document: { ...document, schedules: Object.fromEntries(schedules) },
    overrides: overrides.filter(({ patch }) => concerns([patch])),
    modes: modes.filter(({ mode }) => concerns(document.modes[mode]?.patches ?? [])),
  }
}

const holdingsOf = ({ document, ...inForce }: Held, at: UnixMilliseconds): readonly Holding[] =>
  holdingsAt(document, { ...inForce, freeze: null }, at)

function boundaries(
  { schedules, calendars, plane: { timezone } }: PolicyDocument,
  spans: readonly UnixMilliseconds[],
  from: UnixMilliseconds,
  until: UnixMilliseconds,
): UnixMilliseconds[] {
  const inside = (at: UnixMilliseconds): boolean => from <= at && at < until
  const known = Object.values(schedules)
  const cuts = [from, ...spans.filter(inside)]
  const named = new Set(known.flatMap(({ only, except }) => [only, except]))
  const stretches = Object.entries(calendars).flatMap(([id, { days }]) => (named.has(id) ? days : []))
  // A zone is at most 14 hours from UTC: the day before is looked at, too.
  const turns = stretches.flatMap((days) => [Date.parse(days.from), Date.parse(days.until) + DAY].map((at) => at - DAY))
  const clocks = new Set(known.flatMap((schedule) => [schedule.from, schedule.until, '00:00']))
  const near = [...cuts, ...turns.filter((at) => from - DAYS * DAY < at && at < until)]
  const days = new Set(
    known.length === 0 ? [] : near.flatMap((at) => Array.from({ length: DAYS }, (_, n) => at + n * DAY)),
  )
  const seen = new Set<string>()
  const hours: UnixMilliseconds[] = []
  for (const at of days) {
    const { date, clock } = localTime(at, timezone)
    if (seen.has(date)) continue
    seen.add(date)
    const midnight = at - (at % MINUTE) - minutesOf(clock) * MINUTE
    for (const hour of clocks) hours.push(midnight + minutesOf(hour) * MINUTE)
  }
  return [...new Set([...cuts, ...hours.filter(inside)])].sort((a, b) => a - b)
}

function minutesOf(clock: string): number {
  const [hours = '', minutes = ''] = clock.split(':')
  return Number(hours) * 60 + Number(minutes)
}
