// What `plan runout` says: the break date with its cause, then tiers, links and institutions in the order in which they
// break, and how many have broken by the end of each quarter.

import { civilTime } from '../../model/civil-time.js'
import type { Text } from '../../model/network.js'
import { cutName } from './cuts.js'
import { type Growth, growthText, growthWords } from './growth.js'
import { WITHIN } from './growth-fit.js'
import { fitFinding, fitLimits, fitTables } from './growth-words.js'
import { type Cell, column, named, type PlanReport, type PlanTable, text } from './plan-report.js'
import {
  afterText,
  ageFact,
  failureText,
  grownText,
  institutionText,
  listText,
  NEVER,
  NO_WAY,
  planeText,
  recordFindings,
  recordLimits,
  serviceText,
  tierText,
} from './plan-words.js'
import { type Found, type Runout, timeOfBreak } from './runout.js'
import { inputHash } from './study.js'
import { waylessFindings } from './wayless.js'

const SHOWN = 15

export interface RunoutWords {
  readonly growth: Growth
  readonly years: number
  /** As it was asked; absent: nothing fails. */
  readonly anyOne?: string
}

/** @param range the break with the most growth that is expected, and with the least */
export function runoutReport(runout: Runout, words: RunoutWords, range: readonly [Runout, Runout] | null): PlanReport {
  const { study } = runout
  const { document } = study
  const { growth, years, anyOne } = words
  const failing = anyOne === undefined ? '' : ` --any-one ${anyOne}`
  const options = `--growth ${growthText(growth)} --years ${years}${failing}`
  return {
    id: 'runout',
    title: text('When promises break', 'Ahadi zinapovunjika'),
    zone: document.plane.timezone,
    command: ['mizani plan runout', ...study.words, options].join(' '),
    inputHash: inputHash(study, words),
    facts: [
      [text('plane', 'mtandao'), planeText(document.plane)],
      [text('demand', 'mahitaji'), grownText(study, growth)],
      ageFact(study),
      [
        text('fails, one at a time', 'kinachokatika, kimoja kimoja'),
        anyOne === undefined ? text('nothing', 'hakuna') : listText(anyOne),
      ],
    ],
    findings: [
      questionOf(words),
      ...recordFindings(study),
      ...breakFindings(runout),
      ...(range === null ? [] : [rangeFinding(runout, growth, range)]),
      ...fitFinding(growth),
    ],
    tables: [
      ...[tiersTable(runout), linksTable(runout), calendarTable(runout), institutionsTable(runout)],
      ...fitTables(growth),
    ],
    limits: [
      ...fitLimits(growth),
      text(
        'The day of the study comes again every working day and grows as a whole; habits and promises stay. ' +
          'Every 5 minutes in which a promise can break are looked at; each link in its own worst ones.',
        'Siku iliyochaguliwa hurudiwa kila siku ya kazi na kukua kwa pamoja; mazoea na ahadi hubaki. ' +
          'Kila dakika 5 ambamo ahadi inaweza kuvunjika huangaliwa; kila kiungo katika zake mbaya zaidi.',
      ),
      ...recordLimits(study),
    ],
  }
}

function questionOf({ growth, anyOne }: RunoutWords): Text {
  const grown = growthWords(growth)
  const failing =
    anyOne === undefined
      ? text('nothing fails', 'bila hitilafu yoyote')
      : text(`any one of these fails (${listText(anyOne).en})`, `kimojawapo kikikatika (${listText(anyOne).sw})`)
  return text(
    `Until when is every promise kept, with demand growing by ${grown.en} a year, if ${failing.en}?`,
    `Kila ahadi italindwa hadi lini, mahitaji yakikua kwa ${grown.sw} kwa mwaka, ${failing.sw}?`,
  )
}

function neverText({ grows, until, study }: Runout): Text {
  return !grows ? NEVER : afterText(until, study.document.plane.timezone)
}

/** Who has no way comes first, with the first day; then when the first promise of all others breaks. */
function breakFindings(runout: Runout): Text[] {
  const { study, first, firstShort } = runout
  const wayless = waylessFindings(study)
  if (first === null || wayless.length === 0) return [breakFinding(runout, first)]
  const { date, clock } = civilTime(timeOfBreak(study, first), study.document.plane.timezone)
  const others = breakFinding(runout, firstShort)
  return [
    ...wayless,
    text(`Break date: ${date} ${clock}, with nothing cut.`, `Tarehe ya kuvunjika: ${date} ${clock}, bila mkato.`),
    text(`Where there is a way: ${others.en}`, `Palipo na njia: ${others.sw}`),
  ]
}

function breakFinding({ study, grows, until }: Runout, first: Found | null): Text {
  if (first === null) {
    if (!grows)
      return text('Break date: never. Nothing grows, and every promise is kept.', 'Tarehe ya kuvunjika: kamwe.')
    const { date } = civilTime(until, study.document.plane.timezone)
    return text(`Break date: not before ${date}.`, `Tarehe ya kuvunjika: si kabla ya ${date}.`)
  }
  const flow = study.plan.flows[first.flow]!
  const institution = institutionText(study, flow.institution)
  const tier = tierText(study, flow.tier ?? '')
  const service = serviceText(study, flow.service)
  const { date, clock } = civilTime(timeOfBreak(study, first), study.document.plane.timezone)
  const link = study.plan.links[first.cause]?.id ?? '–'
  const cut = first.cut === null ? undefined : cutName(first.cut)
  return text(
    `Break date: ${date} ${clock}${cut === undefined ? ', with nothing cut' : `, if ${cut} is cut`}. ` +
      `${institution.en} (${tier.en}) is short for ${service.en}: ${link} is full.`,
    `Tarehe ya kuvunjika: ${date} ${clock}${cut === undefined ? ', bila mkato' : `, ${cut} ikikatika`}. ` +
      `${institution.sw} (${tier.sw}) inapungukiwa kwa ${service.sw}: kiungo ${link} kimejaa.`,
  )
}

function rangeFinding(runout: Runout, { fit }: Growth, [most, least]: readonly [Runout, Runout]): Text {
  const { timezone } = runout.study.document.plane
  const dateOf = (one: Runout): Text => {
    if (one.firstShort === null) return neverText(one)
    const { date } = civilTime(timeOfBreak(one.study, one.firstShort), timezone)
    return text(date, date)
  }
  const [first, last] = [dateOf(most), dateOf(least)]
  if (fit !== undefined)
    return text(
      `In ${100 * WITHIN} of 100 futures that the record allows it comes in this range: ${first.en} to ${last.en}.`,
      `Katika ${100 * WITHIN} kati ya 100 za hali zijazo zinazolingana na rekodi, tarehe ni kati ya: ` +
        `${first.sw} hadi ${last.sw}.`,
    )
  return text(
    `With one standard deviation more or less of growth: ${first.en} to ${last.en}.`,
    `Ukuaji ukiwa zaidi au pungufu kwa mkengeuko mmoja: ${first.sw} hadi ${last.sw}.`,
  )
}

const BREAK = [
  column('break_date', 'date', 'break date', 'tarehe ya kuvunjika'),
  column('failure', 'text', 'if this is cut', 'kikikatika'),
  column('cause', 'text', 'full', 'kilichojaa'),
] as const

function breakCells(runout: Runout, found: Found | undefined): Cell[] {
  if (found === undefined) return [neverText(runout), null, null]
  const { study } = runout
  const full = found.isWayless === true ? NO_WAY : (study.plan.links[found.cause]?.id ?? null)
  return [timeOfBreak(study, found), failureText(found.cut), full]
}

const byTime = (a: Found | undefined, b: Found | undefined): number =>
  (a?.day ?? Infinity) - (b?.day ?? Infinity) || (a?.step ?? 0) - (b?.step ?? 0) || 0

function tiersTable(runout: Runout): PlanTable {
  const { study, institutions } = runout
  const tiers = [...new Set(study.plan.institutions.map(({ tier }) => tier))].sort()
  const rows = tiers.map((tier) => {
    const members = study.plan.institutions.flatMap((each, n) => (each.tier === tier ? [institutions.get(n)] : []))
    const broken = members.filter((found) => found !== undefined)
    const first = broken.reduce<Found | undefined>((a, b) => (a !== undefined && byTime(a, b) <= 0 ? a : b), undefined)
    return { tier, first, broken: broken.length, all: members.length }
  })
  return {
    id: 'tiers',
    title: text('By tier', 'Kwa daraja'),
    first: 12,
    columns: [
      column('tier', 'text', 'tier', 'daraja'),
      ...BREAK,
      column('institution', 'text', 'first of them', 'ya kwanza'),
      column('institutions_broken', 'count', 'broken at the end', 'zilizovunjika mwishoni'),
      column('institutions', 'count', 'of', 'kati ya'),
    ],
    rows: rows
      .sort((a, b) => (a.first && b.first ? byTime(a.first, b.first) : Number(!a.first) - Number(!b.first)))
      .map(({ tier, first, broken, all }) => {
        const of = first === undefined ? null : institutionText(study, study.plan.flows[first.flow]!.institution)
        return [tierText(study, tier), ...breakCells(runout, first), of, broken, all]
      }),
  }
}

function linksTable(runout: Runout): PlanTable {
  const { study, links } = runout
  return {
    id: 'links',
    title: text('By link, where somebody is short', 'Kwa kiungo, ambako mtu anapungukiwa'),
    empty: text('No link leaves anybody short.', 'Hakuna kiungo kinachomfanya mtu apungukiwe.'),
    columns: [
      column('link', 'text', 'link', 'kiungo'),
      ...BREAK.slice(0, 2),
      column('institution', 'text', 'first short', 'ya kwanza kupungukiwa'),
    ],
    rows: [...links]
      .sort(([a, x], [b, y]) => byTime(x, y) || a - b)
      .map(([link, found]) => [
        study.plan.links[link]!.id,
        ...breakCells(runout, found).slice(0, 2),
        institutionText(study, study.plan.flows[found.flow]!.institution),
      ]),
  }
}

function institutionsTable(runout: Runout): PlanTable {
  const { study, institutions } = runout
  const all = study.plan.institutions.map((one, n) => ({ ...one, found: institutions.get(n) }))
  const order = (a: (typeof all)[number], b: (typeof all)[number]): number =>
    Number(!a.found) - Number(!b.found) || (a.found && b.found ? byTime(a.found, b.found) : 0) || (a.id < b.id ? -1 : 1)
  return {
    id: 'institutions',
    title: text('By institution', 'Kwa taasisi'),
    shown: SHOWN,
    columns: [
      column('institution', 'text', 'institution', 'taasisi'),
      column('tier', 'text', 'tier', 'daraja'),
      ...BREAK,
      column('service', 'text', 'service', 'huduma'),
    ],
    rows: all.sort(order).map(({ id, name, tier, found }) => {
      const service = found === undefined ? null : serviceText(study, study.plan.flows[found.flow]!.service)
      return [named(id, name), tierText(study, tier), ...breakCells(runout, found), service]
    }),
  }
}

/** How many institutions have broken by the end of each quarter. */
function calendarTable(runout: Runout): PlanTable {
  const { study, institutions } = runout
  const zone = study.document.plane.timezone
  const quarterOf = (at: number): string => {
    const { date } = civilTime(at, zone)
    return `${date.slice(0, 4)} Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`
  }
  const broken = new Map<string, number>()
  const times = [...institutions.values()].map((found) => timeOfBreak(study, found)).sort((a, b) => a - b)
  times.forEach((at, n) => {
    broken.set(quarterOf(at), n + 1)
  })
  let before = 0
  const rows = [...broken].map(([quarter, all]): Cell[] => {
    const newly = all - before
    before = all
    return [quarter, newly, all]
  })
  return {
    id: 'calendar',
    title: text('Institutions that have broken, quarter by quarter', 'Taasisi zilizovunjika, robo kwa robo'),
    first: 8,
    plot: {
      label: 'quarter',
      values: ['institutions_in_all'],
      title: text('Institutions short by then', 'Taasisi zilizopungukiwa hadi hapo'),
    },
    columns: [
      column('quarter', 'text', 'quarter', 'robo'),
      column('institutions_new', 'count', 'new', 'mpya'),
      column('institutions_in_all', 'count', 'in all', 'kwa jumla'),
    ],
    rows,
  }
}
