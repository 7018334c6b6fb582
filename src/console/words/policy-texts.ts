// What the pages of the policy, its history and its proposals say, and their sentences with figures.

import type { Lang } from '../page-data.js'
import type { Text } from './texts.js'

export const POLICY = {
  changes: ['What is different', 'Kilicho tofauti'],
  noChanges: ['Nothing is different.', 'Hakuna tofauti.'],
  place: ['Place', 'Mahali'],
  before: ['Before', 'Kabla'],
  after: ['After', 'Baada'],
  preview: ['What it would do', 'Matokeo yake'],
  demand: ['If this is asked for', 'Ikiwa mahitaji ni haya'],
  nowUnknown: [
    'What is asked for now is not known yet; the other demands are.',
    'Mahitaji ya sasa hayajulikani bado; mengine yanajulikana.',
  ],
  now: ['as now', 'kama sasa'],
  busyHour: ['as in the busiest hour', 'kama saa yenye shughuli nyingi'],
  allAtCeiling: ['everybody all they may', 'kila taasisi hadi kikomo chake'],
  worstFailure: ['the same, in the worst failure', 'vivyo hivyo, kwenye hitilafu mbaya zaidi'],
  losers: ['Lose', 'Wanaopungukiwa'],
  gainers: ['Gain', 'Wanaoongezewa'],
  promisesBroken: ['Promises that break', 'Ahadi zinazovunjika'],
  promiseBreaks: ['promise breaks', 'ahadi inavunjika'],
  guarded: ['A second person has to agree, by', 'Mtu wa pili lazima akubali, kwa mujibu wa'],
  warnings: ['Warnings', 'Maonyo'],
  confirm: ['Keep it', 'Thibitisha'],
  confirmed: ['The revision stays.', 'Toleo limethibitishwa.'],
  revert: ['Undo it now', 'Tengua sasa'],
  reverted: ['The policy is as it was before.', 'Sera imerudi kama ilivyokuwa.'],
  edit: ['Change it', 'Ibadilishe'],
  editHow: [
    'Each part has a form and a text. Before anything is saved you see who gains and who loses.',
    'Kila sehemu ina fomu na maandishi. Kabla ya kuhifadhi utaona nani ataongezewa na nani atapungukiwa.',
  ],
  wholeText: ['The whole policy as text', 'Sera yote kama maandishi'],
  importSheet: ['Import a sheet', 'Ingiza jedwali'],
  history: ['History', 'Historia'],
  revision: ['Revision', 'Toleo'],
  author: ['By', 'Na'],
  approvedBy: ['Agreed by', 'Aliyekubali'],
  commit: ['change', 'badiliko'],
  rollback: ['restored', 'limerejeshwa'],
  revertKind: ['undone', 'limetenguliwa'],
  waits: ['waits to be confirmed', 'linasubiri kuthibitishwa'],
  unsigned: ['not signed yet', 'halijasainiwa'],
  restore: ['Restore it', 'Rejesha hili'],
  restored: ['The policy says what this revision said.', 'Sera imerudi kama toleo hili.'],
  sign: ['Sign it', 'Saini'],
  signed: ['It is signed.', 'Limesainiwa.'],
  inForce: ['in force', 'linatumika'],
  against: ['Compared with', 'Linganisha na'],
  itsParent: ['the one before it', 'la kabla yake'],
  earlier: ['Earlier', 'Za awali'],
  proposal: ['Proposal', 'Pendekezo'],
  proposalsHow: [
    'A change that waits for a second person, or for its hour. Nobody agrees to their own.',
    'Badiliko linalosubiri mtu wa pili, au saa yake. Hakuna anayekubali pendekezo lake mwenyewe.',
  ],
  noProposals: ['Nothing waits.', 'Hakuna kinachosubiri.'],
  waiting: ['waiting', 'yanayosubiri'],
  needsNone: ['needed no agreement', 'halikuhitaji idhini'],
  isFirst: ['First revision: there is none before it.', 'Toleo la kwanza: hakuna lililotangulia.'],
  open: ['open', 'linasubiri'],
  approved: ['agreed', 'limekubaliwa'],
  rejected: ['refused', 'limekataliwa'],
  committed: ['made', 'limefanyika'],
  void: ['void', 'limebatilika'],
  effectiveAt: ['From', 'Kuanzia'],
  approve: ['Agree', 'Kubali'],
  isApproved: ['You have agreed to it.', 'Umelikubali.'],
  reject: ['Refuse', 'Kataa'],
  isRejected: ['It is refused.', 'Limekataliwa.'],
  takeBack: ['Take it back', 'Liondoe'],
  make: ['Make it', 'Lifanye'],
  made: ['It is in force.', 'Limeanza kutumika.'],
  minutes: ['Minutes to confirm it in (empty: as usual)', 'Dakika za kuthibitisha (wazi: kama kawaida)'],
  refusedNow: ['the policy in force does not take it any more:', 'sera inayotumika hailikubali tena:'],
  isStale: ['It cannot be made any more', 'Haliwezi kufanyika tena'],
  yours: [
    'You have proposed this: somebody else has to agree.',
    'Pendekezo hili ni lako: mtu mwingine lazima akubali.',
  ],
  all: ['All proposals', 'Mapendekezo yote'],
  backToPolicy: ['The policy', 'Sera'],
  members: ['Those there are', 'Zilizopo'],
  filter: ['Id or name has', 'Kitambulisho au jina lina'],
  id: ['Id', 'Kitambulisho'],
  name: ['Name', 'Jina'],
  add: ['Add', 'Ongeza'],
  another: ['Add a part with this id', 'Ongeza sehemu yenye kitambulisho hiki'],
  remove: ['Remove', 'Ondoa'],
  up: ['Up', 'Juu'],
  down: ['Down', 'Chini'],
  asForm: ['Form', 'Fomu'],
  asText: ['Text', 'Maandishi'],
  textHow: ['The same as JSON. It is checked while you write.', 'Hiyo hiyo kama JSON. Hukaguliwa unapoandika.'],
  noText: ['This is not JSON', 'Hii si JSON'],
  isNew: ['There is no such part yet: you are writing a new one.', 'Sehemu hii haipo bado: unaandika mpya.'],
  noScriptHow: ['To change it, JavaScript is needed.', 'Kubadilisha kunahitaji JavaScript.'],
  reading: ['It is being read …', 'Inasomwa …'],
  checking: ['It is being tried …', 'Inajaribiwa …'],
  unchanged: ['You have changed nothing yet.', 'Bado hujabadilisha chochote.'],
  draftKept: [
    'What you write stays in this tab, and in the address, until you save it.',
    'Unachoandika kinabaki kwenye ukurasa huu, na kwenye anwani, hadi utakapohifadhi.',
  ],
  discard: ['Throw my changes away', 'Tupa mabadiliko yangu'],
  takeOut: ['Remove this part', 'Ondoa sehemu hii'],
  reference: ['Reference (ticket)', 'Rejea (tiketi)'],
  save: ['Save and put in force', 'Hifadhi na anza kutumia'],
  propose: ['Propose it', 'Pendekeza'],
  proposed: ['It waits for a second person.', 'Linasubiri mtu wa pili.'],
  later: ['Only from then on (empty: at once)', 'Kuanzia wakati huo tu (wazi: mara moja)'],
  breakGlass: ['Past approval and tests; to be signed afterwards', 'Bila idhini na majaribio; kusainiwa baadaye'],
  saved: ['It is saved and in force.', 'Limehifadhiwa na linatumika.'],
  wrong: ['What has to be mended', 'Yanayopaswa kurekebishwa'],
  moved: ['Somebody else has changed this since you began.', 'Mtu mwingine amebadilisha sehemu hii tangu ulipoanza.'],
  theirs: ['What they have changed', 'Walichobadilisha'],
  both: ['Changed by both of you', 'Yaliyobadilishwa na nyote'],
  layOn: ['Lay my changes on theirs', 'Weka mabadiliko yangu juu ya yao'],
  mayNot: ['You may read this, not change it.', 'Unaweza kusoma, si kubadilisha.'],
  choose: ['(not said)', '(haijatajwa)'],
} as const satisfies Record<string, Text>

/** Of a proposal: somebody has changed the same. @param place a JSON pointer */
export const touchedSaid = (lang: Lang, place: string, since: number): string =>
  lang === 'en' ? `${place} has been changed since revision ${since}` : `${place} imebadilishwa tangu toleo la ${since}`

/** @param isPromised some of them have as much as before, and are promised less of it */
export function impactSaid(lang: Lang, losers: number, broken: number, isPromised = false): string {
  if (lang === 'en') {
    const institutions = losers === 1 ? 'institution' : 'institutions'
    if (losers === 0) return 'Nobody would have less.'
    return `Up to ${losers} ${institutions} ${lessEn(isPromised)}; ${promisesSaid(lang, broken)}.`
  }
  if (losers === 0) return 'Hakuna ambaye angepungukiwa.'
  return `Hadi taasisi ${losers} ${lessSw(losers, isPromised)}; ${promisesSaid(lang, broken)}.`
}

const lessEn = (isPromised: boolean): string => `would have less${isPromised ? ', or be promised less' : ''}`
const lessSw = (n: number, isPromised: boolean): string =>
  `${n === 1 ? 'ingepungukiwa' : 'zingepungukiwa'}${isPromised ? ', au kuahidiwa kidogo zaidi' : ''}`

/** Of somebody who gets as much as before. */
export const promiseShiftSaid = (lang: Lang, before: string, after: string): string =>
  lang === 'en' ? `of its promise ${before} → ${after}` : `ya ahadi yake ${before} → ${after}`

/** With what is asked now. */
export function impactNowSaid(lang: Lang, losers: number, broken: number, isPromised = false): string {
  if (losers === 0)
    return lang === 'en'
      ? 'With what is asked now nobody would have less.'
      : 'Kwa mahitaji ya sasa hakuna ambaye angepungukiwa.'
  const said = promisesSaid(lang, broken)
  const institutions = losers === 1 ? 'institution' : 'institutions'
  return lang === 'en'
    ? `With what is asked now ${losers} ${institutions} ${lessEn(isPromised)}; ${said}.`
    : `Kwa mahitaji ya sasa taasisi ${losers} ${lessSw(losers, isPromised)}; ${said}.`
}

function promisesSaid(lang: Lang, broken: number): string {
  if (lang === 'en')
    return broken === 0 ? 'no promise breaks' : `${broken} ${broken === 1 ? 'promise breaks' : 'promises break'}`
  return broken === 0 ? 'hakuna ahadi inayovunjika' : `ahadi ${broken} ${broken === 1 ? 'inavunjika' : 'zinavunjika'}`
}

export function passedSaid(lang: Lang, passed: number, failed: number, still: number): string {
  const before =
    still === 0
      ? ''
      : lang === 'en'
        ? `, ${still} failed before too`
        : `, ${still} ${still === 1 ? 'lilishindwa' : 'yalishindwa'} hata kabla`
  return lang === 'en'
    ? `Tests: ${passed} ${passed === 1 ? 'passes' : 'pass'}, ` +
        `${failed} ${failed === 1 ? 'begins' : 'begin'} to fail${before}.`
    : `Majaribio: ${passed} ${passed === 1 ? 'limefaulu' : 'yamefaulu'}, ` +
        `${failed} ${failed === 1 ? 'linaanza' : 'yanaanza'} kushindwa${before}.`
}

export const pendingSaid = (lang: Lang, revision: number, until: string): string =>
  lang === 'en'
    ? `Revision ${revision} is undone at ${until} unless somebody confirms it:`
    : `Toleo la ${revision} litatenguliwa ${until} lisipothibitishwa:`

export const revisionSaid = (lang: Lang, n: number): string => (lang === 'en' ? `Revision ${n}` : `Toleo la ${n}`)

/** @param shown fewer than there are: how the others are reached */
export const listedSaid = (lang: Lang, shown: number, all: number): string =>
  lang === 'en'
    ? `${shown} of ${all}; write a part of the id or the name to find the others`
    : `${shown} kati ya ${all}; andika sehemu ya kitambulisho au jina kupata zilizobaki`

export const countSaid = (lang: Lang, shown: number, all: number): string =>
  lang === 'en' ? `${shown} of ${all}` : `${shown} kati ya ${all}`
