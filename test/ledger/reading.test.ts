// A month read from the record against DuckDB over the same Parquet, by other means: window functions in SQL, whole
// numbers alone. Seeded days with what days have: slots in parts, edges that were not heard, institutions at two edges,
// posted counters, imported ones beside them, slots of which nothing is there.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { billingMonth, slotsIn } from '../../src/ledger/billing-month.js'
import { GAP, usageOf } from '../../src/ledger/percentile.js'
import { readSeries } from '../../src/ledger/reading.js'
import { DAY, SLOT } from '../../src/model/units.js'
import { Archive } from '../../src/record/archive.js'
import { writeTable } from '../../src/record/parquet-file.js'
import { appendRows, emptyRows, FLOWS, LINKS, type Rows, sortRows, type TableColumns } from '../../src/record/tables.js'
import { keepUsage, usageOfDay } from '../../src/record/usage.js'

const MONTH = billingMonth('2026-11', 'Africa/Dar_es_Salaam')
const FIRST = MONTH.from - (MONTH.from % DAY)
const DAYS = 5
const LINK_IDS = ['transit-a.down', 'transit-a.up', 'transit-b.down']
const FLOW_IDS = ['a/internet/down@e1', 'a/internet/down@e2', 'a/internet/up', 'b/internet/down', 'b/govnet/down']

let state = 21
const roll = (below: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
  return (state >>> 8) % below
}

function push(rows: Rows<TableColumns>, said: Readonly<Record<string, number | string | null>>): void {
  for (const [name, column] of Object.entries(rows)) {
    const value = Object.hasOwn(said, name) ? said[name]! : roll(1_000_000)
    ;(column as (number | string | null)[]).push(value)
  }
}

const COMMON = { revision: 1, plan: 'p', enforcement: 'enforce', m_limit: 'DEMAND', state: 'up', short_s: 0 }

/** Nobody heard it, or for a while, or throughout; an earlier release did not write down for how long. */
function hearing(seconds: number): { readonly heard: number | null; readonly carried?: null } {
  const rolled = roll(12)
  if (rolled === 0) return { heard: 0, carried: null }
  return { heard: rolled === 1 ? null : rolled === 2 ? 1 + roll(seconds) : seconds }
}

/** Days that are over, a last one that goes on, and imports. */
function writeRecord(folder: string): void {
  for (let day = 0; day < DAYS; day++) {
    const start = FIRST + day * DAY
    const path = join(folder, new Date(start).toISOString().slice(0, 10))
    mkdirSync(path)
    const [flows, links, imported] = [emptyRows(FLOWS), emptyRows(LINKS), emptyRows(LINKS)]
    for (let slot = start; slot < start + DAY; slot += SLOT) {
      if (roll(20) === 0) continue
      const parts = roll(10) === 0 ? [120, 170] : [roll(15) === 0 ? 1 + roll(299) : 300]
      for (const seconds of parts) {
        for (const flow of FLOW_IDS) {
          const said = {
            ...COMMON,
            slot,
            seconds,
            flow,
            m_at: slot,
            at_ceiling_s: 0,
            below_guarantee_s: roll(50) === 0 ? 60 : 0,
          }
          push(flows, { ...said, ...hearing(seconds) })
        }
        for (const link of LINK_IDS) {
          const measured_by = roll(3) === 0 ? 'edges' : 'counter'
          push(links, {
            ...COMMON,
            slot,
            seconds,
            link,
            m_at: slot,
            measured_by,
            ...hearing(seconds),
          })
        }
      }
    }
    for (let slot = start; slot < start + DAY; slot += SLOT)
      if (roll(4) === 0)
        push(imported, {
          ...{ ...COMMON, slot, seconds: 300, heard: 300, link: 'transit-a.down', m_at: slot, measured_by: 'import' },
        })
    if (day < DAYS - 1) {
      writeTable(join(path, 'flows.parquet'), FLOWS, sortRows(FLOWS, flows))
      writeTable(join(path, 'links.parquet'), LINKS, sortRows(LINKS, links))
    } else {
      for (const hour of [0, 12]) {
        const isIn = (rows: { readonly slot: readonly number[] }) => (i: number) =>
          rows.slot[i]! >= start + (hour * DAY) / 24 && rows.slot[i]! < start + ((hour + 12) * DAY) / 24
        const [some, others] = [emptyRows(FLOWS), emptyRows(LINKS)]
        appendRows(some, flows, isIn(flows))
        appendRows(others, links, isIn(links))
        // Named by a slot that lies in the month: names only say what may be in a file.
        const name = `${String(hour).padStart(2, '0')}00-0`
        writeTable(join(path, `${name}.links.parquet`), LINKS, others)
        writeTable(join(path, `${name}.flows.parquet`), FLOWS, some)
      }
    }
    writeTable(join(path, 'import-0123456789abcdef.links.parquet'), LINKS, imported)
  }
}

type Slot = readonly [id: string, slot: number, kbps: number, heard: number]

/** Means of slots by subject as DuckDB finds them. */
async function byDuckDb(folder: string) {
  const connection = await (await DuckDBInstance.create()).connect()
  const of = async (sql: string): Promise<Slot[]> => {
    const rows = await (await connection.runAndReadAll(sql)).getRows()
    return rows.map(([id, slot, kbps, heard]) => [
      ...([String(id), Number(slot), kbps === null ? GAP : Number(kbps), Number(heard)] as const),
    ])
  }
  const slot = `CAST((epoch_ms(slot) - ${MONTH.from}) / ${SLOT} AS INTEGER)`
  const inMonth = `epoch_ms(slot) >= ${MONTH.from} AND epoch_ms(slot) < ${MONTH.before}`
  // Rounded half up in whole numbers.
  const lasted = 'coalesce(heard, seconds)'
  const mean = `(2 * sum(carried * ${lasted}) + sum(${lasted})) // (2 * sum(${lasted}))`
  const links = await of(`
    WITH by_source AS (
      SELECT link, ${slot} AS s, measured_by, least(300, sum(${lasted})) AS heard, ${mean} AS kbps
      FROM read_parquet('${folder}/*/*links.parquet') WHERE ${inMonth} AND carried IS NOT NULL GROUP BY 1, 2, 3),
    ranked AS (
      SELECT *, row_number() OVER (PARTITION BY link, s ORDER BY
        CASE measured_by WHEN 'edges' THEN 1 ELSE 0 END, heard DESC, CASE measured_by WHEN 'counter' THEN 0 ELSE 1 END)
        AS place FROM by_source)
    SELECT link, s, kbps, heard FROM ranked WHERE place = 1`)
  const flows = await of(`
    WITH by_flow AS (
      SELECT split_part(flow, '/', 1) || ' ' || split_part(split_part(flow, '@', 1), '/', 3) AS who, flow, ${slot} AS s,
        (2 * sum(carried * ${lasted}) + sum(${lasted}) FILTER (carried IS NOT NULL))
          // (2 * sum(${lasted}) FILTER (carried IS NOT NULL)) AS kbps,
        least(300, sum(${lasted}) FILTER (carried IS NOT NULL)) AS heard
      FROM read_parquet('${folder}/*/*flows.parquet')
      WHERE ${inMonth} AND split_part(flow, '/', 2) = 'internet' GROUP BY 1, 2, 3)
    SELECT who, s, CASE WHEN count(*) = count(kbps) THEN sum(kbps) END, min(heard) FROM by_flow GROUP BY 1, 2`)
  connection.closeSync()
  return { links, flows }
}

/** Of the seconds that were heard, one after another, sorted: the one at place ceil(percent n / 100). */
function rankedIn(rows: readonly Slot[], id: string, percent: number): number | null {
  const known = rows.flatMap(([who, , kbps, heard]) => (who === id && kbps !== GAP ? Array(heard).fill(kbps) : []))
  known.sort((a, b) => a - b)
  return known.length === 0 ? null : known[Math.ceil((percent * known.length) / 100) - 1]!
}

t.test('means, percentiles and gaps are those that DuckDB finds in the same files', async (t) => {
  const folder = t.testdir()
  writeRecord(folder)
  const archive = new Archive(folder)
  const want = {
    month: MONTH,
    links: { down: ['transit-a.down'], up: ['transit-a.up'] },
    ...{ services: ['internet'], only: null },
  }
  const both = { ...want, links: { down: ['transit-a.down', 'transit-b.down'], up: ['transit-a.up'] } }
  const read = () => readSeries(archive, [want, both], { whole: MONTH, judged: new Map() })
  const fresh = await read()
  for (let tidy = 0; tidy < 3; tidy++) await keepUsage(archive)
  t.same(await read(), fresh, 'what is kept of a day says the same as its tables')

  const { links, flows } = await byDuckDb(folder)
  const [{ carried, payers }, { carried: sum }] = fresh.series as [(typeof fresh.series)[0], (typeof fresh.series)[0]]
  const expected = (rows: readonly Slot[], id: string): number[] => {
    const means = new Array<number>(slotsIn(MONTH)).fill(GAP)
    for (const [who, slot, kbps] of rows) if (who === id) means[slot] = kbps
    return means
  }
  t.same([...carried.down.means], expected(links, 'transit-a.down'))
  t.same([...carried.up.means], expected(links, 'transit-a.up'))
  const [a, b] = [expected(links, 'transit-a.down'), expected(links, 'transit-b.down')]
  const together = a.map((mean, slot) => (mean === GAP || b[slot] === GAP ? GAP : mean + b[slot]!))
  t.same([...sum.down.means], together, 'of two lines the sum is known where both are')
  for (const [id, { down, up }] of payers) {
    t.same([...down.means], expected(flows, `${id} down`), `${id} down`)
    t.same([...up.means], expected(flows, `${id} up`), `${id} up`)
  }
  for (const percent of [50, 95, 99]) {
    t.equal(usageOf(carried.down, percent).percentile, rankedIn(links, 'transit-a.down', percent), `p${percent}`)
    t.equal(usageOf(payers.get('a')!.down, percent).percentile, rankedIn(flows, 'a down', percent), `p${percent} of a`)
  }
  const gaps = expected(links, 'transit-a.down').filter((mean) => mean === GAP).length
  const usage = usageOf(carried.down, 95)
  t.equal(usage.slots - usage.counted, gaps)
  t.ok(gaps > slotsIn(MONTH) - DAYS * 288, 'there are gaps within the days')
})

t.test('an import makes what is kept of a day anew', async (t) => {
  const folder = t.testdir()
  writeRecord(folder)
  const archive = new Archive(folder)
  for (let tidy = 0; tidy < 3; tidy++) await keepUsage(archive)
  const meansOf = async () => {
    const { ids, means } = (await usageOfDay(archive, FIRST + DAY)).links
    return means[ids.indexOf('transit-b.up') * 288]
  }
  t.equal(await meansOf(), undefined)
  const rows = emptyRows(LINKS)
  push(rows, {
    ...COMMON,
    slot: FIRST + DAY,
    seconds: 300,
    link: 'transit-b.up',
    ...{ carried: 7, heard: 300 },
    m_at: 0,
    measured_by: 'import',
  })
  const day = { content: 'fedcba9876543210', rows: () => rows }
  await archive.adopt(new Map([[FIRST + DAY, day]]))
  t.equal(await meansOf(), 7)
})
