// A run: a scenario through the production compile and solve, in the worker pool.
//
//   scenario + document --compile per conditions--> problems --chunks, in threads--> ledger, sums, loads --> outcome
//
// Chunks have a length that depends on the scenario alone, each writes its own rows of the ledger and hands over sums
// and loads of its own, so the number of workers changes the time a run takes and nothing else.

import { canonicalJson } from '../model/canonical.js'
import type { Conditions } from '../model/network.js'
import type { Plan } from '../model/plan.js'
import { HOUR } from '../model/units.js'
import { type Compiled, compile, provisionalIndexes } from '../policy/compile/compile.js'
import { hashOf } from '../policy/document/canonical.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { VERSION } from '../runtime/config.js'
import { createPool } from '../runtime/pool.js'
import { createLedger, type Ledger } from './ledger.js'
import { LinkLoads } from './link-loads.js'
import { outcomeOf } from './metrics.js'
import type { Outcome } from './outcome.js'
import type { PlayedChunk, PlayPhase, PlayTask } from './play.js'
import { type PlayedPhase, type Playthrough, rowNames } from './playthrough.js'
import { openRecord } from './recorded/record.js'
import { type Askers, BASIS, type Basis, noBasis } from './recorded/source.js'
import { loadEventsOf, phasesOf, type Scenario, stepsOf } from './scenario.js'
import { loadSubjects } from './subjects.js'
import { RunSums, type Sums } from './sums.js'

/** A chunk is whole hours: at least this many, and no more chunks than this. */
const CHUNK_HOURS = 6
const MOST_CHUNKS = 64
/** A day of the record is read once. */
const RECORDED_CHUNK_HOURS = 24
/** Longer runs have needs without headroom, and of links those that several share: a year has to fit into memory. */
const MOST_DETAILED_STEPS = 8 * 288

/** What identifies a run: two runs with equal stamps have equal bytes. */
export interface RunStamp {
  readonly scenario: string
  readonly scenarioHash: string
  /** Of the policy document as it was compiled, the scenario's changes included. */
  readonly planeHash: string
  readonly seed: number
  readonly engine: string
  /** Of what was recorded in the demand's window; absent: demand is modelled. */
  readonly recordHash?: string
}

export interface Run {
  readonly stamp: RunStamp
  readonly scenario: Scenario
  readonly plan: Plan
  readonly outcome: Outcome
  readonly ledger: Ledger
  readonly sums: Sums
  readonly loads: LinkLoads
  readonly loaded: Playthrough['loaded']
  readonly withRates: boolean
  /** What the demand of its steps came from. */
  readonly basis: Basis
}

export interface RunOptions {
  readonly workers: number
  /** The policy whose guarantees give the offered load its size; a change of promises is no change of habits. */
  readonly habits?: PolicyDocument
  /** Folder of the record, for a scenario of recorded demand. */
  readonly record?: string
  /** Steps played so far. */
  readonly onProgress?: (steps: number) => void
}

/** Plays a scenario over a document that has been validated. The answer depends on the first two arguments alone. */
export async function simulate(
  scenario: Scenario,
  document: PolicyDocument,
  { workers, habits = document, record = '', onProgress = () => undefined }: RunOptions,
): Promise<Run> {
  const phases = playedPhases(scenario, document)
  const { plan, problem } = phases[0]!
  const hours = scenario.horizon / HOUR
  const isRecorded = scenario.demand.model === 'recorded'
  const chunkHours = Math.max(isRecorded ? RECORDED_CHUNK_HOURS : CHUNK_HOURS, Math.ceil(hours / MOST_CHUNKS))
  const steps = stepsOf(scenario)
  const withRates = steps <= MOST_DETAILED_STEPS
  const loaded = plan.links.flatMap(({ kind }, l) => (withRates || !isOfOne(kind) ? [l] : []))
  const ledger = createLedger({
    ...{ steps, flows: problem.shape.flows },
    institutions: plan.institutions.length,
    rows: rowNames(plan).length,
  })
  const flowsOf = plan.institutions.map(({ flows }) => flows)
  const sums = new RunSums(ledger.shape, flowsOf, loaded.length)
  const loads = new LinkLoads(phases, loaded)
  const usual = habits === document ? plan : compileUnder(habits, {}).plan
  const recorded = await recordOf(scenario, document, record)
  const demand = { askers: askersOf(scenario, plan, usual), recorded, loaded, withRates }
  const pool = createPool<PlayTask, PlayedChunk>('simulate', workers)
  const basis = noBasis()
  try {
    let played = 0
    // One after the other to whoever is free, for a pool promises no order: sums wait for those of the chunks before.
    const waiting = chunksOf(scenario, phases, ledger, demand, chunkHours).values()
    const playOn = async () => {
      for (const chunk of waiting) {
        const { loads: carried, ...done } = await pool.run({ ...chunk, exceeding: sums.exceeding() })
        sums.take(done)
        loads.take(done.firstStep, carried)
        for (const each of BASIS) basis[each] += done.basis[each]
        played += done.steps
        onProgress(played)
      }
    }
    await Promise.all(Array.from({ length: workers }, playOn))
  } finally {
    await pool.close()
  }
  const stamp = {
    scenario: scenario.id,
    scenarioHash: hashOf(scenario),
    planeHash: plan.hash,
    seed: scenario.seed,
    engine: VERSION,
    ...(recorded === null ? {} : { recordHash: recorded.hash }),
  }
  const outcome = outcomeOf({ scenario, phases, ledger, sums, loads, loaded, withRates })
  return { stamp, scenario, plan, outcome, ledger, sums, loads, loaded, withRates, basis }
}

/** Links of one institution's alone. */
const isOfOne = (kind: string): boolean => kind === 'access' || kind === 'ceiling'

/** Who asks in a scenario. */
export function askersOf(scenario: Scenario, plan: Plan, usual: Plan): Askers {
  const ids = plan.flows.map(({ id }) => id)
  return { seed: scenario.seed, ids, subjects: loadSubjects(plan, usual), events: loadEventsOf(scenario) }
}

/** What a scenario's demand is read from; null: it is modelled. */
export async function recordOf({ demand }: Scenario, document: PolicyDocument, folder: string) {
  if (demand.model !== 'recorded') return null
  return openRecord(folder, { from: demand.from, to: demand.to }, compileUnder(document, {}))
}

/** The phases of a scenario with plan and problem; phases under equal conditions share one compile. */
function playedPhases(scenario: Scenario, document: PolicyDocument): PlayedPhase[] {
  const compiled = new Map<string, Compiled>()
  return phasesOf(scenario).map((phase) => {
    const key = canonicalJson(phase.conditions)
    const known = compiled.get(key) ?? compileUnder(document, phase.conditions)
    compiled.set(key, known)
    return { ...phase, plan: known.plan, problem: known.problem }
  })
}

export function compileUnder(document: PolicyDocument, conditions: Conditions): Compiled {
  return compile(document, { revision: 1, hash: hashOf(document), indexes: provisionalIndexes(document), conditions })
}

function chunksOf(
  scenario: Scenario,
  phases: readonly PlayedPhase[],
  ledger: Ledger,
  demand: Pick<PlayTask, 'askers' | 'recorded' | 'loaded' | 'withRates'>,
  chunkHours: number,
): Omit<PlayTask, 'exceeding'>[] {
  const { plan } = phases[0]!
  const { shape, buffer } = ledger
  const stepsPerHour = HOUR / scenario.step
  const stepsPerChunk = chunkHours * stepsPerHour
  const playable = phases.map(
    ({ firstStep, endStep, plan: { unreachable }, problem }): PlayPhase => ({
      firstStep,
      endStep,
      shape: problem.shape,
      buffer: problem.buffer,
      unreachable: [...unreachable],
    }),
  )
  const common = {
    ledger: { shape, buffer },
    stepsPerHour,
    institutionOf: institutionsByFlow(plan),
    ...demand,
    from: scenario.from,
    step: scenario.step,
  }
  return Array.from({ length: Math.ceil(shape.steps / stepsPerChunk) }, (_, chunk) => {
    const firstStep = chunk * stepsPerChunk
    const endStep = Math.min(shape.steps, firstStep + stepsPerChunk)
    const met = playable.filter((phase) => phase.firstStep < endStep && firstStep < phase.endStep)
    return { ...common, chunk, firstStep, endStep, phases: met }
  })
}

/** i32 by flow: place of its institution in the plan; -1: an edge's own traffic. */
function institutionsByFlow(plan: Plan): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(plan.flows.length * Int32Array.BYTES_PER_ELEMENT)
  const column = new Int32Array(buffer).fill(-1)
  for (const [n, { flows }] of plan.institutions.entries()) for (const flow of flows) column[flow] = n
  return buffer
}
