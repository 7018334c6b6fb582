// What all plan commands share: options, progress, and how a report is printed and written.

import { join } from 'node:path'
import cliProgress from 'cli-progress'
import { toSeconds } from '../../model/units.js'
import { systemClock } from '../../runtime/clock.js'
import { loadSettings } from '../../runtime/config.js'
import { messageOf, usageError } from '../../runtime/errors.js'
import { type Io, langOf } from '../../runtime/io.js'
import { compareReports } from './compare.js'
import { inChunks, writeFiles } from './plan-files.js'
import { type Language, type PlanReport, renderCsv, renderJson, renderText, resultHash } from './plan-report.js'
import { checkWorkers, readStudy, type Study, withRecord } from './study.js'

export interface PlanArgs {
  readonly scenario?: string
  readonly plane?: string
  readonly day?: string
  readonly seed?: number
  readonly workers?: number
  /** Folder of the record; absent: that of the data folder. */
  readonly record?: string
  readonly out?: string
  readonly json?: boolean
  readonly csv?: boolean
  readonly lang?: Language
}

export interface Asked {
  readonly study: Study
  readonly workers: number
  /** Folder of the record. */
  readonly record: string
  /** Tells how much of `of` is done to the person who waits. */
  progress(of: number, what: string): (done: number) => void
}

/** What a command says of what it is asked of. */
export type Answer = (asked: Asked) => Promise<PlanReport>

/** Reads what is asked of, answers it, prints the answer and writes its files. */
export async function runPlan(args: PlanArgs, io: Io, answer: Answer): Promise<void> {
  const settings = loadSettings({ env: io.env, flags: args.plane === undefined ? {} : { plane: args.plane } })
  const { workers = settings.workers } = args
  checkWorkers(workers)
  if (args.json === true && args.csv === true) throw usageError('--json and --csv: expected one of them')
  const now = systemClock.wall()
  const record = args.record ?? join(settings.data, 'history')
  const study = await withRecord(readStudy({ ...args, plane: settings.plane }, now), record)
  const started = systemClock.monotonic()
  let bar: cliProgress.SingleBar | null = null
  const progress = (of: number, what: string) => {
    bar?.stop()
    bar = progressBar(io, of, what)
    return (done: number) => bar?.update(done)
  }
  const report = await answer({ study, workers, record, progress }).finally(() => bar?.stop())
  const seconds = toSeconds(systemClock.monotonic() - started)
  const lang = args.lang ?? langOf(io)
  for (const text of inChunks(printed(report, args, lang))) io.stdout.write(text)
  if (args.out !== undefined) write(report, args.out, lang)
  const into = args.out === undefined ? '' : `; written to ${args.out}`
  io.stderr.write(`${seconds.toFixed(1)} s, ${workers} workers; result ${resultHash(report)}${into}\n`)
}

/** `mizani compare`: two reports that were written before. */
export function runCompare(
  { a, b, ...args }: Pick<PlanArgs, 'json' | 'csv' | 'out' | 'lang'> & { a: string; b: string },
  io: Io,
): void {
  // Times in the reports are written out; nothing here is of a zone.
  const report = compareReports(a, b, 'UTC')
  const lang = args.lang ?? langOf(io)
  for (const text of inChunks(printed(report, args, lang))) io.stdout.write(text)
  if (args.out !== undefined) write(report, args.out, lang)
}

function printed(report: PlanReport, { json, csv }: PlanArgs, lang: Language): Iterable<string> {
  if (json === true) return renderJson(report)
  return csv === true ? renderCsv(report, report.tables[0]!) : [renderText(report, lang)]
}

function write(report: PlanReport, out: string, lang: Language): void {
  try {
    writeFiles(report, lang, out)
  } catch (error) {
    throw usageError(`--out ${out}: ${messageOf(error)}`, 'Name a folder; one that is not there is made.')
  }
}

function progressBar({ terminal }: Io, of: number, what: string): cliProgress.SingleBar | null {
  if (terminal === undefined) return null
  const format = `{bar} {percentage} %  {value} of {total} ${what}, {eta} s left`
  const bar = new cliProgress.SingleBar({ format, barsize: 30, clearOnComplete: true, stream: terminal })
  bar.start(of, 0)
  return bar
}
