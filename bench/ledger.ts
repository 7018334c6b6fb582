// Question: how long does it take to close a month of the nation?
//
// Goal      554 institutions, three upstreams shared by a mixed rule: counted, shared and written as the bytes that are
//           closed in 5 s of one core, within 300 MB; a year of months that are closed read back in 1 s.
// Non-goal  days of which no usage is kept, as after an upgrade: they take a second each, once.
//
// Method    One day is recorded and linked under thirty other dates: what is kept of a day does not say which it is.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { Holdings } from '../src/ledger/holdings.js'
import { countMonth, type LedgerMonth } from '../src/ledger/ledger-month.js'
import { priceBookShape } from '../src/ledger/price-book.js'
import { createLedgerThread } from '../src/ledger/thread.js'
import { canonicalJson } from '../src/model/canonical.js'
import { DAY, SLOT } from '../src/model/units.js'
import { type PolicyDocument, policySchema } from '../src/policy/document/document.js'
import { subscribes } from '../src/policy/document/members.js'
import { loadPlane } from '../src/policy/files/files.js'
import { Archive } from '../src/record/archive.js'
import { writeTable } from '../src/record/parquet-file.js'
import { emptyRows, FLOWS, LINKS, type Rows, type TableColumns } from '../src/record/tables.js'
import { keepUsage } from '../src/record/usage.js'
import { systemClock } from '../src/runtime/clock.js'
import { printTable, SEED, seeded, shown } from './harness.js'

const MONTH = '2026-11'
const FIRST = Date.parse('2026-10-31T00:00:00Z')
const DAYS = 31
const MOST_TIME = 5_000
const MOST_MEMORY = 300e6
const MOST_READING = 1_000
const random = seeded(SEED)

const plane = loadPlane('config/taifa').document!
const upstreams = Object.keys(plane.links).filter((id) => plane.links[id]!.kind === 'upstream')
const contract = (link: string) => ({
  ...{ name: { en: link, sw: link }, provider: 'Transit', links: [link], capacity: '8Gbps', committed: '5Gbps' },
  ...{ from: '2026-01-01', sharing: 'mixed' },
})
const document: PolicyDocument = policySchema.parse({
  ...plane,
  contracts: Object.fromEntries(upstreams.map((link) => [`c-${link}`, contract(link)])),
  sharing: {
    mixed: {
      name: { en: 'Mixed', sw: 'Mseto' },
      parts: [
        { by: 'promise', share: 0.4 },
        { by: 'percentile', share: 0.4 },
        { by: 'volume', share: 0.2 },
      ],
    },
  },
})

const flows = Object.entries(plane.institutions).flatMap(([id, institution]) =>
  Object.entries(plane.services)
    .filter(([, service]) => subscribes(institution, service))
    .flatMap(([service]) => ['down', 'up'].map((way) => `${id}/${service}/${way}`)),
)
const links = Object.keys(plane.links).flatMap((id) => ['down', 'up'].map((way) => `${id}.${way}`))
const [, , given] = process.argv

if (given === undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'mizani-ledger-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  await writeDays(folder)
  // In a process of its own, whose memory is only what counting takes.
  const day = join(folder, new Date(FIRST).toISOString().slice(0, 10))
  const kept = readdirSync(day).filter((name) => name.startsWith('usage-'))
  console.log(`kept of a day: ${kept.map((name) => `${(statSync(join(day, name)).size / 1e6).toFixed(1)} MB`).join()}`)
  const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), folder], { stdio: 'inherit' })
  process.exitCode = status ?? 1
} else await count(given)

async function count(folder: string): Promise<void> {
  const before = process.memoryUsage().rss
  const began = performance.now()
  const used = process.cpuUsage()
  const holdings = new Holdings()
  holdings.add(document, FIRST, FIRST + 40 * DAY)
  const tariffs = upstreams.map((link) => [`c-${link}`, { currency: 'USD', monthly: '41000', perMbps: '9.5' }])
  const counted = await countMonth(new Archive(folder), {
    ...{ month: MONTH, document, policy: { revision: 1, hash: 'sha256:0' } },
    ...{ holdings: holdings.all(), there: holdings.there, earlier: {} },
    book: priceBookShape.parse({ tariffs: Object.fromEntries(tariffs) }),
  })
  const text = canonicalJson(counted)
  const took = performance.now() - began
  const { user, system } = process.cpuUsage(used)
  const cpu = (user + system) / 1_000
  const peak = process.resourceUsage().maxRSS * 1_024
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12)
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
  printTable(
    ['month', 'flows', 'days', 'time', 'of CPU', 'goal', 'memory before', 'peak', 'goal', 'bytes', 'seed', 'result'],
    [
      [
        ...[MONTH, flows.length, DAYS, shown(took), shown(cpu), '<= 5 s', megabytes(before), megabytes(peak)],
        ...['<= 300 MB', text.length, SEED, hash],
      ],
    ],
  )
  const isReadBack = await readBack(folder, counted)
  if (cpu > MOST_TIME || peak > MOST_MEMORY || !isReadBack) process.exitCode = 1
}

/** A year of closed months as the API reads them, one after another: by a thread that has just begun, and again. */
async function readBack(folder: string, month: LedgerMonth): Promise<boolean> {
  const thread = createLedgerThread(folder, systemClock)
  const year = Array.from({ length: 12 }, (_, k) => {
    const closed = gzipSync(canonicalJson({ ...month, month: `2026-${String(k + 1).padStart(2, '0')}` }), { level: 9 })
    return { key: String(k), source: async () => ({ closed }) }
  })
  let institutions = 0
  const read = async () => {
    const [began, used] = [performance.now(), process.cpuUsage()]
    for (const of of year) {
      const view = await thread.ask(of, { what: 'month', closing: null, sees: 'all' }, { actor: 'bench' })
      institutions += view.institutions.length
    }
    const { user, system } = process.cpuUsage(used)
    return { took: performance.now() - began, cpu: (user + system) / 1_000 }
  }
  const [cold, warm] = [await read(), await read()]
  await thread.close()
  printTable(
    ['read back', 'institutions', 'thread just begun', 'of CPU', 'goal', 'again', 'of CPU'],
    [
      [
        ...['12 months', institutions / 2, shown(cold.took), shown(cold.cpu), '<= 1 s'],
        ...[shown(warm.took), shown(warm.cpu)],
      ],
    ],
  )
  return cold.cpu <= MOST_READING
}

/** A day over, with what is kept of it. */
function writeDay(folder: string): void {
  const day = join(folder, new Date(FIRST).toISOString().slice(0, 10))
  mkdirSync(day)
  const rates = (rows: Rows<TableColumns>, said: Readonly<Record<string, number | string>>): void => {
    for (const [name, column] of Object.entries(rows))
      (column as (number | string)[]).push(said[name] ?? Math.floor(random() * 50_000))
  }
  const of = {
    seconds: 300,
    revision: 1,
    plan: 'p',
    enforcement: 'enforce',
    m_limit: 'DEMAND',
    m_at: FIRST,
    state: 'up',
  }
  const flowRows = emptyRows(FLOWS)
  for (const flow of [...flows].sort())
    for (let slot = FIRST; slot < FIRST + DAY; slot += SLOT)
      rates(flowRows, { ...of, slot, flow, below_guarantee_s: random() < 0.001 ? 60 : 0, at_ceiling_s: 0 })
  writeTable(join(day, 'flows.parquet'), FLOWS, flowRows)
  const linkRows = emptyRows(LINKS)
  for (const link of [...links].sort())
    for (let slot = FIRST; slot < FIRST + DAY; slot += SLOT)
      rates(linkRows, { ...of, slot, link, measured_by: 'counter', short_s: 0 })
  writeTable(join(day, 'links.parquet'), LINKS, linkRows)
}

async function writeDays(folder: string): Promise<void> {
  writeDay(folder)
  await keepUsage(new Archive(folder))
  const day = join(folder, new Date(FIRST).toISOString().slice(0, 10))
  for (let at = FIRST + DAY; at < FIRST + DAYS * DAY; at += DAY) {
    const other = join(folder, new Date(at).toISOString().slice(0, 10))
    mkdirSync(other)
    for (const name of readdirSync(day)) linkSync(join(day, name), join(other, name))
  }
}
