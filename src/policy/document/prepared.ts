// What a policy prepares for other times: changes that can be put in force for a while (by a schedule, a mode, or an
// override), when schedules hold, who must agree to which change of the policy (guards), and what must stay true
// whatever is changed (tests).
//
// A prepared change touches few fields, on purpose: another tier, other ceilings, or a link with less capacity. What
// else a person may want to change is a revision.

import { DIRECTIONS, LINK_KINDS } from '../../model/network.js'
import { MAX_TEXT_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { SUBJECTS, WEEKDAYS } from './members.js'
import { id, rate, ratePair, someLabels, text } from './scalars.js'

const subject = z.partialRecord(z.enum(SUBJECTS), id).check(({ value, issues }) => {
  const named = Object.keys(value).length
  if (named !== 1)
    issues.push({ code: 'custom', input: value, message: `expected one of ${SUBJECTS.join(', ')}; found ${named}` })
})

/** One change that holds for a while. `on` says whom it concerns. */
export const patch = z
  .strictObject({
    on: subject.describe('Whom it concerns: one of region, category, tier, institution, envelope, link, with an id'),
    tier: id.optional().describe('Of institutions: another tier'),
    ceilings: z.record(id, ratePair).optional().describe('Of institutions or an envelope: other ceilings, by service'),
    factor: z
      .number()
      .min(0)
      .lt(1)
      .optional()
      .describe('Of a link, directed link or shared-risk group: what is left of its capacity; 0 is a cut'),
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
  .meta({
    id: 'PolicyPatch',
    description: 'A change that holds for a while: another tier, other ceilings, or less of a link',
  })
export type Patch = z.output<typeof patch>

const patches = z
  .array(patch)
  .min(1)
  .max(64)
  .describe('What changes. Where two touch one field, the narrower subject wins: region, category, tier, institution')

/** A prepared set of changes that one word switches on: written and approved by day, used by night. */
export const mode = z
  .strictObject({
    name: text,
    labels: someLabels,
    patches,
    atMost: z
      .int()
      .min(1)
      .max(7 * 24 * 60)
      .default(24 * 60)
      .describe('Minutes that it stays on without being switched again, at most'),
  })
  .meta({ id: 'PolicyMode', description: 'Changes written and approved by day, switched on by one word at night' })

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/
export const clock = z.string().regex(CLOCK, 'expected a time of day such as "07:30"')

export const date = z.iso.date('expected a date such as 2026-12-09')

const days = z.strictObject({
  from: date.describe('The first day, such as 2026-12-09'),
  until: date.describe('The last day, included'),
})

/** Days with a name: holidays, the weeks of national examinations. Both ends included. */
export const calendar = z
  .strictObject({ name: text, labels: someLabels, days: z.array(days).max(366).describe('Stretches of days') })
  .meta({ id: 'PolicyCalendar', description: 'Days with a name: holidays, the weeks of national examinations' })

/** Hours of the week, in the plane's time zone. `until` at or before `from` lies in the next day. */
export const schedule = z
  .strictObject({
    name: text,
    labels: someLabels,
    days: z
      .array(z.enum(WEEKDAYS))
      .min(1)
      .default([...WEEKDAYS])
      .describe('Days of the week on which it begins'),
    from: clock.describe("Time of day at which it begins, in the plane's time zone, such as 07:30"),
    until: clock.describe('Time of day at which it ends; at or before `from`: on the next day'),
    only: id.nullable().default(null).describe('Only on days of this calendar; null: on any'),
    except: id.nullable().default(null).describe('Not on days of this calendar; null: on any'),
    patches,
  })
  .meta({ id: 'PolicySchedule', description: 'Changes that hold at hours of the week by themselves' })

const weekTime = z.string().regex(/^(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):[0-5]\d$/, 'such as "fri 14:00"')
const hours = z.strictObject({
  from: weekTime.describe('Such as "fri 14:00"'),
  until: weekTime.describe('Such as "mon 07:00"'),
})

/** Which changes need a second person. All conditions that are named must hold; none named: every change. */
export const guard = z
  .strictObject({
    name: text,
    labels: someLabels,
    touches: z
      .array(z.string().startsWith('/').max(200))
      .max(64)
      .optional()
      .describe('The change touches one of these: beginnings of JSON pointers, /tiers or /institutions/state-house'),
    losers: z
      .int()
      .min(0)
      .optional()
      .describe('More institutions than this lose, in one of the four demands of a preview'),
    promiseBroken: z.literal(true).optional().describe('A promise breaks that held before'),
    hours: hours
      .optional()
      .describe("It is made in these hours of the week, in the plane's time zone; over its end too"),
    during: id.optional().describe('It is made on a day of this calendar'),
  })
  .meta({
    id: 'PolicyGuard',
    description: 'Changes that need a second person. All conditions that are named must hold; none named: every change',
  })

/** A failure as a test names it. */
const during = z.strictObject({
  cut: z.array(id).max(64).default([]).describe('What is cut: links, directed links or groups'),
  derate: z.record(id, z.number().gt(0).lt(1)).default({}).describe('What is left of a capacity, by link or group'),
  anyOne: z
    .array(z.enum(LINK_KINDS))
    .max(LINK_KINDS.length)
    .default([])
    .describe('Each link of these kinds alone, one after the other'),
})

const expectation = z.strictObject({
  institution: id.optional().describe('Only this institution'),
  category: id.optional().describe('Only this category'),
  tier: id.optional().describe('Only this tier'),
  region: id.optional().describe('Only this region'),
  service: id.optional().describe('Only this service'),
  direction: z.enum(DIRECTIONS).optional().describe('Only this direction'),
  keeps: z
    .enum(['lifeline', 'guarantee'])
    .optional()
    .describe('lifeline: the first band is kept whole; guarantee: all guarantee bands are'),
})

/** What must stay true. It speaks of need, under a demand that is stated: the verdict depends on the policy alone. */
export const policyTest = z
  .strictObject({
    name: text.optional(),
    expect: expectation.describe('Whom it speaks of, and what they keep. Says either `keeps` or, beside it, `atLeast`'),
    atLeast: rate.optional().describe('Least need of each flow that is meant, or what it asks for where that is less'),
    during: during.prefault({}).describe('The failure under which it holds; nothing: the whole network'),
    demand: z
      .enum(['ceiling', 'busy-hour'])
      .default('ceiling')
      .describe('ceiling: everyone asks for all they may; busy-hour: what a busy office hour asks'),
    because: z.string().trim().max(MAX_TEXT_LENGTH).optional().describe('Why it is written; shown when it fails'),
  })
  .check(({ value, issues }) => {
    if ((value.atLeast === undefined) === (value.expect.keeps === undefined))
      issues.push({ code: 'custom', input: value, message: 'expected either `atLeast` or `expect.keeps`' })
  })
  .meta({ id: 'PolicyTest', description: 'What must stay true: a change under which it begins to fail is refused' })
