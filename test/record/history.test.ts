// The record as others use it: another reader opens its files, what others have measured comes in, and the API answers
// for the past.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { daysOf, runHistoryImport } from '../../src/client/history-import.js'
import { DAY, SLOT } from '../../src/model/units.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { NOTHING_IN_FORCE } from '../../src/policy/in-force/holding.js'
import { afterEvent } from '../../src/policy/in-force/link-state.js'
import { AlarmBook } from '../../src/record/alarm-book.js'
import { type BusyDay, BusyHours } from '../../src/record/busy-hour.js'
import { Counters } from '../../src/record/counters.js'
import { institutionHistory, linkHistory } from '../../src/record/history.js'
import { answerHistory } from '../../src/record/history-answer.js'
import { readSamples } from '../../src/record/import-samples.js'
import { missedDuring } from '../../src/record/missed.js'
import { momentAt } from '../../src/record/past.js'
import { FLOW_MEANS, LINKS, type Rows, type Table, type TableColumns } from '../../src/record/tables.js'
import { Webhooks } from '../../src/record/webhooks.js'
import { manualClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import type { MizaniError } from '../../src/runtime/errors.js'
import { boardOfPast } from '../../src/tick/past-board.js'
import { type Api, startApi } from '../api/api-fixture.js'
import {
  archiveHere,
  daily,
  log,
  recordedWorld,
  slowPlane,
  solveHere,
  temporaryFolder,
  webhooksInMemory,
} from './world.js'

const UPSTREAM = 200_000_000
const TICK = 30

/** Six hours around the noon of a small nation. */
async function noon(folder: string) {
  const world = recordedWorld(folder, slowPlane(TICK, UPSTREAM), (flow, tick) =>
    daily(TICK, UPSTREAM, 2)(flow, tick + (9 * 3_600) / TICK),
  )
  for (let k = 0; k < (6 * 3_600) / TICK; k++) await world.loop.step()
  await world.recorder.flush()
  return world
}

t.test('DuckDB reads the files, open days and closed ones, and finds the same numbers', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const { archive, loop } = await noon(folder)
  const start = loop.clock.wall() - 6 * 3_600_000
  const ours = await archive.readFlows({ from: 0, before: Number.MAX_SAFE_INTEGER })
  const connection = await (await DuckDBInstance.create()).connect()
  const ask = async (file: string): Promise<unknown> => {
    const columns = 'count(*)::int as n, sum(demand)::double as demand, sum(m_need) as need, min(slot) as first'
    const found = await connection.runAndReadAll(`select ${columns} from '${join(folder, '2026-01-01', file)}'`)
    return found.getRowObjectsJson()[0]
  }
  const sum = (column: readonly (number | null)[]): number => column.reduce<number>((a, b) => a + (b ?? 0), 0)
  const same = async (file: string): Promise<void> => {
    const { n, demand, need, first } = (await ask(file)) as Record<string, number | string>
    t.equal(n, ours.flow.length)
    t.equal(demand, sum(ours.demand))
    t.ok(Math.abs(Number(need) / sum(ours.m_need) - 1) < 1e-12, 'exact columns are doubles; their sum depends on order')
    t.equal(Date.parse(`${first}Z`), start - (start % SLOT))
  }
  await same('*.flows.parquet')
  await archive.tidy(loop.clock.wall() + 2 * DAY, { days: 400, bytes: 1e9 })
  await same('flows.parquet')
})

t.test('steps are means by seconds, and a gap is a gap', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const { archive, loop, recorder } = await noon(folder)
  const end = loop.clock.wall()
  await loop.clock.advance(3_600_000)
  for (let k = 0; k < 20; k++) await loop.step()
  await recorder.flush()
  const span = { from: end - 3_600_000, to: end + 2 * 3_600_000, step: 3_600_000 }
  const [hour, gap] = (await institutionHistory(archive, 'inst-005', span)).get('inst-005/internet/down')!
  t.match(hour, { covered: 1, revision: 1, enforcement: 'enforce' })
  t.ok(hour!.demand! > hour!.need! && hour!.minutesAtCeiling! >= 0)
  t.match(gap, { covered: 0, demand: null, need: null, minutesBelowGuarantee: null, revision: null })
  const fine = (await institutionHistory(archive, 'inst-005', { ...span, step: SLOT })).get('inst-005/internet/down')!
  const long = { from: span.from - 40 * DAY, to: span.to, step: 3_600_000 }
  const whole = (await institutionHistory(archive, 'inst-005', long)).get('inst-005/internet/down')!
  t.equal(whole.length, 963, 'read in pieces: forty days and three hours')
  t.same(whole.slice(-3), (await institutionHistory(archive, 'inst-005', span)).get('inst-005/internet/down'))
  t.match(whole[0], { at: long.from, covered: 0, demand: null })
  const mean = fine.slice(0, 12).reduce((total, { need }) => total + need!, 0) / 12
  t.ok(Math.abs(mean - hour!.need!) < 2_000, 'an hour is the mean of its twelve parts')
  const { busiest, hours } = await archive.busiest({ from: 0, before: Number.MAX_SAFE_INTEGER })
  const busy = busiest!
  const rows = await archive.readFlows({ from: 0, before: Number.MAX_SAFE_INTEGER })
  const totals = new Map<number, number>()
  const hourOf = (slot: number): number => slot - (slot % 3_600_000)
  for (const [i, slot] of rows.slot.entries())
    totals.set(hourOf(slot), (totals.get(hourOf(slot)) ?? 0) + rows.asked[i]! * rows.seconds[i]!)
  t.equal(busy.total, Math.max(...totals.values()), 'none was busier')
  t.equal(busy.slots, new Set(rows.slot.filter((slot) => hourOf(slot) === busy.at)).size)
  t.same([...hours.keys()].sort(), [...totals.keys()].sort())
  const own = rows.flow.flatMap((id, i) =>
    id === 'inst-005/internet/down' && hourOf(rows.slot[i]!) === busy.at ? [i] : [],
  )
  const kbit = own.reduce((sum, i) => sum + rows.asked[i]! * rows.seconds[i]!, 0)
  const seconds = own.reduce((sum, i) => sum + rows.seconds[i]!, 0)
  t.equal(busy.demand.get('inst-005/internet/down'), (1_000 * kbit) / seconds)
  const moment = await momentAt(archive, solveHere, busy.at)
  t.equal(busy.demand.size, moment.plan.flows.length, 'the busy hour has every flow')
})

t.test('what was carried weighs by the time in which it was heard, all else by what was recorded', async (t) => {
  const column = (n: number, name: string): number | string => {
    const own: Record<string, readonly (number | string)[]> = {
      ...{ slot: [0, SLOT], seconds: [300, 300], heard: [300, 60], carried: [1_000, 10_000], need: [1_000, 10_000] },
      ...{ flow: ['a/internet/down', 'a/internet/down'], link: ['transit.down', 'transit.down'] },
    }
    return own[name]?.[n] ?? 1_000 * (1 + n)
  }
  // The table is the type: of each column two values.
  const twoRows = <T extends TableColumns>(table: Table<T>): Rows<T> =>
    Object.fromEntries(
      Object.keys(table.columns).map((name) => [name, [column(0, name), column(1, name)]]),
    ) as unknown as Rows<T>
  const span = { from: 0, to: 2 * SLOT, step: 2 * SLOT }
  const heard = 1_000 * Math.round((300 * 1_000 + 60 * 10_000) / 360)
  const readFlowMeans = async () => twoRows(FLOW_MEANS)
  const [flow] = (await institutionHistory({ readFlowMeans }, 'a', span)).get('a/internet/down')!
  t.match(flow, { carried: heard, need: 5_500_000, covered: 1 })
  t.equal(flow!.demand, flow!.arrived)
  t.equal(flow!.demand, Math.round((1_000 * (300 * 1_000 + 60 * 2_000)) / 360))
  const [link] = await linkHistory({ readLinks: async () => twoRows(LINKS) }, 'transit.down', span)
  t.match(link, { carried: heard, load: 1_500_000, covered: 1 })
  const older = async () => ({ ...twoRows(FLOW_MEANS), heard: [null, null] })
  const [before] = (await institutionHistory({ readFlowMeans: older }, 'a', span)).get('a/internet/down')!
  t.match(before, { carried: 5_500_000 }, 'an earlier release wrote no seconds down: all that were recorded')
})

t.test('a recorded hour counts from one full working day of record on', async (t) => {
  const HOUR = 3_600_000
  // Friday 6 to Tuesday 10 November 2026; days of Dar es Salaam begin at 21:00 UTC.
  const friday = Date.UTC(2026, 10, 6)
  let slots: (hour: number) => number = () => 0
  let asked = 0
  const busiest = async ({ from, before }: { from: number; before: number }): Promise<BusyDay> => {
    asked++
    const hours = new Map<number, number>()
    for (let hour = from; hour < before; hour += HOUR) if (slots(hour) > 0) hours.set(hour, slots(hour))
    const [at] = hours.keys()
    const demand = new Map<string, number>()
    return { hours, busiest: at === undefined ? null : { at, slots: slots(at), total: at / DAY, demand } }
  }
  const look = async (recorded: (hour: number) => number, now: number) => {
    slots = recorded
    const clock = manualClock({ wall: now })
    const busyHours = new BusyHours({ clock, log, archive: { busiest }, timezone: () => 'Africa/Dar_es_Salaam' })
    await busyHours.look()
    return { busyHours, clock, latest: busyHours.latest }
  }
  const between = (from: number, before: number) => (hour: number) => (from <= hour && hour < before ? 12 : 0)
  const sunday = between(friday + 21 * HOUR, friday + 69 * HOUR)
  t.equal((await look(sunday, friday + 3 * DAY)).latest, null, 'a weekend is no working day')
  const evening = between(friday + 2 * HOUR, friday + 21 * HOUR)
  t.equal((await look(evening, friday + DAY)).latest, null, 'nor are nineteen hours')
  const whole = between(friday - 3 * HOUR, friday + 21 * HOUR)
  const restarted = (hour: number) => (hour === friday + 5 * HOUR ? 1 : whole(hour))
  t.match((await look(restarted, friday + DAY)).latest, { at: friday, slots: 12 }, 'a gap of an hour is no matter')
  asked = 0
  const { busyHours, clock } = await look(whole, friday + DAY)
  t.equal(asked, 7)
  await busyHours.look()
  t.equal(asked, 9, 'days that are over are not read again')
  await clock.advance(8 * DAY)
  await busyHours.look()
  t.equal(busyHours.latest, null, 'what is older than a week is no measure')
})

t.test('the cause behind the cause is recorded with the moment; where it was not, that is said', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const { archive, loop, recorder } = recordedWorld(folder, slowPlane(TICK, UPSTREAM), () => UPSTREAM)
  const began = loop.clock.wall()
  const event = { link: 'transit', event: 'e-1', factor: 0.5, until: null, at: began, source: 'nms', reason: 'a ship' }
  loop.inForce = { ...NOTHING_IN_FORCE, links: [afterEvent(undefined, event)] }
  for (let k = 0; k < SLOT / 1_000 / TICK; k++) await loop.step()
  loop.inForce = NOTHING_IN_FORCE
  for (let k = 0; k < SLOT / 1_000 / TICK; k++) await loop.step()
  await recorder.flush()
  const explained = async (at: number) => {
    const board = boardOfPast(await momentAt(archive, solveHere, at))
    return board.explain(board.plan.flowIndex.get('inst-005/internet/down')!)
  }
  t.match(await explained(began + SLOT), { limitedBy: { code: 'LINK' }, behind: [], timezone: 'Africa/Dar_es_Salaam' })
  const [cause, ...more] = (await explained(began)).behind
  t.same(more, [])
  t.match(cause, { kind: 'LINK_STATE', id: 'transit', by: 'nms', event: 'e-1', since: new Date(began).toISOString() })
  rmSync(join(folder, new Date(began).toISOString().slice(0, 10), 'in-force.jsonl'))
  const [unknown] = (await explained(began)).behind
  t.match(unknown, { kind: 'LINK_STATE', on: 'transit.down', by: null, since: null, capacity: null })
})
/** A month as monitoring wrote it, as the plane reads it. */
const shipped = loadPlane('config/taifa').document!
const NOW = Date.UTC(2026, 2, 3)
const read = (text: string | Buffer, now = NOW) => readSamples('x.csv', Buffer.from(text), shipped, now)
const refusal = (text: string): unknown[] => {
  try {
    read(text)
  } catch (error) {
    return (error as MizaniError).faults.map(({ line, message }) => [line, message])
  }
  return []
}

t.test('what others have measured comes in, however their spreadsheet wrote it', async (t) => {
  const unix =
    'time,link,direction,rate\n2026-03-02T10:00:00Z,transit-a,down,4e9\n2026-03-02T13:02:00+03:00,transit-a,in,2e9\n'
  const excel =
    '\ufeffTimestamp;Interface;Dir;bps\r\n2026-03-02 13:00;transit-a;rx;4000000000,0\r\n' +
    '1772445720;transit-a.down;;2000000000\r\n'
  for (const [text, encoding, zone] of [
    [unix, 'utf8', null],
    [unix.replaceAll('\n', '\r'), 'utf8', null],
    [unix.replaceAll('transit-a', '"transit-a"'), 'utf8', null],
    [excel, 'utf8', 'Africa/Dar_es_Salaam'],
    [excel.replace('\ufeff', ''), 'latin1', 'Africa/Dar_es_Salaam'],
    ['Time;Port;Direction;Rate (Gbps)\n1772445600;Transit-A;Inbound;4\n1772445720;transit-a;in;2,0\n', 'utf8', null],
    ['time,link,dir,value [kbit/s]\n1772445600,transit-a,in,4e6\n1772445720,transit-a.down,,2Gbps\n', 'utf8', null],
  ] as const) {
    const found = read(Buffer.from(text, encoding))
    t.same(
      found.samples.map(({ at, link, rate }) => [at, link, rate]),
      [
        [Date.UTC(2026, 2, 2, 10), 'transit-a.down', 4e9],
        [Date.UTC(2026, 2, 2, 10, 2), 'transit-a.down', 2e9],
      ],
      JSON.stringify(text),
    )
    t.equal(found.zone, zone, "a time without a zone is the plane's")
  }
  t.equal(refusal('time,link,direction,rate\nyesterday,transit-a,down,1\n,,,\n,nowhere,down,1\n').length, 2)
  t.throws(() => read(unix, Date.UTC(2026, 2, 1)), {
    code: 'IMPORT_INVALID',
    faults: { length: 2, 0: { message: /lies in the future/ } },
  })
  for (const name of ['Rate (MB/s)', 'rate [kB/s]', 'value_MBps', 'Rate (GB/S)', 'rate B/sec', 'Bps']) {
    const text = `time,link,${name}\n2026-03-02T10:00:00Z,transit-a.down,4\n`
    t.match(refusal(text), [[1, /is in bytes a second; multiply/]], name)
  }
  for (const name of ['Rate (Mb/s)', 'RATE (MBPS)', 'rate (MBit/s)', 'Rate_mbps']) {
    const text = `time,link,${name},size (MB/s)\n2026-03-02T10:00:00Z,transit-a.down,4,1\n`
    t.match(read(text).samples, [{ rate: 4e6 }], name)
  }
})

t.test('in and out side by side are two samples a row', async (t) => {
  for (const head of [
    'in (Mbps),out (Mbps)',
    'Bits received (Mbps),Bits sent (Mbps)',
    'traffic_in_mbps,traffic_out_mbps',
  ])
    t.match(
      read(`time,link,${head}\n2026-03-02T10:00:00Z,transit-a,5200,910\n2026-03-02T10:05:00Z,transit-a,,900\n`).samples,
      [
        { link: 'transit-a.down', rate: 5.2e9 },
        { link: 'transit-a.up', rate: 910e6 },
        { link: 'transit-a.up', rate: 900e6 },
      ],
      head,
    )
  const rows = '2026-03-02T10:00:00Z,transit-a,,\n2026-03-02T10:00:00Z,transit-a.down,,3\n'
  t.match(refusal(`time,link,in,out\n${rows}`), [
    [2, 'no rate: "in" and "out" are empty'],
    [3, /no link or site of this plane is called "transit-a.down" up/],
  ])
  for (const way of ['constructor', '__proto__', 'toString', 'sideways', ''])
    t.match(
      refusal(`time,link,direction,rate\n2026-03-02T10:00:00Z,transit-a,${way},1\n`),
      [[2, `no link or site of this plane is called "transit-a" ${way}`.trim()]],
      way,
    )
  t.match(refusal('time,link,direction,rate\n2026-03-02T10:00:00Z,"transit-a\nup",up,1\n'), [
    [3, /no link or site of this plane is called "transit-a\nup" up/],
  ])
  t.match(refusal('a,b\n1,2\n'), [
    [1, /expected a column "time"/],
    [1, /expected a column "link"/],
    [1, 'expected a column "rate", or "in" and "out" side by side, found a, b'],
  ])
})

t.test('a value that no link can carry, and a day that no calendar has, are told by row', async (t) => {
  const head = 'time,link,direction,rate (Mbps)\n'
  const { samples, warnings } = read(
    `${head}2026-03-02T10:00:00Z,transit-a,down,9200\n1772445600,transit-a,down,8000\n`,
  )
  t.equal(samples.length, 2)
  t.same(warnings, [
    {
      ...{ code: 'ROW', file: 'x.csv', line: 2 },
      message: '9.2 Gbit/s on transit-a.down, which carries 8 Gbit/s at most today; taken as it stands',
    },
  ])
  t.match(refusal(`${head}2026-03-02T10:00:00Z,transit-a,down,92000\n2026-02-30 10:00,transit-a,down,1\n`), [
    [2, /92 Gbit\/s on transit-a.down, .* is the unit of the column right\?/],
    [3, /"2026-02-30 10:00" is not a time/],
  ])
  const berlin = { ...shipped, plane: { ...shipped.plane, timezone: 'Europe/Berlin' } }
  const at = (time: string) =>
    readSamples('x.csv', Buffer.from(`${head}${time},transit-a,down,1\n`), berlin, Date.UTC(2027, 0)).samples[0]!.at
  t.equal(at('2026-07-01 12:00'), Date.UTC(2026, 6, 1, 10), 'summer time')
  t.equal(at('2026-10-25 02:30'), Date.UTC(2026, 9, 25, 0, 30), 'the earlier of an hour that comes twice')
  t.throws(() => at('2026-03-29 02:30'), { code: 'IMPORT_INVALID' }, 'an hour that is leapt over')
})

t.test('an import is linear: each day is written once, the same again touches nothing', async (t) => {
  const data = temporaryFolder(t.teardown)
  const archive = archiveHere(join(data, 'history'))
  const DAYS = 40
  const begin = Date.UTC(2026, 0, 1)
  const lines = Array.from({ length: DAYS * 24 }, (_, hour) => {
    const at = new Date(begin + hour * 3_600_000).toISOString()
    return `${at},transit-a,${4_000 + hour},${hour}`
  })
  const adopt = (rows: readonly string[]) =>
    archive.archive.adopt(daysOf(read(`time,link,in (Mbps),out (Mbps)\n${rows.join('\n')}\n`).samples, shipped))
  t.same(await adopt(lines), { days: DAYS, written: DAYS, read: 0 })
  t.same(await adopt(lines), { days: DAYS, written: 0, read: 0 })
  const corrected = lines.with(30, lines[30]!.replace(/,4030,/, ',5030,'))
  t.same(await adopt(corrected), { days: DAYS, written: 1, read: 1 }, 'one line changed is one day')
  t.same(await adopt(lines.slice(0, 24)), { days: 1, written: 0, read: 0 })
  const span = { from: begin + 30 * 3_600_000, to: begin + 30 * 3_600_000 + SLOT, step: SLOT }
  t.match(await linkHistory(archive, 'transit-a.down', span), [{ carried: 5_030e6 }], 'the later word counts, alone')
  const part = `${new Date(span.from).toISOString()},transit-a,6000,`
  t.same(await adopt([part]), { days: 1, written: 1, read: 1 })
  t.match(await linkHistory(archive, 'transit-a.down', span), [{ carried: 6e9 }])
  const hour = { ...span, from: span.from + 3_600_000, to: span.to + 3_600_000 }
  t.match(await linkHistory(archive, 'transit-a.down', hour), [{ carried: 4_031e6 }], 'what it does not speak of stays')
})

t.test('the command answers what it took, what it assumed, and what it doubts', async (t) => {
  const data = temporaryFolder(t.teardown)
  mkdirSync(data, { recursive: true })
  const file = join(data, 'x.csv')
  const { client } = loadSettings({ env: {} })
  const rows = ['2024-03-04 13:00,transit-a,down,9e9', '2024-03-04 13:02,transit-a,in,2e9']
  writeFileSync(file, `time,link,direction,rate\n${rows.join('\n')}\n`)
  const run = async (json: boolean): Promise<string> => {
    let said = ''
    const out = { write: (text: string) => (said += text) }
    const io = { stdout: out, stderr: out, env: {}, isTTY: false }
    t.equal(await runHistoryImport({ file, json, settings: { data, plane: 'config/taifa', client } }, io), 0)
    return said
  }
  t.match(JSON.parse(await run(true)), {
    ...{ samples: 2, links: 1, days: 1, written: 1, zone: 'Africa/Dar_es_Salaam', warned: 1 },
    warnings: [{ line: 2, message: /9 Gbit\/s on transit-a.down/ }],
  })
  const text = await run(false)
  t.match(text, /^2 samples of 1 directed links on one day are in the record; nothing was new\.$/m)
  t.match(text, /^Times without a zone were read as those of the plane, Africa\/Dar_es_Salaam\.$/m)
  t.match(text, /x\.csv:2: 9 Gbit\/s on transit-a.down/)
  const from = Date.UTC(2024, 2, 4, 10)
  const archive = archiveHere(join(data, 'history'))
  await archive.tidy(from + 2 * DAY, { days: 400, bytes: 1e9 })
  const [point] = await linkHistory(archive, 'transit-a.down', { from, to: from + SLOT, step: SLOT })
  const mean = { carried: 5.5e9, arrived: null, measuredBy: 'import', load: null }
  t.match(point, mean, 'the mean of the five minutes, once')
})

/** Listens to what happens to alarms. @returns a reader of so many events from the start. */
async function alarmEvents(api: Api): Promise<(count: number) => Promise<unknown[]>> {
  const authorization = `Bearer ${api.tokens.viewer}`
  const answer = await fetch(`${api.url}/v1/events?kinds=alarm`, { headers: { authorization } })
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return async (count) => {
    const told = (): string[] => [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => data!)
    while (told().length < count) {
      const { value, done } = await reader.read()
      if (done) throw new Error(`the stream ended after ${told().length} of ${count} events`)
      text += value
    }
    await reader.cancel()
    return told().map((data) => JSON.parse(data) as unknown)
  }
}

t.test('the API answers for the past', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const { archive, loop } = await noon(join(folder, 'history'))
  const alarms = new AlarmBook({ file: join(folder, 'alarms.jsonl'), clock: loop.clock, log })
  const counters = new Counters()
  const rules = { allow: ['hook.example'], ownPorts: () => [], resolve: async () => ['10.1.2.3'] }
  const webhooks = new Webhooks({
    ...{ store: webhooksInMemory(), folder, plane: 'small', zone: () => 'UTC', rules, clock: loop.clock, log },
    ending: new AbortController().signal,
  })
  const api = await startApi({
    clock: loop.clock,
    board: () => loop.controller.board,
    memory: {
      ...{ alarms, counters, webhooks, recorder: { failing: null, size: 4_096 } },
      history: (asked) => answerHistory(archive, asked),
      missed: (alarm) => archive.missed(missedDuring(alarm, loop.clock.wall())),
      boardAt: async (at) => boardOfPast(await momentAt(archive, solveHere, at)),
    },
  })
  t.teardown(api.close)
  const at = new Date(loop.clock.wall() - 3 * 3_600_000).toISOString()
  const explained = await api.call(`/v1/institutions/inst-005/explain?at=${at}`)
  t.equal(explained.status, 200)
  const past = await momentAt(archive, solveHere, Date.parse(at))
  const flow = past.plan.flowIndex.get('inst-005/internet/down')!
  t.match(explained.json(), {
    need: Math.round(past.need[flow]!),
    rate: past.told[flow]! * 1_000,
    revision: 1,
    limitedBy: { code: 'LINK', id: 'transit.down' },
  })
  t.equal((await api.call('/v1/institutions/inst-005/explain?at=2020-01-01T00:00:00Z')).status, 404)

  const span = `from=${new Date(loop.clock.wall() - 3_600_000).toISOString()}&step=15m`
  const history = await api.call(`/v1/institutions/inst-005/history?${span}`)
  t.match(history.json(), { institution: 'inst-005', continues: [], flows: [{ flow: /^inst-005/ }] })
  const month = new Date(loop.clock.wall() - 31 * DAY).toISOString()
  const fine = (await api.call(`/v1/links/transit.down/history?from=${month}&step=5m`)).json()
  t.equal((fine as { points: unknown[] }).points?.length, 31 * 288, 'a link over a month by five minutes')
  const csv = await api.call(`/v1/links/transit.down/history?${span}`, { headers: { accept: 'text/csv' } })
  t.match(
    csv.text,
    /^at,covered,revision,needLoad,load,measured,unmet,capacity,measuredBy,minutesShort,state,arrived,carried\r?\n/,
  )
  t.equal((await api.call('/v1/institutions/nobody/history')).status, 404)
  const refused = async (query: string): Promise<unknown> => {
    const { status, json } = await api.call(`/v1/links/transit.down/history?${query}`)
    return status === 400 ? (json() as { detail: string }).detail : status
  }
  t.match(await refused('from=2020-01-01T00:00:00Z'), /^These are \d+ days; at most 403 can be asked at once\./)
  const year = 'from=2024-12-01T00:00:00Z&to=2025-12-31T00:00:00Z'
  t.match(await refused(year), /^These are 113760 points a series, .*; step=1h fits\./)
  t.equal(await refused(`${year}&step=1h`), 200)
  t.equal(await refused('from=2025-12-01T00:00:00Z&to=2026-01-01T00:00:00Z'), 200, 'a month of five minutes')
  const before = await api.call(`/v1/institutions/inst-005/history?${year}&step=1d`)
  t.match(before.json(), { flows: [], empty: { en: /kept by link/, sw: /kwa kiungo/ } })
  t.match(history.json(), { empty: null })

  const events = await alarmEvents(api)
  const fired = { code: 'REVERT_FIRED', subject: 'revision 12', cause: 'revision 12', region: null } as const
  alarms.observe([fired])
  await loop.step()
  const open = (await api.call('/v1/alarms')).json() as { items: { id: string }[] }
  t.match(open, { items: [{ code: 'REVERT_FIRED', subject: 'revision 12', acknowledgedBy: null }] })
  t.match((await api.call('/v1/status')).json(), { alarms: [{ code: 'REVERT_FIRED' }] })
  const metrics = (await api.call('/metrics')).text
  t.match(metrics, /^mizani_alarms\{code="REVERT_FIRED",severity="major",acknowledged="no"\} 1$/m)
  t.match(metrics, /^mizani_recording 1$/m)
  t.match(metrics, /^mizani_record_bytes 4096$/m)
  const { id } = open.items[0]!
  t.match((await api.send('POST', `/v1/alarms/${id}/acknowledge`, { note: 'seen' })).json(), { note: 'seen' })
  t.match((await api.call(`/v1/alarms/${id}`)).json(), { cleared: /Z$/, missed: [] })
  await loop.step()
  t.match(await events(2), [
    { id, code: 'REVERT_FIRED', severity: 'major', acknowledgedBy: null, state: 'began' },
    { id, state: 'ended' },
  ])
  t.equal((await api.send('POST', `/v1/alarms/${id}/acknowledge`, {})).status, 404)

  const sample = { samples: [{ at: new Date(loop.clock.wall()).toISOString(), direction: 'down', rate: 77e6 }] }
  t.match((await api.send('POST', '/v1/links/transit/samples', sample)).json(), { taken: 1, old: 0 })
  t.match((await api.send('POST', '/v1/links/transit/samples', sample)).json(), { taken: 0, old: 1 })
  t.equal((await api.send('POST', '/v1/links/no-such/samples', sample)).status, 404)
  await loop.step()
  t.match((await api.call('/v1/links/transit.down')).json(), { carried: 77e6, measured: 77e6, measuredBy: 'counter' })
  t.match((await api.call('/v1/links/transit.up')).json(), { measuredBy: 'edges' })

  const elsewhere = await api.send('POST', '/v1/webhooks', { url: 'https://elsewhere.example/' })
  t.match(elsewhere.json(), { status: 400, detail: /not in webhooks\.allow\..* Allowed are: hook\.example\./ })
  const made = (await api.send('POST', '/v1/webhooks', { url: 'https://hook.example/' })).json() as { id: string }
  t.match(made, { secret: /^.{43}$/ })
  t.match((await api.call('/v1/webhooks')).json(), { items: [{ id: made.id, dead: [] }] })
  t.equal((await api.call(`/v1/webhooks/${made.id}`, { method: 'DELETE' })).status, 200)
})
