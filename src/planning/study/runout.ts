// When promises break while demand grows: by link, tier and institution, with the cause, under the intact network and
// any one failure of those that are asked about.

import { DAY, type UnixMilliseconds } from '../../model/units.js'
import { createPool } from '../../runtime/pool.js'
import { shared } from '../shared-document.js'
import { isWeekend } from '../working-day.js'
import type { Cut } from './cuts.js'
import type { Path } from './growth-fit.js'
import { type Break, type Breaks, growthAfter, type ScanTask } from './scan.js'
import { demandOfDay, type Study, timeOfStep } from './study.js'

export interface RunoutOptions {
  /** A year; 0: none. */
  readonly growth: number
  /** What demand is multiplied by where that is not the growth alone. */
  readonly path?: Path
  readonly years: number
  /** What may fail, one at a time; the intact network is always looked at. */
  readonly cuts: readonly Cut[]
  readonly workers: number
  readonly onProgress?: (done: number, of: number) => void
}

/** A break, and the failure under which it comes; null: none. */
export interface Found extends Break {
  readonly cut: Cut | null
  /** It has no way in the intact network: no link stopped it. */
  readonly isWayless?: true
}

export interface Runout {
  readonly study: Study
  /** Whether demand grows at all. */
  readonly grows: boolean
  /** The first day that was not looked at. */
  readonly until: UnixMilliseconds
  /** Null: nothing breaks. */
  readonly first: Found | null
  /** The same of those that have a way with nothing cut. */
  readonly firstShort: Found | null
  /** Who breaks first stands first; of one moment in the order of the plan. */
  readonly institutions: ReadonlyMap<number, Found>
  readonly links: ReadonlyMap<number, Found>
  readonly solves: number
}

export const timeOfBreak = (study: Study, { day, step }: Break): UnixMilliseconds => timeOfStep(study, step) + day * DAY

/** Days since the study's on which people work; only the first where nothing grows. */
export function workingDays(
  { scenario, document }: Study,
  { growth, path, years }: Pick<RunoutOptions, 'growth' | 'path' | 'years'>,
): number[] {
  const grows = growth !== 0 || path !== undefined
  const all = Array.from({ length: grows ? Math.round(365.25 * years) : 7 }, (_, n) => n)
  const days = all.filter((n) => !isWeekend(scenario.from + n * DAY + DAY / 2, document.plane.timezone))
  return grows ? days : days.slice(0, 1)
}

/**
 * Looks at every working day. Dates of institutions are their first five minutes; those of links are of the steps that
 * were solved for them, each link's worst among these.
 * @param watched whom to ask about, if only the first break of any of them is wanted
 */
export async function runoutOf(study: Study, options: RunoutOptions, watched?: readonly number[]): Promise<Runout> {
  const { growth, path = (day: number) => growthAfter(growth, day), cuts, workers, onProgress } = options
  const days = workingDays(study, options)
  const failures = [null, ...cuts]
  const only = watched !== undefined
  // Few failures are looked at in several stretches of time, so that no thread is idle.
  const stretches = only ? 1 : Math.min(days.length, Math.max(1, Math.ceil((4 * workers) / failures.length)))
  const length = Math.ceil(days.length / stretches)
  const common = {
    ...{ hash: study.plan.hash, document: shared(study.document), demand: demandOfDay(study).buffer },
    watched: watched ?? study.plan.institutions.map((_, n) => n),
  }
  const pool = createPool<ScanTask, Breaks>('scan', workers)
  let done = 0
  try {
    const tasks = failures.flatMap((cut) =>
      Array.from({ length: stretches }, (_, n) => ({ cut, days: days.slice(n * length, (n + 1) * length) })),
    )
    const found = await Promise.all(
      tasks.map(async ({ cut, days }) => {
        const conditions = cut?.conditions ?? {}
        const breaks = await pool.run({ ...common, first: only, days, factors: days.map(path), conditions })
        onProgress?.(++done, tasks.length)
        return { cut, breaks }
      }),
    )
    const { institutions: short, links } = merged(found)
    const institutions = ordered(new Map([...short, ...waylessIn(study, common.watched, days[0] ?? 0)]))
    const until = study.scenario.from + ((days.at(-1) ?? 0) + 1) * DAY
    const solves = found.reduce((n, { breaks }) => n + breaks.solves, 0)
    const grows = growth !== 0 || options.path !== undefined
    const firsts = { first: firstOf(institutions), firstShort: firstOf(ordered(short)) }
    return { study, grows, until, ...firsts, institutions, links, solves }
  } finally {
    await pool.close()
  }
}

/** Who has no way with nothing cut: its promise is broken as soon as it may claim anything. */
function waylessIn({ plan }: Study, watched: readonly number[], day: number): Map<number, Found> {
  const found = new Map<number, Found>()
  for (const n of watched) {
    const flow = plan.institutions[n]!.flows.find((i) => plan.unreachable.has(i))
    if (flow !== undefined) found.set(n, { day, step: 0, flow, cause: -1, cut: null, isWayless: true })
  }
  return found
}

function merged(found: readonly { readonly cut: Cut | null; readonly breaks: Breaks }[]) {
  const institutions = new Map<number, Found>()
  const links = new Map<number, Found>()
  const keepEarlier = (into: Map<number, Found>, key: number, next: Found): void => {
    const known = into.get(key)
    if (known === undefined || isEarlier(next, known)) into.set(key, next)
  }
  for (const { cut, breaks } of found) {
    for (const [n, at] of breaks.institutions) keepEarlier(institutions, n, { ...at, cut })
    for (const [l, at] of breaks.links) keepEarlier(links, l, { ...at, cut })
  }
  return { institutions, links }
}

const ordered = (institutions: ReadonlyMap<number, Found>): ReadonlyMap<number, Found> =>
  new Map([...institutions].sort(([n, a], [m, b]) => a.day - b.day || a.step - b.step || n - m))

const firstOf = (institutions: ReadonlyMap<number, Found>): Found | null => [...institutions.values()][0] ?? null

/** Of equal times the one that was asked about first stays: the intact network before any failure. */
const isEarlier = (a: Break, b: Break): boolean => a.day < b.day || (a.day === b.day && a.step < b.step)
