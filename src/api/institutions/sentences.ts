// Explanations in words: first one plain sentence that can be read to a caller on the telephone, then the steps that
// led there, then what would lift it. English and Swahili say the same and come from one table each, complete by
// type. The Swahili agrees with the noun class of whom it speaks of (concord.ts) and takes its words from the glossary.

import type { EdgeBypass } from '../../model/board.js'
import { timeInWords } from '../../model/civil-time.js'
import { classOf, type NounClass, prefixOf } from '../../model/concord.js'
import type { BandStep, Explanation, LimitCode, WouldBe } from '../../model/explanation.js'
import { BAND_KINDS, BANDS, STATES, word } from '../../model/glossary.mjs'
import type { Text } from '../../model/network.js'
import { DIFFERS } from '../../model/published.js'
import { type BitsPerSecond, formatRate, outOf } from '../../model/units.js'
import { behindWords, ownLimit } from './behind.js'
import { estimateStep, promiseOf } from './estimate.js'
import { institutionOf, type NameOf, nameless, reservedStep, sharersStep } from './sharers.js'

/** Names of what an explanation speaks of. */
export interface Subject {
  readonly institution: Text
  /** Of its Swahili name, where the policy says it. */
  readonly nounClass?: NounClass | undefined
  readonly service: Text
  readonly edge: string
  /** Limits of the institution that are lifted at the box; absent: none. */
  readonly bypass?: EdgeBypass | undefined
}

/** The prefix with which Swahili verbs agree with the institution: chuo KInapata, baraza LInapata. */
const concordOf = ({ institution, nounClass }: Subject): string => prefixOf(classOf(institution.sw, nounClass))

const percent = (fraction: number): string => `${Math.floor(fraction * 100 + 1e-9)} %`

type Cause = (explanation: Explanation, subject: Subject) => string

const EN: Readonly<Record<LimitCode, Cause>> = {
  DEMAND: () => 'Shaping is not the cause.',
  CEILING: ({ ceiling, tier }) =>
    `${formatRate(ceiling)} is the ceiling ${tier === null ? 'of this institution' : `of its tier ${tier}`}.`,
  LINK: (explanation) => {
    const [link = '', ...others] = fullLinks(explanation)
    return others.length === 0
      ? `The link ${link} is full${sharedEn(explanation, 'is')}.`
      : `The links ${list([link, ...others], 'and')} filled together${sharedEn(explanation, 'are')}.`
  },
  ENVELOPE: (explanation) =>
    `The envelope ${explanation.limitedBy.id ?? ''} has reached its ceiling${sharedEn(explanation, 'is')}.`,
  OVERRIDE: (explanation) => ownLimit(explanation).en,
  PENDING: () => 'The rest follows within seconds, as soon as others have given back the room it needs.',
  PINNED: ({ applied }, { edge }) =>
    `The edge ${edge} takes no new rates now and keeps ${rateOr(applied, 'what it last had')}.`,
  NO_PATH: (_, { service }) => `No path to ${service.en} is left; the edge keeps only the lifeline.`,
  OBSERVE: (_, { edge, bypass }) =>
    bypass
      ? `The edge ${edge} lets it pass, so nothing is held back: shaping is not the cause.`
      : `The edge ${edge} only observes, so nothing is held back: shaping is not the cause.`,
  SAFE: (_, { edge }) => `The edge ${edge} has lost the controller and enforces its safe rates until contact returns.`,
}

const SW: Readonly<Record<LimitCode, Cause>> = {
  DEMAND: () => 'Mgao wa kasi siyo chanzo cha tatizo.',
  CEILING: ({ ceiling, tier }) =>
    `${formatRate(ceiling)} ni kikomo ${tier === null ? 'cha taasisi hii' : `cha daraja lake ${tier}`}.`,
  LINK: (explanation) => {
    const [link = '', ...others] = fullLinks(explanation)
    return others.length === 0
      ? `Kiungo ${link} kimejaa${sharedSw(explanation, 'kinatumiwa')}.`
      : `Viungo ${list([link, ...others], 'na')} vimejaa pamoja${sharedSw(explanation, 'vinatumiwa')}.`
  },
  ENVELOPE: (explanation) =>
    `Fungu ${explanation.limitedBy.id ?? ''} limefika kikomo chake${sharedSw(explanation, 'linatumiwa')}.`,
  OVERRIDE: (explanation, subject) => ownLimit(explanation, concordOf(subject)).sw,
  PENDING: () => 'Sehemu iliyobaki itatolewa ndani ya sekunde chache, wengine wakiachia nafasi inayohitajika.',
  PINNED: ({ applied }, { edge }) =>
    `Lango ${edge} halipokei viwango vipya kwa sasa; linabaki na ${rateOr(applied, 'kiwango cha mwisho')}.`,
  NO_PATH: (_, { service }) =>
    `Hakuna njia iliyobaki kwenda ${service.sw}; lango linabaki na kiwango cha msingi pekee.`,
  OBSERVE: (_, { edge, bypass }) =>
    `Lango ${edge} ${bypass ? word(STATES, 'bypass', 'sw') : 'linaangalia tu'}, hakuna kinachozuiliwa: ` +
    'mgao wa kasi siyo chanzo cha tatizo.',
  SAFE: (_, { edge }) =>
    `Lango ${edge} limepoteza mawasiliano na kituo cha udhibiti; linatumia viwango salama hadi mawasiliano yarudi.`,
}

/** The one that filled first in front. */
const fullLinks = ({ limitedBy, with: together }: Explanation): string[] =>
  [limitedBy, ...together].flatMap(({ code, id }) => (code === 'LINK' && id !== null ? [id] : []))

const list = (names: readonly string[], and: string): string =>
  `${names.slice(0, -1).join(', ')} ${and} ${names.at(-1)}`

type Sharing = Pick<Explanation, 'flow' | 'sharers' | 'sharersTotal' | 'sharingInstitutions'>

/** An access line has nobody on it but the institution itself. */
const isOwnAlone = ({ flow, sharers, sharersTotal, sharingInstitutions }: Sharing): boolean =>
  sharersTotal > 0 &&
  sharingInstitutions === 0 &&
  sharers.every((sharer) => institutionOf(sharer.flow) === institutionOf(flow))

function sharedEn(sharing: Sharing, are: 'is' | 'are'): string {
  const others = sharing.sharingInstitutions
  if (isOwnAlone(sharing)) return ` and ${are} shared with its other services`
  return others === 0 ? '' : ` and ${are} shared with ${others} other ${others === 1 ? 'institution' : 'institutions'}`
}

/** The verb agrees with the noun that is shared. */
function sharedSw(sharing: Sharing, isUsed: string): string {
  const others = sharing.sharingInstitutions
  if (isOwnAlone(sharing)) return ` na ${isUsed} pia na huduma zake nyingine`
  return others === 0 ? '' : ` na ${isUsed} pia na taasisi nyingine ${others}`
}

/** One plain sentence or two: what it gets of what it asks, why, and whether its guarantee is kept. */
export function sentenceOf(explanation: Explanation, subject: Subject): Text {
  const { demand, estimatedSince, need, limitedBy } = explanation
  const { code } = limitedBy
  const about = estimatedSince !== null
  const gets = Math.min(need, demand)
  // Rates are whole kbit/s: less than one is rounding, not a shortage.
  const all = gets > demand - 1_000
  const amount = all ? outOf(gets, demand, 'of') : outOf(gets, demand, about ? 'of about' : 'of the')
  const en = all
    ? `${subject.institution.en} gets all it asks for (${amount}).`
    : `${subject.institution.en} gets ${amount} it asks for.`
  const kiasi = outOf(gets, demand, about ? 'kati ya takriban' : 'kati ya')
  const it = concordOf(subject)
  const behind = behindWords(explanation)
  // What is asked for is a speed (yo), or so many Mbit/s (zo); who asks is the institution.
  const sw = all
    ? `${subject.institution.sw} ${it}napata kasi yote ${it}nayoomba (${kiasi}).`
    : `${subject.institution.sw} ${it}napata ${kiasi} ${it}nazoomba.`
  const promise = all ? null : promiseOf(explanation)
  return {
    en: [en, EN[code](explanation, subject), behind.en, promise?.en ?? ''].filter(Boolean).join(' '),
    sw: [sw, SW[code](explanation, subject), behind.sw, promise?.sw ?? ''].filter(Boolean).join(' '),
  }
}

/** That nothing is limited at an edge, whatever else is said, for somebody there has lifted it. */
export function bypassStep({ timezone }: Explanation, { edge, bypass }: Subject): Text[] {
  if (!bypass) return []
  const until = timeInWords(bypass.until, timezone)
  return [
    {
      en: `Its limits are lifted at the edge ${edge} until ${until}: ${bypass.reason}.`,
      sw: `Vikomo vyake vimeondolewa kwenye lango ${edge} hadi ${until}: ${bypass.reason}.`,
    },
  ]
}

/** One of several edges: what comes there of what is asked there, and why. */
export function partStep(part: Explanation, subject: Subject): Text {
  const gets = Math.min(part.need, part.demand)
  const cause = part.limitedBy.code
  return {
    en: `At the edge ${part.edge}: ${outOf(gets, part.demand, 'of')}. ${EN[cause](part, subject)}`,
    sw: `Kwenye lango ${part.edge}: ${outOf(gets, part.demand, 'kati ya')}. ${SW[cause](part, subject)}`,
  }
}

/** The chain: what each band gave, in the order of the bands, then what came of it at the edge and who shares. */
export function stepsOf(explanation: Explanation, { past = false, nameOf = nameless }: Telling = {}): Text[] {
  const steps = explanation.bands.filter(({ cap, amount }) => cap > 0 || amount > 0).map(bandStep)
  steps.push(publishedStep(explanation))
  steps.push(past ? overThoseMinutes(explanation) : atTheEdge(explanation))
  return [
    ...estimateStep(explanation),
    ...steps,
    ...sharersStep(explanation, nameOf),
    ...reservedStep(explanation, nameOf),
  ]
}

/** The bands add up to what was computed; where another rate is published, why. */
function publishedStep({ need, computed, rate, differs }: Explanation): Text {
  const [needed, all, told] = [need, computed, rate].map(formatRate)
  if (differs === null)
    return {
      en: `Need ${needed}; with headroom the published rate is ${told}.`,
      sw: `Hitaji ${needed}; pamoja na nafasi ya ziada kasi iliyotangazwa ni ${told}.`,
    }
  const why = DIFFERS[differs]
  if (differs === 'FIXED')
    return {
      en: `${needed} counts on its links; the published rate is ${told}: ${why.en}.`,
      sw: `${needed} inahesabiwa kwenye viungo vyake; kasi iliyotangazwa ni ${told}: ${why.sw}.`,
    }
  return {
    en: `Need ${needed}; with headroom ${all}. The published rate is ${told}: ${why.en}.`,
    sw: `Hitaji ${needed}; pamoja na nafasi ya ziada ${all}. Kasi iliyotangazwa ni ${told}: ${why.sw}.`,
  }
}

interface Telling {
  readonly past?: boolean
  readonly nameOf?: NameOf
}

const UNKNOWN: Text = { en: 'not known', sw: 'haijulikani' }

/** What the edge had applied is not recorded flow by flow. */
function overThoseMinutes({ arrived, carried }: Explanation): Text {
  const of = (lang: keyof Text) => [rateOr(arrived, UNKNOWN[lang]), rateOr(carried, UNKNOWN[lang])] as const
  const [[came, left], [ilifika, ilipita]] = [of('en'), of('sw')]
  return {
    en: `At its edge over those minutes: arrived ${came}, carried ${left}.`,
    sw: `Langoni kwa dakika hizo: kasi iliyofika ${ilifika}, iliyopitishwa ${ilipita}.`,
  }
}

/** An edge that says nothing now has no "now": only what it said last. */
function atTheEdge({ applied, arrived, carried, lastReport, timezone }: Explanation): Text {
  const isHeard = arrived !== null && carried !== null
  if (isHeard)
    return {
      en:
        `The edge applies ${rateOr(applied, 'a rate it has not reported')}; ` +
        `now ${formatRate(arrived)} arrives and ${formatRate(carried)} is carried.`,
      sw:
        `Lango linatekeleza ${rateOr(applied, 'kasi ambayo halijaripoti')}; ` +
        `sasa kasi inayofika ni ${formatRate(arrived)}, inayopitishwa ni ${formatRate(carried)}.`,
    }
  const nothing: Text = {
    en: 'what arrives and what is carried now is not known',
    sw: 'kasi inayofika na inayopitishwa sasa haijulikani',
  }
  if (applied === null || lastReport === null)
    return {
      en: `The edge has not told us what it applies; ${nothing.en}.`,
      sw: `Lango halijatuarifu linatekeleza kasi gani; ${nothing.sw}.`,
    }
  const at = timeInWords(Date.parse(lastReport), timezone)
  return {
    en: `The edge applied ${formatRate(applied)} when it last told us, at ${at}; ${nothing.en}.`,
    sw: `Lango lilitekeleza ${formatRate(applied)} lilipotuarifu mara ya mwisho, ${at}; ` + `${nothing.sw}.`,
  }
}

const rateOr = (rate: BitsPerSecond | null, otherwise: string): string => (rate === null ? otherwise : formatRate(rate))
function bandStep({ band, kind, amount, cap, kept, bottleneck }: BandStep): Text {
  const en = [`${outOf(amount, cap, 'of')}`]
  const sw = [`${outOf(amount, cap, 'kati ya')}`]
  if (kept !== null && kept < 1) {
    en.push(`${percent(kept)} of the promise kept`)
    sw.push(`${percent(kept)} ya ahadi imetimizwa`)
  }
  // Headroom fills links every night, which means nothing.
  if (bottleneck !== null && kind !== 'headroom') {
    en.push(`${bottleneck} was full`)
    sw.push(`${bottleneck} kilijaa`)
  }
  return {
    en: `${bandName(band, kind, 'en')}: ${en.join('; ')}.`,
    sw: `${bandName(band, kind, 'sw')}: ${sw.join('; ')}.`,
  }
}

/** A band of the shipped planes by its word; another one by its id, which in Swahili stands in quotes as a name. */
function bandName(band: string, kind: BandStep['kind'], lang: keyof Text): string {
  const label = word(BAND_KINDS, kind, lang)
  if (band === kind) return label
  const name = Object.hasOwn(BANDS, band) || lang === 'en' ? word(BANDS, band, lang) : `"${band}"`
  return `${name} (${label})`
}

/** What would lift the limit first, and what that and more weight would do. */
export function liftingOf(explanation: Explanation, subject: Subject, whatIf: readonly WouldBe[] = []): Text {
  const it = concordOf(subject)
  const all = [leverOf(explanation, subject), ...whatIf.map((change) => wouldBe(change, explanation.need, it))]
  return { en: all.map(({ en }) => en).join(' '), sw: all.map(({ sw }) => sw).join(' ') }
}

function wouldBe({ change, by, need, losers }: WouldBe, before: BitsPerSecond, it: string): Text {
  const more = formatRate(by)
  const then = formatRate(need)
  const less = losers === 1 ? 'ungepata pungufu' : 'ingepata pungufu'
  const en = losers === 0 ? '' : `, and ${losers} other ${losers === 1 ? 'flow' : 'flows'} less`
  const sw =
    losers === 0 ? '' : `, na ${losers === 1 ? 'mtiririko mwingine 1' : `mitiririko mingine ${losers}`} ${less}`
  switch (change) {
    case 'ROOM':
      return {
        en: `With ${more} more there it would have ${then}${en}.`,
        sw: `Nafasi ikiongezwa hapo kwa ${more} ${it}ngepata ${then}${sw}.`,
      }
    case 'CEILING':
      return {
        en: `With a ceiling ${more} higher it would have ${then}${en}.`,
        sw: `Kikomo chake kikiongezwa kwa ${more} ${it}ngepata ${then}${sw}.`,
      }
    case 'WEIGHT':
      return need > before
        ? {
            en: `With ${by} times its weight it would have ${then}${en}.`,
            sw: `Uzito wake ukizidishwa mara ${by} ${it}ngepata ${then}${sw}.`,
          }
        : lessByMore(by, then, it)
  }
}

/** Only within envelopes: counterfactual.ts gives the example. */
const lessByMore = (factor: number, then: string, it: string): Text => ({
  en:
    `More weight would not help: with ${factor} times its weight it would have less, ${then}, for others in its ` +
    'envelope would slow down and leave room elsewhere to those who then take more here.',
  sw:
    `Uzito zaidi haungesaidia: ukizidishwa mara ${factor} ${it}ngepata pungufu, ${then}, kwa kuwa wengine katika ` +
    'fungu lake wangepungua na kuwaachia nafasi kwingine wale ambao wangechukua zaidi hapa.',
})

/** What the network and the policy cannot lift, because it is no limit of theirs, goes before what they could. */
function leverOf({ lift, tier, limitedBy }: Explanation, subject: Subject): Text {
  const { id } = lift
  const it = concordOf(subject)
  if (limitedBy.code === 'OVERRIDE') {
    const override = limitedBy.id ?? ''
    return {
      en: `The end of the override ${override} would give more.`,
      sw: `Kusitishwa kwa badiliko la muda ${override} kungetoa zaidi.`,
    }
  }
  if (limitedBy.code === 'PINNED') {
    return {
      en: `It gets more when the edge ${subject.edge} takes new rates again.`,
      sw: `Lango ${subject.edge} likipokea viwango vipya tena, ${it}tapata zaidi.`,
    }
  }
  if (limitedBy.code === 'NO_PATH') {
    return {
      en: `It gets more when a way to ${subject.service.en} is repaired.`,
      sw: `Njia ya kwenda ${subject.service.sw} ikitengenezwa, ${it}tapata zaidi.`,
    }
  }
  switch (lift.by) {
    case 'NOTHING':
      return { en: 'Nothing has to be lifted.', sw: 'Hakuna kikomo cha kuondoa.' }
    case 'TIER':
      return {
        en: `A tier with more weight or guarantee than ${id ?? tier ?? 'the present one'} would give more.`,
        sw: `Daraja lenye uzito au uhakika mkubwa kuliko ${id ?? tier ?? 'la sasa'} lingetoa zaidi.`,
      }
    case 'CEILING':
      return { en: 'A higher ceiling would give more.', sw: 'Kikomo cha juu zaidi kingetoa zaidi.' }
    case 'LINK':
      return {
        en: `More capacity on the link ${id ?? ''} would give more.`,
        sw: `Uwezo zaidi kwenye kiungo ${id ?? ''} ungetoa zaidi.`,
      }
    case 'ENVELOPE':
      return {
        en: `A higher ceiling of the envelope ${id ?? ''} would give more.`,
        sw: `Kikomo cha juu zaidi cha fungu ${id ?? ''} kingetoa zaidi.`,
      }
    case 'WAIT':
      return { en: 'Waiting is enough: it lifts itself.', sw: 'Kusubiri kunatosha: kitaondoka chenyewe.' }
  }
}

/** Of which moment of the past the words are; first among them. */
export const momentOf = (time: string): Text => ({
  en: `As it was at ${time}, the moment of those five minutes at which most was missing.`,
  sw: `Ilivyokuwa ${time}, wakati wa upungufu mkubwa zaidi katika dakika hizo tano.`,
})
