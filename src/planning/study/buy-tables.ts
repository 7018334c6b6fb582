// The tables of `plan buy` beside its options: what became of every offer, who loses by the purchase, where only a
// second path would help, and what refuses each cheaper set.

import type { Text } from '../../model/network.js'
import { formatRate } from '../../model/units.js'
import type { Bought, Rejected } from './buy.js'
import { cutName } from './cuts.js'
import { type Choice, currencyOf, type Offer } from './offers.js'
import type { Cell, Column, Named, PlanTable } from './plan-report.js'
import { column, named, text } from './plan-report.js'
import {
  directionText,
  failureText,
  institutionAt,
  institutionText,
  NO_WAY,
  serviceText,
  tierText,
} from './plan-words.js'
import type { Witness } from './purchase.js'

const SHOWN = 15

export const NOTHING = text('buy nothing', 'usinunue chochote')

/** "transit-a (+4 Gbit/s), …" */
export function choiceText(offers: readonly Offer[], choice: Choice): Text {
  const named = offers.flatMap(({ id, steps }, n) => {
    const step = steps[choice[n]!]
    return step === undefined ? [] : [`${id} (+${formatRate(step.capacity.down)})`]
  })
  const all = named.join(', ')
  return all === '' ? NOTHING : text(all, all)
}

/** "876,000 USD" */
export const moneyText = (value: number, offers: readonly Offer[]): string =>
  `${value.toLocaleString('en-GB')} ${currencyOf(offers)}`.trim()

export function costColumn(offers: readonly Offer[]): Column {
  const currency = currencyOf(offers)
  return currency === ''
    ? column('cost', 'money', 'cost', 'gharama')
    : column('cost', 'money', `cost, ${currency}`, `gharama, ${currency}`)
}

export function offersTable(bought: Bought): PlanTable {
  const { options, chosen, rejected, late } = bought
  const reasons = new Map(rejected.map((one) => [one.offer.id, one]))
  return {
    id: 'offers',
    title: text('What became of each offer', 'Kila ofa imekuwaje'),
    first: 8,
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
      const taken =
        late?.set === chosen
          ? text(`+${size}, too late`, `+${size}, imechelewa`)
          : text(`buy +${size}`, `nunua +${size}`)
      const verdict = step === undefined ? text('rejected', 'imekataliwa') : taken
      return [offer.id, offer.link, largest, verdict, known === undefined ? null : reasonText(bought, known)]
    }),
  }
}

/** What the offer moves alone, in the failure that decides against buying nothing. */
function reasonText(bought: Bought, { offer, witness, cost, before, after }: Rejected): Text {
  const { tried, chosen } = bought
  const rate = formatRate(offer.steps.at(-1)!.capacity.down)
  const size = text(`+${rate} on ${offer.link}`, `+${rate} kwenye ${offer.link}`)
  const decisive = tried[0]!.witness
  const { within = Infinity } = bought.options
  const { leadDays } = offer.steps.at(-1)!
  if (leadDays > within) return text(`there after ${leadDays} days: too late`, `siku ${leadDays}: imechelewa`)
  if (decisive === null) return text('nothing is missing without it', 'hakuna kinachokosekana bila ofa hii')
  if (witness === null) {
    const more = moneyText(chosen === null ? 0 : cost - chosen.cost, bought.options.offers)
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

export function losersTable({ losers, study }: Bought): PlanTable {
  return {
    id: 'losers',
    title: text('Who loses by it, where it is worst', 'Nani anapoteza, pale inapokuwa mbaya zaidi'),
    ...{ shown: SHOWN, first: 5 },
    columns: [
      column('institution', 'text', 'institution', 'taasisi'),
      column('tier', 'text', 'tier', 'daraja'),
      column('service', 'text', 'service', 'huduma'),
      column('direction', 'text', 'direction', 'mwelekeo'),
      column('before', 'rate', 'with nothing bought', 'bila ununuzi'),
      column('after', 'rate', 'with it', 'na ununuzi'),
      column('failure', 'text', 'if this is cut', 'kikikatika'),
    ],
    rows: losers.map(({ institution, service, direction, before, after, cut }) => {
      const tier = tierText(study, study.plan.institutions[institution]!.tier)
      const of = [
        institutionAt(study, institution),
        tier,
        serviceText(study, service),
        named(direction, directionText(direction)),
      ]
      return [...of, before, after, failureText(cut)]
    }),
  }
}

export function pathsTable({ purchase, study }: Bought): PlanTable {
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
      const ids = [...new Set(some.map(({ institution }) => institution))]
      const services = [...new Set(some.map(({ service }) => service))]
      const names = listed(ids.slice(0, 4).map((id) => institutionText(study, id)))
      const left = ids.length - 4
      const shown =
        left > 0
          ? {
              id: `${names.id} … ${left} more`,
              ...text(`${names.en}, … ${left} more`, `${names.sw}, … na ${left} zaidi`),
            }
          : names
      return [cutName(cut), ids.length, listed(services.map((id) => serviceText(study, id))), shown]
    }),
  }
}

/** By blanks in files, by commas for whoever reads. */
const listed = (all: readonly Named[]): Named => ({
  id: all.map(({ id }) => id).join(' '),
  ...text(all.map(({ en }) => en).join(', '), all.map(({ sw }) => sw).join(', ')),
})

/** Each cheaper set, and the failure that refuses it. */
export function witnessTable(bought: Bought): PlanTable {
  const { tried, options, study, purchase } = bought
  return {
    id: 'cheaper-sets',
    title: text('Cheaper sets, and what refuses each', 'Michanganyiko nafuu zaidi, na kinachoikataa'),
    shown: SHOWN,
    columns: [
      column('set', 'text', 'set', 'mchanganyiko'),
      costColumn(options.offers),
      column('failure', 'text', 'refused by losing', 'hukataliwa kwa kupoteza'),
      column('institution', 'text', 'institution', 'taasisi'),
      column('full', 'text', 'full', 'kilichojaa'),
      column('lacks', 'rate', 'lacks then', 'kinakosekana hapo'),
    ],
    rows: tried.flatMap(({ choice, cost, witness }): Cell[][] => {
      if (witness === null) return []
      const who = institutionText(study, study.plan.flows[witness.hurt.flow]!.institution)
      const full = purchase.sweep.plan.links[witness.hurt.cause]?.id ?? NO_WAY
      // Without a way nothing that is bought counts, and nothing is measured.
      const lacks = witness.hurt.isStranded ? null : witness.hurt.missing
      return [[choiceText(options.offers, choice), cost, failureText(witness.cut), who, full, lacks]]
    }),
  }
}
