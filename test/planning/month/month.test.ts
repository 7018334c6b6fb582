// The monthly page: every figure on it is had again, by other means, from the Parquet files alone: DuckDB, in SQL.
// Seeded days with what days have: slots in parts, gateways that were not heard, institutions at two of them, gaps.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { main } from '../../../src/cli.js'
import { usageOf } from '../../../src/ledger/percentile.js'
import { DAY, HOUR, SLOT } from '../../../src/model/units.js'
import { COLUMNS, InstitutionMonth, type MonthFigures, type Span } from '../../../src/planning/month/figures.js'
import { monthReport, summaryRow } from '../../../src/planning/month/report.js'
import { Archive } from '../../../src/record/archive.js'
import { writeTable } from '../../../src/record/parquet-file.js'
import { emptyRows, FLOWS, type FlowRows, sortRows } from '../../../src/record/tables.js'
import { shippedFile } from '../../../src/runtime/config.js'

/** May 2024 in Dar es Salaam. */
const SPAN: Span = { from: Date.UTC(2024, 3, 30, 21), before: Date.UTC(2024, 4, 31, 21) }
const DAYS_RECORDED = 4
/** Until then an earlier release wrote the record. */
const UPGRADED = SPAN.from + DAY + HOUR
const WHO = 'hosp-mnh-upanga'
const FLOWS_THERE = [
  ...[`${WHO}/internet/down@e1`, `${WHO}/internet/down@e2`, `${WHO}/internet/up@e1`, `${WHO}/govnet/down`],
  ...['another/internet/down', `${WHO}-annex/internet/down`],
]
const DAYS: Span[] = Array.from({ length: 31 }, (_, n) => ({
  ...{ from: SPAN.from + n * DAY, before: SPAN.from + (n + 1) * DAY },
}))

let state = 11
const roll = (below: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
  return (state >>> 8) % below
}

function writeRecord(folder: string): void {
  // The first day begins before the month does.
  for (let day = Date.UTC(2024, 3, 30); day < Date.UTC(2024, 3, 30) + DAYS_RECORDED * DAY; day += DAY) {
    const path = join(folder, new Date(day).toISOString().slice(0, 10))
    mkdirSync(path)
    const rows = emptyRows(FLOWS)
    for (let slot = day; slot < day + DAY; slot += SLOT) {
      if (roll(20) === 0) continue
      const isBad = (slot % DAY) / HOUR >= 7 && (slot % DAY) / HOUR < 9
      for (const seconds of roll(10) === 0 ? [120, 170] : [300]) {
        for (const flow of FLOWS_THERE) {
          const lacked = roll(isBad ? 2 : 60) === 0 ? 1 + roll(9_000) : 0
          const heard = heardOf(seconds)
          const rates = heard === 0 ? { carried: null, demand: null } : { carried: roll(90_000) }
          const earlier = slot < UPGRADED ? { heard: null, promised: null, claimed: null, lacked: null } : {}
          const below_guarantee_s = lacked > 4_500 ? 1 + roll(seconds) : 0
          push(rows, { slot, seconds, heard, flow, lacked, below_guarantee_s, m_at: slot, ...rates, ...earlier })
        }
      }
    }
    writeTable(join(path, 'flows.parquet'), FLOWS, sortRows(FLOWS, rows))
  }
}

/** Mostly all of it, or as a row of an earlier release says it; sometimes little, sometimes nothing. */
function heardOf(seconds: number): number | null {
  const luck = roll(15)
  return luck === 0 ? 0 : luck < 4 ? 1 + roll(seconds) : luck < 6 ? null : seconds
}

function push(rows: FlowRows, said: Readonly<Record<string, number | string | null>>): void {
  const m_limit = `LINK transit-${roll(3)}`
  const same = { revision: 1, plan: 'p', enforcement: 'enforce', m_limit, below_guarantee_s: 0 }
  const known: Readonly<Record<string, number | string | null>> = { ...same, ...said }
  for (const [name, column] of Object.entries(rows)) {
    const value = Object.hasOwn(known, name) ? known[name]! : roll(100_000)
    ;(column as (number | string | null)[]).push(value)
  }
}

async function byDuckDb(folder: string): Promise<MonthFigures> {
  const connection = await (await DuckDBInstance.create()).connect()
  const ask = async (sql: string): Promise<(string | number | null)[][]> => {
    const rows = await (await connection.runAndReadAll(sql)).getRows()
    return rows.map((row) => row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : (cell as string | number))))
  }
  await connection.run(`
    CREATE TABLE own AS SELECT *, coalesce(heard, seconds) AS h,
      CAST((epoch_ms(slot) - ${SPAN.from}) / ${SLOT} AS INTEGER) AS s,
      split_part(flow, '/', 2) AS service, split_part(split_part(flow, '@', 1), '/', 3) AS direction
    FROM read_parquet('${folder}/*/flows.parquet')
    WHERE split_part(flow, '/', 1) = '${WHO}' AND epoch_ms(slot) >= ${SPAN.from} AND epoch_ms(slot) < ${SPAN.before}`)
  const mean = (of: string, by: string): string => `sum(${of} * ${by})::DOUBLE / sum(${by}) FILTER (${of} IS NOT NULL)`
  const services = await ask(`
    WITH means AS (SELECT service, direction, flow, ${mean('promised', 'seconds')} AS promised,
        ${mean('demand', 'h')} AS wanted, ${mean('carried', 'h')} AS carried FROM own GROUP BY 1, 2, 3),
      slots AS (SELECT service, direction, s, flow, round(${mean('carried', 'h')}) AS kbps,
        least(300, sum(h) FILTER (carried IS NOT NULL)) AS h FROM own GROUP BY 1, 2, 3, 4),
      sums AS (SELECT service, direction, s, sum(kbps) AS kbps, min(h) AS h FROM slots GROUP BY 1, 2, 3
        HAVING count(*) = count(kbps)),
      ranked AS (SELECT *, sum(h) OVER (PARTITION BY service, direction ORDER BY kbps, s
        ROWS UNBOUNDED PRECEDING) AS passed, sum(h) OVER (PARTITION BY service, direction) AS n FROM sums),
      p AS (SELECT service, direction, min(kbps) FILTER (100 * passed >= 95 * n) AS p95, max(kbps) AS peak,
        sum(h) AS heard FROM ranked GROUP BY 1, 2),
      w AS (SELECT service, direction, sum(carried * h) AS volume, sum(lacked * seconds) AS lacked,
        5 * count(DISTINCT s) FILTER (lacked >= 1) AS short FROM own GROUP BY 1, 2),
      m AS (SELECT service, direction, round(sum(promised)) AS promised, round(sum(wanted)) AS wanted,
        round(sum(carried)) AS carried FROM means GROUP BY 1, 2)
    SELECT service, direction, promised, wanted, carried, p95, peak, heard, volume, lacked, short
    FROM m JOIN p USING (service, direction) JOIN w USING (service, direction) ORDER BY service || '/' || direction`)
  const days = await ask(`
    SELECT d, sum(carried * h) FILTER (direction = 'down'), sum(carried * h) FILTER (direction = 'up'),
      coalesce(sum(lacked * seconds), 0), 5 * count(DISTINCT s) FILTER (lacked >= 1), count(DISTINCT s),
      count(DISTINCT s) FILTER (promised IS NOT NULL)
    FROM range(31) AS days(d) LEFT JOIN own ON s // 288 = d GROUP BY d ORDER BY d`)
  const spells = await ask(`
    WITH short AS (SELECT s, sum(lacked * seconds) AS kbit, arg_max(m_limit, lacked) AS lim FROM own
        WHERE lacked >= 1 GROUP BY s),
      islands AS (SELECT *, s - row_number() OVER (ORDER BY s) AS island FROM short)
    SELECT min(s), 5 * count(*), sum(kbit), arg_min(lim, s) FROM islands GROUP BY island ORDER BY 2 DESC, 1`)
  const [whole] = await ask(`
    SELECT count(DISTINCT s), 5 * count(DISTINCT s) FILTER (lacked >= 1), sum(lacked * seconds), sum(claimed * seconds),
      count(DISTINCT s) FILTER (promised IS NOT NULL),
      (SELECT sum(most) FROM (SELECT max(below) AS most FROM
        (SELECT s, flow, sum(below_guarantee_s) AS below FROM own GROUP BY 1, 2) GROUP BY s))
    FROM own`)
  connection.closeSync()
  const [recorded, minutesShort, lacked, claimed, judged, secondsBelow] = whole!.map(Number)
  return {
    ...{ slots: 31 * 288, recorded: recorded!, judged: judged!, minutesShort: minutesShort! },
    ...{ lacked: lacked!, claimed: claimed!, secondsBelow: secondsBelow! },
    services: services.map(([service, direction, ...figures]) => {
      const [promised, wanted, carried, p95, peak, heard, volume, lacked, minutesShort] = figures.map(Number)
      return {
        ...{ service: String(service), direction: direction === 'up' ? 'up' : 'down' },
        ...{ promised: promised!, wanted: wanted!, carried: carried!, p95: p95!, peak: peak!, heard: heard! },
        ...{ volume: volume!, lacked: lacked!, minutesShort: minutesShort! },
      }
    }),
    days: days.map((row) => {
      const [d, , , lacked, minutesShort, recorded, judged] = row.map(Number)
      const volumeOf = (kbit: unknown): number | null => (kbit === null ? null : Number(kbit))
      const volume = { down: volumeOf(row[1]), up: volumeOf(row[2]) }
      const counts = { minutesShort: minutesShort!, recorded: recorded!, judged: judged! }
      return { from: SPAN.from + d! * DAY, volume, lacked: lacked!, ...counts }
    }),
    spells: spells.map(([first, minutes, lacked, limit]) => ({
      ...{ from: SPAN.from + Number(first) * SLOT, minutes: Number(minutes) },
      ...{ lacked: Number(lacked), limit: String(limit) },
    })),
  }
}

t.test('each figure of a month is what DuckDB finds in the Parquet files', async (t) => {
  const folder = t.testdir()
  writeRecord(folder)
  const month = new InstitutionMonth(SPAN, DAYS)
  for await (const rows of new Archive(folder).walkFlows(COLUMNS, SPAN))
    for (const [i, flow] of rows.flow.entries()) if (flow.startsWith(`${WHO}/`)) month.add(rows, i)
  const figures = month.figures()
  const expected = await byDuckDb(folder)
  t.same(figures.services, expected.services)
  t.same(figures.days, expected.days)
  t.same(figures.spells, expected.spells)
  t.same({ ...figures, services: [], days: [], spells: [] }, { ...expected, services: [], days: [], spells: [] })
  t.ok(figures.minutesShort > 0 && figures.spells.length > 3 && figures.recorded < DAYS_RECORDED * 288)
  t.ok(figures.days[0]!.judged === 0 && figures.judged > 0 && figures.judged < figures.recorded)
})

t.test('a slot counts by what was heard of it, as in the statement', async (t) => {
  const month = new InstitutionMonth(SPAN, DAYS)
  const rows = emptyRows(FLOWS)
  const add = (n: number, heard: number | null, carried: number): void => {
    const slot = SPAN.from + n * SLOT
    push(rows, { slot, seconds: 300, heard, flow: 'a/internet/down', carried, demand: carried, lacked: 0, m_at: slot })
    month.add(rows, rows.slot.length - 1)
  }
  add(0, 60, 10_000)
  t.match(month.figures(), {
    services: [{ volume: 600_000, carried: 10_000, heard: 60 }],
    days: [{ volume: { down: 6e5 } }],
  })
  add(1, 2, 90_000)
  add(2, null, 1_000)
  const { services } = month.figures()
  const mean = Math.round((60 * 10_000 + 2 * 90_000 + 300 * 1_000) / 362)
  t.match(services, [{ wanted: mean, carried: mean, volume: 1_080_000, peak: 90_000 }])
  const carried = { means: Int32Array.from([10_000, 90_000, 1_000]), seconds: Uint16Array.from([60, 2, 300]) }
  t.equal(services[0]!.p95, 10_000, 'two seconds are not a third of the month')
  t.match(usageOf(carried, 95), { percentile: 10_000, volume: 1_080_000 }, 'nor in the ledger')
})

t.test('a breach of two seconds is two seconds', async (t) => {
  const month = new InstitutionMonth(SPAN, DAYS)
  const rows = emptyRows(FLOWS)
  for (const way of ['down', 'up']) {
    const known = { seconds: 300, heard: 300, promised: 9_000, claimed: 9_000, lacked: 60, below_guarantee_s: 2 }
    push(rows, { slot: SPAN.from, m_at: SPAN.from, flow: `${WHO}/internet/${way}`, ...known })
    month.add(rows, rows.slot.length - 1)
  }
  const figures = month.figures()
  t.equal(figures.secondsBelow, 2, 'of two flows together it is the longest')
  const name = { en: 'A', sw: 'A' }
  const subject = { id: WHO, name, category: name, region: name, tier: { id: 't', ...name } }
  const words = { month: '2024-05', zone: 'UTC', plane: name, services: {}, command: '', inputHash: '' }
  t.match(monthReport(subject, figures, words).findings[0]!.en, /below its guarantee for 2 s of them/)
  t.equal(summaryRow(subject, figures).at(-1), 2)
})

t.test('of what nobody wrote down nothing is claimed', async (t) => {
  const rows = emptyRows(FLOWS)
  const row = (n: number, promises: number | null, carried: number | null): void => {
    const slot = SPAN.from + n * SLOT
    const promised = { promised: promises, claimed: promises, lacked: promises === null ? null : 0 }
    push(rows, { slot, m_at: slot, seconds: 300, heard: null, flow: `${WHO}/internet/down`, carried, ...promised })
  }
  const name = { en: 'A', sw: 'A' }
  const subject = { id: WHO, name, category: name, region: name, tier: { id: 't', ...name } }
  const words = { month: '2024-05', zone: 'UTC', plane: name, services: {}, command: '', inputHash: '' }
  const monthOf = (count: number) => {
    const month = new InstitutionMonth(SPAN, DAYS)
    for (let i = 0; i < count; i++) month.add(rows, i)
    const { findings, limits, tables } = monthReport(subject, month.figures(), words)
    const texts = [...findings, ...limits].map(({ en, sw }) => `${en} ${sw}`).join('\n')
    return { texts, services: tables[0]!.rows, day: tables[2]!.rows[0], summary: summaryRow(subject, month.figures()) }
  }
  row(0, null, null)
  row(1, null, 8_000)
  row(2, 9_000, 8_000)
  const nothing = monthOf(0)
  t.notMatch(nothing.texts, /never short|Haikuwahi|earlier release/)
  t.same(nothing.summary, [WHO, 't', 0, 8_928, null, null, null, null, null, null, null, null])
  t.same(nothing.day, [SPAN.from, null, null, null, null, 0])
  const unheard = monthOf(1)
  t.same(unheard.summary, [WHO, 't', 1, 8_928, null, null, null, null, null, null, null, null])
  t.same(unheard.services[0]!.slice(7), [null, null, null])
  const earlier = monthOf(2)
  t.notMatch(earlier.texts, /never short|Haikuwahi/)
  t.match(earlier.texts, /an earlier release kept none\. Nothing is said of shortage/)
  t.same(earlier.summary.slice(2), [2, 8_928, null, null, null, 0.3, null, 8, null, null])
  t.same(earlier.day, [SPAN.from, 0.3, null, null, null, 2])
  const upgraded = monthOf(3)
  t.match(upgraded.texts, /never short in the 1 five minutes of which its promises are recorded/)
  t.match(upgraded.texts, /Of the other 2 nothing is said of shortage/)
  t.same(upgraded.summary.slice(2, 8), [3, 8_928, 0, 0, 0, 0.6])
})

t.test('the pages are whole, in both languages, and say the same figures', async (t) => {
  const folder = t.testdir({ record: {} })
  const record = join(folder, 'record')
  writeRecord(record)
  const said: string[] = []
  const sink = { write: (text: string) => said.push(text) > 0 }
  const io = { stdout: sink, stderr: sink, env: {}, isTTY: false }
  const plane = shippedFile('config/taifa')
  const place = ['--month', '2024-05', '--plane', plane, '--record', record, '--workers', '1']
  const args = ['plan', 'month', '--institution', WHO, '--out', join(folder, 'out'), ...place]
  t.equal(await main(args, io), 0, said.join(''))
  t.same(readdirSync(join(folder, 'out')).sort(), [`${WHO}.en.html`, `${WHO}.sw.html`, 'month.csv'])
  const { minutesShort } = await byDuckDb(record)
  const [en, sw] = ['en', 'sw'].map((lang) => readFileSync(join(folder, 'out', `${WHO}.${lang}.html`), 'utf8'))
  t.ok(en!.includes(`It was short in ${minutesShort} minutes in all`) && en!.includes('<svg'))
  t.ok(sw!.includes(`Ilikuwa pungufu kwa dakika ${minutesShort} kwa jumla`) && sw!.includes('lang="sw"'))
  t.notMatch(en, /(src|href)=/, 'nothing is loaded')
  t.ok(en!.includes('Government network, download') && /transit-\d is full/.test(en!))
  t.ok(sw!.includes('Mtandao wa Serikali, kupakua') && /kiungo transit-\d kimejaa/.test(sw!))
  t.notMatch(sw, /govnet|LINK|DEMO/, 'no ids, and no English')
  t.equal(await main([...args.slice(0, 3), 'hosp-mnh-upnga', ...args.slice(4)], io), 2)
  t.match(said.join(''), /did you mean/i)
})
