// Reads a problem file: the whole input of one solve as JSON, for people, tests and failing examples.
//
// Bytes are measured before they are parsed (a hostile file must cost less than a good one), then the shape is
// checked by schema, then what the parts say about each other. Every fault is collected, each with its JSON
// pointer; a file is either right as a whole or refused as a whole.

import { z } from 'zod'
import { parseRate } from '../model/units.js'
import { type Fault, invalid } from '../runtime/errors.js'
import {
  MAX_BANDS,
  MAX_ENVELOPES,
  MAX_FLOWS,
  MAX_LINKS,
  MAX_PATH_LINKS,
  MAX_PROBLEM_BYTES,
  MAX_PROBLEM_DEPTH,
  MAX_PROBLEM_MARKS,
  MAX_RATE,
  MAX_SEGMENTS_PER_FLOW,
  MAX_WEIGHT,
} from '../runtime/limits.js'
import { crossCheck, shown } from './problem-check.js'

/** The smallest weight, as far below 1 as the largest is above. */
const MIN_WEIGHT = 1 / MAX_WEIGHT
/** `institution/service/direction@edge` of four ids of 63 characters. */
const MAX_FLOW_ID_LENGTH = 255

const id = z.string().min(1).max(MAX_FLOW_ID_LENGTH)

const isRate = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= MAX_RATE && !Object.is(value, -0)

const rate = z.unknown().transform((value, context): number => {
  const found = typeof value === 'string' ? parseRate(value) : value
  if (isRate(found)) return found
  context.addIssue({ code: 'custom', message: `expected a rate from 0 to ${MAX_RATE} bit/s, found ${shown(value)}` })
  return z.NEVER
})

const weight = z.number().min(MIN_WEIGHT).max(MAX_WEIGHT)

export interface PathStep {
  readonly link: string
  readonly fraction: number
}

export interface SegmentEntry {
  readonly band: string
  readonly size?: number | undefined
  /** Absent: 1. */
  readonly weight?: number | undefined
  readonly upTo?: number | undefined
}

const path: z.ZodType<(string | PathStep)[]> = z
  .array(z.union([id, z.strictObject({ link: id, fraction: z.number().min(0).max(1) })]))
  .max(MAX_PATH_LINKS)

const segments: z.ZodType<SegmentEntry[]> = z
  .array(z.strictObject({ band: id, size: rate.optional(), weight: weight.optional(), upTo: rate.optional() }))
  .max(MAX_SEGMENTS_PER_FLOW)

/**
 * Takes a value as it is when it already is what the schema would make of it, and asks the schema about all others. A
 * file of 100,000 flows has a million path steps and segments; copying each would take longer than solving them.
 */
const already = <T>(is: (value: unknown) => value is T, schema: z.ZodType<T, unknown>) =>
  z.unknown().transform((value, context): T => {
    if (is(value)) return value
    const read = schema.safeParse(value)
    if (read.success) return read.data
    for (const issue of read.error.issues)
      context.addIssue({ code: 'custom', message: issue.message, path: [...issue.path] })
    return z.NEVER
  })

const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_FLOW_ID_LENGTH

const isWeight = (value: unknown): boolean => typeof value === 'number' && value >= MIN_WEIGHT && value <= MAX_WEIGHT

function isStep(value: unknown): value is PathStep {
  if (typeof value !== 'object' || value === null) return false
  const step = value as Readonly<Record<string, unknown>>
  for (const key in step) if (key !== 'link' && key !== 'fraction') return false
  const { link, fraction } = step
  return isId(link) && typeof fraction === 'number' && fraction >= 0 && fraction <= 1
}

const isPath = (value: unknown): value is (string | PathStep)[] =>
  Array.isArray(value) && value.length <= MAX_PATH_LINKS && value.every((step) => isId(step) || isStep(step))

function isSegment(value: unknown): value is SegmentEntry {
  if (typeof value !== 'object' || value === null) return false
  const segment = value as Readonly<Record<string, unknown>>
  for (const key in segment) {
    const found = segment[key]
    if (key === 'band' ? !isId(found) : key === 'weight' ? !isWeight(found) : !isSegmentRate(key, found)) return false
  }
  return segment.band !== undefined
}

const isSegmentRate = (key: string, value: unknown): boolean => (key === 'size' || key === 'upTo') && isRate(value)

const isSegments = (value: unknown): value is SegmentEntry[] =>
  Array.isArray(value) && value.length <= MAX_SEGMENTS_PER_FLOW && value.every(isSegment)

const bandSchema = z.discriminatedUnion('kind', [
  z.strictObject({ id, kind: z.literal('guarantee') }),
  z.strictObject({ id, kind: z.literal('share') }),
  z.strictObject({ id, kind: z.literal('headroom'), fill: z.number().gt(0).max(1).default(1) }),
])

const flowSchema = z.strictObject({
  id,
  path: already(isPath, path),
  demand: rate.optional(),
  recent: rate.optional(),
  ceiling: rate.optional(),
  envelope: id.optional(),
  segments: already(isSegments, segments),
})
type Flow = z.infer<typeof flowSchema>

const IS_FIELD: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: isId,
  path: isPath,
  demand: isRate,
  recent: isRate,
  ceiling: isRate,
  envelope: isId,
  segments: isSegments,
}

function isFlow(value: unknown): value is Flow {
  if (typeof value !== 'object' || value === null) return false
  const flow = value as Readonly<Record<string, unknown>>
  for (const key in flow) if (!Object.hasOwn(IS_FIELD, key) || !IS_FIELD[key]!(flow[key])) return false
  return flow.id !== undefined && flow.path !== undefined && flow.segments !== undefined
}

const envelopeSchema = z.strictObject({
  id,
  parent: id.nullable().default(null),
  weight: weight.optional(),
  ceiling: rate.optional(),
  guarantee: z.strictObject({ band: id, size: rate }).optional(),
})

const problemSchema = z.strictObject({
  bands: z.array(bandSchema).min(1),
  links: z.array(z.strictObject({ id, capacity: rate })),
  envelopes: z.array(envelopeSchema).default([]),
  flows: z.array(already(isFlow, flowSchema)),
})

export type ProblemFile = z.infer<typeof problemSchema>
export type FlowEntry = ProblemFile['flows'][number]

/** Most entries of each list; checked before the entries are, so that a long list is one fault and not a million. */
const MOST = { bands: MAX_BANDS, links: MAX_LINKS, envelopes: MAX_ENVELOPES, flows: MAX_FLOWS } as const

/** Reads the bytes of a problem file. Throws MizaniError PROBLEM_INVALID with every fault. */
export function readProblemFile(bytes: Uint8Array): ProblemFile {
  const unsafe = measure(bytes)
  if (unsafe !== undefined) throw refuse([unsafe])
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw refuse([{ code: 'NOT_JSON', message: `expected JSON: ${(error as Error).message}`, pointer: '' }])
  }
  return checkProblem(json)
}

/** Checks a parsed problem. Throws MizaniError PROBLEM_INVALID with every fault. */
export function checkProblem(json: unknown): ProblemFile {
  const long = tooLong(json)
  if (long.length > 0) throw refuse(long)
  const parsed = problemSchema.safeParse(json)
  if (!parsed.success) {
    throw refuse(
      parsed.error.issues.map((issue) => ({ code: 'SCHEMA', message: issue.message, pointer: pointer(issue.path) })),
    )
  }
  const faults = crossCheck(parsed.data)
  if (faults.length > 0) throw refuse(faults)
  return parsed.data
}

const refuse = (faults: readonly Fault[]): Error => invalid('PROBLEM_INVALID', 'the problem file is refused', faults)

const [QUOTE, BACKSLASH, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x22, 0x5c, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d,
]

/** Where the string that begins at `at` ends. */
function endOfString(bytes: Uint8Array, at: number): number {
  let end = at + 1
  while (end < bytes.length && bytes[end] !== QUOTE) end += bytes[end] === BACKSLASH ? 2 : 1
  return end
}

/** What would make parsing dangerous: size, depth, and the number of values. One pass over the bytes. */
function measure(bytes: Uint8Array): Fault | undefined {
  if (bytes.length > MAX_PROBLEM_BYTES) {
    return { code: 'TOO_LARGE', message: `expected at most ${MAX_PROBLEM_BYTES} bytes, found ${bytes.length}` }
  }
  let depth = 0
  let marks = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === QUOTE) at = endOfString(bytes, at)
    else if (byte === COMMA) marks++
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      marks++
      if (++depth > MAX_PROBLEM_DEPTH) {
        return {
          code: 'TOO_DEEP',
          message: `expected at most ${MAX_PROBLEM_DEPTH} levels of nesting, found more at byte ${at}`,
        }
      }
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--
  }
  if (marks <= MAX_PROBLEM_MARKS) return undefined
  return { code: 'TOO_MANY', message: `expected at most ${MAX_PROBLEM_MARKS} values, found about ${marks}` }
}

function tooLong(json: unknown): Fault[] {
  if (typeof json !== 'object' || json === null) return []
  const lists = json as Readonly<Record<string, unknown>>
  return Object.entries(MOST).flatMap(([name, most]) => {
    const list = lists[name]
    if (!Array.isArray(list) || list.length <= most) return []
    return [
      { code: 'TOO_MANY', message: `expected at most ${most} ${name}, found ${list.length}`, pointer: `/${name}` },
    ]
  })
}

/** JSON pointer, RFC 6901. */
const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
