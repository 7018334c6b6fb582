// What a planner asks through the API is answered by what answers the commands: the same study, the same report, the
// same files. Here is only what stands between: sheets and scenarios become files of the folder, the policy is the one
// that was handed in, and beside the report lie its tables for whoever asks for one of them.

import { closeSync, mkdirSync, openSync, symlinkSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Text } from '../../model/network.js'
import type { SimulationAsked } from '../../model/simulation.js'
import { applyChanges } from '../../policy/document/diff.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { validatePolicy } from '../../policy/document/validate.js'
import type { Change } from '../../policy/revisions/proposal.js'
import { shippedFile, VERSION } from '../../runtime/config.js'
import { invalid } from '../../runtime/errors.js'
import { readScenario } from '../base.js'
import { renderFiles, resultHash as runHash, writeFiles as writeRun } from '../report.js'
import { type Run, simulate } from '../run.js'
import { stepsOf } from '../scenario.js'
import { buyAnswer } from '../study/buy-command.js'
import { compareReports } from '../study/compare.js'
import { failuresAnswer } from '../study/failures-command.js'
import { futuresAnswer } from '../study/futures-command.js'
import { poolRunner } from '../study/futures-parts.js'
import type { Answer, Asked } from '../study/plan-command.js'
import { inChunks, writeFiles } from '../study/plan-files.js'
import { type PlanReport, type PlanSheet, resultHash, text } from '../study/plan-report.js'
import { runoutAnswer } from '../study/runout-command.js'
import { readStudy, withRecord } from '../study/study.js'
import { tablesOf, timelineOf } from '../tables.js'
import { ANSWER, FINDINGS, tableFile } from './answer-files.js'
import { playedTable } from './played-tables.js'

/** What the process finds in its folder. */
export interface Ask {
  readonly asked: SimulationAsked
  /** In force. */
  readonly document: PolicyDocument
  /** Of the proposal that is asked about; null: none is. */
  readonly changes: readonly Change[] | null
  readonly workers: number
  /** Folder of the record. */
  readonly record: string
}

/** Sheets as files of the folder in which the process runs; reports name them so. */
const SHEETS = { offers: 'offers.csv', outages: 'outages.csv' } as const

/**
 * Answers in the folder in which it runs.
 * @throws MizaniError as the command of that kind.
 */
export async function answerHere(ask: Ask, progress: Asked['progress']): Promise<void> {
  const { asked, workers, record } = ask
  mkdirSync(ANSWER)
  for (const [name, file] of Object.entries(SHEETS)) {
    const sheet = asked[name as keyof typeof SHEETS]
    if (sheet !== undefined) writeFileSync(file, sheet)
  }
  if (asked.kind === 'compare') return write(comparison(asked), null)
  const on = { document: proposed(ask), habits: ask.document }
  const scenario = scenarioFile(asked)
  if (asked.kind === 'simulate') return writePlayed(await played(on, scenario ?? '', ask, progress), on.document)
  const { day, seed } = asked
  const options = { ...(day && { day }), ...(seed !== undefined && { seed }), ...(scenario && { scenario }) }
  // Its day is named, by the question or by the scenario: nothing depends on when it is answered.
  const study = await withRecord(readStudy({ ...options, plane: on.document.plane.id, on }, 0), record)
  write(await answerOf(asked, workers)({ study, workers, record, progress }), study.scenario.from)
}

/** The policy that is asked of. */
function proposed({ document, changes }: Ask): PolicyDocument {
  if (changes === null) return document
  const { document: after, faults } = validatePolicy(applyChanges(document, changes))
  if (after === null) throw invalid('POLICY_INVALID', 'What is proposed makes no usable policy', faults)
  return after
}

function scenarioFile({ scenario }: SimulationAsked): string | undefined {
  if (scenario === undefined) return undefined
  if (typeof scenario === 'string') return shippedFile(`config/scenarios/${scenario}.yaml`)
  // JSON is YAML.
  const file = `${String(scenario.id)}.yaml`
  writeFileSync(file, JSON.stringify({ plane: '.', ...scenario }, null, 1))
  return file
}

function answerOf({ kind, ...asked }: SimulationAsked, workers: number): Answer {
  const { busiest, pairs, anyOne, years, growth = '', keep = '', draws, year, minutes, moments } = asked
  const many = { ...(busiest && { busiest }), ...(years && { years }), ...(anyOne && { anyOne }) }
  switch (kind) {
    case 'runout':
      return runoutAnswer({ ...many, growth })
    case 'buy':
      return buyAnswer({ ...many, keep, offers: SHEETS.offers, ...(growth && { growth }) })
    case 'futures':
      return futuresAnswer(
        {
          ...{ growth, ...(draws && { draws }), ...(year && { year }), ...(moments && { moments }) },
          ...(minutes === undefined ? {} : { minutes: String(minutes) }),
          ...(asked.outages === undefined ? {} : { outages: SHEETS.outages }),
          ...(asked.offers === undefined ? {} : { offers: SHEETS.offers }),
        },
        (input) => poolRunner(input, workers),
      )
    default:
      return failuresAnswer({ ...(busiest && { busiest }), ...(pairs && { pairs }) })
  }
}

/** Both lie beside the folder in which it runs. */
function comparison({ a = '', b = '' }: SimulationAsked): PlanReport {
  for (const id of new Set([a, b])) symlinkSync(join('..', id), id)
  return compareReports(a, b, 'UTC')
}

async function played(
  { document, habits }: Pick<Ask, 'document'> & { readonly habits: PolicyDocument },
  file: string,
  { asked, workers, record }: Ask,
  progress: Asked['progress'],
): Promise<Run> {
  const read = readScenario(file, document)
  const scenario = asked.seed === undefined ? read.file.scenario : { ...read.file.scenario, seed: asked.seed }
  const onProgress = progress(stepsOf(scenario), 'steps')
  return simulate(scenario, read.document, { workers, habits, record, onProgress })
}

// ---- what is written

interface Findings {
  readonly title: Text
  readonly zone: string
  /** Begin of its day, or of its story; null: it has none. UTC milliseconds. */
  readonly from: number | null
  readonly engine: string
  readonly inputHash: string
  /** As the command prints it. */
  readonly result: string
  readonly command: string
  readonly facts: readonly { readonly name: Text; readonly value: string | Text }[]
  readonly findings: readonly Text[]
  readonly limits: readonly Text[]
  /** Sheets are long. */
  readonly tables: readonly NamedTable[]
}

interface NamedTable {
  readonly id: string
  readonly title: Text
  readonly isSheet: boolean
  readonly rows: number
}

function write(report: PlanReport, from: number | null): void {
  writeFiles(report, 'en', ANSWER)
  const { title, zone, inputHash, command, findings, limits, sheets = [] } = report
  const tables = [
    ...report.tables.map((table) => writeTable({ ...table, rows: () => table.rows }, false)),
    ...sheets.map((sheet) => writeTable(sheet, true)),
  ]
  writeFindings({
    ...{ title, zone, from, engine: VERSION, inputHash, result: resultHash(report), command, findings, limits },
    facts: report.facts.map(([name, value]) => ({ name, value })),
    tables,
  })
}

/** A scenario that was played. */
function writePlayed(run: Run, document: PolicyDocument): void {
  const files = renderFiles(run)
  writeRun(files, ANSWER)
  const { scenario, stamp, outcome, plan } = run
  const below = outcome.institutions.filter(({ minutesBelow }) => minutesBelow > 0).length
  const all = outcome.institutions.length
  const known = { document, events: scenario.events }
  const tables = Object.entries(tablesOf(run)).map(([id, { columns, rows }]) =>
    writeTable(playedTable(id, { columns, rows: () => rows }, known), false),
  )
  tables.push(writeTable(playedTable('timeline', timelineOf(run), known), true))
  const { name, timezone: zone } = document.plane
  const hash = plan.hash.slice(0, SHORT_HASH)
  writeFindings({
    ...{ title: scenario.name, zone, from: scenario.from, engine: stamp.engine, inputHash: stamp.scenarioHash },
    ...{ result: runHash(files), command: `mizani simulate ${scenario.id}.yaml --seed ${scenario.seed}` },
    facts: [
      { name: text('plane', 'mtandao'), value: text(`${name.en}, ${hash}`, `${name.sw}, ${hash}`) },
      { name: text('seed', 'mbegu'), value: String(scenario.seed) },
    ],
    findings: [
      scenario.story,
      text(
        below === 1
          ? `1 of ${all} institutions falls below what it is promised.`
          : `${below} of ${all} institutions fall below what they are promised.`,
        below === 1
          ? `Taasisi 1 kati ya ${all} inapata chini ya ilichoahidiwa.`
          : `Taasisi ${below} kati ya ${all} zinapata chini ya zilichoahidiwa.`,
      ),
    ],
    limits: [],
    tables,
  })
}

/** As many of its digits as people compare. */
const SHORT_HASH = 23

const writeFindings = (findings: Findings): void =>
  writeFileSync(join(ANSWER, FINDINGS), JSON.stringify(findings, null, 1))

/** A row a line, so that the first ones can be read without the others. */
function writeTable({ id, title, columns, rows }: PlanSheet, isSheet: boolean): NamedTable {
  let count = 0
  function* pieces(): Generator<string> {
    yield `${JSON.stringify({ id, title, columns }).slice(0, -1)},"rows":[`
    for (const row of rows()) yield `${count++ === 0 ? '' : ','}\n${JSON.stringify(row)}`
    yield '\n]}\n'
  }
  const file = openSync(join(ANSWER, tableFile(id)), 'w')
  try {
    for (const piece of inChunks(pieces())) writeSync(file, piece)
  } finally {
    closeSync(file)
  }
  return { id, title, isSheet, rows: count }
}
