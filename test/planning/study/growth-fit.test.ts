// Growth out of the record: a forecast from nine months holds what the next three brought, its range is no wider than
// it has to be, and what cannot be known is said. All 200 seeds: `npm run planning`.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../src/cli.js'
import { DAY, HOUR, SLOT } from '../../../src/model/units.js'
import { type BusyDay, busyLevels } from '../../../src/planning/recorded/busy-levels.js'
import { fitted, pathsOf } from '../../../src/planning/study/growth-fit.js'
import { fitFinding, fitLimits } from '../../../src/planning/study/growth-words.js'
import { type MonthLevel, Trend } from '../../../src/planning/study/trend.js'
import { planeFiles } from '../../../src/policy/files/plane-text.js'
import { writeTable } from '../../../src/record/parquet-file.js'
import { emptyRows, FLOWS, LINKS, type Rows, type TableColumns } from '../../../src/record/tables.js'
import type { Io } from '../../../src/runtime/io.js'
import { smallPlane } from '../small-plane.js'
import { coverage, firstNine, syntheticDays } from './synthetic-months.js'

t.setTimeout(300_000)

t.test('months 1 to 9 hold the crossing of months 10 to 12, in a range that says something', async (t) => {
  const { held, seeds, share, medianWidth, medianMiss } = coverage(1, 20)
  t.comment(`${held} of ${seeds} held; median width ${medianWidth} days, the middle misses by ${medianMiss}`)
  t.ok(share >= 0.87, `${held} of ${seeds}`)
  t.ok(medianWidth < 250, `${medianWidth} days from the first to the last of a range`)
  t.ok(medianMiss < 45, `${medianMiss} days from the middle to the crossing`)
})

t.test('of one pair the range is the prediction interval of the textbook', async (t) => {
  const lie = [0.02, -0.01, 0.03, -0.04, 0.01, 0.02, -0.03, 0.01, -0.01]
  const months = lie.map((aside, n): MonthLevel => ({ month: n, at: n / 12, level: 3 + (0.3 * n) / 12 + aside }))
  const [middle, next] = [4 / 12, 12 / 12]
  const squares = (of: (month: MonthLevel) => number): number => months.reduce((sum, each) => sum + of(each), 0)
  const spread = squares(({ at }) => (at - middle) ** 2)
  const slope = squares(({ at, level }) => (at - middle) * level) / spread
  const level = squares((month) => month.level) / 9
  const error = Math.sqrt(squares((month) => (month.level - level - slope * (month.at - middle)) ** 2) / 7)
  const expected = level + slope * (next - middle)
  // Student's t with 7 degrees of freedom: 5 % lie above.
  const side = 1.894579 * error * Math.sqrt(1 + 1 / 9 + (next - middle) ** 2 / spread)
  const drawn = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((seed) =>
    [...new Trend({ months, aside: [] }, [[0, 0]]).draws([12], seed)].map(
      (future) => future.level + future.slope * (next - middle) + future.months[0]!,
    ),
  )
  drawn.sort((a, b) => a - b)
  for (const [part, known] of [
    [0.05, expected - side],
    [0.5, expected],
    [0.95, expected + side],
  ] as const)
    t.ok(Math.abs(drawn[Math.floor(part * drawn.length)]! - known) < 0.06 * side, `${part}: ${known.toFixed(4)}`)
})

const days = (seed: number): BusyDay[] => firstNine(syntheticDays(seed, 0).days)
const OCTOBER = Date.UTC(2025, 9, 1) - 3 * HOUR
const fitOf = (kept: readonly BusyDay[], all = kept) =>
  fitted({ days: kept, workingDays: all.map(({ date }) => date) }, { link: null, from: OCTOBER, source: null, seed: 1 })

t.test('a gap is stated and never filled, what was held back is said, and too few months are refused', async (t) => {
  const all = days(3)
  const known = fitOf(all)
  t.match(fitFinding(known)[0]!.en, /of 195 working days of 195, in 9 months from 2025-01 to 2025-09, of all flows/)
  t.match(fitLimits(known)[1], { en: /9 months cannot tell a season from a trend/, sw: /Miezi 9 haiwezi kutofautisha/ })
  t.equal(fitLimits(known).length, 3)
  const gap = all.filter(({ date }) => !date.startsWith('2025-05') || date < '2025-05-08')
  const without = fitOf(gap, all)
  t.match(
    without.fit!.months.find(({ month }) => month === '2025-05'),
    { days: 5, of: 22, level: null },
  )
  t.match(fitLimits(without)[2], { en: /Too few days are recorded of 2025-05; nothing stands in/ })
  t.notSame(without.mean, known.mean, 'and it is not taken for what it was')
  t.match(fitFinding(without)[0]!.en, /in 8 months/)
  const held = fitOf(all.map((day) => ({ ...day, least: 0.1 })))
  t.match(fitLimits(held)[2]!.en, /10\.0 % of what was busy had been held back/)
  const five = all.filter(({ date }) => date < '2025-06')
  t.throws(() => fitOf(five), /5 months before that day .* 6 are needed: 2025-01 \(23 of 23 working days\)/)
  t.throws(() => fitOf([]), /none is recorded/)
})

t.test('equal records are equal forecasts; what lies after the day of the study is not looked at', async (t) => {
  const { days: year } = syntheticDays(4, 0)
  t.same(fitOf(year), fitOf(firstNine(year)))
  const { fit, mean, spread } = fitOf(year)
  t.ok(fit!.range[0] < mean && mean < fit!.range[1] && spread > 0)
  const asked = [0, 1, 2, 5, 6, 30, 400]
  const { least, middle, most } = pathsOf(fit!, OCTOBER, asked)
  for (const [n, day] of asked.entries()) {
    t.ok(least(day) <= middle(day) && middle(day) <= most(day), `after ${day} days`)
    const before = asked[n - 1] ?? day
    t.ok(least(before) <= least(day) && most(before) <= most(day), 'the busiest so far is never less')
  }
})

t.test('growth that is exact is found to a thousandth', async (t) => {
  const exact = days(1).map((day) => ({ ...day, level: Math.round(1e6 * 1.3 ** ((day.at - OCTOBER) / 365.25 / DAY)) }))
  const { mean, spread } = fitOf(exact)
  t.ok(Math.abs(mean - 0.3) < 1e-3 && spread < 1e-2, `${mean}±${spread}`)
})

const RECORDED = Date.UTC(2025, 3, 1)
const FROM = Date.UTC(2025, 9, 1) - 3 * HOUR
/** Of each flow its part of the whole. */
const FLOWS_THERE = { 'posta/internet/down': 0.48, 'reli/internet/down': 0.32, 'posta/internet/up': 0.2 } as const

/** Six months before October as the archive keeps them: a busy hour, and less around it. */
function writeRecord(folder: string, levels: readonly BusyDay[]): void {
  const byDate = new Map(levels.map(({ date, level }) => [date, level]))
  for (let start = RECORDED; start < FROM; start += DAY) {
    const date = new Date(start).toISOString().slice(0, 10)
    const rows = emptyRows(FLOWS)
    for (const [flow, part] of Object.entries(FLOWS_THERE)) {
      for (let slot = start; slot < start + DAY; slot += SLOT) {
        const level = byDate.get(new Date(slot + 3 * HOUR).toISOString().slice(0, 10)) ?? 10_000
        const said = {
          ...{ slot, seconds: SLOT / 1_000, flow, revision: 1, plan: 'none', enforcement: 'enforce', m_at: slot },
          ...{ m_limit: '', below_guarantee_s: 0, at_ceiling_s: 0, unmet: 0 },
        }
        push(rows, said, Math.round(part * level * (isBusy(slot) ? 1 : 0.6)))
      }
    }
    const links = emptyRows(LINKS)
    for (let slot = start; slot < start + DAY; slot += SLOT) {
      const level = byDate.get(new Date(slot + 3 * HOUR).toISOString().slice(0, 10)) ?? 10_000
      const about = {
        slot,
        seconds: SLOT / 1_000,
        link: 'sea.down',
        revision: 1,
        plan: 'none',
        state: 'up',
        m_at: slot,
      }
      const counted = { heard: SLOT / 1_000, measured_by: 'counter', short_s: 0 }
      push(links, { ...about, ...counted }, Math.round(0.8 * level * (isBusy(slot) ? 1 : 0.6)))
    }
    mkdirSync(join(folder, date), { recursive: true })
    writeTable(join(folder, date, 'flows.parquet'), FLOWS, rows)
    writeTable(join(folder, date, 'links.parquet'), LINKS, links)
  }
}

const isBusy = (slot: number): boolean => Math.floor((slot % DAY) / HOUR) === 7

/** What is not said is a rate. */
function push<T extends TableColumns>(rows: Rows<T>, said: Readonly<Record<string, number | string>>, rate: number) {
  for (const [name, column] of Object.entries(rows)) {
    // Each column takes what its kind says.
    const values = column as (number | string)[]
    values.push(said[name] ?? rate)
  }
}

t.test('plan runout --growth fitted: from the record to the break date and its range', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mizani-fitted-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const levels = days(2).filter(({ date }) => date >= '2025-04')
  const record = join(folder, 'record')
  writeRecord(record, levels)
  const read = await busyLevels({ folder: record, zone: 'Africa/Dar_es_Salaam', before: FROM, link: null })
  // The first begins three hours before the record does.
  const written = levels.slice(1)
  t.same(
    read.days.map(({ date }) => date),
    written.map(({ date }) => date),
  )
  const isNear = ({ level }: BusyDay, n: number): boolean => Math.abs(level - written[n]!.level) <= 2
  t.ok(read.days.every(isNear), 'each working day is as busy as it was written')

  const plane = join(folder, 'plane')
  mkdirSync(plane)
  const base = smallPlane()
  // What is wanted downwards reaches it a few weeks on.
  const growing = fitted(read, { link: null, from: FROM, source: null, seed: 1 })
  const room = Math.round(0.8 * 1_000 * Math.exp(growing.fit!.base) * (1 + growing.mean) ** 0.35)
  const sea = { ...base.links.sea!, capacity: { down: room, up: 200e6 }, usable: 1 }
  const files = planeFiles({ ...base, links: { ...base.links, sea } })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(plane, name), text)
  const scenario = join(folder, 'recorded.yaml')
  const source = `demand: { model: recorded, from: 2025-08-31T21:00:00Z, to: 2025-09-28T21:00:00Z }`
  const words = '{ en: Recorded, sw: Iliyorekodiwa }'
  const head = ['format: 1', 'id: recorded', `name: ${words}`, `story: ${words}`, 'source: invented for a test']
  const when = ['seed: 1', 'from: 2025-10-01T00:00:00+03:00', 'horizon: 1d', source]
  writeFileSync(scenario, [...head, `plane: ${plane}`, ...when, ''].join('\n'))

  const said = { out: '', err: '' }
  const io: Io = {
    stdout: { write: (text: string) => (said.out += text) },
    stderr: { write: (text: string) => (said.err += text) },
    ...{ env: {}, isTTY: false },
  }
  const args = [
    '--growth',
    'fitted',
    '--years',
    '2',
    '--workers',
    '1',
    '--record',
    record,
    '--out',
    join(folder, 'out'),
  ]
  t.equal(await main(['plan', 'runout', scenario, ...args], io), 0, said.err)
  t.match(said.out, /^Break date: 202\d-\d\d-\d\d \d\d:\d\d, with nothing cut\. .* sea\.down is full\.$/m)
  t.match(said.out, /^In 90 of 100 futures that the record allows it comes in this range: 202\d-\d\d-\d\d to /m)
  t.match(said.out, /^Growth was fitted to the busiest hours of 13\d working days of 13\d, in 6 months from 2025-04/m)
  t.match(said.out, /--growth fitted --years 2/, 'the command that makes it again')
  const report = JSON.parse(readFileSync(join(folder, 'out', 'report.json'), 'utf8')) as {
    tables: { tiers: { break_date: string }[]; fitted_months: unknown[] }
  }
  t.equal(report.tables.fitted_months.length, 6)

  // The same by hand: the day that stands for the study's, along the middle of the forecast.
  const september = Date.UTC(2025, 8, 2, 21)
  const byHand = fitted(read, { link: null, from: FROM, source: september + DAY, seed: 1 })
  t.ok(byHand.fit!.isBaseRecorded, 'a Wednesday for a Wednesday')
  const asked = Array.from({ length: 730 }, (_, n) => n).filter((n) => ![3, 4].includes(n % 7))
  const { middle } = pathsOf(byHand.fit!, FROM, asked)
  const wanted = (day: number): number => 800 * Math.exp(byHand.fit!.base) * middle(day)
  const broken = (Date.parse(`${report.tables.tiers[0]!.break_date}T00:00:00Z`) - Date.UTC(2025, 9, 1)) / DAY
  // What the gateway itself keeps takes a little of the link.
  t.ok(
    wanted(broken) > 0.98 * room && wanted(broken) <= 1.02 * room,
    `${wanted(broken)} of ${room} after ${broken} days`,
  )

  said.err = ''
  t.equal(await main(['plan', 'runout', scenario, ...args.slice(0, 1), 'fitted:see.down', ...args.slice(2)], io), 2)
  t.match(said.err, /the plane has no such directed link; did you mean "sea\.down"/)
  const mkongo = { id: 'mkongo.down', full: 1e9 }
  const week = { folder: record, zone: 'Africa/Dar_es_Salaam', before: Date.UTC(2025, 3, 4) }
  await t.rejects(busyLevels({ ...week, link: mkongo }), { message: /fitted:mkongo\.down: nothing of it is recorded/ })
  const refused = await busyLevels({ ...week, link: mkongo }).catch((error: unknown) => error)
  t.match(refused, { advice: /Of these links something is: sea\.down\./ })

  // What one link carried, and a command that takes the rate and its spread.
  said.out = ''
  const more = ['--workers', '1', '--record', record]
  const futures = [
    'plan',
    'futures',
    scenario,
    '--growth',
    'fitted:sea.down',
    '--draws',
    '20',
    '--moments',
    '1',
    ...more,
  ]
  t.equal(await main([...futures, '--lang', 'sw'], io), 0, said.err)
  t.match(said.out, /^Ukuaji ulikadiriwa .*, katika miezi 6 kuanzia 2025-04 hadi 2025-09, kwa sea\.down: /m)
})
