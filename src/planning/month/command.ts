// `mizani plan month`: the month of one institution, or of each, as pages and one sheet of all.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { civilTime, readTime } from '../../model/civil-time.js'
import type { Text } from '../../model/network.js'
import { DAY, SLOT, toSeconds, type UnixMilliseconds } from '../../model/units.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { loadPlane } from '../../policy/files/files.js'
import { Archive } from '../../record/archive.js'
import { systemClock } from '../../runtime/clock.js'
import { loadSettings } from '../../runtime/config.js'
import { invalid, MizaniError, messageOf, usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { didYouMean } from '../../runtime/near-word.js'
import { createPool } from '../../runtime/pool.js'
import { writeSheet } from '../../runtime/sheet.js'
import { planeText, tierText } from '../study/plan-words.js'
import { checkWorkers } from '../study/study.js'
import type { Span } from './figures.js'
import { daysBetween, SUMMARY, type Subject } from './report.js'
import type { MonthAnswer, MonthTask } from './task.js'

/** Institutions a task: their days are read together. */
const TOGETHER = 35

export interface MonthArgs {
  readonly institution?: string
  readonly all?: boolean
  readonly month: string
  readonly out: string
  readonly plane?: string
  readonly record?: string
  readonly workers?: number
}

/** @throws MizaniError USAGE, PLANE_INVALID, NOT_FOUND where nothing of the month is recorded. */
export async function runPlanMonth(args: MonthArgs, io: Io): Promise<void> {
  const settings = loadSettings({ env: io.env, flags: args.plane === undefined ? {} : { plane: args.plane } })
  const { workers = settings.workers, record = join(settings.data, 'history'), out } = args
  checkWorkers(workers)
  const { document, faults } = loadPlane(settings.plane)
  if (document === null) throw invalid('PLANE_INVALID', `${settings.plane} is not a usable plane`, faults)
  const started = systemClock.monotonic()
  const subjects = subjectsOf(args, document)
  const zone = document.plane.timezone
  const span = monthOf(args.month, zone)
  const common = {
    ...{ folder: record, span, days: daysBetween(span, zone, (date) => midnight(date, zone)), out },
    words: {
      ...{ month: args.month, zone, plane: planeText(document.plane), services: namesOf(document.services) },
      command: commandOf(args),
      inputHash: recordHash(record, span),
    },
  }
  makeFolder(out)
  const tasks = Array.from({ length: Math.ceil(subjects.length / TOGETHER) }, (_, n) =>
    subjects.slice(n * TOGETHER, (n + 1) * TOGETHER),
  )
  const pool = createPool<MonthTask, MonthAnswer>('month', Math.min(workers, tasks.length))
  const run = (some: readonly Subject[]) => pool.run({ ...common, subjects: some })
  const rows = await Promise.all(tasks.map(run)).finally(() => pool.close())
  writeFileSync(
    join(out, 'month.csv'),
    writeSheet(
      [...SUMMARY],
      rows.flat().map((row) => [...row]),
    ),
  )
  const seconds = toSeconds(systemClock.monotonic() - started).toFixed(1)
  io.stdout.write(`${subjects.length} pages in each language, and month.csv, in ${out}\n`)
  io.stderr.write(`${seconds} s, ${workers} workers; record ${common.words.inputHash.slice(0, 23)}\n`)
}

/** In the order of their rows. */
function subjectsOf({ institution, all = false }: MonthArgs, document: PolicyDocument): Subject[] {
  const { institutions } = document
  if ((institution === undefined) === !all) throw usageError('expected one of --institution ID and --all')
  if (institution !== undefined && !Object.hasOwn(institutions, institution)) {
    const near = didYouMean(institution, Object.keys(institutions))
    throw usageError(`--institution ${institution}: the policy has no such institution${near}`)
  }
  const rowOrder = (a: string, b: string): number => (`${a}/` < `${b}/` ? -1 : 1)
  const ids = institution === undefined ? Object.keys(institutions).sort(rowOrder) : [institution]
  return ids.map((id) => {
    const { name, category, region, tier } = institutions[id]!
    const [kind, place] = [document.categories[category]!.name, document.regions[region]!.name]
    return { id, name, category: kind, region: place, tier: tierText({ document }, tier) }
  })
}

const namesOf = (all: Readonly<Record<string, { readonly name: Text }>>): Record<string, Text> =>
  Object.fromEntries(Object.entries(all).map(([id, { name }]) => [id, name]))

/** Where clocks leap over midnight the day begins with the hour that is there. */
const midnight = (date: string, zone: string): UnixMilliseconds =>
  Math.ceil((readTime(`${date} 00:00`, { now: 0, zone }) ?? readTime(`${date} 01:00`, { now: 0, zone })!) / SLOT) * SLOT

function monthOf(month: string, zone: string): Span {
  if (!/^[12]\d{3}-(0[1-9]|1[0-2])$/.test(month))
    throw usageError(`--month ${month}: expected a month, such as 2024-05`)
  const from = midnight(`${month}-01`, zone)
  const next = civilTime(from + 31 * DAY + DAY / 2, zone).date.slice(0, 7)
  return { from, before: midnight(`${next}-01`, zone) }
}

/** Of the files that may hold the month. */
function recordHash(folder: string, { from, before }: Span): string {
  if (!existsSync(folder)) throw nothingRecorded(folder)
  const archive = new Archive(folder)
  const hash = createHash('sha256')
  let files = 0
  for (let day = from - (from % DAY); day < before; day += DAY) {
    for (const file of archive.filesOf(day).files) {
      hash.update(`${day} ${basename(file)} ${statSync(file).size}\n`)
      files++
    }
  }
  if (files === 0) throw nothingRecorded(folder)
  return `sha256:${hash.digest('hex')}`
}

const nothingRecorded = (folder: string): MizaniError =>
  new MizaniError({
    code: 'NOT_FOUND',
    message: `Nothing of that month is recorded in ${folder}.`,
    advice: 'Name another month, or the folder of the record with --record.',
  })

function makeFolder(out: string): void {
  try {
    mkdirSync(out, { recursive: true })
  } catch (error) {
    throw usageError(`--out ${out}: ${messageOf(error)}`, 'Name a folder; one that is not there is made.')
  }
}

function commandOf({ institution, month, out }: MonthArgs): string {
  const whom = institution === undefined ? '--all' : `--institution ${institution}`
  return `mizani plan month ${whom} --month ${month} --out ${out}`
}
