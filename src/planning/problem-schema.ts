// What a problem file may say, declared once: what reads it, what `mizani allocate --schema` prints and what a fault
// calls right all come from here.

import { parseRate } from '../model/units.js'
import {
  MAX_BANDS,
  MAX_ENVELOPES,
  MAX_FLOWS,
  MAX_LINKS,
  MAX_PATH_LINKS,
  MAX_PROBLEM_RATE,
  MAX_SEGMENTS_PER_FLOW,
  MAX_WEIGHT,
} from '../runtime/limits.js'
import { shown } from '../runtime/printable.js'
import * as z from '../runtime/zod.js'

/** The smallest weight, as far below 1 as the largest is above. */
const MIN_WEIGHT = 1 / MAX_WEIGHT
/** `institution/service/direction@edge` of four ids of 63 characters. */
const MAX_FLOW_ID_LENGTH = 255

const id = z.string().min(1).max(MAX_FLOW_ID_LENGTH)

const isRate = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= MAX_PROBLEM_RATE && !Object.is(value, -0)

const RATE_HINT = `a rate such as "20Mbps", or bit/s from 0 to ${MAX_PROBLEM_RATE}`
const rateHint = ({ input }: { input?: unknown }): string | undefined =>
  input === undefined ? undefined : `expected ${RATE_HINT}, found ${shown(input)}`

const rate = z
  .union([z.number().meta({ minimum: 0, maximum: MAX_PROBLEM_RATE }), z.string()], { error: rateHint })
  .transform((value, { addIssue }): number => {
    const found = typeof value === 'string' ? parseRate(value) : value
    if (isRate(found)) return found
    addIssue({ code: 'custom', message: `expected ${RATE_HINT}, found ${shown(value)}` })
    return z.NEVER
  })
  .describe('bit/s, or text with its unit: "64kbps", "20Mbps", "1.5 Gbit/s", "8Tbps"')

const weight = z.number().min(MIN_WEIGHT).max(MAX_WEIGHT)

const step = z.strictObject({
  link: id.describe('the id of a link'),
  fraction: z.number().min(0).max(1).describe('the part of the flow that crosses it'),
})
export type PathStep = z.output<typeof step>

const segment = z
  .strictObject({
    band: id.describe('the id of a band'),
    size: rate.optional().describe('of a guarantee band, and there only: what is promised'),
    weight: weight.optional().describe('1 unless stated; in a guarantee band it multiplies the size'),
    upTo: rate.optional().describe("the flow's total at which this weight ends; the last segment in a band has none"),
  })
  .describe('several segments in one share or headroom band: the weight falls in steps')
export type SegmentEntry = z.output<typeof segment>

const band = z.discriminatedUnion('kind', [
  z.strictObject({ id, kind: z.literal('guarantee') }).describe('hands out what is promised'),
  z.strictObject({ id, kind: z.literal('share') }).describe('divides by weights what earlier bands left'),
  z
    .strictObject({
      id,
      kind: z.literal('headroom'),
      fill: z.number().gt(0).max(1).default(1).describe('the part of each link that it fills'),
    })
    .describe('the last band: hands out what is free beyond what is asked'),
])

const link = z.strictObject({ id, capacity: rate }).describe('one direction of a cable, a port, a line')

const envelope = z
  .strictObject({
    id,
    parent: id.nullable().default(null).describe('the envelope around it'),
    weight: weight.optional().describe('absent: the sum of the first share weights of its members'),
    ceiling: rate.optional().describe('all its flows together have at most this'),
    guarantee: z
      .strictObject({ band: id, size: rate })
      .optional()
      .describe('in a guarantee band of which no flow has a segment'),
  })
  .describe('a group of flows that shares as one')

const flow = z.strictObject({
  id,
  path: z
    .array(z.union([id, step]))
    .max(MAX_PATH_LINKS)
    .describe(
      'the links it crosses, each by its id or with a fraction; of a link that is named twice the fractions add up',
    ),
  demand: rate.optional().describe('what it asks for; absent: all it can get'),
  recent: rate.optional().describe('what it used lately, which headroom restores first; absent: 0'),
  ceiling: rate.optional().describe('the most it may have; absent: no bound, but then a link on its path must be one'),
  envelope: id.optional().describe('the innermost envelope it belongs to'),
  segments: z.array(segment).max(MAX_SEGMENTS_PER_FLOW).describe('what it may claim, band by band'),
})
export type FlowEntry = z.output<typeof flow>

const problemSchema = z.strictObject({
  bands: z.array(band).min(1).max(MAX_BANDS).describe('in the order in which bandwidth is handed out'),
  links: z.array(link).max(MAX_LINKS),
  envelopes: z.array(envelope).max(MAX_ENVELOPES).default([]),
  flows: z.array(flow).max(MAX_FLOWS),
})
export type ProblemFile = z.output<typeof problemSchema>
/** As people write it: rates may be texts, and what has a default may be left out. */
export type ProblemInput = z.input<typeof problemSchema>

/** The lists of a problem in the order in which they are read: each refers to those before it. */
export const LISTS = {
  bands: { entry: band, most: MAX_BANDS, optional: false },
  links: { entry: link, most: MAX_LINKS, optional: false },
  envelopes: { entry: envelope, most: MAX_ENVELOPES, optional: true },
  flows: { entry: flow, most: MAX_FLOWS, optional: false },
} as const
export type ListName = keyof typeof LISTS
export const LIST_NAMES = Object.keys(LISTS) as ListName[]

/** The JSON Schema (draft 2020-12) of a problem file. What the parts must say of each other it cannot tell. */
export function problemJsonSchema(): object {
  const title = 'A problem for `mizani allocate`'
  return { title, ...z.toJSONSchema(problemSchema, { io: 'input' }) }
}

// A file has a million flows, and nearly all are already what the schema would make of them: they are taken as they
// are, and the schema is asked about all others.

const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_FLOW_ID_LENGTH

const isWeight = (value: unknown): boolean => typeof value === 'number' && value >= MIN_WEIGHT && value <= MAX_WEIGHT
const isFraction = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1
const isStep = (value: unknown): boolean => isId(value) || has(value, STEP, 'link', 'fraction')
const isSegment = (value: unknown): boolean => has(value, SEGMENT, 'band')

type Checks = Readonly<Record<string, (value: unknown) => boolean>>
const STEP: Checks = { link: isId, fraction: isFraction }
const SEGMENT: Checks = { band: isId, size: isRate, weight: isWeight, upTo: isRate }
const FLOW: Checks = {
  id: isId,
  path: (value) => Array.isArray(value) && value.length <= MAX_PATH_LINKS && value.every(isStep),
  demand: isRate,
  recent: isRate,
  ceiling: isRate,
  envelope: isId,
  segments: (value) => Array.isArray(value) && value.length <= MAX_SEGMENTS_PER_FLOW && value.every(isSegment),
}

/** An object with these keys and no others, each as it should be, and with those that must be there. */
function has(value: unknown, checks: Checks, ...needed: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Readonly<Record<string, unknown>>
  for (const key in fields) if (!Object.hasOwn(checks, key) || !checks[key]!(fields[key])) return false
  return needed.every((key) => fields[key] !== undefined)
}

/** Whether a value is a flow as the schema would make it. */
export const isFlow = (value: unknown): value is FlowEntry => has(value, FLOW, 'id', 'path', 'segments')
