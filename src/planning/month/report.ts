// The month of an institution as a page: what it was promised, what it used, when it was short and of how much.

import { civilTime, timeInWords } from '../../model/civil-time.js'
import { LIMITS, WORDS, word } from '../../model/glossary.mjs'
import type { Text } from '../../model/network.js'
import { formatMinutes, fromKbps, SLOT } from '../../model/units.js'
import { column, count, type Named, type PlanReport, type PlanTable, text } from '../study/plan-report.js'
import type { MonthFigures, ServiceMonth } from './figures.js'

/** Whose month it is. */
export interface Subject {
  readonly id: string
  readonly name: Text
  readonly category: Text
  readonly region: Text
  readonly tier: Named
}

export interface MonthWords {
  /** 2024-05 */
  readonly month: string
  readonly zone: string
  /** As reports call it. */
  readonly plane: Text
  /** By id. */
  readonly services: Readonly<Record<string, Text>>
  readonly command: string
  readonly inputHash: string
}

const MOST_SPELLS = 8
const KBIT_A_GIGABYTE = 8e6

export function monthReport(subject: Subject, figures: MonthFigures, words: MonthWords): PlanReport {
  const { name, tier, region, category } = subject
  const listed = (lang: keyof Text): string => [name, category, region].map((each) => each[lang]).join(', ')
  return {
    id: 'month',
    title: text(`${name.en}: ${words.month}`, `${name.sw}: ${words.month}`),
    ...{ zone: words.zone, command: words.command, inputHash: words.inputHash },
    facts: [
      [text('plane', 'mtandao'), words.plane],
      [text('institution', 'taasisi'), text(listed('en'), listed('sw'))],
      [text('tier', 'daraja'), tier],
      [text('times', 'saa'), words.zone],
    ],
    findings: findingsOf(figures, words.zone),
    tables: [servicesTable(figures, words), spellsTable(figures), daysTable(figures)],
    limits: limitsOf(figures),
    unsigned: true,
  }
}

function findingsOf(figures: MonthFigures, zone: string): Text[] {
  const { slots, recorded, judged, minutesShort, secondsBelow, lacked, claimed, spells } = figures
  const below = formatMinutes(secondsBelow / 60)
  const covered = ((100 * recorded) / slots).toFixed(2)
  const seen = text(
    `Recorded: ${count(recorded)} of ${count(slots)} five minutes of the month (${covered} %). ` +
      'What is not recorded is a gap, not zero.',
    `Imerekodiwa: dakika tano ${count(recorded)} kati ya ${count(slots)} za mwezi (${covered} %). ` +
      'Kisichorekodiwa ni pengo, si sifuri.',
  )
  // Who was promised what nobody wrote down may have been short of it.
  if (judged === 0) return [seen]
  const within =
    judged === recorded
      ? text('', '')
      : text(
          ` in the ${count(judged)} five minutes of which its promises are recorded`,
          ` katika dakika tano ${count(judged)} ambazo ahadi zake zimerekodiwa`,
        )
  if (minutesShort === 0)
    return [
      text(
        `It was never short${within.en}: whatever it asked for of its promise, it got.`,
        `Haikuwahi kuwa pungufu${within.sw}: kila ilichodai katika ahadi yake ilikipata.`,
      ),
      seen,
    ]
  const { from, minutes } = spells[0]!
  const kept = claimed > 0 ? (100 * (1 - lacked / claimed)).toFixed(3) : '100'
  const at = timeInWords(from, zone)
  return [
    text(
      `It was short in ${count(minutesShort)} minutes in all, below its guarantee for ${below} of them; ` +
        `the longest spell began at ${at} and lasted ${count(minutes)} minutes.`,
      `Ilikuwa pungufu kwa dakika ${count(minutesShort)} kwa jumla, chini ya kiwango cha uhakika kwa ${below}; ` +
        `mfululizo mrefu ulianza ${at} na kudumu dakika ${count(minutes)}.`,
    ),
    text(
      `Of what it could claim of its promise it got ${kept} %.`,
      `Kati ya ilichoweza kudai katika ahadi yake ilipata ${kept} %.`,
    ),
    seen,
  ]
}

function servicesTable({ services, slots }: MonthFigures, words: MonthWords): PlanTable {
  const rate = (kbps: number | null): number | null => (kbps === null ? null : fromKbps(kbps))
  const name = ({ service, direction }: ServiceMonth): Text => {
    const said = words.services[service] ?? text(service, service)
    const named = (lang: keyof Text): string => `${said[lang]}, ${word(WORDS, direction, lang)}`
    return text(named('en'), named('sw'))
  }
  return {
    id: 'services',
    title: text('Promised and used', 'Kilichoahidiwa na kilichotumika'),
    columns: [
      column('service', 'text', 'Service', 'Huduma'),
      column('promised', 'rate', 'Promised', 'Kilichoahidiwa'),
      column('wanted', 'rate', 'Wanted, mean', 'Kilichotakiwa, wastani'),
      column('carried', 'rate', 'Carried, mean', 'Kilichopita, wastani'),
      column('p95', 'rate', 'Carried, p95', 'Kilichopita, p95'),
      column('peak', 'rate', 'Largest 5 min', 'Dakika 5 kubwa kuliko zote'),
      column('counted', 'part', 'Coverage of p95', 'Kiasi kilichorekodiwa cha p95'),
      column('gigabytes', 'count', 'GB', 'GB'),
      column('minutes_short', 'count', 'Minutes short', 'Dakika pungufu'),
      column('lacked_gigabytes', 'count', 'GB lacked', 'GB zilizokosekana'),
    ],
    rows: services.map((s) => [
      name(s),
      ...[s.promised, s.wanted, s.carried, s.p95, s.peak].map(rate),
      ...[(1_000 * s.heard) / (SLOT * slots), s.carried === null ? null : s.volume / KBIT_A_GIGABYTE],
      ...(s.promised === null ? [null, null] : [s.minutesShort, s.lacked / KBIT_A_GIGABYTE]),
    ]),
    plot: {
      ...{ label: 'service', values: ['promised', 'p95'] },
      title: text('Promised, and p95 of what was carried', 'Kilichoahidiwa, na p95 ya kilichopita'),
    },
  }
}

/** "LINK transit-a.down", as the record has what limited a flow. */
function limitText(limit: string): Text {
  const [code = '', id = ''] = limit.split(' ', 2)
  if (code === 'LINK') return text(`${id} is full`, `kiungo ${id} kimejaa`)
  const said = (lang: keyof Text): string => `${word(LIMITS, code, lang)} ${id}`.trim()
  return text(said('en'), said('sw'))
}

function spellsTable({ spells }: MonthFigures): PlanTable {
  return {
    id: 'spells',
    title: text('When it was short', 'Ilipokuwa pungufu'),
    columns: [
      column('from', 'time', 'From', 'Kuanzia'),
      column('minutes', 'count', 'Minutes', 'Dakika'),
      column('lacked', 'rate', 'Lacked, mean', 'Kilichokosekana, wastani'),
      column('limit', 'text', 'Limited by, at first', 'Kilichozuia, mwanzoni'),
    ],
    rows: spells.map(({ from, minutes, lacked, limit }) => [
      from,
      minutes,
      fromKbps(lacked / (60 * minutes)),
      limitText(limit),
    ]),
    shown: MOST_SPELLS,
  }
}

function daysTable({ days }: MonthFigures): PlanTable {
  return {
    id: 'days',
    title: text('Day by day', 'Siku kwa siku'),
    columns: [
      column('day', 'date', 'Day', 'Siku'),
      column('down_gigabytes', 'count', 'Download, GB', 'Kupakua, GB'),
      column('up_gigabytes', 'count', 'Upload, GB', 'Kupakia, GB'),
      column('minutes_short', 'count', 'Minutes short', 'Dakika pungufu'),
      column('lacked_gigabytes', 'count', 'GB lacked', 'GB zilizokosekana'),
      column('recorded', 'count', '5 minutes recorded', 'Dakika 5 zilizorekodiwa'),
    ],
    // What is not recorded is not zero.
    rows: days.map(({ from, volume, minutesShort, lacked, recorded, judged }) => [
      ...[from, ...[volume.down, volume.up].map((kbit) => (kbit === null ? null : kbit / KBIT_A_GIGABYTE))],
      ...(judged === 0 ? [null, null] : [minutesShort, lacked / KBIT_A_GIGABYTE]),
      recorded,
    ]),
    plot: {
      ...{ label: 'day', values: ['down_gigabytes', 'up_gigabytes'], isOverTime: true },
      title: text('Carried each day, GB', 'Kilichopita kila siku, GB'),
    },
  }
}

function limitsOf({ recorded, judged }: MonthFigures): Text[] {
  const older =
    judged === 0
      ? text(
          'Promises were not recorded in this month: an earlier release kept none. Nothing is said of shortage.',
          'Ahadi hazikurekodiwa katika mwezi huu: toleo la awali halikuziweka. Hakuna kinachosemwa kuhusu upungufu.',
        )
      : text(
          `Promises are recorded of ${count(judged)} of these five minutes: an earlier release kept none. Of the ` +
            `other ${count(recorded - judged)} nothing is said of shortage.`,
          `Ahadi zimerekodiwa kwa dakika tano ${count(judged)} kati ya hizi: toleo la awali halikuziweka. Kwa ` +
            `dakika tano nyingine ${count(recorded - judged)} hakuna kinachosemwa kuhusu upungufu.`,
        )
  return [
    text(
      'Minutes are sums of five minutes in which anything was lacking at any tick; a mean is over the time in which ' +
        'it ' +
        'is known. Where one of several gateways was not heard, a five minutes does not count for p95. The direction ' +
        'that bills is said by the contract.',
      'Dakika ni jumla ya dakika tano ambazo chochote kilikosekana; wastani ni wa muda unaojulikana. Pale ambapo ' +
        'lango mojawapo halikusikika, dakika tano hizo hazihesabiwi katika p95. Upande unaotozwa husemwa na mkataba.',
    ),
    ...(judged === recorded ? [] : [older]),
  ]
}

/** A line of the sheet of everybody. */
export const SUMMARY = [
  ...([
    'institution',
    'tier',
    'recorded',
    'slots',
    'minutes_short',
    'longest_spell_minutes',
    'lacked_gigabytes',
  ] as const),
  ...(['down_gigabytes', 'up_gigabytes', 'internet_down_p95_mbps', 'internet_up_p95_mbps'] as const),
  // What came later stands last: others count columns.
  'seconds_below' as const,
]

export function summaryRow({ id, tier: { id: tier } }: Subject, figures: MonthFigures): (string | number | null)[] {
  const { recorded, slots, judged, minutesShort, secondsBelow, spells, lacked, days, services } = figures
  // What nobody knows is an empty cell, not zero.
  const gigabytes = (kbit: number): number => Number((kbit / KBIT_A_GIGABYTE).toFixed(3))
  const volume = (way: 'down' | 'up'): number | null => {
    const known = days.flatMap((day) => day.volume[way] ?? [])
    return known.length === 0 ? null : gigabytes(known.reduce((sum, kbit) => sum + kbit, 0))
  }
  const p95 = (way: 'down' | 'up'): number | null => {
    const found = services.find(({ service, direction }) => service === 'internet' && direction === way)?.p95 ?? null
    return found === null ? null : found / 1_000
  }
  return [
    ...[id, tier, recorded, slots],
    ...(judged === 0 ? [null, null, null] : [minutesShort, spells[0]?.minutes ?? 0, gigabytes(lacked)]),
    ...[volume('down'), volume('up'), p95('down'), p95('up'), judged === 0 ? null : secondsBelow],
  ]
}

/** The days of a month, as the zone's clocks have them. */
export function daysBetween(
  { from, before }: { readonly from: number; readonly before: number },
  zone: string,
  midnight: (date: string) => number,
): { from: number; before: number }[] {
  const days: { from: number; before: number }[] = []
  for (let at = from; at < before; ) {
    // Noon of the next day is on it, whatever clocks do meanwhile.
    const next = midnight(civilTime(at + 36 * 3_600_000, zone).date)
    days.push({ from: at, before: Math.min(before, next) })
    at = next
  }
  return days
}
