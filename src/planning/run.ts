// A run: a scenario through the production compile and solve, in the worker pool.
//
//   scenario + document --compile once per conditions--> problems --chunks of steps, in threads--> ledger --> outcome
//
// Chunks have a length that depends on the scenario alone and each writes its own rows of the ledger, so the number of
// workers changes the time a run takes and nothing else.

import { canonicalJson } from '../model/canonical.js'
import type { LoadSubject } from '../model/load.js'
import type { Conditions } from '../model/network.js'
import type { Plan } from '../model/plan.js'
import { HOUR } from '../model/units.js'
import { type Compiled, compile, provisionalIndexes } from '../policy/compile/compile.js'
import { hashOf } from '../policy/document/canonical.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { VERSION } from '../runtime/config.js'
import { createPool } from '../runtime/pool.js'
import { createLedger, type Ledger } from './ledger.js'
import { outcomeOf } from './metrics.js'
import type { Outcome } from './outcome.js'
import type { PlayedChunk, PlayPhase, PlayTask } from './play.js'
import { type PlayedPhase, type Playthrough, rowNames } from './playthrough.js'
import { loadEventsOf, phasesOf, type Scenario, stepsOf } from './scenario.js'
import { loadSubjects } from './subjects.js'

/** A chunk is whole hours: at least this many, and no more chunks than this. */
const CHUNK_HOURS = 6
const MOST_CHUNKS = 64

/** What identifies a run: two runs with equal stamps have equal bytes. */
export interface RunStamp {
  readonly scenario: string
  readonly scenarioHash: string
  /** Of the policy document as it was compiled, the scenario's changes included. */
  readonly planeHash: string
  readonly seed: number
  readonly engine: string
}

export interface Run {
  readonly stamp: RunStamp
  readonly scenario: Scenario
  readonly plan: Plan
  readonly outcome: Outcome
  readonly ledger: Ledger
  readonly causes: Playthrough['causes']
}

export interface RunOptions {
  readonly workers: number
  /** The policy whose guarantees give the offered load its size; a change of promises is no change of habits. */
  readonly habits?: PolicyDocument
  /** Steps played so far. */
  readonly onProgress?: (steps: number) => void
}

/** Plays a scenario over a document that has been validated. The answer depends on the first two arguments alone. */
export async function simulate(
  scenario: Scenario,
  document: PolicyDocument,
  { workers, habits = document, onProgress = () => undefined }: RunOptions,
): Promise<Run> {
  const phases = playedPhases(scenario, document)
  const { plan, problem } = phases[0]!
  const hours = scenario.horizon / HOUR
  const chunkHours = Math.max(CHUNK_HOURS, Math.ceil(hours / MOST_CHUNKS))
  const ledger = createLedger({
    steps: stepsOf(scenario),
    hours,
    flows: problem.shape.flows,
    links: problem.shape.links,
    institutions: plan.institutions.length,
    rows: rowNames(plan).length,
    chunks: Math.ceil(hours / chunkHours),
  })
  const subjects = loadSubjects(plan, habits === document ? plan : compileUnder(habits, {}).plan)
  const pool = createPool<PlayTask, PlayedChunk>('simulate', workers)
  const causes: PlayedChunk['causes'][] = []
  try {
    let played = 0
    const playAndTell = async (task: PlayTask) => {
      const done = await pool.run(task)
      causes[done.chunk] = done.causes
      played += done.steps
      onProgress(played)
    }
    await Promise.all(chunksOf(scenario, phases, ledger, subjects, chunkHours).map(playAndTell))
  } finally {
    await pool.close()
  }
  const stamp = {
    scenario: scenario.id,
    scenarioHash: hashOf(scenario),
    planeHash: plan.hash,
    seed: scenario.seed,
    engine: VERSION,
  }
  return { stamp, scenario, plan, outcome: outcomeOf({ scenario, phases, ledger, causes }), ledger, causes }
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
  subjects: readonly LoadSubject[],
  chunkHours: number,
): PlayTask[] {
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
    subjects,
    loadEvents: loadEventsOf(scenario),
    seed: scenario.seed,
    from: scenario.from,
    step: scenario.step,
  }
  return Array.from({ length: shape.chunks }, (_, chunk) => {
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
