// What would have helped in the week of the cable cut: more upstream, other bands, or other tiers?
//
// Goal: the answer a planner needs before money is spent, from the scenario that ships (config/scenarios/
// cable-cut-2024-05.yaml), played once per variant with one seed and one demand, so that rows differ by the variant.
// Not the goal: cost, latency, loss. What is kept is measured against the promises of the variant's own policy.
//
// Then what steps cost: the plane with each institution so many times, over an hour and a week of five-minute steps
// without events; a year is counted up from them.
//
//   npm run bench plan -- [--days=N] [--workers=N] [--policies=shipped,16,no-critical,…] [--sizes=1,2,4]
//
// A row's hash is that of its whole report: the same seed gives the same bytes everywhere. Seconds are the machine's.

import { availableParallelism, cpus } from 'node:os'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import CliTable from 'cli-table3'
import { applyChanges, loadBase } from '../src/planning/base.js'
import { GUARANTEE } from '../src/planning/playthrough.js'
import { renderFiles, resultHash } from '../src/planning/report.js'
import { type Run, simulate } from '../src/planning/run.js'
import { loadScenario, type Scenario } from '../src/planning/scenario.js'
import type { PolicyDocument, PolicySegment } from '../src/policy/document/document.js'
import { shippedFile } from '../src/runtime/config.js'
import { printTable, shown } from './harness.js'
import { manyNations } from './many-nations.js'

const [HOUR, DAY] = [3_600_000, 86_400_000]
/** Parts of the upstreams in the default plane: 8, 6 and 6 of 20 Gbit/s. */
const UPSTREAMS = { 'transit-a': 0.4, 'transit-b': 0.3, 'transit-c': 0.3 }

export interface Variant {
  /** What names it on the command line. */
  readonly key: string
  readonly name: string
  readonly changes: Scenario['changes']
}

export interface PlanRow {
  readonly variant: string
  readonly below: number
  /** Institutions times hours. */
  readonly hoursBelow: number
  readonly worstKept: number
  /** Of the institutions with a critical promise in the shipped plane. */
  readonly worstKeptCritical: number
  readonly missingTerabit: number
  readonly satisfaction: number
  readonly hash: string
  readonly seconds: number
}

/**
 * Plays the first `days` of the scenario, the whole of it when absent, once per variant.
 * @param policies keys of variants; absent: all
 */
export async function comparePlans(
  days?: number,
  workers = availableParallelism(),
  policies?: readonly string[],
): Promise<PlanRow[]> {
  const file = loadScenario(shippedFile('config/scenarios/cable-cut-2024-05.yaml'))
  const { plane } = loadBase(file)
  const horizon = days === undefined ? file.scenario.horizon : days * DAY
  const rows: PlanRow[] = []
  const variants = variantsOf(plane)
  const known = variants.map(({ key }) => key)
  const wrong = policies?.find((key) => !known.includes(key))
  if (wrong !== undefined) throw new Error(`--policies: no "${wrong}"; there are ${known.join(', ')}`)
  for (const { name, changes } of variants.filter(({ key }) => policies?.includes(key) ?? true)) {
    const scenario = { ...file.scenario, horizon, changes }
    const document = applyChanges(plane, { ...file, scenario })
    const started = performance.now()
    const run = await simulate(scenario, document, { workers, habits: plane })
    rows.push(rowOf(name, run, criticalTiers(plane), (performance.now() - started) / 1_000))
  }
  return rows
}

function variantsOf(plane: PolicyDocument): Variant[] {
  const upstreams = (gigabits: number): Variant => ({
    key: `${gigabits}`,
    name: `upstreams of ${gigabits} Gbit/s`,
    changes: Object.entries(UPSTREAMS).map(([link, part]) => ({
      at: `/links/${link}/capacity`,
      to: Math.round(gigabits * part * 1e9),
      why: 'size',
    })),
  })
  const segments = (key: string, name: string, edit: (segment: PolicySegment) => PolicySegment): Variant => ({
    ...{ key, name },
    changes: [{ at: '/tiers', to: editedTiers(plane, edit), why: name }],
  })
  const scaled = (band: string, factor: number) => (segment: PolicySegment) =>
    segment.band === band ? { ...segment, size: Math.round((segment.size ?? 0) * factor) } : segment
  return [
    { key: 'shipped', name: 'as shipped (20 Gbit/s)', changes: [] },
    upstreams(16),
    upstreams(24),
    upstreams(30),
    segments('no-critical', 'no critical band: all promises shrink alike', (segment) =>
      segment.band === 'critical' ? { ...segment, band: 'committed' } : segment,
    ),
    segments('committed', 'committed promises of three quarters', scaled('committed', 0.75)),
    segments('critical', 'critical promises doubled', scaled('critical', 2)),
  ]
}

/** The tiers with each segment edited, as JSON. */
function editedTiers(plane: PolicyDocument, edit: (segment: PolicySegment) => PolicySegment) {
  const tiers = structuredClone(plane.tiers)
  for (const { services } of Object.values(tiers)) {
    for (const pair of Object.values(services)) {
      for (const bandwidth of [pair.down, pair.up]) bandwidth.segments = bandwidth.segments.map(edit)
    }
  }
  // Through text, because a change is JSON: members that are undefined fall away.
  return JSON.parse(JSON.stringify(tiers)) as Scenario['changes'][number]['to']
}

function criticalTiers(plane: PolicyDocument): Set<string> {
  const isCritical = ({ services }: PolicyDocument['tiers'][string]) =>
    Object.values(services).some(({ down }) => down.segments.some(({ band }) => band === 'critical'))
  return new Set(Object.entries(plane.tiers).flatMap(([id, tier]) => (isCritical(tier) ? [id] : [])))
}

function rowOf(variant: string, run: Run, critical: ReadonlySet<string>, seconds: number): PlanRow {
  const { institutions, bands, tiers } = run.outcome
  const all = bands.find(({ band }) => band === GUARANTEE)!
  const sum = (of: (i: (typeof institutions)[number]) => number) => institutions.reduce((total, i) => total + of(i), 0)
  return {
    variant,
    below: institutions.filter(({ minutesBelow }) => minutesBelow > 0).length,
    hoursBelow: sum((i) => i.minutesBelow) / 60,
    worstKept: all.worstKept,
    worstKeptCritical: Math.min(...tiers.flatMap(({ tier, worstKept }) => (critical.has(tier) ? [worstKept] : []))),
    missingTerabit: all.missing / 1e12,
    satisfaction: sum((i) => i.need) / sum((i) => i.demand),
    hash: resultHash(renderFiles(run)),
    seconds,
  }
}

export function printPlans(rows: readonly PlanRow[]): string {
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`
  const table = new CliTable({
    head: [
      'variant',
      'below',
      'institution-hours',
      'worst kept',
      'critical tiers',
      'missing Tbit',
      'need of demand',
      'hash',
      's',
    ],
    style: { head: [], border: [] },
  })
  for (const row of rows) {
    const { variant, below, hoursBelow, worstKept, worstKeptCritical, missingTerabit, satisfaction, hash, seconds } =
      row
    const kept = [percent(worstKept), percent(worstKeptCritical)]
    const figures = [missingTerabit.toFixed(1), percent(satisfaction), hash, seconds.toFixed(1)]
    table.push([variant, below, Math.round(hoursBelow), ...kept, ...figures])
  }
  return table.toString()
}

/** How long the steps of so much time take, of a plane with each institution so many times. */
export interface CostRow {
  readonly size: number
  readonly flows: number
  readonly hourMs: number
  readonly weekMs: number
  /** Of 105,120 steps, counted up from the week. */
  readonly yearSeconds: number
}

const WEEK_STEPS = 7 * 288

export async function costOfSteps(sizes: readonly number[], workers = availableParallelism()): Promise<CostRow[]> {
  const file = loadScenario(shippedFile('config/scenarios/cable-cut-2024-05.yaml'))
  const { plane } = loadBase(file)
  const rows: CostRow[] = []
  for (const size of sizes) {
    const document = size === 1 ? plane : manyNations(plane, size, size)
    const time = async (horizon: number) => {
      const started = performance.now()
      const { plan } = await simulate({ ...file.scenario, horizon, events: {}, changes: [] }, document, { workers })
      return { ms: performance.now() - started, flows: plan.flows.length }
    }
    const [hour, week] = [await time(HOUR), await time(7 * DAY)]
    // What starts and compiles is paid once, however many steps follow.
    const stepMs = (week.ms - hour.ms) / (WEEK_STEPS - 12)
    const yearSeconds = (hour.ms + stepMs * 365 * 288) / 1_000
    rows.push({ size, flows: week.flows, hourMs: hour.ms, weekMs: week.ms, yearSeconds })
  }
  return rows
}

function printCosts(rows: readonly CostRow[]): void {
  const cells = rows.map(({ size, flows, hourMs, weekMs, yearSeconds }) => {
    return [size, flows, shown(hourMs), shown(weekMs), `${yearSeconds.toFixed(0)} s`]
  })
  printTable(['size', 'flows', 'an hour, with its start', 'a week', 'a year (counted up)'], cells)
  const [first, last] = [rows[0]!, rows.at(-1)!]
  if (first.flows === last.flows) return
  const power = Math.log(last.yearSeconds / first.yearSeconds) / Math.log(last.flows / first.flows)
  console.log(`a year grows as flows ^ ${power.toFixed(2)}`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { days: text, workers: text, policies: text, sizes: text } })
  const number = (name: 'days' | 'workers'): number | undefined => {
    const value = values[name]
    if (value !== undefined && !(Number(value) > 0)) throw new Error(`--${name} ${value}: expected a number above 0`)
    return value === undefined ? undefined : Number(value)
  }
  const sizes = (values.sizes ?? '1,2').split(',').map(Number)
  if (sizes.some((size) => !Number.isInteger(size) || size < 1))
    throw new Error(`--sizes ${values.sizes}: expected whole numbers, such as 1,2,4`)
  const { scenario } = loadScenario(shippedFile('config/scenarios/cable-cut-2024-05.yaml'))
  console.log(`${scenario.id}, seed ${scenario.seed}, ${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}`)
  console.log(printPlans(await comparePlans(number('days'), number('workers'), values.policies?.split(','))))
  printCosts(await costOfSteps(sizes, number('workers')))
}
