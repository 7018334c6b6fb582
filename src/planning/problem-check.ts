// What the schema of a problem file cannot see: names that must exist, be unique and stand in the right place,
// weights that may only fall, envelopes that may not lie within themselves, flows that need a bound.

import { MAX_ENVELOPE_DEPTH, MAX_PROBLEM_RATE } from '../runtime/limits.js'
import { didYouMean } from '../runtime/near-word.js'
import { shown } from '../runtime/printable.js'
import type { FlowEntry, ListName, PathStep, ProblemFile, SegmentEntry } from './problem-schema.js'

/** Notes one fault: in which entry of which list, the JSON pointer within it, and what is wrong. */
export type Report = (list: ListName, n: number, within: string, code: string, message: string) => void
type Numbers = ReadonlyMap<string, number>

/** Few names are told in full to whoever has named another. */
const FEW = 6

function noSuch(what: string, id: string, known: Iterable<string>): string {
  const names = [...known]
  const hint = didYouMean(id, names)
  const all =
    names.length === 0 ? '; there is none' : names.length > FEW ? '' : `; known: ${names.map(shown).join(', ')}`
  return `there is no ${what} ${shown(id)}${hint === '' ? all : hint}`
}

const numbersOf = (list: readonly { readonly id: string }[]): Map<string, number> =>
  new Map(list.map(({ id }, n) => [id, n]))

/** Bands, links and envelopes among themselves. */
export function checkLists(file: ProblemFile, report: Report): void {
  for (const list of ['bands', 'links', 'envelopes'] as const) {
    const unique = new Unique(list, report)
    for (const [n, { id }] of file[list].entries()) unique.note(id, n)
  }
  const last = file.bands.length - 1
  for (const [n, { id, kind }] of file.bands.entries()) {
    if (kind !== 'headroom' || n === last) continue
    const message = `headroom hands out what all others left: expected ${shown(id)} to be the last band`
    report('bands', n, '', 'HEADROOM_NOT_LAST', message)
  }
  checkNesting(file, report)
  checkGuarantees(file, report)
}

class Unique {
  readonly #list: ListName
  readonly #report: Report
  readonly #numbers = new Map<string, number>()

  constructor(list: ListName, report: Report) {
    this.#list = list
    this.#report = report
  }

  note(id: string, n: number): void {
    const first = this.#numbers.get(id)
    if (first === undefined) this.#numbers.set(id, n)
    else this.#report(this.#list, n, '/id', 'DUPLICATE', `${shown(id)} is already the id of /${this.#list}/${first}`)
  }
}

/** Each envelope lies in one that exists, not within itself, and not too deep. */
function checkNesting({ envelopes }: ProblemFile, report: Report): void {
  const numbers = numbersOf(envelopes)
  /** How deep each lies; 0: not known yet, and Infinity: in a circle, or below one. */
  const depth = new Float64Array(envelopes.length)
  for (const first of envelopes.keys()) {
    const way: number[] = []
    let at = first
    while (at >= 0 && depth[at] === 0 && !way.includes(at)) {
      way.push(at)
      const { parent } = envelopes[at]!
      const above = parent === null ? -1 : numbers.get(parent)
      if (above === undefined)
        report('envelopes', at, '/parent', 'UNKNOWN_ENVELOPE', noSuch('envelope', parent!, numbers.keys()))
      at = above ?? -1
    }
    const circle = at >= 0 && depth[at] === 0 ? way.slice(way.indexOf(at)) : []
    if (circle.length > 0) report('envelopes', at, '/parent', 'CYCLE', circleOf(circle.map((n) => envelopes[n]!.id)))
    let deep = circle.length > 0 ? Number.POSITIVE_INFINITY : at < 0 ? 0 : depth[at]!
    for (const n of way.reverse()) {
      depth[n] = ++deep
      if (deep <= MAX_ENVELOPE_DEPTH || deep === Number.POSITIVE_INFINITY) continue
      const message = `expected envelopes to nest at most ${MAX_ENVELOPE_DEPTH} deep, found this one ${deep} deep`
      report('envelopes', n, '/parent', 'TOO_DEEP', message)
    }
  }
}

/** "a circle: "x" lies within "y", that within "x"". */
function circleOf(ids: readonly string[]): string {
  if (ids.length === 1) return `a circle: ${shown(ids[0])} lies within itself`
  const [first, second, ...rest] = ids.map(shown)
  const shownRest = rest.length > FEW ? [...rest.slice(0, 2), `… (${rest.length - 2} more)`] : rest
  return `a circle: ${first} lies within ${[second, ...shownRest, first].join(', that within ')}`
}

/** An envelope's guarantee has a guarantee band, in which none around it has one. */
function checkGuarantees({ bands, envelopes }: ProblemFile, report: Report): void {
  const numbers = numbersOf(envelopes)
  const kinds = new Map(bands.map(({ id, kind }) => [id, kind]))
  for (const [n, { guarantee, parent }] of envelopes.entries()) {
    if (guarantee === undefined) continue
    const kind = kinds.get(guarantee.band)
    if (kind !== 'guarantee') {
      const names = bands.flatMap((band) => (band.kind === 'guarantee' ? [band.id] : []))
      const message =
        kind === undefined
          ? noSuch('guarantee band', guarantee.band, names)
          : `expected a guarantee band, found ${shown(guarantee.band)} of kind ${kind}`
      report('envelopes', n, '/guarantee/band', 'UNKNOWN_BAND', message)
    }
    let above = parent
    for (let depth = 1; above !== null && depth <= MAX_ENVELOPE_DEPTH; depth++) {
      const around = envelopes[numbers.get(above) ?? -1]
      if (around?.guarantee?.band === guarantee.band) {
        const message = `${shown(around.id)} around it has one in the same band ${shown(guarantee.band)}`
        report('envelopes', n, '/guarantee', 'NESTED_GUARANTEE', message)
      }
      above = around?.parent ?? null
    }
  }
}

/** No bound. */
const NONE = Number.POSITIVE_INFINITY

/** A kind of band; `envelopes` for a guarantee band in which envelopes, and so no flows, have segments. */
type Role = 'guarantee' | 'share' | 'headroom' | 'envelopes'

/** Checks one flow after another against bands, links and envelopes that are right. */
export class FlowCheck {
  readonly #report: Report
  readonly #unique: Unique
  readonly #capacity: ReadonlyMap<string, number>
  readonly #envelopes: Numbers
  readonly #roles: ReadonlyMap<string, Role>
  readonly #hasHeadroom: boolean

  constructor({ bands, links, envelopes }: ProblemFile, report: Report) {
    this.#report = report
    this.#unique = new Unique('flows', report)
    this.#capacity = new Map(links.map(({ id, capacity }) => [id, capacity]))
    this.#envelopes = numbersOf(envelopes)
    const ofEnvelopes = new Set(envelopes.map(({ guarantee }) => guarantee?.band))
    const roleOf = (id: string, kind: Role): Role => (kind === 'guarantee' && ofEnvelopes.has(id) ? 'envelopes' : kind)
    this.#roles = new Map(bands.map(({ id, kind }) => [id, roleOf(id, kind)]))
    this.#hasHeadroom = bands.some(({ kind }) => kind === 'headroom')
  }

  /** The flow, with the fractions of a link that it names twice added up. */
  flow(flow: FlowEntry, n: number): FlowEntry {
    this.#unique.note(flow.id, n)
    const { envelope } = flow
    if (envelope !== undefined && !this.#envelopes.has(envelope)) {
      const message = noSuch('envelope', envelope, this.#envelopes.keys())
      this.#report('flows', n, '/envelope', 'UNKNOWN_ENVELOPE', message)
    }
    for (const [k, step] of flow.path.entries()) {
      if (this.#capacity.has(linkOf(step))) continue
      this.#report('flows', n, `/path/${k}`, 'UNKNOWN_LINK', noSuch('link', linkOf(step), this.#capacity.keys()))
    }
    const path = onceEach(flow.path)
    const checked = path === flow.path ? flow : { ...flow, path }
    this.#checkBound(checked, n)
    this.#checkSegments(flow, n)
    return checked
  }

  /** Water needs a vessel: demand does not bound headroom, so with such a band only a ceiling or a link does. */
  #checkBound({ path, ceiling = NONE, demand = NONE }: FlowEntry, n: number): void {
    let bound = this.#hasHeadroom ? ceiling : Math.min(ceiling, demand)
    for (const step of path) {
      const fraction = fractionOf(step)
      if (fraction > 0) bound = Math.min(bound, (this.#capacity.get(linkOf(step)) ?? 0) / fraction)
    }
    if (bound <= MAX_PROBLEM_RATE) return
    const needed = this.#hasHeadroom ? 'with a headroom band a flow needs' : 'a flow needs a demand,'
    const found = bound === NONE ? 'none' : `links that let it have ${bound} bit/s`
    const message = `${needed} a ceiling or a link on its path, of at most ${MAX_PROBLEM_RATE} bit/s; found ${found}`
    this.#report('flows', n, '', 'UNBOUNDED', message)
  }

  #checkSegments({ segments }: FlowEntry, n: number): void {
    const before = new Map<string, number>()
    for (const [k, segment] of segments.entries()) {
      const fault = (within: string, code: string, message: string): void =>
        this.#report('flows', n, `/segments/${k}${within}`, code, message)
      const role = this.#roles.get(segment.band)
      if (role === undefined) {
        fault('/band', 'UNKNOWN_BAND', noSuch('band', segment.band, this.#roles.keys()))
      } else if (role === 'envelopes') {
        const band = shown(segment.band)
        fault('/band', 'ENVELOPE_BAND', `the band ${band} belongs to the guarantees of envelopes, not to flows`)
      } else {
        const earlier = before.get(segment.band)
        before.set(segment.band, k)
        if (role === 'guarantee') checkPromise(segment, earlier, fault)
        else checkShare(segment, role, earlier === undefined ? undefined : segments[earlier], fault)
      }
    }
    for (const [band, k] of before) {
      const { upTo } = segments[k]!
      if (upTo === undefined || this.#roles.get(band) === 'guarantee') continue
      const message = `the last segment in ${shown(band)} goes on for ever: expected no upTo, found ${upTo}`
      this.#report('flows', n, `/segments/${k}/upTo`, 'UP_TO', message)
    }
  }
}

type SegmentFault = (within: string, code: string, message: string) => void

function checkPromise({ band, size, upTo }: SegmentEntry, earlier: number | undefined, fault: SegmentFault): void {
  if (size === undefined) fault('', 'NO_SIZE', `size is missing: ${shown(band)} is a guarantee band`)
  if (upTo !== undefined)
    fault('/upTo', 'UP_TO', `only weights of share and headroom bands end; ${shown(band)} is a guarantee band`)
  if (earlier === undefined) return
  fault(
    '',
    'DUPLICATE',
    `expected one segment in the guarantee band ${shown(band)}, found /segments/${earlier} as well`,
  )
}

function checkShare(
  { band, size, weight = 1, upTo }: SegmentEntry,
  role: Role,
  earlier: SegmentEntry | undefined,
  fault: SegmentFault,
): void {
  if (size !== undefined)
    fault('/size', 'SIZE', `only segments of guarantee bands have a size; ${shown(band)} is a ${role} band`)
  if (earlier === undefined) return
  const { weight: was = 1, upTo: until } = earlier
  if (until === undefined)
    fault('', 'AFTER_LAST', `the segment before it in ${shown(band)} has no upTo, so nothing can come after it`)
  else if (upTo !== undefined && upTo <= until)
    fault('/upTo', 'UP_TO', `upTo must rise: expected more than ${until}, found ${upTo}`)
  if (weight > was)
    fault('/weight', 'RISING_WEIGHT', `weights in a band may only fall: expected at most ${was}, found ${weight}`)
}

const linkOf = (step: string | PathStep): string => (typeof step === 'string' ? step : step.link)
const fractionOf = (step: string | PathStep): number => (typeof step === 'string' ? 1 : step.fraction)

/** A path in which each link stands once: a link that is crossed twice carries the flow twice. */
function onceEach(path: FlowEntry['path']): FlowEntry['path'] {
  let isOnce = true
  for (let n = 1; n < path.length; n++) {
    const link = linkOf(path[n]!)
    for (let m = 0; m < n; m++) if (linkOf(path[m]!) === link) isOnce = false
  }
  if (isOnce) return path
  const fractions = new Map<string, number>()
  for (const step of path) fractions.set(linkOf(step), (fractions.get(linkOf(step)) ?? 0) + fractionOf(step))
  return Array.from(fractions, ([link, fraction]) => ({ link, fraction }))
}
