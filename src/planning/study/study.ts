// What a planner's question is asked of: a policy, a demand, and one day of it in steps of five minutes. A scenario
// file names them (its plane, its changes, its demand, its seed); without one they are the plane's own. Its events are
// not played: a study asks what would happen if, for each thing that can.

import { basename, resolve } from 'node:path'
import { civilTime, readTime, TIME_EXAMPLES } from '../../model/civil-time.js'
import { createLoadModel } from '../../model/load.js'
import type { Text } from '../../model/network.js'
import type { Plan } from '../../model/plan.js'
import { DAY, MINUTE, type UnixMilliseconds } from '../../model/units.js'
import { hashOf } from '../../policy/document/canonical.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { loadPlane } from '../../policy/files/files.js'
import { invalid, usageError } from '../../runtime/errors.js'
import { MAX_WORKERS } from '../../runtime/limits.js'
import { readScenario } from '../base.js'
import type { OpenedRecord } from '../recorded/record.js'
import { type Basis, demandSource } from '../recorded/source.js'
import { askersOf, compileUnder, recordOf } from '../run.js'
import { loadEventsOf, MAX_SEED, type Scenario } from '../scenario.js'
import { loadSubjects } from '../subjects.js'
import { dayOf, isWeekend, workingDay } from '../working-day.js'

const STEP = 5 * MINUTE
export const STEPS_A_DAY = DAY / STEP

export interface StudyOptions {
  readonly scenario?: string
  /** Folder of the plane, where there is no scenario. */
  readonly plane: string
  /** A policy that is at hand: it takes the place of the plane that a scenario or a folder names. */
  readonly on?: Pick<Study, 'document' | 'habits'>
  /** As people write it; absent: the first working day of the scenario, or from now on. */
  readonly day?: string
  readonly seed?: number
}

export interface Study {
  /** One day of it, without events: what `simulate` plays. */
  readonly scenario: Scenario
  readonly document: PolicyDocument
  /** The policy whose promises give demand its size. */
  readonly habits: PolicyDocument
  /** The intact network. */
  readonly plan: Plan
  /** The command's own words that name all this; files and folders by their names alone. */
  readonly words: readonly string[]
  /** Names of the events of its scenario, which no study plays. */
  readonly notPlayed?: readonly Text[]
  /** Where demand is not the model's. */
  readonly recorded?: RecordedDemand
}

/** What a day asks for, and how much of that is recorded. */
interface RecordedDay {
  readonly demand: Float64Array<SharedArrayBuffer>
  readonly basis: Basis
}

interface RecordedDemand extends RecordedDay {
  readonly record: OpenedRecord
  /** The first day off after the day of the study; absent: nobody has asked for it. */
  readonly off?: RecordedDay
}

/**
 * @throws MizaniError USAGE, SCENARIO_INVALID or PLANE_INVALID, with every fault.
 */
export function readStudy(options: StudyOptions, now: UnixMilliseconds): Study {
  const { scenario: file, seed, on } = options
  if (seed !== undefined && seed > MAX_SEED) throw usageError(`--seed ${seed}: expected 0 to ${MAX_SEED}`)
  const { scenario, document, habits } = file === undefined ? planeAlone(options.plane, now, on) : fromFile(file, on)
  const zone = document.plane.timezone
  const from = options.day === undefined ? workingDay(scenario.from, zone) : dayNamed(options.day, now, zone)
  const day = { ...scenario, seed: seed ?? scenario.seed, from, horizon: DAY, step: STEP, events: {} }
  const date = civilTime(from, zone).date
  const { plan } = compileUnder(document, {})
  const words = [
    file === undefined ? `--plane ${typed(basename(resolve(options.plane)))}` : typed(basename(file)),
    `--day ${date}`,
    `--seed ${day.seed}`,
  ]
  const notPlayed = Object.values(scenario.events).map(({ name }) => name)
  return { scenario: day, document, habits, plan, words, notPlayed }
}

function fromFile(name: string, on: StudyOptions['on']): Pick<Study, 'scenario' | 'document' | 'habits'> {
  const { file, plane, document } = readScenario(name, on?.document)
  return { scenario: file.scenario, document, habits: on?.habits ?? plane }
}

function planeAlone(
  folder: string,
  from: UnixMilliseconds,
  on: StudyOptions['on'],
): Pick<Study, 'scenario' | 'document' | 'habits'> {
  const { document, faults } = on ? { document: on.document, faults: [] } : loadPlane(folder)
  if (document === null) throw invalid('PLANE_INVALID', `${folder} is not a usable plane`, faults)
  const { id, name } = document.plane
  const demand = { model: 'seeded' as const, scale: 1, byCategory: {}, byService: {}, byInstitution: {} }
  const about = { format: 1 as const, id, name, story: name, source: '', plane: folder, seed: 1, demand }
  return {
    scenario: { ...about, from, horizon: DAY, step: STEP, changes: [], events: {} },
    document,
    habits: on?.habits ?? document,
  }
}

function dayNamed(text: string, now: UnixMilliseconds, zone: string): UnixMilliseconds {
  const at = readTime(text, { now, zone })
  if (at === undefined) throw usageError(`--day ${text}: expected a day, such as 2026-11-25 (or ${TIME_EXAMPLES})`)
  return dayOf(at, zone)
}

/** A run-out is of days on which people work: another day would be left out, and the next one answered for. */
export function checkWorkingDay({ scenario, document }: Pick<Study, 'scenario' | 'document'>): void {
  const zone = document.plane.timezone
  const dateOf = (at: UnixMilliseconds): string => civilTime(at, zone).date
  if (!isWeekend(scenario.from, zone)) return
  const next = dateOf(workingDay(scenario.from, zone))
  throw usageError(`--day ${dateOf(scenario.from)}: nobody works on that day; the next working day is ${next}`)
}

/** bit/s, [step * flows + flow] over the steps of the day. */
export function demandOfDay(study: Study): Float64Array<SharedArrayBuffer> {
  if (study.recorded !== undefined) return study.recorded.demand
  const flows = study.plan.flows.length
  const write = stepsOfDay(study)
  const demand = new Float64Array(new SharedArrayBuffer(8 * flows * STEPS_A_DAY))
  for (let step = 0; step < STEPS_A_DAY; step++) write(step, demand.subarray(step * flows, (step + 1) * flows))
  return demand
}

/** Writes what a step asks for, bit/s by flow. */
type WriteStep = (step: number, into: Float64Array) => void

export function stepsOfDay({ scenario, plan, document, habits, recorded }: Study): WriteStep {
  if (recorded !== undefined) return fromColumn(recorded)
  const usual = habits === document ? plan : compileUnder(habits, {}).plan
  const offered = createLoadModel(scenario.seed, loadSubjects(plan, usual), loadEventsOf(scenario))
  return (step, into) => offered.fill(scenario.from + step * STEP, into)
}

/** The same of the first day off after it: of a study on recorded demand once that is read (`withDayOff`). */
export function stepsOfDayOff(study: Study): WriteStep {
  const { recorded, scenario } = study
  if (recorded === undefined) return stepsOfDay({ ...study, scenario: { ...scenario, from: dayOffAfter(study) } })
  if (recorded.off === undefined) throw new Error('the day off was not read from the record')
  return fromColumn(recorded.off)
}

const fromColumn =
  ({ demand }: RecordedDay): WriteStep =>
  (step, into) =>
    into.set(demand.subarray(step * into.length, (step + 1) * into.length))

function dayOffAfter({ scenario, document }: Study): UnixMilliseconds {
  let off = scenario.from
  while (!isWeekend(off + DAY / 2, document.plane.timezone)) off += DAY
  return off
}

/** The study with what the record says that its day asks for, where its scenario wants that. */
export async function withRecord(study: Study, folder: string): Promise<Study> {
  const record = await recordOf(study.scenario, study.document, folder)
  return record === null ? study : { ...study, recorded: { record, ...(await readDay(study, record)) } }
}

/**
 * The study with what the record says of the day off after its day, where its demand is recorded.
 * @throws MizaniError USAGE where no day off is recorded: a working day does not stand for one.
 */
export async function withDayOff(study: Study): Promise<Study> {
  const { recorded, scenario, document } = study
  if (recorded === undefined) return study
  const zone = document.plane.timezone
  const dayOff = { ...study, scenario: { ...scenario, from: dayOffAfter(study) } }
  const off = await readDay(dayOff, recorded.record, (slot) => isWeekend(slot, zone))
  if (off.basis.modelled < STEPS_A_DAY) return { ...study, recorded: { ...recorded, off } }
  throw usageError(
    `demand is ${demandWords(study)}: no day off is recorded in that time, and a year has some`,
    'Let the window of the scenario hold a weekend, or take the seeded model.',
  )
}

async function readDay(
  { scenario, plan, document, habits }: Study,
  record: OpenedRecord,
  isLike?: (slot: UnixMilliseconds) => boolean,
): Promise<RecordedDay> {
  const usual = habits === document ? plan : compileUnder(habits, {}).plan
  const source = demandSource(askersOf(scenario, plan, usual), record, isLike)
  const flows = plan.flows.length
  const demand = new Float64Array(new SharedArrayBuffer(8 * flows * STEPS_A_DAY))
  for (let step = 0; step < STEPS_A_DAY; step++)
    await source.fill(scenario.from + step * STEP, demand.subarray(step * flows, (step + 1) * flows))
  return { demand, basis: source.basis }
}

/** In the words of a report. */
export const demandWords = ({ scenario: { demand, seed } }: Pick<Study, 'scenario'>): string =>
  demand.model === 'seeded'
    ? `seeded model, seed ${seed}`
    : `recorded from ${new Date(demand.from).toISOString()} to ${new Date(demand.to).toISOString()}`

/** The steps in which most is asked for together, in the order of the day; the earlier of equals. */
export function busiestSteps(demand: Float64Array, flows: number, count: number): number[] {
  const sums = Array.from({ length: STEPS_A_DAY }, (_, step) => {
    let sum = 0
    for (let i = step * flows; i < (step + 1) * flows; i++) sum += demand[i]!
    return { step, sum }
  })
  const busiest = sums.sort((a, b) => b.sum - a.sum || a.step - b.step).slice(0, count)
  return busiest.map(({ step }) => step).sort((a, b) => a - b)
}

export const timeOfStep = ({ scenario }: Pick<Study, 'scenario'>, step: number): UnixMilliseconds =>
  scenario.from + step * STEP

/** Of everything that the answer depends on. */
export const inputHash = ({ scenario, document, habits, recorded }: Study, options: unknown): string => {
  const record = recorded === undefined ? {} : { record: recorded.record.hash }
  return hashOf({ scenario: { ...scenario, plane: '' }, document, habits, options, ...record } as never)
}

/** As a shell takes it for one word. */
export const typed = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

export function checkWorkers(workers: number): void {
  if (workers < 1 || workers > MAX_WORKERS) throw usageError(`--workers ${workers}: expected 1 to ${MAX_WORKERS}`)
}
