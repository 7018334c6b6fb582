// What `plan buy` says: the question, buying nothing, the purchase with its cost and its order-by date, who loses by
// it, what became of every offer, and where only a second path would help.

import { basename } from 'node:path'
import { civilTime } from '../../model/civil-time.js'
import type { Text } from '../../model/network.js'
import { DAY, type UnixMilliseconds } from '../../model/units.js'
import type { Bought, Late } from './buy.js'
import {
  choiceText,
  costColumn,
  losersTable,
  moneyText,
  NOTHING,
  offersTable,
  pathsTable,
  witnessTable,
} from './buy-tables.js'
import { cutName } from './cuts.js'
import { type Growth, growthText, growthWords } from './growth.js'
import { fitFinding, fitLimits, fitTables } from './growth-words.js'
import { type Cell, column, type PlanReport, type PlanTable, text } from './plan-report.js'
import {
  ageFact,
  demandText,
  institutionAt,
  institutionText,
  keptNames,
  listText,
  planeText,
  recordFindings,
  recordLimits,
} from './plan-words.js'
import { leadOf, type Tried, type Witness } from './purchase.js'
import { inputHash, type Study } from './study.js'
import { waylessFindings } from './wayless.js'

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
  const grown = growthWords(growth)
  const options = `${asked} --growth ${growthText(growth)} --years ${years} --busiest ${busiest}`
  return {
    id: 'buy',
    title: text('What to buy', 'Nini kinunuliwe'),
    zone: document.plane.timezone,
    command: ['mizani plan buy', ...study.words, options].join(' '),
    inputHash: inputHash(study, { ...words, offersFile: '', offers: bought.options.offers }),
    facts: [
      [text('plane', 'mtandao'), planeText(document.plane)],
      [text('demand', 'mahitaji'), busyText(study, busiest)],
      ageFact(study),
      [text('growth', 'ukuaji'), text(`${grown.en} a year, years: ${years}`, `${grown.sw} kwa mwaka, miaka: ${years}`)],
      [
        text('cost', 'gharama'),
        text(
          `once, and ${12 * years} months of the monthly price`,
          `ya mara moja, na miezi ${12 * years} ya bei ya mwezi`,
        ),
      ],
    ],
    findings: [
      questionOf(bought, words),
      ...recordFindings(study),
      ...waylessFindings(study, bought.purchase.wayless()),
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

function busyText(study: Study, busiest: number): Text {
  const { en, sw } = demandText(study)
  if (busiest === 1) return text(`${en}, the busiest step of the day`, `${sw}, hatua yenye mahitaji makubwa zaidi`)
  return text(
    `${en}, ${busiest} busiest steps of the day`,
    `${sw}, hatua ${busiest} za siku zenye mahitaji makubwa zaidi`,
  )
}

function questionOf({ options, study }: Bought, { keep, anyOne, years, growth }: BuyWords): Text {
  const some = options.keep.length
  const [kept, cut, grown] = [keptNames(keep, study.document), listText(anyOne), growthWords(growth)]
  const end = civilTime(study.scenario.from + 365.25 * DAY * years, study.document.plane.timezone).date
  return text(
    `Which purchase keeps the promises of ${kept.en} (institutions: ${some}) until ${end}, with demand growing by ` +
      `${grown.en} a year, if any one of ${options.cuts.length} fails (${cut.en})?`,
    `Ununuzi upi unalinda ahadi za ${kept.sw} (taasisi ${some}) hadi ${end}, mahitaji yakikua kwa ` +
      `${grown.sw} kwa mwaka, kimojawapo kati ya ${options.cuts.length} kikikatika (${cut.sw})?`,
  )
}

const NOW = text('now: the safe date has passed', 'sasa: tarehe salama imepita')

/** Break dates minus twice the lead time. */
function orderDates({ options, study }: Bought, { choice }: Tried, breaks: BreakDates): Text {
  const lead = 2 * DAY * leadOf(options.offers, choice)
  const dates = breaks.map((at) => (at === null ? null : at - lead))
  return dates.some((at) => at !== null && at < study.scenario.from) ? NOW : rangeText(dates, study)
}

const SHORT_SHOWN = 5

/** "cannot be there before 2028-05-14; until then these are short: Muhimbili (if transit-a is cut)" */
function lateText({ study, options }: Bought, { days, short }: Late): Text {
  const { plan, document, scenario } = study
  const dateOf = (at: UnixMilliseconds): string => civilTime(at, document.plane.timezone).date
  const there = scenario.from + days * DAY
  const isAfter = days > 365.25 * options.years
  const who = short.slice(0, SHORT_SHOWN).map(({ flow, cut, isWayless }) => {
    const { en, sw } = institutionText(study, plan.flows[flow]!.institution)
    if (isWayless) return text(`${en} (no way)`, `${sw} (hakuna njia)`)
    if (cut === null) return text(en, sw)
    return text(`${en} (if ${cutName(cut)} is cut)`, `${sw} (${cutName(cut)} ikikatika)`)
  })
  const more = short.length > SHORT_SHOWN ? ', …' : ''
  const end = isAfter ? text(', after the period', ', baada ya kipindi') : text('', '')
  return text(
    `cannot be there before ${dateOf(there)}${end.en}; until then these are short: ` +
      `${who.map(({ en }) => en).join(', ')}${more}`,
    `haiwezi kuwepo kabla ya ${dateOf(there)}${end.sw}; hadi hapo hizi zitapungukiwa: ` +
      `${who.map(({ sw }) => sw).join(', ')}${more}`,
  )
}

/** "transit-a (+4 Gbit/s), for 876,000 USD" */
function pricedText({ options: { offers } }: Bought, { choice, cost }: Tried): Text {
  const [said, price] = [choiceText(offers, choice), moneyText(cost, offers)]
  return text(`${said.en}, for ${price}`, `${said.sw}, kwa ${price}`)
}

/** What is bought, by when it is ordered; and what is too late for that. */
function choiceFindings(bought: Bought, chosen: Tried, breaks: BreakDates): Text[] {
  const { late, options } = bought
  const [set, order] = [pricedText(bought, chosen), orderDates(bought, chosen, breaks)]
  const lead = leadOf(options.offers, chosen.choice)
  if (late?.set === chosen) {
    const why = lateText(bought, late)
    return [
      text(
        `No set of these offers is there in time. The cheapest, ${set.en}, ${why.en}. Order now.`,
        `Hakuna mchanganyiko wa ofa hizi utakaokuwepo kwa wakati. Nafuu zaidi, ${set.sw}, ${why.sw}. Agiza sasa.`,
      ),
    ]
  }
  const safe = text(
    `The safe date is the break date minus twice the lead time of ${lead} days.`,
    `Tarehe salama ni ya kuvunjika ukiondoa mara mbili ya siku ${lead} za kusubiri.`,
  )
  const by =
    order === NOW
      ? text(`Order ${order.en}`, `Agiza ${order.sw}`)
      : text(`Order by ${order.en}`, `Agiza kabla ya ${order.sw}`)
  if (late === undefined)
    return [text(`Cheapest that does: ${set.en}. ${by.en}.`, `Nafuu inayotosha: ${set.sw}. ${by.sw}.`), safe]
  const [cheaper, why] = [pricedText(bought, late.set), lateText(bought, late)]
  return [
    text(`Cheapest that does in time: ${set.en}. ${by.en}.`, `Nafuu inayotosha kwa wakati: ${set.sw}. ${by.sw}.`),
    safe,
    text(`Cheaper but late: ${cheaper.en}, ${why.en}.`, `Nafuu zaidi lakini imechelewa: ${cheaper.sw}, ${why.sw}.`),
  ]
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
  const { chosen, tried } = bought
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
  const why = whyText(bought, tried[0]!.witness!)
  return [
    text(
      `With nothing bought the first promise breaks on ${breakDates(bought, breaks).en}: ${why.en}.`,
      `Bila ununuzi ahadi ya kwanza inavunjika ${breakDates(bought, breaks).sw}: ${why.sw}.`,
    ),
    ...choiceFindings(bought, chosen, breaks),
  ]
}

/** Who has no way left to a failure, whatever is bought, is not kept. */
const keptText = ({ purchase }: Bought): Text =>
  purchase.strandedBy().length + purchase.wayless().size === 0
    ? text('all of them are kept', 'zote zinalindwa')
    : text('all of them are kept wherever a way is left', 'zote zinalindwa popote njia inapobaki')

/** "losing transit-a leaves hosp-x short, transit-b.down is full" */
function whyText({ purchase, study }: Bought, { cut, hurt }: Witness): Text {
  const who = institutionText(study, study.plan.flows[hurt.flow]!.institution)
  const lost =
    cut === null ? text('with nothing cut', 'bila mkato') : text(`losing ${cutName(cut)}`, `kupoteza ${cutName(cut)}`)
  const link = purchase.sweep.plan.links[hurt.cause]?.id
  if (link === undefined)
    return text(`${lost.en} leaves ${who.en} without a way`, `${lost.sw} kunaiacha ${who.sw} bila njia`)
  return text(
    `${lost.en} leaves ${who.en} short, ${link} is full`,
    `${lost.sw} kunaipunguzia ${who.sw}, kiungo ${link} kimejaa`,
  )
}

function loserFinding({ losers, study, chosen, purchase }: Bought): Text {
  if (chosen === null)
    return text('Nothing is bought, so nobody loses by it.', 'Hakuna ununuzi, hivyo hakuna anayepoteza.')
  if (losers.length === 0) {
    const { count } = purchase.parts.steps
    if (count === 1)
      return text(
        'Nobody loses by it, of any service, in the step of the day that was compared.',
        'Hakuna anayepoteza, kwa huduma yoyote, katika hatua ya siku iliyolinganishwa.',
      )
    return text(
      `Nobody loses by it, of any service, in the ${count} steps of the day that were compared.`,
      `Hakuna anayepoteza, kwa huduma yoyote, katika hatua ${count} za siku zilizolinganishwa.`,
    )
  }
  const all = [...new Set(losers.map(({ institution }) => institution))]
  const some = all.slice(0, 3).map((n) => institutionAt(study, n))
  const more = all.length > 3 ? ', …' : ''
  const [en, sw] = [some.map((one) => one.en).join(', ') + more, some.map((one) => one.sw).join(', ') + more]
  if (all.length === 1)
    return text(
      `One institution loses by it in some failure: ${en}.`,
      `Taasisi moja inapoteza kwa ununuzi huu katika mkato fulani: ${sw}.`,
    )
  return text(
    `${all.length} institutions lose by it in some failure: ${en}.`,
    `Taasisi ${all.length} zinapoteza kwa ununuzi huu katika mkato fulani: ${sw}.`,
  )
}

function pathFinding({ purchase }: Bought): Text {
  const cuts = purchase.strandedBy().map(({ cut }) => cutName(cut))
  if (cuts.length === 0 && purchase.wayless().size > 0)
    return text('No cut takes a way that is there.', 'Hakuna mkato unaoondoa njia iliyopo.')
  if (cuts.length === 0) return text('Nobody of them lacks a second path.', 'Hakuna kati yao anayekosa njia ya pili.')
  const some = `${cuts.slice(0, 5).join(', ')}${cuts.length > 5 ? ', …' : ''}`
  return text(
    `Capacity cannot help where a second path is missing: ${cuts.length} cuts, ${some}.`,
    `Uwezo hausaidii mahali njia ya pili inapokosekana: mikato ${cuts.length}, ${some}.`,
  )
}

function optionsTable(bought: Bought, breaks: BreakDates): PlanTable {
  const { tried, chosen, options, losers, late } = bought
  const nothing = tried[0]!
  const row = (name: Text, one: typeof nothing): Cell[] => {
    const why = one.witness === null ? keptText(bought) : whyText(bought, one.witness)
    const isNothing = one === nothing
    const isLate = one === late?.set
    const order = isNothing ? null : isLate ? lateText(bought, late) : orderDates(bought, one, breaks)
    const isBroken = isNothing && breaks.some((at) => at !== null)
    const brokenOn = isBroken ? breakDates(bought, breaks) : text('after the period', 'baada ya kipindi')
    return [
      name,
      choiceText(options.offers, one.choice),
      one.cost,
      brokenOn,
      order,
      one === chosen ? new Set(losers.map(({ institution }) => institution)).size : isNothing ? 0 : null,
      why,
    ]
  }
  return {
    id: 'options',
    title: text('Options', 'Machaguo'),
    first: 8,
    columns: [
      column('option', 'text', 'option', 'chaguo'),
      column('buys', 'text', 'buys', 'hununua'),
      costColumn(options.offers),
      column('break_date', 'text', 'break date', 'tarehe ya kuvunjika'),
      column('order_by', 'text', 'order by', 'agiza kabla ya'),
      column('losers', 'count', 'losers', 'wanaopoteza'),
      column('why', 'text', 'why', 'kwa nini'),
    ],
    rows: [
      row(NOTHING, nothing),
      ...(chosen === null || chosen === nothing || chosen === late?.set
        ? []
        : [row(text(late === undefined ? 'cheapest' : 'cheapest in time', 'nafuu zaidi'), chosen)]),
      ...(late === undefined ? [] : [row(text('too late', 'imechelewa'), late.set)]),
    ],
  }
}
