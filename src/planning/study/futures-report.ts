// What `plan futures` says: what a year is expected to be short of, in which range, from what, in which month, and
// which rate each institution has in nearly all minutes.

import type { Text } from '../../model/network.js'
import type { Availability, Futures } from './futures.js'
import { type Measure, measureOf } from './futures-sums.js'
import { nameOfYear } from './futures-years.js'
import { growthText } from './growth.js'
import { type Cell, cellText, column, MEGABIT, type PlanReport, type PlanTable, text } from './plan-report.js'
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
  const { document, scenario } = study
  const more = [
    `--growth ${growthText(growth)}`,
    ...(['outages', 'prices', 'offers'] as const).flatMap((name) =>
      words[name] ? [`--${name} ${typed(words[name]!)}`] : [],
    ),
    `--draws ${draws} --year ${year.year} --minutes ${percentText(minutes)} --moments ${moments}`,
  ]
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
      [
        text('plane', 'mtandao'),
        `${document.plane.name.en}${document.plane.demo ? ' (DEMO: figures are assumptions)' : ''}`,
      ],
      [text('demand', 'mahitaji'), `seeded model, seed ${scenario.seed}, grown by ${growthText(growth)} a year`],
      [text('outages', 'hitilafu'), words.outages ?? 'none'],
      [text('years drawn', 'miaka iliyochorwa'), count(draws)],
      [
        text('looked at', 'kilichoangaliwa'),
        `${count(states)} states of the network, ${count(looked)} of their moments, ${count(solves)} solved`,
      ],
    ],
    findings: findingsOf(futures, worth),
    tables: [
      yearTable(futures, worth),
      outagesTable(futures),
      monthsTable(futures),
      rangeTable(futures, worth),
      tiersTable(futures),
      availabilityTable(futures),
    ],
    limits: limitsOf(futures),
  }
}

const count = (number: number): string => number.toLocaleString('en-GB')
const megabits = (bitHours: number): number => bitHours / MEGABIT
const rounded = (number: number): string => cellText(Math.round(number), 'count', '', 'en')
const percentText = (part: number): string => String(Number((100 * part).toFixed(6)))

function findingsOf(futures: Futures, worth: Worth | null): Text[] {
  const { measures, missing, options, availability, study } = futures
  const all = measureOf(missing)
  const name = nameOfYear(options.year)
  const [mean, p5, p95] = [all.mean, all.p5, all.p95].map((value) => rounded(megabits(value)))
  const [unreachable, short] = [measures.unreachable, measures.short].map(({ mean }) => rounded(megabits(mean)))
  const percent = percentText(options.minutes)
  const whole = availability.filter(({ part }) => part === 1).length
  const none = availability.filter(({ part }) => part === 0).length
  const served = availability.length
  const [lost, hurt] = [measures.institutionsUnreachable, measures.institutionsShort]
  const institutions = study.plan.institutions.length
  return [
    text(
      `Of what is promised, ${mean} Mbit/s-hours are expected to be missing in ${name}: ${unreachable} of them where ` +
        `no way is left, ${short} where too little is. One year in twenty comes to ${p5} or less, one to ${p95} or more.`,
      `Katika ahadi, Mbit/s-saa ${mean} zinatarajiwa kukosekana mwaka ${name}: ${unreachable} ambako njia haipo, ` +
        `${short} ambako kiasi hakitoshi. Mwaka mmoja kati ya ishirini hukosa ${p5} au pungufu, mmoja ${p95} au zaidi.`,
    ),
    text(
      `Of ${institutions} institutions ${rounded(lost.mean)} are expected to be without a way to a service at some time ` +
        `(${rounded(lost.p5)} to ${rounded(lost.p95)}), and ${rounded(hurt.mean)} to be short (${rounded(hurt.p5)} to ${rounded(hurt.p95)}).`,
      `Kati ya taasisi ${institutions}, ${rounded(lost.mean)} zinatarajiwa kukosa njia ya huduma wakati fulani ` +
        `(${rounded(lost.p5)} hadi ${rounded(lost.p95)}), na ${rounded(hurt.mean)} kupungukiwa (${rounded(hurt.p5)} hadi ${rounded(hurt.p95)}).`,
    ),
    text(
      `In ${percent} % of all minutes ${count(whole)} of ${count(served)} institutions' services have all of their promise; ` +
        `${count(none)} cannot count on any of it in so many.`,
      `Katika asilimia ${percent} ya dakika zote, huduma ${count(whole)} kati ya ${count(served)} za taasisi zina ahadi yote; ` +
        `${count(none)} haziwezi kutegemea chochote kwa kiwango hicho.`,
    ),
    causeFinding(futures),
    moneyFinding(all, worth),
  ]
}

function moneyFinding(all: Measure, worth: Worth | null): Text {
  if (worth === null)
    return text(
      'No money is named: neither prices nor offers were given.',
      'Hakuna fedha zinazotajwa: hakuna bei wala ofa zilizotolewa.',
    )
  const price = cellText(worth.price, 'money', '', 'en')
  const [mean, most] = [all.mean, all.p95].map((value) => `${rounded(worthOf(worth, value))} ${worth.currency}`.trim())
  return text(
    `What is missing is worth ${mean} (one year in twenty ${most} or more), at ${price} for a Mbit/s: ${worth.from.en}.`,
    `Kinachokosekana kina thamani ya ${mean} (mwaka mmoja kati ya ishirini ${most} au zaidi), kwa ${price} kwa Mbit/s: ` +
      `${worth.from.sw}.`,
  )
}

/** What to look at first. */
function causeFinding({ away, options, intact, missing }: Futures): Text {
  const all = missing.reduce((sum, each) => sum + each, 0) / options.draws
  const ordered = away.map(({ missing }, n) => ({ id: options.odds[n]!.cut.id, part: missing / options.draws / all }))
  const [first, second] = ordered.sort((a, b) => b.part - a.part || (a.id < b.id ? -1 : 1))
  const part = (of: number): string => cellText(of, 'part', '', 'en')
  if (all === 0)
    return text('In no year that was drawn is a promise missed.', 'Hakuna mwaka uliochorwa unaokosa ahadi.')
  const growing = intact / all
  if (first === undefined || growing > first.part)
    return text(
      `${part(growing)} of it is missing while nothing is away: that is demand, and only capacity or other promises end it.`,
      `${part(growing)} hukosekana bila hitilafu yoyote: hayo ni mahitaji; ni uwezo zaidi au ahadi nyingine tu humaliza.`,
    )
  const next = second === undefined || second.part === 0 ? '' : `; ${second.id}, ${part(second.part)}`
  return text(
    `${part(first.part)} of it is missing while ${first.id} is away${next}: a second way there, or a quicker repair, ` +
      'counts most.',
    `${part(first.part)} hukosekana wakati ${first.id} haipo${next}: njia ya pili hapo, au matengenezo ya haraka, ` +
      'yana uzito zaidi.',
  )
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
    return [cut.id, cut.kind, failures, repair, hours / draws, years / draws, ...each]
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
    shown: SHOWN,
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
      column('years', 'text', 'years', 'miaka'),
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
      return [
        ...key.split(' '),
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
      const rate = (direction: string): number => part * (promised.get(`${id} ${of} ${direction}`) ?? 0)
      return [id, tier, of, rate('down'), rate('up'), part, whole, megabits(short), megabits(unreachable)]
    }),
  }
}

function limitsOf({ options }: Futures): Text[] {
  const { moments, draws, year } = options
  return [
    text(
      `The day of the study comes again every working day, the next day off every day off, and grows as a whole; ` +
        `${moments} of its 5 minutes stand for it. Demand is looked at in levels of 2 % and counts in part to the two around it.`,
      `Siku iliyochaguliwa hurudiwa kila siku ya kazi, na siku ya mapumziko inayofuata kila siku ya mapumziko, na kukua ` +
        `kwa pamoja; dakika 5 zake ${moments} huiwakilisha. Mahitaji huangaliwa kwa ngazi za asilimia 2.`,
    ),
    text(
      'Growth is normal and one number for a year. Each thing fails by itself, at any time alike (a Poisson process); ' +
        'a repair takes an exponential time. What fails together is a group with odds of its own. Routes have settled.',
      'Ukuaji ni wa mgawanyo wa kawaida, namba moja kwa mwaka. Kila kitu hukatika peke yake, wakati wowote sawa ' +
        '(Poisson); matengenezo huchukua muda wa kielelezo. Vinavyokatika pamoja ni kundi lenye uwezekano wake.',
    ),
    text(
      `What is expected is the mean of ${count(draws)} years; each of 20 batches of them is a Latin hypercube over growth and ` +
        'the number of outages of each thing, so that what is rare comes as often as it should; what the batches differ by ' +
        'is the error. P5, P50 and P95 are nearest ranks. The same seed meets the same luck in every plan (common random numbers).',
      `Kinachotarajiwa ni wastani wa miaka ${count(draws)}; kila fungu kati ya 20 ni Latin hypercube ya ukuaji na idadi ya ` +
        'hitilafu, ili yaliyo adimu yaje mara zinazostahili; tofauti za mafungu ni kosa. P5, P50 na P95 ni nafasi ' +
        'za karibu. Mbegu ileile hukutana na bahati ileile katika kila mpango.',
    ),
    text(
      `No purchase, change of promises or repair of the plan is made within ${nameOfYear(year)}: \`mizani plan buy\` asks about those.`,
      `Hakuna ununuzi wala mabadiliko ya ahadi ndani ya ${nameOfYear(year)}: \`mizani plan buy\` huangalia hayo.`,
    ),
  ]
}
