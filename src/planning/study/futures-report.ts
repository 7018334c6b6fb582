// What `plan futures` says: what a year is expected to be short of, in which range, from what, in which month, and
// which rate each institution has in nearly all minutes.

import { basename } from 'node:path'
import type { Text } from '../../model/network.js'
import type { Futures } from './futures.js'
import type { Availability } from './futures-availability.js'
import { findingsOf, limitsOf, megabits, percentText, questionOf } from './futures-findings.js'
import { type Measure, measureOf } from './futures-sums.js'
import { nameOfYear } from './futures-years.js'
import { growthText } from './growth.js'
import { fitFinding, fitLimits, fitTables } from './growth-words.js'
import { type Cell, column, count, type PlanReport, type PlanTable, text } from './plan-report.js'
import {
  ageFact,
  grownText,
  institutionAt,
  kindText,
  planeText,
  recordFindings,
  recordLimits,
  serviceText,
  tierText,
} from './plan-words.js'
import { inputHash, typed } from './study.js'
import { type Worth, worthOf } from './worth.js'

const SHOWN = 15
const MONTHS: readonly Text[] = [
  ...[text('July', 'Julai'), text('August', 'Agosti'), text('September', 'Septemba'), text('October', 'Oktoba')],
  ...[
    text('November', 'Novemba'),
    text('December', 'Desemba'),
    text('January', 'Januari'),
    text('February', 'Februari'),
  ],
  ...[text('March', 'Machi'), text('April', 'Aprili'), text('May', 'Mei'), text('June', 'Juni')],
]
/** Of all years, so many come to no more. */
const RANKS = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]

export interface FuturesWords {
  /** As they were asked, where they name files. */
  readonly outages?: string
  readonly prices?: string
  readonly offers?: string
}

export function futuresReport(futures: Futures, worth: Worth | null, words: FuturesWords): PlanReport {
  const { study, options, solves, states, looked } = futures
  const { year, draws, growth, odds, moments, minutes } = options
  const { document } = study
  const more = [
    `--growth ${growthText(growth)}`,
    ...(['outages', 'prices', 'offers'] as const).flatMap((name) =>
      words[name] ? [`--${name} ${typed(words[name]!)}`] : [],
    ),
    `--draws ${draws} --year ${year.year} --minutes ${percentText(minutes)} --moments ${moments}`,
  ]
  const outages = words.outages && basename(words.outages)
  const asked = { year: year.year, draws, growth, moments, minutes, worth: worth && { ...worth, from: worth.from.en } }
  return {
    id: 'futures',
    title: text(
      `What the fiscal year ${nameOfYear(year)} may come to`,
      `Mwaka wa fedha ${nameOfYear(year)} unavyoweza kuwa`,
    ),
    zone: document.plane.timezone,
    command: ['mizani plan futures', ...study.words, ...more].join(' '),
    inputHash: inputHash(study, {
      ...asked,
      odds: odds.map(({ cut, failures, hours }) => ({ kind: cut.kind, id: cut.id, failures, hours })),
    }),
    facts: [
      [text('plane', 'mtandao'), planeText(document.plane)],
      [text('demand', 'mahitaji'), grownText(study, growth)],
      ageFact(study),
      [text('outages', 'hitilafu'), outages ?? text('none', 'hakuna')],
      [
        text('years drawn', 'miaka iliyochorwa'),
        study.recorded
          ? text(`${count(draws)}, seed ${study.scenario.seed}`, `${count(draws)}, mbegu ${study.scenario.seed}`)
          : count(draws),
      ],
      [
        text('looked at', 'kilichoangaliwa'),
        text(
          `${count(states)} states of the network, ${count(looked)} of their moments, ${count(solves)} solved`,
          `hali ${count(states)} za mtandao, nyakati zake ${count(looked)}, zilizokokotolewa ${count(solves)}`,
        ),
      ],
    ],
    findings: [
      questionOf(futures, outages),
      ...recordFindings(study),
      ...findingsOf(futures, worth),
      ...fitFinding(growth),
    ],
    tables: [
      yearTable(futures, worth),
      outagesTable(futures),
      monthsTable(futures),
      rangeTable(futures, worth),
      tiersTable(futures),
      availabilityTable(futures),
      ...fitTables(growth),
    ],
    limits: [...fitLimits(growth), ...limitsOf(futures), ...recordLimits(study)],
  }
}

const SPREAD = [
  column('expected', 'count', 'expected', 'inayotarajiwa'),
  column('standard_error', 'count', '± error', '± kosa'),
  column('p5', 'count', 'P5', 'P5'),
  column('p50', 'count', 'P50', 'P50'),
  column('p95', 'count', 'P95', 'P95'),
] as const

function yearTable({ measures, missing }: Futures, worth: Worth | null): PlanTable {
  const all = measureOf(missing)
  const row = (name: Text, { mean, error, p5, p50, p95 }: Measure, unit = (value: number) => value): Cell[] => [
    name,
    ...[mean, error, p5, p50, p95].map(unit),
  ]
  const money = (value: number): number => worthOf(worth!, value)
  return {
    id: 'year',
    title: text('The year', 'Mwaka'),
    first: 6,
    columns: [column('measure', 'text', 'in a year', 'kwa mwaka'), ...SPREAD],
    rows: [
      row(text('missing, Mbit/s-hours', 'kinachokosekana, Mbit/s-saa'), all, megabits),
      row(text('of it short, Mbit/s-hours', 'kati yake pungufu, Mbit/s-saa'), measures.short, megabits),
      row(text('of it unreachable, Mbit/s-hours', 'kati yake bila njia, Mbit/s-saa'), measures.unreachable, megabits),
      row(text('institutions short at some time', 'taasisi zilizopungukiwa'), measures.institutionsShort),
      row(text('institutions unreachable at some time', 'taasisi zilizokosa njia'), measures.institutionsUnreachable),
      ...(worth === null
        ? []
        : [row(text(`worth, ${worth.currency || 'money'}`, `thamani, ${worth.currency || 'fedha'}`), all, money)]),
    ],
  }
}

function outagesTable({ options, away, intact }: Futures): PlanTable {
  const { draws, odds } = options
  const rows = away.map(({ hours, years, missing, alone }, n): Cell[] => {
    const { cut, failures, hours: repair } = odds[n]!
    const each = [missing, alone].map((value) => megabits(value / draws))
    return [cut.id, kindText(cut.kind), failures, repair, hours / draws, years / draws, ...each]
  })
  const nothing: Cell[] = [
    text('nothing is away', 'hakuna hitilafu'),
    null,
    null,
    null,
    null,
    null,
    megabits(intact),
    null,
  ]
  return {
    id: 'outages',
    title: text('What is missing while a thing is away', 'Kinachokosekana wakati kitu hakipo'),
    ...{ shown: SHOWN, first: 6 },
    plot: {
      label: 'what',
      values: ['missing_mbps_hours', 'alone_mbps_hours'],
      title: text('Expected Mbit/s-hours of a year', 'Mbit/s-saa zinazotarajiwa kwa mwaka'),
    },
    columns: [
      column('what', 'text', 'away', 'kisichopo'),
      column('kind', 'text', 'kind', 'aina'),
      column('failures_per_year', 'count', 'failures a year', 'hitilafu kwa mwaka'),
      column('hours_to_repair', 'count', 'hours to repair', 'saa za kutengeneza'),
      column('hours_away', 'count', 'hours away', 'saa bila'),
      column('years_with_it', 'part', 'years with it', 'miaka yenye hiyo'),
      column('missing_mbps_hours', 'count', 'missing, Mbit/s-hours', 'kinachokosekana, Mbit/s-saa'),
      column('alone_mbps_hours', 'count', 'of it alone', 'ikiwa pekee'),
    ],
    rows: [nothing, ...rows].sort((a, b) => Number(b[6]) - Number(a[6]) || (String(a[0]) < String(b[0]) ? -1 : 1)),
  }
}

function monthsTable({ months, options }: Futures): PlanTable {
  const { year } = options.year
  const named = MONTHS.map(({ en, sw }, n) =>
    text(`${en} ${n < 6 ? year : year + 1}`, `${sw} ${n < 6 ? year : year + 1}`),
  )
  return {
    id: 'months',
    title: text('Month by month', 'Mwezi kwa mwezi'),
    plot: {
      label: 'month',
      values: ['short_mbps_hours', 'unreachable_mbps_hours'],
      title: text('Expected Mbit/s-hours', 'Mbit/s-saa zinazotarajiwa'),
    },
    columns: [
      column('month', 'text', 'month', 'mwezi'),
      column('short_mbps_hours', 'count', 'short, Mbit/s-hours', 'pungufu, Mbit/s-saa'),
      column('unreachable_mbps_hours', 'count', 'unreachable, Mbit/s-hours', 'bila njia, Mbit/s-saa'),
    ],
    rows: months.map(({ short, unreachable }, n) => [named[n]!, megabits(short), megabits(unreachable)]),
  }
}

function rangeTable({ missing }: Futures, worth: Worth | null): PlanTable {
  const ordered = missing.toSorted()
  const at = (part: number): number => ordered[Math.max(0, Math.ceil(part * ordered.length) - 1)]!
  return {
    id: 'range',
    title: text('Of a hundred years', 'Kati ya miaka mia'),
    plot: {
      label: 'years',
      values: ['missing_mbps_hours'],
      title: text('So many of a hundred years come to no more', 'Miaka mingapi kati ya mia haizidi hapo'),
    },
    columns: [
      column('years', 'text', 'years of 100', 'miaka kati ya 100'),
      column('missing_mbps_hours', 'count', 'no more than, Mbit/s-hours', 'haizidi, Mbit/s-saa'),
      ...(worth === null ? [] : [column('worth', 'money', `worth ${worth.currency}`, `thamani ${worth.currency}`)]),
    ],
    rows: RANKS.map((part) => [
      `${100 * part}`,
      megabits(at(part)),
      ...(worth === null ? [] : [worthOf(worth, at(part))]),
    ]),
  }
}

function tiersTable({ study, availability, options }: Futures): PlanTable {
  const { institutions, services } = study.plan
  const groups = new Map<string, Availability[]>()
  for (const each of availability) {
    const key = `${institutions[each.institution]!.tier} ${services[each.service]!.id}`
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  const rows = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, members]): Cell[] => {
      const sum = (of: (each: Availability) => number): number => members.reduce((all, each) => all + of(each), 0)
      const [tier = '', service = ''] = key.split(' ')
      return [
        ...[tierText(study, tier), serviceText(study, service)],
        members.length,
        members.filter(({ part }) => part === 1).length,
        Math.min(...members.map(({ part }) => part)),
        sum(({ whole }) => whole) / members.length,
        megabits(sum(({ short }) => short)),
        megabits(sum(({ unreachable }) => unreachable)),
      ]
    })
  return {
    id: 'tiers',
    title: text('By tier and service', 'Kwa daraja na huduma'),
    columns: [
      column('tier', 'text', 'tier', 'daraja'),
      column('service', 'text', 'service', 'huduma'),
      column('institutions', 'count', 'institutions', 'taasisi'),
      ...[
        column(
          'institutions_whole',
          'count',
          `all of it in ${percentText(options.minutes)} % of minutes`,
          `ahadi yote katika asilimia ${percentText(options.minutes)}`,
        ),
      ],
      column('least_part', 'part', 'least part then', 'sehemu ndogo zaidi'),
      column('minutes_whole', 'part', 'minutes with all of it', 'dakika zenye ahadi yote'),
      column('short_mbps_hours', 'count', 'short, Mbit/s-hours', 'pungufu, Mbit/s-saa'),
      column('unreachable_mbps_hours', 'count', 'unreachable, Mbit/s-hours', 'bila njia, Mbit/s-saa'),
    ],
    rows,
  }
}

function availabilityTable({ study, availability, options }: Futures): PlanTable {
  const { institutions, services, flows } = study.plan
  const promised = new Map<string, number>()
  for (const { institution, service, direction, guarantee } of flows) {
    const key = `${institution} ${service} ${direction}`
    promised.set(key, (promised.get(key) ?? 0) + guarantee)
  }
  const percent = percentText(options.minutes)
  const ordered = [...availability].sort(
    (a, b) => a.part - b.part || a.whole - b.whole || a.institution - b.institution || a.service - b.service,
  )
  return {
    id: 'availability',
    title: text(
      `The rate that each institution has in ${percent} % of the minutes`,
      `Kiwango ambacho kila taasisi inapata katika asilimia ${percent} ya dakika`,
    ),
    shown: SHOWN,
    columns: [
      column('institution', 'text', 'institution', 'taasisi'),
      column('tier', 'text', 'tier', 'daraja'),
      column('service', 'text', 'service', 'huduma'),
      column('rate_down', 'rate', 'rate down', 'kushuka'),
      column('rate_up', 'rate', 'rate up', 'kupanda'),
      column('part', 'part', 'of its promise', 'ya ahadi yake'),
      column('minutes_whole', 'part', 'minutes with all of it', 'dakika zenye ahadi yote'),
      column('short_mbps_hours', 'count', 'short, Mbit/s-hours', 'pungufu, Mbit/s-saa'),
      column('unreachable_mbps_hours', 'count', 'unreachable, Mbit/s-hours', 'bila njia, Mbit/s-saa'),
    ],
    rows: ordered.map(({ institution, service, part, whole, short, unreachable }) => {
      const { id, tier } = institutions[institution]!
      const of = services[service]!.id
      const who = [institutionAt(study, institution), tierText(study, tier), serviceText(study, of)]
      const rate = (direction: string): number => part * (promised.get(`${id} ${of} ${direction}`) ?? 0)
      return [...who, rate('down'), rate('up'), part, whole, megabits(short), megabits(unreachable)]
    }),
  }
}
