// What a report says of growth that was fitted: on what, how sure, and what was missing. Of growth that somebody said
// there is nothing to say.

import type { Text } from '../../model/network.js'
import type { Fitted, Growth } from './growth.js'
import { SEASON_MONTHS, WITHIN } from './growth-fit.js'
import { column, type PlanTable, text } from './plan-report.js'

const percent = (part: number): string => (100 * part).toFixed(1)

const counted = ({ months }: Fitted) => months.filter(({ level }) => level !== null)

export function fitFinding({ mean, fit }: Growth): Text[] {
  if (fit === undefined) return []
  const own = counted(fit)
  const [first, last] = [own[0]!.month, own.at(-1)!.month]
  const days = own.reduce((sum, month) => sum + month.days, 0)
  const all = fit.months.reduce((sum, { of }) => sum + of, 0)
  const [low, high] = fit.range.map(percent)
  return [
    text(
      `Growth was fitted to the busiest hours of ${days} working days of ${all}, in ${own.length} months from ` +
        `${first} to ${last}, of ${fit.link ?? 'all flows together'}: ${percent(mean)} % a year, ` +
        `${100 * WITHIN} of 100 times between ${low} % and ${high} %.`,
      `Ukuaji ulikadiriwa kutokana na saa zenye matumizi makubwa zaidi za siku ${days} za kazi kati ya ${all}, ` +
        `katika miezi ${own.length} kuanzia ${first} hadi ${last}, kwa ${fit.link ?? 'mitiririko yote kwa pamoja'}: ` +
        `${percent(mean)} % kwa mwaka, mara ${100 * WITHIN} kati ya 100 kati ya ${low} % na ${high} %.`,
    ),
  ]
}

export function fitTables({ fit }: Growth): PlanTable[] {
  if (fit === undefined) return []
  return [
    {
      id: 'fitted_months',
      title: text('What growth was fitted to', 'Ukuaji ulikadiriwa kutokana na'),
      columns: [
        column('month', 'text', 'month', 'mwezi'),
        column('busiest_hour', 'rate', 'busiest hour of a working day', 'saa yenye matumizi makubwa ya siku ya kazi'),
        column('days', 'count', 'working days that count', 'siku za kazi zilizohesabiwa'),
        column('working_days', 'count', 'of', 'kati ya'),
      ],
      rows: fit.months.map(({ month, level, days, of }) => [month, level === null ? null : 1_000 * level, days, of]),
    },
  ]
}

export function fitLimits({ fit }: Growth): Text[] {
  if (fit === undefined) return []
  const gaps = fit.months.filter(({ level }) => level === null).map(({ month }) => month)
  return [
    text(
      'A range comes from a line through the logarithms of months, from how months and days lay about it, and from ' +
        'what is not known of either. Whatever will be unlike these months is not in it: a new system, a new tariff, ' +
        'institutions that join.',
      'Masafa hutokana na mstari kupitia logariti za miezi, jinsi miezi na siku zilivyotofautiana nao, na yale ' +
        'yasiyojulikana. Mambo yatakayokuwa tofauti na miezi hii hayamo: mfumo mpya, bei mpya, taasisi zinazojiunga.',
    ),
    ...(counted(fit).length < SEASON_MONTHS ? [seasonLimit(counted(fit).length)] : []),
    ...(gaps.length === 0
      ? []
      : [
          text(
            `Too few days are recorded of ${gaps.join(', ')}; nothing stands in for them.`,
            `Siku chache mno zimerekodiwa za ${gaps.join(', ')}; hakuna kilichowekwa badala yake.`,
          ),
        ]),
    ...(fit.least < 0.0005
      ? []
      : [
          text(
            `${percent(fit.least)} % of what was busy had been held back: more may have been wanted, and growth may ` +
              'be more than was fitted.',
            `${percent(fit.least)} % ya matumizi hayo yalizuiliwa: huenda kilichotakiwa kilikuwa zaidi, na ukuaji ` +
              'huenda ni mkubwa kuliko uliokadiriwa.',
          ),
        ]),
    ...(fit.isBaseRecorded
      ? []
      : [
          text(
            'The day of the study is taken to be as busy as the line says of that day: it is not a day of the record.',
            'Siku iliyochaguliwa inachukuliwa kuwa na matumizi ambayo mstari unaonyesha kwa siku hiyo: si siku ' +
              'iliyorekodiwa.',
          ),
        ]),
  ]
}

const seasonLimit = (months: number): Text =>
  text(
    `${months} months cannot tell a season from a trend: that takes ${SEASON_MONTHS}. The range is wider for it: it ` +
      'allows for none, and for one that moves months up to one and a half times as far as chance does.',
    `Miezi ${months} haiwezi kutofautisha msimu na mwelekeo: inahitajika ${SEASON_MONTHS}. Kwa hiyo masafa ni mapana ` +
      'zaidi: yanaruhusu kutokuwepo kwa msimu, na msimu unaobadilisha miezi hadi mara moja na nusu ya mabadiliko ' +
      'ya kawaida.',
  )
