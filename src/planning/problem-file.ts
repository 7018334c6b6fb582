// Reads a problem file: the whole input of one solve as JSON, for people, tests and failing examples.
//
// Bytes are measured before they are parsed (a hostile file must cost less than a good one), then the shape is checked
// by schema, then what the parts say about each other. Every fault is collected, each with its JSON pointer; a file is
// either right as a whole or refused as a whole.

import { z } from 'zod'
import { parseRate } from '../model/units.js'
import { type Fault, invalid } from '../runtime/errors.js'
import {
  MAX_BANDS,
  MAX_ENVELOPE_DEPTH,
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

/** The smallest weight, as far below 1 as the largest is above. */
const MIN_WEIGHT = 1 / MAX_WEIGHT
/** `institution/service/direction@edge` of four ids of 63 characters. */
const MAX_FLOW_ID_LENGTH = 255

const id = z.string().min(1).max(MAX_FLOW_ID_LENGTH)

const rate = z.unknown().transform((value, context): number => {
  const found = typeof value === 'string' ? parseRate(value) : value
  if (typeof found === 'number' && found >= 0 && found <= MAX_RATE && !Object.is(found, -0)) return found
  context.addIssue({ code: 'custom', message: `expected a rate from 0 to ${MAX_RATE} bit/s, found ${shown(value)}` })
  return z.NEVER
})

const weight = z.number().min(MIN_WEIGHT).max(MAX_WEIGHT)

const bandSchema = z.discriminatedUnion('kind', [
  z.strictObject({ id, kind: z.literal('guarantee') }),
  z.strictObject({ id, kind: z.literal('share') }),
  z.strictObject({ id, kind: z.literal('headroom'), fill: z.number().gt(0).max(1).default(1) }),
])

const segmentSchema = z.strictObject({
  band: id,
  size: rate.optional(),
  weight: weight.default(1),
  upTo: rate.optional(),
})

const flowSchema = z.strictObject({
  id,
  path: z.array(z.union([id, z.strictObject({ link: id, fraction: z.number().min(0).max(1) })])).max(MAX_PATH_LINKS),
  demand: rate.optional(),
  recent: rate.optional(),
  ceiling: rate.optional(),
  envelope: id.optional(),
  segments: z.array(segmentSchema).max(MAX_SEGMENTS_PER_FLOW),
})

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
  flows: z.array(flowSchema),
})

export type ProblemFile = z.infer<typeof problemSchema>
export type FlowEntry = ProblemFile['flows'][number]
export type SegmentEntry = FlowEntry['segments'][number]

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

/** What would make parsing dangerous: size, depth, and the number of values. One pass over the bytes. */
function measure(bytes: Uint8Array): Fault | undefined {
  if (bytes.length > MAX_PROBLEM_BYTES) {
    return { code: 'TOO_LARGE', message: `expected at most ${MAX_PROBLEM_BYTES} bytes, found ${bytes.length}` }
  }
  const [QUOTE, BACKSLASH, COMMA, OPEN, CLOSE] = [0x22, 0x5c, 0x2c, [0x5b, 0x7b], [0x5d, 0x7d]] as const
  let depth = 0
  let marks = 0
  let quoted = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (quoted) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) quoted = false
    } else if (byte === QUOTE) quoted = true
    else if (byte === COMMA) marks++
    else if (byte === OPEN[0] || byte === OPEN[1]) {
      marks++
      if (++depth > MAX_PROBLEM_DEPTH) {
        return {
          code: 'TOO_DEEP',
          message: `expected at most ${MAX_PROBLEM_DEPTH} levels of nesting, found more at byte ${at}`,
        }
      }
    } else if (byte === CLOSE[0] || byte === CLOSE[1]) depth--
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

/** What the schema cannot see: names that must exist, be unique, and stand in the right place. */
function crossCheck(file: ProblemFile): Fault[] {
  const faults: Fault[] = []
  const fault = (pointer: string, code: string, message: string): void => {
    faults.push({ pointer, code, message })
  }
  const bands = numbered('bands', file.bands, fault)
  const links = numbered('links', file.links, fault)
  const envelopes = numbered('envelopes', file.envelopes, fault)
  numbered('flows', file.flows, fault)
  checkBands(file, fault)
  checkEnvelopes(file, bands, envelopes, fault)
  const roles = bandRoles(file)
  const headroom = file.bands.some(({ kind }) => kind === 'headroom')
  for (const [n, flow] of file.flows.entries()) {
    const at = `/flows/${n}`
    if (flow.envelope !== undefined && !envelopes.has(flow.envelope)) {
      fault(`${at}/envelope`, 'UNKNOWN_ENVELOPE', `there is no envelope ${shown(flow.envelope)}`)
    }
    checkPath(flow, at, links, fault)
    checkBounds(flow, at, headroom, fault)
    checkSegments(flow, at, roles, fault)
  }
  return faults
}

type Report = (pointer: string, code: string, message: string) => void
type Numbers = ReadonlyMap<string, number>

function numbered(name: string, list: readonly { readonly id: string }[], fault: Report): Numbers {
  const numbers = new Map<string, number>()
  for (const [n, entry] of list.entries()) {
    const first = numbers.get(entry.id)
    if (first === undefined) numbers.set(entry.id, n)
    else fault(`/${name}/${n}/id`, 'DUPLICATE', `${shown(entry.id)} is already the id of /${name}/${first}`)
  }
  return numbers
}

function checkBands({ bands }: ProblemFile, fault: Report): void {
  for (const [n, band] of bands.entries()) {
    if (band.kind === 'headroom' && n < bands.length - 1) {
      fault(`/bands/${n}`, 'HEADROOM_NOT_LAST', 'headroom hands out what all others left, so it is the last band')
    }
  }
}

function checkEnvelopes(file: ProblemFile, bands: Numbers, numbers: Numbers, fault: Report): void {
  const { envelopes } = file
  const parentOf = envelopes.map(({ parent }) => (parent === null ? -1 : (numbers.get(parent) ?? -1)))
  for (const [n, { parent, guarantee }] of envelopes.entries()) {
    if (parent !== null && !numbers.has(parent)) {
      fault(`/envelopes/${n}/parent`, 'UNKNOWN_ENVELOPE', `there is no envelope ${shown(parent)}`)
    }
    let depth = 1
    let above = parentOf[n]!
    for (; above >= 0 && above !== n && depth <= MAX_ENVELOPE_DEPTH; above = parentOf[above]!) {
      depth++
      if (guarantee !== undefined && envelopes[above]!.guarantee?.band === guarantee.band) {
        fault(
          `/envelopes/${n}/guarantee`,
          'NESTED_GUARANTEE',
          `${shown(envelopes[above]!.id)} around it has one in the same band`,
        )
      }
    }
    if (above === n) fault(`/envelopes/${n}/parent`, 'CYCLE', 'the envelope lies within itself')
    else if (depth > MAX_ENVELOPE_DEPTH) {
      fault(`/envelopes/${n}/parent`, 'TOO_DEEP', `envelopes nest at most ${MAX_ENVELOPE_DEPTH} deep`)
    }
    if (guarantee === undefined) continue
    const band = bands.get(guarantee.band)
    if (band === undefined || file.bands[band]!.kind !== 'guarantee') {
      fault(`/envelopes/${n}/guarantee/band`, 'UNKNOWN_BAND', `there is no guarantee band ${shown(guarantee.band)}`)
    }
  }
}

function checkPath(flow: FlowEntry, at: string, links: Numbers, fault: Report): void {
  const seen = new Set<string>()
  for (const [n, step] of flow.path.entries()) {
    const link = typeof step === 'string' ? step : step.link
    if (!links.has(link)) fault(`${at}/path/${n}`, 'UNKNOWN_LINK', `there is no link ${shown(link)}`)
    if (seen.has(link))
      fault(`${at}/path/${n}`, 'DUPLICATE', `${shown(link)} is already on the path: add the fractions`)
    seen.add(link)
  }
}

/** Water needs a vessel: demand does not bound headroom, so with such a band only a ceiling or a link does. */
function checkBounds(flow: FlowEntry, at: string, headroom: boolean, fault: Report): void {
  if (flow.ceiling !== undefined || flow.path.some((step) => typeof step === 'string' || step.fraction > 0)) return
  if (headroom) fault(at, 'UNBOUNDED', 'with a headroom band a flow needs a ceiling or a link on its path')
  else if (flow.demand === undefined) fault(at, 'UNBOUNDED', 'a flow needs a demand, a ceiling or a link on its path')
}

/** The kind of each band; `envelopes` for a guarantee band in which envelopes, and so no flows, have segments. */
function bandRoles({
  bands,
  envelopes,
}: ProblemFile): ReadonlyMap<string, 'guarantee' | 'share' | 'headroom' | 'envelopes'> {
  const ofEnvelopes = new Set(envelopes.map(({ guarantee }) => guarantee?.band))
  return new Map(bands.map(({ id, kind }) => [id, ofEnvelopes.has(id) ? 'envelopes' : kind]))
}

function checkSegments(flow: FlowEntry, at: string, roles: ReturnType<typeof bandRoles>, fault: Report): void {
  const before = new Map<string, SegmentEntry>()
  for (const [n, segment] of flow.segments.entries()) {
    const place = `${at}/segments/${n}`
    const role = roles.get(segment.band)
    if (role === undefined || role === 'envelopes') {
      const message = role === undefined ? 'there is no such band' : 'this band belongs to the guarantees of envelopes'
      fault(
        `${place}/band`,
        role === undefined ? 'UNKNOWN_BAND' : 'ENVELOPE_BAND',
        `${shown(segment.band)}: ${message}`,
      )
      continue
    }
    const earlier = before.get(segment.band)
    before.set(segment.band, segment)
    if (role === 'guarantee') {
      if (segment.size === undefined) fault(place, 'NO_SIZE', 'a segment of a guarantee band has a size')
      if (segment.upTo !== undefined) fault(`${place}/upTo`, 'UP_TO', 'only weights of share and headroom bands end')
      if (earlier !== undefined) fault(place, 'DUPLICATE', 'a flow has at most one segment in a guarantee band')
      continue
    }
    if (segment.size !== undefined) fault(`${place}/size`, 'SIZE', 'only segments of guarantee bands have a size')
    if (earlier === undefined) continue
    if (earlier.upTo === undefined)
      fault(place, 'AFTER_LAST', 'the segment before it has no upTo, so it is the last of its band')
    else if (segment.upTo !== undefined && segment.upTo <= earlier.upTo)
      fault(`${place}/upTo`, 'UP_TO', 'upTo must rise')
    if (segment.weight > earlier.weight) fault(`${place}/weight`, 'RISING_WEIGHT', 'weights of a band may only fall')
  }
  for (const [band, { upTo }] of before) {
    if (upTo !== undefined) fault(`${at}/segments`, 'UP_TO', `the last segment in ${shown(band)} has no upTo`)
  }
}

/** JSON pointer, RFC 6901. */
const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

function shown(value: unknown): string {
  const text = Object.is(value, -0) ? '-0' : (JSON.stringify(value) ?? String(value))
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`
}
