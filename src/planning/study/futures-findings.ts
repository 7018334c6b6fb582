// The sentences of `plan futures`: what a committee reads first, and what was not tried.

import type { Text } from '../../model/network.js'
import type { Futures } from './futures.js'
import { type Measure, measureOf } from './futures-sums.js'
import { nameOfYear } from './futures-years.js'
import { growthWords } from './growth.js'
import { cellText, count, MEGABIT, text } from './plan-report.js'
import { waylessFindings } from './wayless.js'
import { type Worth, worthOf } from './worth.js'

export const megabits = (bitHours: number): number => bitHours / MEGABIT
const rounded = (number: number): string => cellText(Math.round(number), 'count', '', 'en')
const rangeOf = ({ p5, p95 }: Measure, to: string): string => `${rounded(p5)} ${to} ${rounded(p95)}`
export const percentText = (part: number): string => String(Number((100 * part).toFixed(6)))

/** @param outages the sheet that says how often what fails; absent: nothing does */
export function questionOf({ options: { growth, year } }: Futures, outages: string | undefined): Text {
  const [grown, name] = [growthWords(growth), nameOfYear(year)]
  const failing =
    outages === undefined
      ? text('nothing failing', 'bila hitilafu yoyote')
      : text(`things failing as often as ${outages} says`, `hitilafu zikitokea kama ${outages} inavyosema`)
  return text(
    `How much of what is promised will be missing in the fiscal year ${name}, with demand growing by ${grown.en} a ` +
      `year and ${failing.en}?`,
    `Kiasi gani cha ahadi kitakosekana katika mwaka wa fedha ${name}, mahitaji yakikua kwa ${grown.sw} kwa mwaka, ` +
      `${failing.sw}?`,
  )
}

export function findingsOf(futures: Futures, worth: Worth | null): Text[] {
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
    ...waylessFindings(study),
    text(
      `Of what is promised, ${mean} Mbit/s-hours are expected to be missing in ${name}: ${unreachable} of them where ` +
        `no way is left, ${short} where too little is. ` +
        `One year in twenty comes to ${p5} or less, one to ${p95} or more.`,
      `Katika ahadi, Mbit/s-saa ${mean} zinatarajiwa kukosekana mwaka ${name}: ${unreachable} ambako njia haipo, ` +
        `${short} ambako kiasi hakitoshi. Mwaka mmoja kati ya ishirini hukosa ${p5} au pungufu, mmoja ${p95} au zaidi.`,
    ),
    text(
      `Of ${institutions} institutions ${rounded(lost.mean)} are expected to be without a way to a service ` +
        `at some time (${rangeOf(lost, 'to')}), and ${rounded(hurt.mean)} to be short (${rangeOf(hurt, 'to')}).`,
      `Kati ya taasisi ${institutions}, ${rounded(lost.mean)} zinatarajiwa kukosa njia ya huduma wakati fulani ` +
        `(${rangeOf(lost, 'hadi')}), na ${rounded(hurt.mean)} kupungukiwa (${rangeOf(hurt, 'hadi')}).`,
    ),
    text(
      `In ${percent} % of all minutes ${count(whole)} of ${count(served)} institutions' services have all of ` +
        'their promise; ' +
        `${count(none)} cannot count on any of it in so many.`,
      `Katika asilimia ${percent} ya dakika zote, huduma ${count(whole)} kati ya ${count(served)} za taasisi ` +
        'zina ahadi yote; ' +
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
    `What is missing is worth ${mean} (one year in twenty ${most} or more), at ${price} for a Mbit/s: ` +
      `${worth.from.en}.`,
    `Kinachokosekana kina thamani ya ${mean} (mwaka mmoja kati ya ishirini ${most} au zaidi), ` +
      `kwa ${price} kwa Mbit/s: ${worth.from.sw}.`,
  )
}

/** What to look at first. */
function causeFinding({ away, options, intact, missing, study }: Futures): Text {
  const all = missing.reduce((sum, each) => sum + each, 0) / options.draws
  const ordered = away.map(({ missing }, n) => ({ id: options.odds[n]!.cut.id, part: missing / options.draws / all }))
  const [first, second] = ordered.sort((a, b) => b.part - a.part || (a.id < b.id ? -1 : 1))
  const part = (of: number): string => cellText(of, 'part', '', 'en')
  if (all === 0)
    return text('In no year that was drawn is a promise missed.', 'Hakuna mwaka uliochorwa unaokosa ahadi.')
  const growing = intact / all
  if (first === undefined || growing > first.part) {
    if (study.plan.unreachable.size > 0)
      return text(
        `${part(growing)} of it is missing while nothing is away: that is demand, and who has no way at all.`,
        `${part(growing)} hukosekana bila hitilafu yoyote: hayo ni mahitaji, na wasio na njia kabisa.`,
      )
    return text(
      `${part(growing)} of it is missing while nothing is away: that is demand, and only capacity or other ` +
        'promises end it.',
      `${part(growing)} hukosekana bila hitilafu yoyote: hayo ni mahitaji; ni uwezo zaidi au ahadi nyingine ` +
        'tu humaliza.',
    )
  }
  const next = second === undefined || second.part === 0 ? '' : `; ${second.id}, ${part(second.part)}`
  return text(
    `${part(first.part)} of it is missing while ${first.id} is away${next}: a second way there, or a quicker repair, ` +
      'counts most.',
    `${part(first.part)} hukosekana wakati ${first.id} haipo${next}: njia ya pili hapo, au matengenezo ya haraka, ` +
      'yana uzito zaidi.',
  )
}

export function limitsOf({ options, study }: Futures): Text[] {
  const isRecorded = study.recorded !== undefined
  const { moments, draws, year } = options
  return [
    text(
      `The day of the study comes again every working day, the next day off every day off, and grows as a whole; ` +
        `${moments} of its 5 minutes stand for it. Demand is looked at in levels of 2 % and counts in part to the ` +
        'two around it.',
      `Siku iliyochaguliwa hurudiwa kila siku ya kazi, na siku ya mapumziko inayofuata kila siku ya mapumziko, ` +
        `na kukua kwa pamoja; dakika 5 zake ${moments} huiwakilisha. Mahitaji huangaliwa kwa ngazi za asilimia 2.`,
    ),
    text(
      'Growth is normal and one number for a year. Each thing fails by itself, at any time alike (a Poisson ' +
        'process); a repair takes an exponential time. What fails together is a group with odds of its own. ' +
        'Routes have settled.',
      'Ukuaji ni wa mgawanyo wa kawaida, namba moja kwa mwaka. Kila kitu hukatika peke yake, wakati wowote sawa ' +
        '(Poisson); matengenezo huchukua muda wa kielelezo. Vinavyokatika pamoja ni kundi lenye uwezekano wake.',
    ),
    text(
      `What is expected is the mean of ${count(draws)} years; each of 20 batches of them is a Latin hypercube ` +
        'over growth and the number of outages of each thing, so that what is rare comes as often as it should; what ' +
        'the batches differ by is the error. P5, P50 and P95 are nearest ranks. The same seed meets the same luck in ' +
        'every plan (common random numbers).',
      `Kinachotarajiwa ni wastani wa miaka ${count(draws)}; kila fungu kati ya 20 ni Latin hypercube ya ukuaji na ` +
        'idadi ya hitilafu, ili yaliyo adimu yaje mara zinazostahili; tofauti za mafungu ni kosa. ' +
        'P5, P50 na P95 ni nafasi ' +
        'za karibu. Mbegu ileile hukutana na bahati ileile katika kila mpango.',
    ),
    text(
      `No purchase and no change of promises is made within ${nameOfYear(year)}: \`mizani plan buy\` asks about ` +
        `those. ${isRecorded ? 'Dependent' : 'Recorded demand, dependent'} failures beyond groups, and repairs that ` +
        'wait for a season were not tried.',
      `Hakuna ununuzi wala mabadiliko ya ahadi ndani ya ${nameOfYear(year)}: \`mizani plan buy\` huangalia hayo. ` +
        (isRecorded
          ? 'Hitilafu zinazotegemeana nje ya makundi hazikujaribiwa.'
          : 'Mahitaji yaliyorekodiwa na hitilafu zinazotegemeana nje ya makundi hayakujaribiwa.'),
    ),
  ]
}
