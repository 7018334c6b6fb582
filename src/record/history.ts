// Reading the record back: series over time for one subject.
//
// A step that is longer than five minutes is the mean of what was recorded in it, by seconds: what arrived, was carried
// and was wanted by those in which somebody said it, all else by those that were recorded. `covered` says how much of
// it that was. What was not recorded is null, never zero: a gap is a gap.

import { type BitsPerSecond, inMinutes, type Milliseconds, toSeconds, type UnixMilliseconds } from '../model/units.js'
import type { ArchivePort } from './archive-thread.js'
import { emptyRows, FLOW_MEANS, type FlowMeans, type LinkRows } from './tables.js'

export interface Span {
  readonly from: UnixMilliseconds
  readonly to: UnixMilliseconds
  /** A multiple of five minutes. */
  readonly step: Milliseconds
}

type LinkRead = Pick<ArchivePort, 'readLinks'>

const FLOW_RATES = ['asked', 'demand', 'need', 'rate', 'arrived', 'carried', 'unmet', 'would'] as const
const FLOW_SECONDS = ['below_guarantee_s', 'at_ceiling_s'] as const
const LINK_RATES = ['need_load', 'load', 'arrived', 'carried', 'unmet', 'capacity'] as const
/** Those that are means over the time in which somebody said them. */
const HEARD_RATES: ReadonlySet<string> = new Set(['demand', 'arrived', 'carried'])

export interface FlowPoint extends Readonly<Record<(typeof FLOW_RATES)[number], BitsPerSecond | null>> {
  readonly at: UnixMilliseconds
  /** Part of the step that was recorded, 0 to 1. */
  readonly covered: number
  readonly minutesBelowGuarantee: number | null
  readonly minutesAtCeiling: number | null
  readonly revision: number | null
  readonly enforcement: string | null
}

export interface LinkPoint {
  readonly at: UnixMilliseconds
  readonly covered: number
  readonly needLoad: BitsPerSecond | null
  readonly load: BitsPerSecond | null
  readonly arrived: BitsPerSecond | null
  readonly carried: BitsPerSecond | null
  readonly measuredBy: string | null
  readonly unmet: BitsPerSecond | null
  readonly capacity: BitsPerSecond | null
  readonly minutesShort: number | null
  readonly state: string | null
  readonly revision: number | null
}

/** Rows of an institution: their flow ids begin with its own. `0` is what follows `/` in every alphabet of ids. */
const ofInstitution = (id: string) => ({ from: `${id}/`, before: `${id}0` })
const ofLink = (id: string) => ({ from: id, before: `${id}\u0000` })

/** Read at once: what is recorded meanwhile is written between two pieces, and a year never lies in memory as rows. */
const PIECE: Milliseconds = 31 * 86_400_000

function piecesOf({ from, to, step }: Span): Span[] {
  const length = PIECE - (PIECE % step)
  const count = Math.max(1, Math.ceil((to - from) / length))
  return Array.from({ length: count }, (_, k) => {
    const start = from + k * length
    return { from: start, to: Math.min(to, start + length), step }
  })
}

/** One series a flow of the institution, by flow id. */
export async function institutionHistory(
  archive: Pick<ArchivePort, 'readFlowMeans'>,
  institution: string,
  span: Span,
): Promise<Map<string, FlowPoint[]>> {
  const pieces: { span: Span; series: Map<string, FlowPoint[]> }[] = []
  for (const piece of piecesOf(span)) {
    const rows = await archive.readFlowMeans({
      ...{ from: piece.from, before: piece.to, subjects: ofInstitution(institution) },
    })
    const own = [...rowsBy(rows.flow)].map(([flow, own]) => [flow, flowSeries(rows, own, piece)] as const)
    pieces.push({ span: piece, series: new Map(own) })
  }
  // A flow that a piece does not know has a gap there.
  const nothing = emptyRows(FLOW_MEANS)
  const flows = new Set(pieces.flatMap(({ series }) => [...series.keys()]))
  const whole = (flow: string) =>
    pieces.flatMap(({ span, series }) => series.get(flow) ?? flowSeries(nothing, [], span))
  return new Map([...flows].map((flow) => [flow, whole(flow)]))
}

function flowSeries(rows: FlowMeans, own: readonly number[], span: Span): FlowPoint[] {
  return steps(rows.slot, own, span).map(({ at, held }) => {
    const seconds = sum(held, rows.seconds)
    const minutes = (column: (typeof FLOW_SECONDS)[number]): number | null =>
      held.length === 0 ? null : inMinutes(sum(held, rows[column]))
    const last = held.at(-1)
    const rates = FLOW_RATES.map((name) => [name, mean(held, rows[name], weightsOf(name, rows))] as const)
    return {
      at,
      covered: coveredOf(seconds, span.step),
      // The table is the type: each of FLOW_RATES is there.
      ...(Object.fromEntries(rates) as Record<(typeof FLOW_RATES)[number], BitsPerSecond | null>),
      minutesBelowGuarantee: minutes('below_guarantee_s'),
      minutesAtCeiling: minutes('at_ceiling_s'),
      revision: last === undefined ? null : rows.revision[last]!,
      enforcement: last === undefined ? null : rows.enforcement[last]!,
    }
  })
}

export async function linkHistory(archive: LinkRead, link: string, span: Span): Promise<LinkPoint[]> {
  const points: LinkPoint[] = []
  for (const piece of piecesOf(span)) points.push(...(await linkSeries(archive, link, piece)))
  return points
}

async function linkSeries(archive: LinkRead, link: string, span: Span): Promise<LinkPoint[]> {
  const rows = await archive.readLinks({ from: span.from, before: span.to, subjects: ofLink(link) })
  const own = rows.link.map((_, i) => i)
  return steps(rows.slot, own, span).map(({ at, held }): LinkPoint => {
    const last = held.at(-1)
    const [needLoad, load, arrived, carried, unmet, capacity] = LINK_RATES.map((name) =>
      mean(held, rows[name], weightsOf(name, rows)),
    )
    return {
      at,
      covered: coveredOf(sum(held, rows.seconds), span.step),
      ...{ needLoad: needLoad!, load: load!, unmet: unmet!, capacity: capacity! },
      ...{ arrived: arrived!, carried: carried! },
      measuredBy: measuredBy(rows, held),
      minutesShort: last === undefined ? null : inMinutes(sum(held, rows.short_s)),
      state: last === undefined ? null : rows.state[last]!,
      revision: last === undefined ? null : rows.revision[last]!,
    }
  })
}

function measuredBy(rows: LinkRows, held: readonly number[]): string | null {
  const sources = [...new Set(held.map((i) => rows.measured_by[i]!))]
  return sources.length === 0 ? null : sources.sort().join('+')
}

function rowsBy(subject: readonly string[]): Map<string, number[]> {
  const rows = new Map<string, number[]>()
  subject.forEach((id, i) => {
    const own = rows.get(id)
    if (own) own.push(i)
    else rows.set(id, [i])
  })
  return rows
}

function steps(slot: readonly number[], own: readonly number[], { from, to, step }: Span) {
  const count = Math.ceil((to - from) / step)
  const all = Array.from({ length: count }, (_, k) => ({ at: from + k * step, held: [] as number[] }))
  for (const i of own) all[Math.floor((slot[i]! - from) / step)]?.held.push(i)
  return all
}

const sum = (held: readonly number[], column: readonly number[]): number =>
  held.reduce((total, i) => total + column[i]!, 0)

/** Seconds that a rate of a row is of: a row of an earlier release was heard all the while, or never. */
const weightsOf =
  (name: string, { seconds, heard }: Pick<LinkRows, 'seconds' | 'heard'>) =>
  (row: number): number =>
    (HEARD_RATES.has(name) ? heard[row] : null) ?? seconds[row]!

/** Mean of kbit/s by seconds, in bit/s; null where no row knows. */
function mean(
  held: readonly number[],
  column: readonly (number | null)[],
  secondsOf: (row: number) => number,
): BitsPerSecond | null {
  let total = 0
  let weight = 0
  for (const i of held) {
    const value = column[i]
    if (value === null || value === undefined) continue
    total += value * secondsOf(i)
    weight += secondsOf(i)
  }
  return weight === 0 ? null : Math.round((total / weight) * 1_000)
}

const round = (value: number): number => Math.round(value * 10) / 10
const coveredOf = (seconds: number, step: Milliseconds): number =>
  Math.min(1, round((10 * seconds) / toSeconds(step)) / 10)
