// The record: what was asked and given can be had again exactly, survives a kill at any instant, and stays within its
// bound. A full disk stops the record and nothing else.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { serialize } from 'node:v8'
import { inflateRawSync } from 'node:zlib'
import t from 'tap'
import { measureRecording, repeatDay, retain } from '../../bench/recording.js'
import { DAY, SLOT } from '../../src/model/units.js'
import { Archive, type Part } from '../../src/record/archive.js'
import { archiveThread } from '../../src/record/archive-thread.js'
import { readKeptPlan } from '../../src/record/moment.js'
import { readTable, writeTable } from '../../src/record/parquet-file.js'
import { momentAt } from '../../src/record/past.js'
import { partOf } from '../../src/record/slot-rows.js'
import { FLOW_MEANS, type Table } from '../../src/record/tables.js'
import type { SolvedTick } from '../../src/record/tick.js'
import { compiled } from '../harness/root.js'
import { daily, recordedWorld, slowPlane, solveHere, temporaryFolder } from './world.js'

const UPSTREAM = 200_000_000
/** Seconds. */
const TICK = 30
/** Of a whole day: each slot has its worst among three. */
const SLOW_TICK = 100

t.test('a recorded day, solved again, gives the recorded need and rate exactly', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const worst = new Map<number, { at: number; unmet: number; need: Float64Array; kbps: Float64Array }>()
  const note = ({ board, problem }: SolvedTick): void => {
    const slot = board.at - (board.at % SLOT)
    let unmet = 0
    board.plan.flows.forEach((flow, f) => {
      unmet += Math.max(0, Math.min(board.flows.demand[f]!, flow.ceiling) - board.flows.need[f]!)
    })
    if (unmet > (worst.get(slot)?.unmet ?? -1))
      worst.set(slot, { at: board.at, unmet, need: board.flows.need.slice(), kbps: problem.kbps.slice() })
  }
  const { loop, recorder, archive } = recordedWorld(
    folder,
    slowPlane(SLOW_TICK, UPSTREAM),
    daily(SLOW_TICK, UPSTREAM),
    note,
  )
  const start = loop.clock.wall()
  for (let k = 0; k < DAY / 1_000 / SLOW_TICK + 1; k++) {
    await loop.step()
    const minute = (k * SLOW_TICK) / 60
    if (minute === 650) loop.conditions = { trunk: 0 }
    if (minute === 800) loop.conditions = {}
  }
  await recorder.flush()
  const replay = async (step: number) => {
    const seen = { slots: 0, same: 0, otherPart: 0, short: 0 }
    for (let slot = start; slot < start + DAY; slot += step) {
      const past = await momentAt(archive, solveHere, slot + SLOT / 2)
      const then = worst.get(slot)!
      seen.slots++
      // Where the plan changed within the slot, the moment of another part may be nearer.
      if (past.at !== then.at) seen.otherPart++
      const same = isDeepStrictEqual([past.problem.need, past.problem.kbps], [then.need, then.kbps])
      if (past.differing.length === 0 && (same || past.at !== then.at)) seen.same++
      if (then.unmet > 1e6) seen.short++
    }
    return seen
  }
  const { short, otherPart, ...all } = await replay(SLOT)
  t.same(all, { slots: 288, same: 288 }, 'all 288 moments give the need and the rate of that very tick, bit for bit')
  t.ok(otherPart <= 2, 'but for those two in which the plan changed, which give what was recorded of them')
  t.ok(short > 36, 'the day had hours of shortage')

  await archive.tidy(start + DAY + 2 * SLOT, { days: 400, bytes: 1e9 })
  t.same(
    readdirSync(join(folder, '2026-01-01')).filter((name) => name.endsWith('.parquet')),
    ['flows.parquet', 'links.parquet'],
    'a day that is over is one file a table',
  )
  t.match(await replay(12 * SLOT), { slots: 24, same: 24 }, 'from the file of the whole day as well')
  await t.rejects(momentAt(archive, solveHere, start - DAY), { code: 'NOT_FOUND' })
})

t.test('a controller that stands by records as well', async (t) => {
  const offer = daily(TICK, UPSTREAM)
  const noon = (12 * 3_600) / TICK
  const { loop, recorder, archive } = recordedWorld(
    temporaryFolder(t.teardown),
    slowPlane(TICK, UPSTREAM),
    (flow, tick) => offer(flow, tick + noon),
    undefined,
    undefined,
    false,
  )
  const start = loop.clock.wall()
  for (let k = 0; k < 30; k++) await loop.step()
  await recorder.flush()
  t.equal(loop.controller.board!.leads, false)
  const rows = await archive.readFlows({ from: 0, before: Number.MAX_SAFE_INTEGER })
  t.same([...new Set(rows.slot)].sort(), [start, start + SLOT, start + 2 * SLOT])
  t.ok(
    rows.flow.some((flow, i) => flow === 'inst-005/internet/down' && rows.carried[i]! > 0),
    'with what edges report',
  )
  for (const slot of [start, start + SLOT, start + 2 * SLOT])
    t.same((await momentAt(archive, solveHere, slot)).differing, [], 'and what it would have told them')
})

t.test('demand is recorded without margin and idle floor, beside what was asked, arrived and carried', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const offers = { 'inst-001/internet/down': 3e6, 'inst-003/internet/down': 900e6 }
  const { loop, recorder, archive } = recordedWorld(
    folder,
    slowPlane(TICK, UPSTREAM),
    (flow) => offers[flow as keyof typeof offers] ?? 0,
  )
  for (let k = 0; k < 29; k++) await loop.step()
  await recorder.flush()
  const slot = loop.clock.wall() - (loop.clock.wall() % SLOT) - SLOT
  const rows = await archive.readFlowMeans({ from: slot, before: slot + SLOT })
  const of = (flow: string) => {
    const i = rows.flow.indexOf(flow)
    const { asked, demand, arrived, carried, need, unmet } = rows
    return {
      ...{ asked: asked[i]!, demand: demand[i]!, arrived: arrived[i]! },
      carried: carried[i]!,
      need: need[i]!,
      unmet: unmet[i]!,
    }
  }
  const free = of('inst-001/internet/down')
  t.match(free, { demand: 3_000, arrived: 3_000, carried: 3_000 }, 'who is not held back')
  t.ok(free.asked > 1.1 * free.demand, 'is asked for with a margin')
  t.match(
    of('inst-002/internet/down'),
    { demand: 0, arrived: 0, carried: 0, asked: 2_000 },
    'who is idle wants nothing',
  )
  const held = of('inst-003/internet/down')
  t.ok(held.arrived > 4 * held.carried, 'who is held back sends more than is carried')
  t.ok(held.demand >= held.arrived && held.unmet > 0)
})

t.test('a tick counts for its own time, whenever it is seen', async (t) => {
  const ticks: SolvedTick[] = []
  const folder = temporaryFolder(t.teardown)
  const see = (tick: SolvedTick): void => void ticks.push(tick)
  const { loop, recorder, archive } = recordedWorld(folder, slowPlane(TICK, UPSTREAM), () => 0, see)
  for (let k = 0; k < 10; k++) await loop.step()
  await recorder.flush()
  const first = ticks.at(-1)!
  const began = first.made
  const slot = first.board.at - (first.board.at % SLOT) + SLOT
  /** The tick made so many ticks later, in which every flow asked for as much; seen as many ms after that. */
  const seen = async (n: number, asked: number, late: number): Promise<void> => {
    const [made, at] = [began + n * TICK * 1_000, slot + n * TICK * 1_000]
    await loop.clock.advance(Math.max(0, made + late - loop.clock.monotonic()))
    const flows = { ...first.board.flows, demand: first.board.flows.demand.map(() => asked) }
    recorder.see({ ...first, made, board: { ...first.board, at, flows } })
  }
  await seen(1, 1e6, 25_000)
  await seen(2, 4e6, 0)
  await seen(5, 2e6, 10_000)
  await recorder.flush()
  const { asked, seconds } = await archive.readFlowMeans({ from: slot, before: slot + SLOT })
  t.equal(seconds[0], 5 * TICK)
  t.equal(asked[0], (1_000 + 4_000 + 3 * 2_000) / 5)
})

t.test('a file of before is read: what was called demand was asked, what was called measured arrived', async (t) => {
  const file = join(temporaryFolder(t.teardown), 'flows.parquet')
  const { asked: _, arrived: __, carried: ___, heard: ____, ...columns } = FLOW_MEANS.columns
  const former: Table<typeof columns & { measured: 'kbps' }> = {
    ...{ name: 'flows', subject: 'flow', columns: { ...columns, measured: 'kbps' } },
    former: { without: 'slot', names: {} },
  }
  const row = {
    ...{ slot: [0], seconds: [300], flow: ['a/internet/down'], revision: [1], plan: ['p'], enforcement: ['enforce'] },
    ...{ demand: [1_210], need: [380], rate: [400], measured: [380], unmet: [0], would: [null] },
    ...{ promised: [500], claimed: [500], lacked: [120], below_guarantee_s: [0], at_ceiling_s: [0] },
  }
  writeTable(file, former, row)
  t.match(await readTable(file, FLOW_MEANS), {
    asked: [1_210],
    demand: [380],
    arrived: [380],
    carried: [null],
    heard: [null],
  })
})

t.test('what enforcing would have limited is recorded where nothing is enforced', async (t) => {
  const { loop, recorder, archive } = recordedWorld(
    temporaryFolder(t.teardown),
    slowPlane(SLOW_TICK, UPSTREAM),
    daily(SLOW_TICK, UPSTREAM, 3),
  )
  loop.switches.set('east', { enforcement: 'observe', until: null })
  for (let k = 0; k < 24_000 / SLOW_TICK; k++) {
    await loop.step()
    for (const [id, edge] of loop.edges) edge.enforcement = id === 'east' ? 'observe' : 'enforce'
  }
  await recorder.flush()
  const noon = loop.clock.wall() - 2 * SLOT
  const rows = await archive.readFlows({
    from: noon - SLOT,
    before: noon,
    subjects: { from: 'inst-', before: 'inst-~' },
  })
  const observed = rows.flow.flatMap((flow, i) => (rows.enforcement[i] === 'observe' ? [{ flow, i }] : []))
  t.ok(observed.length > 0)
  t.ok(
    observed.some(({ i }) => rows.would[i]! < rows.demand[i]!),
    'somebody would have been limited',
  )
  t.ok(rows.flow.every((_, i) => rows.enforcement[i] === 'observe' || rows.would[i] === null))
})

t.test('a disk that refuses stops the record, says so, and goes on when it can', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const { loop, recorder, archive } = recordedWorld(folder, slowPlane(TICK, UPSTREAM), daily(TICK, UPSTREAM))
  // Where the day's folder should be there is a file: every write fails, as on a full disk.
  const refused = join(folder, '2026-01-01')
  writeFileSync(refused, '')
  for (let k = 0; k < 40; k++) await loop.step()
  await recorder.flush()
  t.match(recorder.failing, /EEXIST|ENOTDIR/)
  t.ok(loop.controller.board!.certificate.ok, 'rates go on')
  rmSync(refused)
  for (let k = 0; k < 40; k++) await loop.step()
  await recorder.flush()
  t.equal(recorder.failing, null)
  t.ok((await archive.readFlows({ from: 0, before: Number.MAX_SAFE_INTEGER })).flow.length > 0)
})

t.test('as the process ends nobody waits for who reads, and what is open is on the disk', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const { loop, recorder, archive } = recordedWorld(folder, slowPlane(TICK, UPSTREAM), daily(TICK, UPSTREAM))
  const ending = new AbortController()
  const thread = archiveThread(folder, ending.signal)
  archive.write = (part) => thread.write(part)
  for (let k = 0; k < 3; k++) await loop.step()
  const whole = { from: 0, before: loop.clock.wall() }
  const reading: Promise<unknown>[] = [
    thread.busiest(whole),
    thread.readFlows(whole),
    thread.tidy(whole.before, { days: 9, bytes: 1e9 }),
  ]
  ending.abort()
  for (const one of reading) await t.rejects(one, { code: 'STOPPING', remedy: 'retry' })
  await recorder.stop()
  t.equal(recorder.failing, null)
  await thread.close()
  t.ok((await archive.readFlows(whole)).flow.length > 0)
})

t.test('the oldest days go when there are too many or they are too large', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const { loop, recorder, archive } = recordedWorld(folder, slowPlane(TICK, UPSTREAM), daily(TICK, UPSTREAM))
  for (let day = 0; day < 5; day++) {
    for (let k = 0; k < 3; k++) await loop.step()
    await recorder.flush()
    await loop.clock.advance(DAY)
  }
  const now = loop.clock.wall()
  const all = await archive.tidy(now, { days: 400, bytes: 1e9 })
  t.equal(archive.archive.days().length, 5)
  t.ok((await archive.tidy(now, { days: 400, bytes: 0.7 * all })) <= 0.7 * all)
  t.equal(archive.archive.days().at(-1), '2026-01-05', 'the newest stay')
  await archive.tidy(now, { days: 2, bytes: 1e9 })
  t.same(archive.archive.days(), ['2026-01-04', '2026-01-05'])
})

t.test('a clock that runs years ahead for a while takes nothing away, and leaves no gap behind it', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const { loop, recorder, archive } = recordedWorld(folder, slowPlane(TICK, UPSTREAM), daily(TICK, UPSTREAM))
  const bound = { days: 400, bytes: 1e9 }
  const record = async (ticks: number): Promise<void> => {
    for (let k = 0; k < ticks; k++) await loop.step()
    await recorder.flush()
  }
  const start = loop.clock.wall()
  const slot = SLOT / 1_000 / TICK
  await record(2 * slot)
  const YEARS = 3 * 365 * DAY
  loop.clock.jumpWall(YEARS)
  await record(slot)
  await archive.tidy(loop.clock.wall(), bound)
  t.equal(archive.archive.days().length, 2, 'what was recorded is not old')
  loop.clock.jumpWall(-YEARS)
  await record(2 * slot)
  await archive.tidy(loop.clock.wall(), bound)
  const rows = await archive.readFlows({ from: start, before: start + DAY })
  t.same(
    [...new Set(rows.slot)].sort(),
    [0, 1, 2, 3, 4].filter((k) => k !== 2).map((k) => start + k * SLOT),
  )
  for (const k of [0, 3, 4]) t.same((await momentAt(archive, solveHere, start + k * SLOT)).differing, [])
})

t.test('a year in small: days under many dates, of which the newest stay', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const cost = await measureRecording(folder, slowPlane(TICK, UPSTREAM), 6)
  const [day] = new Archive(folder).days()
  const rows = await new Archive(folder).readFlows({ from: 0, before: Number.MAX_SAFE_INTEGER })
  t.equal(rows.flow.length, cost.rows)
  const again = await measureRecording(temporaryFolder(t.teardown), slowPlane(TICK, UPSTREAM), 6)
  t.equal(again.hash, cost.hash, 'the same day gives the same bytes')

  repeatDay(folder, 40)
  t.equal(new Archive(folder).days().length, 40)
  t.same(await retain(folder, { days: 30, bytes: 1e9 }), { kept: 30, newest: true, bytes: 30 * cost.bytes })
  const half = { days: 30, bytes: 14.5 * cost.bytes }
  t.same(await retain(folder, half), { kept: 14, newest: true, bytes: 14 * cost.bytes })
  t.equal(new Archive(folder).days().at(-1), day)
})

/** Each is a process; more of them with MIZANI_KILLS. */
const KILLS = Number(process.env.MIZANI_KILLS ?? 20)

t.test(`kill -9 at ${KILLS} instants loses at most the slot that is open, and never a file`, async (t) => {
  const folder = temporaryFolder(t.teardown)
  const template = join(folder, 'template')
  const { loop, recorder, archive } = recordedWorld(
    join(folder, 'made'),
    slowPlane(TICK, UPSTREAM),
    daily(TICK, UPSTREAM),
  )
  let part: Part | undefined
  archive.write = async (written) => {
    part = partOf(written)
    return true
  }
  for (let k = 0; k < 4; k++) await loop.step()
  await recorder.flush()
  writeFileSync(template, serialize(part))
  const LANES = 5
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    killAgainAndAgain(join(folder, `history-${lane}`), template, KILLS / LANES, lane),
  )
  for (const { history, promised, next } of await Promise.all(lanes)) {
    const after = new Archive(history)
    await after.tidy(next + 2 * DAY, { days: 400, bytes: 1e9 })
    const rows = await after.readFlows({ from: 0, before: Number.MAX_SAFE_INTEGER })
    const perSlot = new Map<number, number>()
    for (const slot of rows.slot) perSlot.set(slot, (perSlot.get(slot) ?? 0) + 1)
    const lost = promised.filter((slot) => perSlot.get(slot) !== part!.flows.flow.length)
    t.same(lost, [], `all ${promised.length} slots that were said to be on the disk are, each once and whole`)
    t.ok(
      perSlot.size - promised.length <= KILLS / LANES,
      'beyond them at most one slot a kill, written but not yet said',
    )
    const files = after.days().flatMap((day) => readdirSync(join(history, day)))
    t.same(
      files.filter((name) => !/^(late-\d{4}-\d+\.)?(flows|links)\.parquet$|^plan-|^in-force.jsonl$/.test(name)),
      [],
      'nothing half-written is left',
    )
  }
})

async function killAgainAndAgain(history: string, template: string, kills: number, lane: number) {
  const child = compiled('test/record/recording-child.ts')
  const promised: number[] = []
  let next = Date.UTC(2026, 0, 1, 22)
  for (let kill = 0; kill < kills; kill++) {
    const writer = spawn(process.execPath, [child, history, template, String(next)])
    let said = ''
    writer.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString()
    })
    const ended = once(writer, 'close')
    await once(writer.stdout, 'data')
    // A slot takes some milliseconds to write, a day some more to merge: the kills fall everywhere in them.
    await new Promise((done) => setTimeout(done, (60 * (lane + 5 * kill)) / KILLS))
    writer.kill('SIGKILL')
    await ended
    promised.push(...said.split('\n').slice(0, -1).map(Number))
    next = promised.at(-1)! + 2 * SLOT
  }
  return { history, promised, next }
}

/** Three flows over two links, one of them of an envelope, as version 0.1 kept them: one block of memory, deflated. */
const BLOCK =
  '1ZExbsJAEEVn7V3HqWgpUs1FTLt9KkRj8ASvWHasjIOl+FIchSNwBG6wCBFLgAhVivCk0f9f+iONNHHEqBtfBsbEVZiyr3qFRuqy' +
  'IUbz4bkTm6HxLqzEajTzMlRiE8wDhyl9stgcc6HlmkJ7ar5S2JDnhsQmfYYv0patW8hMbTXc5VCcdV9c510B/5LhvrfJWXECT0AC' +
  'ACkADE9QPwMXeejcI8YYb/2g6o9uVDcGTVezJ0Yt7ptm+fi3Rcw6csu6fVTRX807Pyj0aa+P'

t.test('a plan that was kept as one block, when kbit/s had 32 bits, is read as it was', async (t) => {
  const { plan, shape, statics } = readKeptPlan(inflateRawSync(Buffer.from(BLOCK, 'base64')))
  t.match({ plan, shape }, { plan: { id: 'old' }, shape: { flows: 3, links: 2, nonZeros: 4 } })
  const read = Object.fromEntries(Object.entries(statics).map(([name, column]) => [name, [...column]]))
  t.match(read, { pathStart: [0, 2, 3, 4], pathLink: [0, 1, 1, 0], pathFraction: [1, 0.5, 1, 0.25] })
  t.match(read, { segmentStart: [0, 1, 2, 3], bandKind: [1], flowEnvelope: [0, -1, 0], envelopeParent: [-1] })
  t.match(read, { envelopeWeight: [7], envelopeGuarantee: [9], envelopeLink: [1], linkVirtual: [0, 1] })
})
