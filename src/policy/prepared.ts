// What a policy prepares for other times: changes that can be put in force for a while (by a schedule, a mode, or an
// override), when schedules hold, who must agree to which change of the policy (guards), and what must stay true
// whatever is changed (tests).
//
// A prepared change touches few fields, on purpose: another tier, other ceilings, or a link with less capacity. What
// else a person may want to change is a revision.

import { z } from 'zod'
import { DIRECTIONS, LINK_KINDS } from '../model/network.js'
import { MAX_TEXT_LENGTH } from '../runtime/limits.js'
import { id, rate, ratePair, someLabels, text } from './scalars.js'

/** From the widest to the narrowest: where two changes set one field, the narrower one holds. */
export const SUBJECTS = ['region', 'category', 'tier', 'institution', 'envelope', 'link'] as const
export type Subject = (typeof SUBJECTS)[number]

const subject = z.partialRecord(z.enum(SUBJECTS), id).check(({ value, issues }) => {
  const named = Object.keys(value).length
  if (named !== 1)
    issues.push({ code: 'custom', input: value, message: `expected one of ${SUBJECTS.join(', ')}; found ${named}` })
})

/** One change that holds for a while. `on` says whom it concerns. */
export const patch = z
  .strictObject({
    on: subject,
    /** Of institutions: another tier. */
    tier: id.optional(),
    /** Of institutions or an envelope: other ceilings, by service. */
    ceilings: z.record(id, ratePair).optional(),
    /** Of a link, directed link or shared-risk group: what is left of its capacity; 0 is a cut. */
    factor: z.number().min(0).lt(1).optional(),
  })
  .check(({ value, issues }) => {
    const { on, tier, ceilings, factor } = value
    const wrong = (message: string): void => void issues.push({ code: 'custom', input: value, message })
    if ('link' in on) {
      if (factor === undefined || tier !== undefined || ceilings !== undefined) wrong('a link takes `factor` alone')
    } else if (factor !== undefined) wrong('only a link takes `factor`')
    else if ('envelope' in on && (tier !== undefined || ceilings === undefined)) wrong('an envelope takes `ceilings`')
    else if (tier === undefined && ceilings === undefined) wrong('expected `tier` or `ceilings`')
  })
export type Patch = z.output<typeof patch>

const patches = z.array(patch).min(1).max(64)

/** A prepared set of changes that one word switches on: written and approved by day, used by night. */
export const mode = z.strictObject({
  name: text,
  labels: someLabels,
  patches,
  /** Longest it stays on without being switched again, minutes. */
  atMost: z
    .int()
    .min(1)
    .max(7 * 24 * 60)
    .default(24 * 60),
})

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/
const clock = z.string().regex(CLOCK, 'expected a time of day such as "07:30"')
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]

const date = z.iso.date('expected a date such as 2026-12-09')

/** Days with a name: holidays, the weeks of national examinations. Both ends included. */
export const calendar = z.strictObject({
  name: text,
  labels: someLabels,
  days: z.array(z.strictObject({ from: date, until: date })).max(366),
})

/** Hours of the week, in the plane's time zone. `until` at or before `from` lies in the next day. */
export const schedule = z.strictObject({
  name: text,
  labels: someLabels,
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .default([...WEEKDAYS]),
  from: clock,
  until: clock,
  /** Only on days of this calendar. */
  only: id.nullable().default(null),
  /** Not on days of this calendar. */
  except: id.nullable().default(null),
  patches,
})

const weekTime = z.string().regex(/^(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):[0-5]\d$/, 'such as "fri 14:00"')

/** Which changes need a second person. All conditions that are named must hold; none named: every change. */
export const guard = z.strictObject({
  name: text,
  labels: someLabels,
  /** Beginnings of JSON pointers: /tiers, /institutions/state-house. */
  touches: z.array(z.string().startsWith('/').max(200)).max(64).optional(),
  /** More institutions than this lose in one of the four demands. */
  losers: z.int().min(0).optional(),
  /** A promise breaks that held before. */
  promiseBroken: z.literal(true).optional(),
  /** Hours of the week, in the plane's time zone, over the end of the week too. */
  hours: z.strictObject({ from: weekTime, until: weekTime }).optional(),
  /** Days of this calendar. */
  during: id.optional(),
})

/** A failure as a test names it. `anyOne`: each link of these kinds alone, one after the other. */
const during = z.strictObject({
  cut: z.array(id).max(64).default([]),
  derate: z.record(id, z.number().gt(0).lt(1)).default({}),
  anyOne: z.array(z.enum(LINK_KINDS)).max(LINK_KINDS.length).default([]),
})

/** What must stay true. It speaks of need, under a demand that is stated: the verdict depends on the policy alone. */
export const policyTest = z
  .strictObject({
    name: text.optional(),
    expect: z.strictObject({
      institution: id.optional(),
      category: id.optional(),
      tier: id.optional(),
      region: id.optional(),
      service: id.optional(),
      direction: z.enum(DIRECTIONS).optional(),
      /** `lifeline`: the first band is kept whole. `guarantee`: all guarantee bands are. */
      keeps: z.enum(['lifeline', 'guarantee']).optional(),
    }),
    /** Least need of each flow that is meant, or what the flow asks for where that is less. */
    atLeast: rate.optional(),
    during: during.prefault({}),
    demand: z.enum(['ceiling', 'busy-hour']).default('ceiling'),
    /** Why it is written; shown when it fails. */
    because: z.string().trim().max(MAX_TEXT_LENGTH).optional(),
  })
  .check(({ value, issues }) => {
    if ((value.atLeast === undefined) === (value.expect.keeps === undefined))
      issues.push({ code: 'custom', input: value, message: 'expected either `atLeast` or `expect.keeps`' })
  })
