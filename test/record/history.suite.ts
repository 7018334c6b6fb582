// The record as others use it: another reader opens its files, what others have measured comes in, and the API answers
// for the past.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { boardOfPast } from '../../src/control/past-board.js'
import { loadPlane } from '../../src/policy/files.js'
import { AlarmBook } from '../../src/record/alarm-book.js'
import { DAY, SLOT, slotOf } from '../../src/record/archive.js'
import type { ArchivePort } from '../../src/record/archive-thread.js'
import { BusyHours } from '../../src/record/busy-hour.js'
import { Counters } from '../../src/record/counters.js'
import { institutionHistory, linkHistory } from '../../src/record/history.js'
import { readSamples, runHistoryImport } from '../../src/record/import.js'
import { momentAt } from '../../src/record/past.js'
import { Webhooks } from '../../src/record/webhooks.js'
import { loadSettings } from '../../src/runtime/config.js'
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

t.setTimeout(120_000)
const UPSTREAM = 200_000_000
const TICK = 30

function countCalls(archive: ArchivePort, count: () => void): Pick<ArchivePort, 'busiest'> {
  return {
    busiest(asked) {
      count()
      return archive.busiest(asked)
    },
  }
}

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
  const mean = fine.slice(0, 12).reduce((total, { need }) => total + need!, 0) / 12
  t.ok(Math.abs(mean - hour!.need!) < 2_000, 'an hour is the mean of its twelve parts')
  let asked = 0
  const busyHours = new BusyHours({ ...{ clock: loop.clock, log }, archive: countCalls(archive, () => asked++) })
  t.equal(busyHours.latest, null)
  await busyHours.look()
  const busy = busyHours.latest!
  const rows = await archive.readFlows({ from: 0, before: Number.MAX_SAFE_INTEGER })
  const totals = new Map<number, number>()
  for (const [i, slot] of rows.slot.entries())
    totals.set(slot, (totals.get(slot) ?? 0) + rows.demand[i]! * rows.seconds[i]!)
  t.equal(busy.total, Math.max(...totals.values()), 'none was busier')
  const flow = rows.flow.findIndex((id, i) => id === 'inst-005/internet/down' && rows.slot[i] === busy.at)
  t.equal(busy.demand.get('inst-005/internet/down'), rows.demand[flow]! * 1_000)
  const moment = await momentAt(archive, solveHere, busy.at)
  t.equal(busy.demand.size, moment.plan.flows.length, 'the busy hour has every flow')
  t.equal(asked, 7)
  await busyHours.look()
  t.same(busyHours.latest, busy)
  t.equal(asked, 8, 'days that are over are not read again')
  await loop.clock.advance(8 * DAY)
  await busyHours.look()
  t.equal(busyHours.latest, null, 'what is older than a week is no measure')
})

t.test('what others have measured comes in, however their spreadsheet wrote it', async (t) => {
  const data = temporaryFolder(t.teardown)
  mkdirSync(data, { recursive: true })
  const { document } = loadPlane('config/taifa')
  const unix =
    'time,link,direction,rate\n2026-03-02T10:00:00Z,transit-a,down,4e9\n2026-03-02T13:02:00+03:00,transit-a,in,2e9\n'
  const excel =
    '\ufeffTimestamp;Interface;Dir;bps\r\n2026-03-02 10:00;transit-a;rx;4000000000,0\r\n' +
    '1772445720;transit-a.down;;2000000000\r\n'
  for (const [text, encoding] of [
    [unix, 'utf8'],
    [excel, 'utf8'],
    [excel.replace('\ufeff', ''), 'latin1'],
    ['Time;Port;Direction;Rate (Gbps)\n2026-03-02 10:00;Transit-A;Inbound;4\n1772445720;transit-a;in;2,0\n', 'utf8'],
    ['time,link,dir,value [kbit/s]\n1772445600,transit-a,in,4e6\n1772445720,transit-a.down,,2Gbps\n', 'utf8'],
  ] as const) {
    const samples = readSamples('x.csv', Buffer.from(text, encoding), document!)
    t.same(
      samples.map(({ link, rate }) => [link, rate]),
      [
        ['transit-a.down', 4e9],
        ['transit-a.down', 2e9],
      ],
    )
    t.equal(samples[0]!.at, Date.UTC(2026, 2, 2, 10))
    t.equal(samples[1]!.at, Date.UTC(2026, 2, 2, 10, 2))
  }
  const bad =
    'time,link,direction,rate\nyesterday,transit-a,down,1\n2026-03-02T10:00:00Z,nowhere,down,1\n,,,\n' +
    '2026-03-02T10:00:00Z,transit-a,down,5MBps\n'
  t.throws(() => readSamples('x.csv', Buffer.from(bad), document!), { code: 'IMPORT_INVALID', faults: { length: 3 } })
  t.throws(() => readSamples('x.csv', Buffer.from(unix), document!, Date.UTC(2026, 2, 1)), {
    code: 'IMPORT_INVALID',
    faults: { length: 2, 0: { message: /lies in the future/ } },
  })
  t.throws(() => readSamples('x.csv', Buffer.from('a,b\n1,2\n'), document!), {
    code: 'IMPORT_INVALID',
    faults: { length: 3 },
  })

  for (const name of ['Rate (MB/s)', 'rate [kB/s]', 'value_MBps', 'Rate (GB/S)', 'rate B/sec', 'Bps']) {
    const text = `time,link,${name}\n2026-03-02T10:00:00Z,transit-a.down,4\n`
    t.throws(
      () => readSamples('x.csv', Buffer.from(text), document!),
      { code: 'IMPORT_INVALID', faults: { length: 1, 0: { line: 1, message: /is in bytes a second; multiply/ } } },
      name,
    )
  }
  for (const name of ['Rate (Mb/s)', 'RATE (MBPS)', 'rate (MBit/s)', 'Rate_mbps']) {
    const text = `time,link,${name},size (MB/s)\n2026-03-02T10:00:00Z,transit-a.down,4,1\n`
    t.match(readSamples('x.csv', Buffer.from(text), document!), [{ rate: 4e6 }], name)
  }

  const file = join(data, 'x.csv')
  const { client } = loadSettings({ env: {} })
  writeFileSync(file, unix)
  let said = ''
  const out = {
    write(text: string) {
      said += text
      return true
    },
  }
  const io = { stdout: out, stderr: out, env: {}, isTTY: false }
  for (let twice = 0; twice < 2; twice++)
    t.equal(
      await runHistoryImport({ file, json: true, settings: { data, plane: 'config/taifa', client } }, io as never),
      0,
    )
  t.match(said, '{"samples":2,"links":1,"days":1}')
  const from = Date.UTC(2026, 2, 2, 10)
  const archive = archiveHere(join(data, 'history'))
  await archive.tidy(from + 2 * DAY, { days: 400, bytes: 1e9 })
  const [point] = await linkHistory(archive, 'transit-a.down', { from, to: from + SLOT, step: SLOT })
  t.match(point, { measured: 3e9, measuredBy: 'import', load: null }, 'the mean of the five minutes, once')
})

/** Listens to what happens to alarms. @returns a reader of so many events from the start. */
async function alarmEvents(api: Api): Promise<(count: number) => Promise<unknown[]>> {
  const authorization = `Bearer ${api.tokens.viewer}`
  const answer = await fetch(`${api.url}/v1/events?kinds=alarm`, { headers: { authorization } })
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return async (count) => {
    const told = (): string[] => [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => data!)
    while (told().length < count) text += (await reader.read()).value ?? ''
    await reader.cancel()
    return told().map((data) => JSON.parse(data) as unknown)
  }
}

t.test('the API answers for the past', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const { archive, loop } = await noon(join(folder, 'history'))
  const alarms = new AlarmBook({ file: join(folder, 'alarms.jsonl'), clock: loop.clock, log })
  const counters = new Counters()
  const rules = { allow: ['hook.example'], ownPorts: () => [] }
  const webhooks = new Webhooks({
    store: webhooksInMemory(),
    folder,
    plane: 'small',
    zone: () => 'UTC',
    rules,
    clock: loop.clock,
    log,
  })
  const api = await startApi({
    clock: loop.clock,
    board: () => loop.controller.board,
    memory: {
      ...{ alarms, counters, webhooks, recorder: { failing: null, size: 4_096 } },
      institutionHistory: (id, span) => institutionHistory(archive, id, span),
      linkHistory: (id, span) => linkHistory(archive, id, span),
      missed: (alarm) => archive.missed({ from: slotOf(alarm.since), before: alarm.cleared ?? loop.clock.wall() }),
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
  const csv = await api.call(`/v1/links/transit.down/history?${span}`, { headers: { accept: 'text/csv' } })
  t.match(csv.text, /^at,covered,revision,needLoad,load,measured,unmet,capacity,measuredBy,minutesShort,state\r?\n/)
  t.equal((await api.call('/v1/institutions/nobody/history')).status, 404)
  t.equal((await api.call('/v1/links/transit.down/history?from=2020-01-01T00:00:00Z')).status, 400)

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
  t.match((await api.call('/v1/links/transit.down')).json(), { measured: 77e6, measuredBy: 'counter' })
  t.match((await api.call('/v1/links/transit.up')).json(), { measuredBy: 'edges' })

  t.equal((await api.send('POST', '/v1/webhooks', { url: 'https://elsewhere.example/' })).status, 400)
  const made = (await api.send('POST', '/v1/webhooks', { url: 'https://hook.example/' })).json() as { id: string }
  t.match(made, { secret: /^.{43}$/ })
  t.match((await api.call('/v1/webhooks')).json(), { items: [{ id: made.id, dead: [] }] })
  t.equal((await api.call(`/v1/webhooks/${made.id}`, { method: 'DELETE' })).status, 200)
})
