// Question: what does it cost to remember a nation, and does a year fit?
//
// Goal      recording takes less than 1 % of a core, and 13 months of the default plane fit the 20 GB of its settings.
// Non-goal  the time of the disk: CPU is counted, of all threads, so that neighbours on the machine matter little.
//
// Method    One day of the default plane under the seeded load of an office day, one tick a slot, through the
//           production controller, recorder, archive and merge. What a day takes on disk depends on the figures, not
//           on how many ticks they are means of. The cost of a real day is worked out from its parts: 86,400 ticks
//           taken in, 288 slots written, one merge, 24 rounds of tidying. For the year that day's own files stand
//           under 430 dates (hard links), and the production retention is let loose on them.

import { createHash } from 'node:crypto'
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLoadModel, type LoadModel } from '../src/model/load.js'
import type { Plan } from '../src/model/plan.js'
import { DAY, SLOT } from '../src/model/units.js'
import type { PolicyDocument } from '../src/policy/document/document.js'
import { loadPlane } from '../src/policy/files/files.js'
import { Archive, type Bound } from '../src/record/archive.js'
import { Counters } from '../src/record/counters.js'
import { institutionHistory } from '../src/record/history.js'
import { Recorder } from '../src/record/recorder.js'
import { shippedFile } from '../src/runtime/config.js'
import { createLogger } from '../src/runtime/log.js'
import { archiveHere } from '../test/record/world.js'
import { Loop } from '../test/tick/loop.js'

const SEED = 20261125
const TICKS_A_DAY = 86_400
const SLOTS_A_DAY = DAY / SLOT
const TIDIES_A_DAY = 24
/** As config/mizani.yaml has them. */
const BOUND = { months: 13, bytes: 20e9 }
const DAYS_KEPT = BOUND.months * 31
const DATES = 430

export interface RecordingCost {
  /** CPU milliseconds of one tick taken in, one slot written, one day merged, one round of tidying. */
  readonly tick: number
  readonly slot: number
  readonly merge: number
  readonly tidy: number
  /** Part of a core that recording takes. */
  readonly core: number
  /** Of a whole day on the disk. */
  readonly bytes: number
  readonly rows: number
  readonly hash: string
}

/** CPU time of this process, all its threads, in milliseconds. */
function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Records so many slots of the plane from midnight and merges them as a day. */
export async function measureRecording(
  folder: string,
  document: PolicyDocument,
  slots: number,
): Promise<RecordingCost> {
  const timing = { ...document.plane.timing, tick: SLOT, lease: 4 * SLOT }
  const spent = { tick: 0, slot: 0, ticks: 0, slots: 0 }
  let model: LoadModel | null = null
  let load = new Float64Array(0)
  let places: Plan['flowIndex'] = new Map()
  const loop: Loop = new Loop({
    document: { ...document, plane: { ...document.plane, timing } },
    offer: (flow) => load[places.get(flow)!] ?? 0,
    onTick(tick) {
      const begun = cpu()
      recorder.see(tick)
      spent.tick += cpu() - begun
      spent.ticks++
    },
  })
  const archive = archiveHere(folder)
  const log = createLogger('bench', 'error')
  const recorder = new Recorder({
    ...{ archive, clock: loop.clock, log, counters: new Counters(), bound: BOUND },
  })
  for (let slot = 0; slot < slots; slot++) {
    await loop.step()
    const { plan } = loop.controller.board!
    model ??= loadOf(plan)
    load = load.length === model.size ? load : new Float64Array(model.size)
    places = plan.flowIndex
    model.fill(loop.clock.wall(), load)
    // The archive is on this thread: its work is in the time that this takes.
    const begun = cpu()
    await recorder.flush()
    spent.slot += cpu() - begun
    spent.slots++
  }
  const midnight = loop.clock.wall() + DAY
  const begun = cpu()
  await archive.tidy(midnight, { days: DAYS_KEPT, bytes: BOUND.bytes })
  const merged = cpu()
  const bytes = await archive.tidy(midnight, { days: DAYS_KEPT, bytes: BOUND.bytes })
  const tidied = cpu()
  const [day] = archive.archive.days()
  const rows = await archive.busiest({ from: 0, before: Number.MAX_SAFE_INTEGER })
  const cost = {
    tick: spent.tick / spent.ticks,
    slot: spent.slot / spent.slots,
    merge: merged - begun,
    tidy: tidied - merged,
  }
  const ofDay = TICKS_A_DAY * cost.tick + SLOTS_A_DAY * cost.slot + cost.merge + TIDIES_A_DAY * cost.tidy
  return {
    ...cost,
    core: ofDay / DAY,
    bytes,
    rows: slots * (rows.busiest?.demand.size ?? 0),
    hash: createHash('sha256')
      .update(readFileSync(join(folder, day!, 'flows.parquet')))
      .digest('hex')
      .slice(0, 12),
  }
}

/** What each institution would send, as the demonstration has it. */
function loadOf(plan: Plan): LoadModel {
  const category = new Map(plan.institutions.map((institution) => [institution.id, institution.category]))
  return createLoadModel(
    SEED,
    plan.flows.map(({ institution, service, direction, guarantee, ceiling, kind }) => ({
      ...{ institution, service, direction, guarantee, ceiling },
      category: category.get(institution) ?? 'other',
      scale: kind === 'institution' ? 1 : 0,
    })),
  )
}

/** The newest day of the folder stands under so many dates before it. */
export function repeatDay(folder: string, dates: number): void {
  const newest = new Archive(folder).days().at(-1)!
  for (let back = 1; back < dates; back++) {
    const copy = join(folder, dayBefore(newest, back))
    mkdirSync(copy)
    for (const name of readdirSync(join(folder, newest))) linkSync(join(folder, newest, name), join(copy, name))
  }
}

const dayBefore = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - days * DAY).toISOString().slice(0, 10)

/** What the production retention leaves under a bound; `newest`: it let go of the oldest and of none else. */
export async function retain(folder: string, bound: Bound) {
  const archive = new Archive(folder)
  const before = archive.days()
  const bytes = await archive.tidy(Date.parse(`${before.at(-1)}T00:00:00Z`) + DAY + 2 * SLOT, bound)
  const kept = archive.days()
  return { kept: kept.length, newest: kept.join() === before.slice(-kept.length).join(), bytes }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const started = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'mizani-recording-'))
  try {
    const { document } = loadPlane(shippedFile('config/taifa'))
    const cost = await measureRecording(folder, document!, SLOTS_A_DAY)
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
    console.log(`a tick taken in ${cost.tick.toFixed(3)} ms, a slot written ${cost.slot.toFixed(0)} ms of CPU,`)
    console.log(`a day merged ${(cost.merge / 1_000).toFixed(1)} s, tidying ${cost.tidy.toFixed(1)} ms`)
    console.log(`recording takes ${(100 * cost.core).toFixed(2)} % of a core (goal < 1 %)`)
    console.log(`a day: ${cost.rows} rows of flows, ${megabytes(cost.bytes)} with its links and plan`)
    repeatDay(folder, DATES)
    const year = await retain(folder, { days: DAYS_KEPT, bytes: BOUND.bytes })
    console.log(`of ${DATES} such days ${year.kept} are kept (13 months are ${DAYS_KEPT}): ${megabytes(year.bytes)}`)
    const begun = performance.now()
    const [institution] = Object.keys(document!.institutions)
    const archive = archiveHere(folder)
    const to = Date.parse(archive.archive.days().at(-1)!) + DAY
    const series = await institutionHistory(archive, institution!, { from: to - 31 * DAY, to, step: 6 * 3_600_000 })
    console.log(`a month of ${institution}: ${series.size} series in ${(performance.now() - begun).toFixed(0)} ms`)
    const half = await retain(folder, { days: DAYS_KEPT, bytes: year.bytes / 2 })
    console.log(`under half of what they take ${half.kept} are kept`)
    const fits = year.kept >= DAYS_KEPT - 1 && year.bytes <= BOUND.bytes && half.bytes <= year.bytes / 2
    const holds = fits && year.newest && half.newest && cost.core < 0.01
    const seconds = ((performance.now() - started) / 1_000).toFixed(0)
    console.log(`seed ${SEED}, result ${cost.hash}, ${seconds} s: ${holds ? 'both goals hold' : 'A GOAL IS MISSED'}`)
    process.exitCode = holds ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
