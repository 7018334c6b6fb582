// Shapes of a change of the policy: what would become of it, who loses and gains, which tests fail.

import { DIRECTIONS } from '../../model/network.js'
import { type Impact, type Impacts, type Preview, SLOTS_AN_HOUR } from '../../model/preview.js'
import type { PolicyOutcome } from '../../model/revision.js'
import { MAX_ID_LENGTH, MAX_TEXT_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { GATED } from '../app.js'
import { utc } from '../views.js'
import { busyHourInWords } from './busy-hour-text.js'

export const idText = z.string().min(1).max(MAX_ID_LENGTH)
export const sentence = z.string().trim().min(1).max(MAX_TEXT_LENGTH)
export const time = z.iso.datetime()
const rate = z.number().nonnegative().describe('bit/s')
const count = z.int().nonnegative()
const who = { institution: z.string(), service: z.string(), direction: z.enum(DIRECTIONS) }

const shift = z.strictObject({
  ...{ ...who, before: rate, after: rate },
  keptBefore: rate.describe('What is kept of its promise'),
  keptAfter: rate,
})
const sum = z.strictObject({ before: rate, after: rate, keptBefore: rate, keptAfter: rate }).nullable()
const institutionShifts = z.array(z.strictObject({ institution: z.string(), down: sum, up: sum }))
const impact = z
  .strictObject({
    failure: z.string().nullable().describe('The failure that is supposed'),
    gainers: z.array(shift).describe('Flow by flow, the largest change first, 1,000 at most; `institutions` has all'),
    losers: z.array(shift).describe('Likewise'),
    guaranteesBroken: z.array(z.strictObject({ ...who, guarantee: rate, before: rate, after: rate })),
    links: z.array(z.strictObject({ id: z.string(), usable: rate, before: rate, after: rate, full: z.boolean() })),
    institutions: z
      .strictObject({ gainers: institutionShifts, losers: institutionShifts, guaranteesBroken: z.array(z.string()) })
      .describe('Everybody, each once: the sum of what changes for it, the largest change first'),
    totals: z.strictObject({ gainers: count, losers: count, guaranteesBroken: count }).describe('Institutions'),
  })
  .meta({ id: 'Impact' })

const testFailure = z
  .strictObject({
    test: z.string(),
    ...who,
    expected: rate,
    found: rate,
    flows: count,
    failure: z.string().nullable(),
    bottleneck: z.string().nullable(),
    because: z.string().nullable(),
  })
  .meta({ id: 'TestFailure' })

export const previewShape = {
  impact: z.strictObject({
    now: impact.nullable(),
    busyHour: impact,
    allAtCeiling: impact,
    worstFailure: impact,
  }),
  busyHourSource: z.enum(['model', 'recorded', 'imported']).describe('As busyHour.source; stays for those who read it'),
  busyHour: z
    .strictObject({
      source: z
        .enum(['model', 'recorded', 'imported'])
        .describe('imported: the model, held to what was imported of links and sites'),
      from: time
        .nullable()
        .describe('Beginning of the recorded hour; null: the model, until a working day is recorded'),
      slots: count.nullable().describe('Of its twelve five minutes those that are recorded'),
      of: count,
      text: z.strictObject({ en: z.string(), sw: z.string() }),
    })
    .meta({ id: 'BusyHourBasis' }),
  tests: z.strictObject({ passed: count, failed: z.array(testFailure), stillFailing: z.array(testFailure) }),
  solveMs: z.number(),
}

/** Nothing is changed, and nobody asked to agree. */
export const whatIfShape = z.strictObject(previewShape).meta({ id: 'WhatIf' })

export const outcomeShape = z
  .strictObject({
    revision: count.describe('The number it has, or would have'),
    hash: z.string(),
    base: count,
    dryRun: z.boolean(),
    warnings: z.array(z.string()),
    needsApproval: z.boolean(),
    guards: z.array(z.string()),
    confirmBy: time.nullable().describe('Undone at this time unless it is confirmed'),
    ...z.strictObject(previewShape).partial().shape,
  })
  .meta({ id: 'PolicyOutcome' })

/** Fit for the trail, of a change and of a proposal: what a revision says is found by its hash. */
export const TOLD_OF_CHANGE = [
  ...['subject', 'reason', 'reference', 'revision', 'hash', 'base', 'needsApproval', 'guards', 'confirmBy'],
  ...['id', 'state', 'author', 'approvedBy', 'effectiveAt', 'changes.pointer'],
]

/** What switching something in the register may answer. */
export const ACT_PROBLEMS = [
  ...GATED,
  ...(['NOT_FOUND', 'POLICY_INVALID', 'READ_ONLY', 'STORE_UNAVAILABLE', 'OUTCOME_UNKNOWN'] as const),
  ...(['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const),
]

/** What a change did or would do. A policy without tests warns. */
export function outcomeView(outcome: PolicyOutcome, dryRun: boolean): z.infer<typeof outcomeShape> {
  const { revision, hash, base, warnings, preview, guards = [], confirmBy = null } = outcome
  return {
    ...{ revision, hash, base, dryRun },
    warnings: [...warnings, ...(preview === undefined ? [] : untested(preview))],
    needsApproval: guards.length > 0,
    guards: [...guards],
    confirmBy: confirmBy === null ? null : utc(confirmBy),
    ...(preview === undefined ? {} : previewView(preview)),
  }
}

function untested({ tests: { passed, failed, stillFailing } }: Preview): string[] {
  return passed + failed.length + stillFailing.length === 0 ? ['this policy has no tests: nothing guards it'] : []
}

export function previewView({ impact, tests, busyHour, solveMs }: Preview) {
  const { source, from, slots } = busyHour
  return {
    impact: impactsView(impact),
    busyHourSource: source,
    busyHour: {
      ...{ source, from: from === null ? null : utc(from), slots, of: SLOTS_AN_HOUR },
      text: busyHourInWords(busyHour),
    },
    tests: { passed: tests.passed, failed: [...tests.failed], stillFailing: [...tests.stillFailing] },
    solveMs,
  }
}

const impactsView = ({ now, busyHour, allAtCeiling, worstFailure }: Impacts) => ({
  now: now === null ? null : impactView(now),
  busyHour: impactView(busyHour),
  allAtCeiling: impactView(allAtCeiling),
  worstFailure: impactView(worstFailure),
})

const impactView = ({ gainers, losers, guaranteesBroken, links, institutions, ...rest }: Impact) => ({
  ...rest,
  institutions: {
    gainers: [...institutions.gainers],
    losers: [...institutions.losers],
    guaranteesBroken: [...institutions.guaranteesBroken],
  },
  gainers: [...gainers],
  losers: [...losers],
  guaranteesBroken: [...guaranteesBroken],
  links: [...links],
})
