// What `plan buy` says: the question, buying nothing, the purchase with its cost and its order-by date, who loses by
// it, what became of every offer, and where only a second path would help.

import { basename } from 'node:path'
import { civilTime } from '../../model/civil-time.js'
import type { Text } from '../../model/network.js'
import { DAY, formatRate, type UnixMilliseconds } from '../../model/units.js'
import type { Bought, Rejected } from './buy.js'
import { cutName } from './cuts.js'
import { type Growth, growthText, growthWords } from './growth.js'
import { fitFinding, fitLimits, fitTables } from './growth-words.js'
import type { Choice, Offer } from './offers.js'
import { type Cell, column, type PlanReport, type PlanTable, text } from './plan-report.js'
import { failureText, NO_WAY, recordLimits } from './plan-words.js'
import type { Witness } from './purchase.js'
import { demandWords, inputHash, type Study } from './study.js'

const SHOWN = 15

export interface BuyWords {
  readonly offersFile: string
  readonly keep: string
  readonly anyOne: string
  readonly growth: Growth
  readonly years: number
  readonly busiest: number
}

/** Break dates with nothing bought, from the most growth that is expected to the least; null: none until the end. */
export type BreakDates = readonly (UnixMilliseconds | null)[]

export function buyReport(bought: Bought, words: BuyWords, breaks: BreakDates): PlanReport {
  const { study } = bought
  const { document } = study
  const { offersFile, keep, anyOne, growth, years, busiest } = words
  const asked = `--offers ${basename(offersFile)} --keep ${keep} --any-one ${anyOne}`
  const options = `${asked} --growth ${growthText(growth)} --years ${years} --busiest ${busiest}`
  return {
    id: 'buy',
    title: text('What to buy', 'Nini kinunuliwe'),
    zone: document.plane.timezone,
    command: ['mizani plan buy', ...study.words, options].join(' '),
    inputHash: inputHash(study, { ...words, offersFile: '', offers: bought.options.offers }),
    facts: [
      [text('plane', 'mtandao'), `${document.plane.name.en}${document.plane.demo ? ' (DEMO)' : ''}`],
      [text('demand', 'mahitaji'), `${demandWords(study)}, ${busiest} busiest steps of the day`],
      [text('growth', 'ukuaji'), `${growthWords(growth)} a year for ${years} years`],
      [text('cost', 'gharama'), `once, and ${12 * years} months of the monthly price`],
    ],
    findings: [
      questionOf(bought, words),
      ...answerOf(bought, breaks),
      loserFinding(bought),
      pathFinding(bought),
      ...fitFinding(growth),
    ],
    tables: [
      optionsTable(bought, breaks),
      offersTable(bought),
      losersTable(bought),
      pathsTable(bought),
      witnessTable(bought),
      ...fitTables(growth),
    ],
    limits: [
      ...fitLimits(growth),
      text(
        'Sets were tried one by one in the order of cost, each under the demand of the end of the period: more ' +
          'capacity can make somebody worse off. What is proposed holds in every step of the day. Not tried: ' +
          'other prices, other sellers, changes of the policy, and offers in other sizes.',
        'Michanganyiko ilijaribiwa mmoja mmoja kwa mpangilio wa gharama, kwa mahitaji ya mwisho wa kipindi. ' +
          'Kinachopendekezwa kinatosha katika kila hatua ya siku. Haikujaribiwa: bei nyingine, ' +
          'wauzaji wengine, mabadiliko ya sera, wala ukubwa mwingine.',
      ),
      ...recordLimits(study),
    ],
  }
}

function questionOf({ options, study }: Bought, { keep, anyOne, years, growth }: BuyWords): Text {
  const some = options.keep.length
  const end = civilTime(study.scenario.from + 365.25 * DAY * years, study.document.plane.timezone).date
  return text(
    `Which purchase keeps the promises of ${keep} (${some} institutions) until ${end}, with demand growing by ` +
      `${growthWords(growth)} a year, if any one of ${options.cuts.length} fails (${anyOne})?`,
    `Ununuzi upi unalinda ahadi za ${keep} (taasisi ${some}) hadi ${end}, mahitaji yakikua kwa ` +
      `${growthWords(growth)} kwa mwaka, kimojawapo kati ya ${options.cuts.length} kikikatika (${anyOne})?`,
  )
}

const NOTHING = text('buy nothing', 'usinunue chochote')

/** "transit-a (+4 Gbit/s), …" */
function choiceText(offers: readonly Offer[], choice: Choice): Text {
  const named = offers.flatMap(({ id, steps }, n) => {
    const step = steps[choice[n]!]
    return step === undefined ? [] : [`${id} (+${formatRate(step.capacity.down)})`]
  })
  const all = named.join(', ')
  return all === '' ? NOTHING : text(all, all)
}

const leadOf = (offers: readonly Offer[], choice: Choice): number =>
  Math.max(0, ...offers.map(({ steps }, n) => steps[choice[n]!]?.leadDays ?? 0))

/** Break dates minus twice the lead time. */
function orderDates({ chosen, options, study }: Bought, breaks: BreakDates): Text {
  if (chosen === null || chosen.choice.every((step) => step < 0)) return text('-', '-')
  const lead = 2 * DAY * leadOf(options.offers, chosen.choice)
  const dates = breaks.map((at) => (at === null ? null : at - lead))
  const isPast = dates.some((at) => at !== null && at < study.scenario.from)
  const range = rangeText(dates, study)
  return isPast ? text(`${range.en} (past: order now)`, `${range.sw} (imepita: agiza sasa)`) : range
}

const breakDates = ({ study }: Bought, breaks: BreakDates): Text => rangeText(breaks, study)

/** "2027-03-31 to 2027-07-12, expected 2027-05-05" */
function rangeText(dates: BreakDates, { document }: Study): Text {
  const wordsIn = (later: string): string[] =>
    dates.map((at) => (at === null ? later : civilTime(at, document.plane.timezone).date))
  const [en, sw] = [wordsIn('later'), wordsIn('baadaye')]
  if (dates.length === 1) return text(en[0]!, sw[0]!)
  return text(`${en[0]} to ${en[2]}, expected ${en[1]}`, `${sw[0]} hadi ${sw[2]}, inayotarajiwa ${sw[1]}`)
}

function answerOf(bought: Bought, breaks: BreakDates): Text[] {
  const { chosen, options, tried } = bought
  if (chosen === null) {
    const all = tried.at(-1)!.witness!
    return [
      text(
        `No set of these offers does: ${whyText(bought, all).en}.`,
        `Hakuna mchanganyiko wa ofa hizi unaotosha: ${whyText(bought, all).sw}.`,
      ),
    ]
  }
  if (chosen.choice.every((step) => step < 0)) {
    const all = keptText(bought)
    const kept = text(`Buy nothing: ${all.en}.`, `Usinunue chochote: ${all.sw}.`)
    const [soonest] = breaks
    if (soonest == null) return [kept]
    const { date } = civilTime(soonest, bought.study.document.plane.timezone)
    if (breaks.length === 1)
      return [kept, text(`Before that a promise breaks on ${date}.`, `Kabla ya hapo ahadi inavunjika ${date}.`)]
    const sooner = text(
      `With one standard deviation more of growth the first promise breaks on ${date}.`,
      `Ukuaji ukizidi kwa mkengeuko mmoja ahadi ya kwanza inavunjika ${date}.`,
    )
    return [kept, sooner]
  }
  const named = choiceText(options.offers, chosen.choice).en
  const cost = chosen.cost.toLocaleString('en-GB')
  const why = whyText(bought, tried[0]!.witness!)
  return [
    text(
      `With nothing bought the first promise breaks on ${breakDates(bought, breaks).en}: ${why.en}.`,
      `Bila ununuzi ahadi ya kwanza inavunjika ${breakDates(bought, breaks).sw}: ${why.sw}.`,
    ),
    text(
      `Cheapest that does: ${named}, for ${cost}. Order by ${orderDates(bought, breaks).en} ` +
        `(break date minus twice the lead time of ${leadOf(options.offers, chosen.choice)} days).`,
      `Nafuu inayotosha: ${named}, kwa ${cost}. Agiza kabla ya ${orderDates(bought, breaks).sw} ` +
        `(tarehe ya kuvunjika ukiondoa mara mbili ya siku ${leadOf(options.offers, chosen.choice)} za kusubiri).`,
    ),
  ]
}

/** Who has no way left to a failure, whatever is bought, is not kept. */
const keptText = ({ purchase }: Bought): Text =>
  purchase.strandedBy().length === 0
    ? text('all of them are kept', 'zote zinalindwa')
    : text('all of them are kept wherever a way is left', 'zote zinalindwa popote njia inapobaki')

/** "losing transit-a leaves hosp-x short, transit-b.down is full" */
function whyText({ purchase, study }: Bought, { cut, hurt }: Witness): Text {
  const { institution } = study.plan.flows[hurt.flow]!
  const lost =
    cut === null ? text('with nothing cut', 'bila mkato') : text(`losing ${cutName(cut)}`, `kupoteza ${cutName(cut)}`)
  const link = purchase.sweep.plan.links[hurt.cause]?.id
  if (link === undefined)
    return text(`${lost.en} leaves ${institution} without a way`, `${lost.sw} kunaiacha ${institution} bila njia`)
  return text(
    `${lost.en} leaves ${institution} short, ${link} is full`,
    `${lost.sw} kunaipunguzia ${institution}, ${link} imejaa`,
  )
}

function loserFinding({ losers, study, chosen, purchase }: Bought): Text {
  if (chosen === null)
    return text('Nothing is bought, so nobody loses by it.', 'Hakuna ununuzi, hivyo hakuna anayepoteza.')
  if (losers.length === 0) {
    const { count } = purchase.parts.steps
    return text(
      `Nobody loses by it, of any service, in the ${count} steps of the day that were compared.`,
      `Hakuna anayepoteza, kwa huduma yoyote, katika hatua ${count} za siku zilizolinganishwa.`,
    )
  }
  const names = [...new Set(losers.map(({ institution }) => study.plan.institutions[institution]!.id))]
  const some = names.slice(0, 3).join(', ')
  return text(
    `${names.length} institutions lose by it in some failure: ${some}${names.length > 3 ? ', …' : ''}.`,
    `Taasisi ${names.length} zinapoteza kwa ununuzi huu katika mkato fulani: ${some}.`,
  )
}

function pathFinding({ purchase }: Bought): Text {
  const cuts = purchase.strandedBy().map(({ cut }) => cutName(cut))
  if (cuts.length === 0) return text('Nobody of them lacks a second path.', 'Hakuna kati yao anayekosa njia ya pili.')
  const some = cuts.slice(0, 5).join(', ')
  return text(
    `Capacity cannot help where a second path is missing: ${cuts.length} cuts, ${some}${cuts.length > 5 ? ', …' : ''}.`,
    `Uwezo hausaidii mahali njia ya pili inapokosekana: mikato ${cuts.length}, ${some}.`,
  )
}

function optionsTable(bought: Bought, breaks: BreakDates): PlanTable {
  const { tried, chosen, options, losers } = bought
  const nothing = tried[0]!
  const row = (name: Text, one: typeof nothing): Cell[] => {
    const why = one.witness === null ? keptText(bought) : whyText(bought, one.witness)
    const isNothing = one === nothing
    const order = isNothing ? '-' : orderDates(bought, breaks)
    const isBroken = isNothing && breaks.some((at) => at !== null)
    const brokenOn = isBroken ? breakDates(bought, breaks) : text('after the period', 'baada ya kipindi')
    return [
      name,
      choiceText(options.offers, one.choice),
      one.cost,
      brokenOn,
      order,
      isNothing ? 0 : new Set(losers.map(({ institution }) => institution)).size,
      why,
    ]
  }
  return {
    id: 'options',
    title: text('Options', 'Machaguo'),
    columns: [
      column('option', 'text', 'option', 'chaguo'),
      column('buys', 'text', 'buys', 'hununua'),
      column('cost', 'money', 'cost', 'gharama'),
      column('break_date', 'text', 'break date', 'tarehe ya kuvunjika'),
      column('order_by', 'text', 'order by', 'agiza kabla ya'),
      column('losers', 'count', 'losers', 'wanaopoteza'),
      column('why', 'text', 'why', 'kwa nini'),
    ],
    rows: [
      row(NOTHING, nothing),
      ...(chosen === null || chosen === nothing ? [] : [row(text('cheapest', 'nafuu zaidi'), chosen)]),
    ],
  }
}

function offersTable(bought: Bought): PlanTable {
  const { options, chosen, rejected } = bought
  const reasons = new Map(rejected.map((one) => [one.offer.id, one]))
  return {
    id: 'offers',
    title: text('What became of each offer', 'Kila ofa imekuwaje'),
    columns: [
      column('offer', 'text', 'offer', 'ofa'),
      column('link', 'text', 'link', 'kiungo'),
      column('largest', 'rate', 'up to', 'hadi'),
      column('verdict', 'text', 'verdict', 'uamuzi'),
      column('reason', 'text', 'reason', 'sababu'),
    ],
    rows: options.offers.map((offer, n): Cell[] => {
      const known = reasons.get(offer.id)
      const largest = offer.steps.at(-1)!.capacity.down
      const step = chosen === null ? undefined : offer.steps[chosen.choice[n]!]
      const size = step === undefined ? '' : formatRate(step.capacity.down)
      const verdict = step === undefined ? text('rejected', 'imekataliwa') : text(`buy +${size}`, `nunua +${size}`)
      return [offer.id, offer.link, largest, verdict, known === undefined ? '-' : reasonText(bought, known)]
    }),
  }
}

/** What the offer moves alone, in the failure that decides against buying nothing. */
function reasonText(bought: Bought, { offer, witness, cost, before, after }: Rejected): Text {
  const { tried, chosen } = bought
  const rate = formatRate(offer.steps.at(-1)!.capacity.down)
  const size = text(`+${rate} on ${offer.link}`, `+${rate} kwenye ${offer.link}`)
  const decisive = tried[0]!.witness
  if (decisive === null) return text('nothing is missing without it', 'hakuna kinachokosekana bila ofa hii')
  if (witness === null) {
    const more = (chosen === null ? 0 : cost - chosen.cost).toLocaleString('en-GB')
    return text(`${size.en} would do alone, for ${more} more`, `${size.sw} ingetosha peke yake, kwa ${more} zaidi`)
  }
  const [first, now] = [decidesText(decisive), decidesText(witness)]
  const [was, stays] = [formatRate(before), formatRate(after)]
  if (Math.abs(before - after) < 1_000)
    return text(`${size.en} moves nothing: ${first.en}`, `${size.sw} haibadilishi chochote: ${first.sw}`)
  if (after > before)
    return text(
      `${size.en} makes it worse: ${stays} is missing, not ${was}`,
      `${size.sw} inaongeza tatizo: ${stays} inakosekana, si ${was}`,
    )
  const off = formatRate(before - after)
  return text(
    `${size.en} takes ${off} off what is missing (${stays} stays), but ${now.en}`,
    `${size.sw} inapunguza ${off} ya kinachokosekana (${stays} inabaki), lakini ${now.sw}`,
  )
}

const decidesText = ({ cut }: Witness): Text =>
  cut === null
    ? text('the intact network decides', 'mtandao bila mkato ndio unaoamua')
    : text(`losing ${cutName(cut)} decides`, `kupoteza ${cutName(cut)} ndiko kunakoamua`)

function losersTable({ losers, study }: Bought): PlanTable {
  return {
    id: 'losers',
    title: text('Who loses by it, where it is worst', 'Nani anapoteza, pale inapokuwa mbaya zaidi'),
    shown: SHOWN,
    columns: [
      column('institution', 'text', 'institution', 'taasisi'),
      column('tier', 'text', 'tier', 'daraja'),
      column('service', 'text', 'service', 'huduma'),
      column('direction', 'text', 'direction', 'upande'),
      column('before', 'rate', 'with nothing bought', 'bila ununuzi'),
      column('after', 'rate', 'with it', 'na ununuzi'),
      column('failure', 'text', 'if this is cut', 'kikikatika'),
    ],
    rows: losers.map(({ institution, service, direction, before, after, cut }) => {
      const { id, tier } = study.plan.institutions[institution]!
      return [id, tier, service, direction, before, after, failureText(cut)]
    }),
  }
}

function pathsTable({ purchase, study }: Bought): PlanTable {
  return {
    id: 'second-paths',
    title: text('Where a second path is missing', 'Mahali njia ya pili inapokosekana'),
    shown: SHOWN,
    columns: [
      column('cut', 'text', 'cut', 'mkato'),
      column('institutions', 'count', 'institutions', 'taasisi'),
      column('services', 'text', 'services', 'huduma'),
      column('names', 'text', 'names', 'majina'),
    ],
    rows: purchase.strandedBy().map(({ cut, flows }) => {
      const some = flows.map((i) => study.plan.flows[i]!)
      const names = [...new Set(some.map(({ institution }) => institution))]
      const services = [...new Set(some.map(({ service }) => service))]
      const firstOnes = names.slice(0, 4).join(' ')
      const left = names.length - 4
      const shown = left > 0 ? text(`${firstOnes} … ${left} more`, `${firstOnes} … na ${left} zaidi`) : names.join(' ')
      return [cutName(cut), names.length, services.join(' '), shown]
    }),
  }
}

/** Each cheaper set, and the failure that refuses it. */
function witnessTable(bought: Bought): PlanTable {
  const { tried, options, study, purchase } = bought
  return {
    id: 'cheaper-sets',
    title: text('Cheaper sets, and what refuses each', 'Michanganyiko nafuu zaidi, na kinachoikataa'),
    shown: SHOWN,
    columns: [
      column('set', 'text', 'set', 'mchanganyiko'),
      column('cost', 'money', 'cost', 'gharama'),
      column('failure', 'text', 'refused by losing', 'hukataliwa kwa kupoteza'),
      column('institution', 'text', 'institution', 'taasisi'),
      column('full', 'text', 'full', 'kilichojaa'),
      column('lacks', 'rate', 'lacks then', 'kinakosekana hapo'),
    ],
    rows: tried.flatMap(({ choice, cost, witness }): Cell[][] => {
      if (witness === null) return []
      const { institution } = study.plan.flows[witness.hurt.flow]!
      const full = purchase.sweep.plan.links[witness.hurt.cause]?.id ?? NO_WAY
      // Without a way nothing that is bought counts, and nothing is measured.
      const lacks = witness.hurt.isStranded ? null : witness.hurt.missing
      return [[choiceText(options.offers, choice), cost, failureText(witness.cut), institution, full, lacks]]
    }),
  }
}
