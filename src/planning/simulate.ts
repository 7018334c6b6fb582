// `mizani simulate`: reads a scenario file, plays it, prints the report and writes its files.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import cliProgress from 'cli-progress'
import { toSeconds } from '../model/units.js'
import { systemClock } from '../runtime/clock.js'
import { loadSettings } from '../runtime/config.js'
import { messageOf, usageError } from '../runtime/errors.js'
import { mindMemory } from '../runtime/heap.js'
import type { Io } from '../runtime/io.js'
import { MAX_WORKERS } from '../runtime/limits.js'
import { readScenario } from './base.js'
import { renderFiles, renderText, resultHash, writeFiles } from './report.js'
import { simulate } from './run.js'
import { MAX_SEED, scenarioJsonSchema, stepsOf } from './scenario.js'

export interface SimulateArgs {
  /** Absent: only with `schema`. */
  readonly scenario?: string
  readonly schema?: boolean
  readonly out?: string
  readonly seed?: number
  readonly workers?: number
  /** Folder of the record; absent: that of the data folder. */
  readonly record?: string
  readonly json?: boolean
}

/** Made before the play, so that nobody waits for a report that cannot be written. */
function makeFolder(out: string): void {
  try {
    mkdirSync(out, { recursive: true })
  } catch (error) {
    const isFile = ['EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
    if (!isFile) throw usageError(`--out ${out}: ${messageOf(error)}`)
    throw usageError(`--out ${out}: there is a file of that name.`, 'Name a folder; one that is not there is made.')
  }
}

/** Plays a scenario file, prints the report and, with `out`, writes it as CSV and JSON. */
export async function runSimulate(args: SimulateArgs, io: Io): Promise<void> {
  mindMemory()
  if (args.schema === true) {
    io.stdout.write(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`)
    return
  }
  if (args.scenario === undefined) throw usageError('expected a scenario file, or --schema')
  const settings = loadSettings({ env: io.env })
  const { seed, workers = settings.workers, record = join(settings.data, 'history') } = args
  if (workers < 1 || workers > MAX_WORKERS) throw usageError(`--workers ${workers}: expected 1 to ${MAX_WORKERS}`)
  if (seed !== undefined && seed > MAX_SEED) throw usageError(`--seed ${seed}: expected 0 to ${MAX_SEED}`)
  const { file, plane, document } = readScenario(args.scenario)
  const scenario = seed === undefined ? file.scenario : { ...file.scenario, seed }
  if (args.out !== undefined) makeFolder(args.out)

  const started = systemClock.monotonic()
  const bar = progressBar(io, stepsOf(scenario))
  const onProgress = (steps: number) => bar?.update(steps)
  const options = { workers, habits: plane, record, onProgress }
  const run = await simulate(scenario, document, options).finally(() => bar?.stop())
  const seconds = toSeconds(systemClock.monotonic() - started)

  const files = renderFiles(run)
  io.stdout.write(args.json ? files.get('report.json')! : renderText(run))
  if (args.out !== undefined) writeFiles(files, args.out)
  io.stderr.write(
    `${stepsOf(scenario)} steps in ${seconds.toFixed(1)} s, ${workers} workers; result ${resultHash(files)}` +
      `${args.out === undefined ? '' : `; ${files.size} files in ${args.out}`}\n`,
  )
}

function progressBar({ terminal }: Io, steps: number): cliProgress.SingleBar | null {
  if (terminal === undefined) return null
  const bar = new cliProgress.SingleBar({
    format: '{bar} {percentage} %  {value} of {total} steps, {eta} s left',
    barsize: 30,
    clearOnComplete: true,
    stream: terminal,
  })
  bar.start(steps, 0)
  return bar
}
