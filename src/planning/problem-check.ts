// What the schema of a problem file cannot see: names that must exist, be unique and stand in the right place,
// weights that may only fall, envelopes that may not lie within themselves, flows that need a bound. Every fault is
// collected.

import type { Fault } from '../runtime/errors.js'
import { MAX_ENVELOPE_DEPTH } from '../runtime/limits.js'
import type { FlowEntry, ProblemFile, SegmentEntry } from './problem-file.js'

/** What the schema cannot see: names that must exist, be unique, and stand in the right place. */
export function crossCheck(file: ProblemFile): Fault[] {
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
  return new Map(bands.map(({ id, kind }) => [id, kind === 'guarantee' && ofEnvelopes.has(id) ? 'envelopes' : kind]))
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
    if ((segment.weight ?? 1) > (earlier.weight ?? 1))
      fault(`${place}/weight`, 'RISING_WEIGHT', 'weights of a band may only fall')
  }
  for (const [band, { upTo }] of before) {
    if (upTo !== undefined) fault(`${at}/segments`, 'UP_TO', `the last segment in ${shown(band)} has no upTo`)
  }
}

/** A value as a message shows it. */
export function shown(value: unknown): string {
  const text = Object.is(value, -0) ? '-0' : (JSON.stringify(value) ?? String(value))
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`
}
