// What the pages of planning say: questions, how far they are, and what was found.

import { PLANNED, word } from '../../model/glossary.mjs'
import type { SHIPPED_SCENARIOS, SimulationKind, SimulationState } from '../../model/simulation.js'
import type { Lang } from '../page-data.js'
import { isTree } from '../schema.js'
import type { Text } from './texts.js'

export const PLAN_KINDS: Readonly<Record<SimulationKind, Text>> = {
  failures: ['What breaks, and whom it hurts', 'Kinachokatika, na kinamwathiri nani'],
  runout: ['When promises break', 'Ahadi zinapovunjika'],
  buy: ['What to buy', 'Nini kinunuliwe'],
  futures: ['Years that may come', 'Miaka inayoweza kuja'],
  simulate: ['A story, played', 'Kisa kikichezwa'],
  compare: ['Two answers compared', 'Majibu mawili yakilinganishwa'],
}

export const PLAN_STATES: Readonly<Record<SimulationState, Text>> = {
  queued: ['waits for its turn', 'linasubiri zamu'],
  running: ['is being answered', 'linajibiwa'],
  done: ['answered', 'limejibiwa'],
  failed: ['not answered', 'halikujibiwa'],
  cancelled: ['taken back', 'limeghairiwa'],
}

/** Stories that can be chosen, as their files call them. */
export const PLAN_STORIES: Readonly<Record<(typeof SHIPPED_SCENARIOS)[number], Text>> = {
  'all-upstreams-lost': ['All upstreams lost', 'Viunganishi vyote vya nje vyapotea'],
  'both-data-centres': ['Both data centres cut off', 'Vituo vyote viwili vya data vyakatwa'],
  'budget-day': ['Budget day', 'Siku ya bajeti'],
  'cable-cut-2024-05': ['Sea cables cut, May 2024', 'Nyaya za baharini zakatika, Mei 2024'],
  'exam-week': ['Examination week', 'Wiki ya mitihani'],
  'growth-5y': ['Five years of growth, nothing bought', 'Miaka mitano ya ukuaji bila kununua chochote'],
  'join-govnet': ['Everyone joins the government network', 'Wote wajiunga na mtandao wa serikali'],
  'new-districts': ['Two new districts', 'Wilaya mbili mpya'],
  'one-upstream-30': [
    'The largest upstream at 30 %, after two years of growth',
    'Kiunganishi kikubwa cha nje kikiwa na 30 %, baada ya miaka miwili ya ukuaji',
  ],
  'red-sea': ['Red Sea cables cut, February 2024', 'Nyaya za Bahari ya Shamu zakatika, Februari 2024'],
  'ring-cut': ['The northern ring cut twice', 'Mzunguko wa kaskazini wakatika mara mbili'],
}

/** What was asked besides, in a list: names of the API in words. */
export const PLAN_ASKED: Readonly<Record<string, Text>> = {
  scenario: ['story', 'kisa'],
  day: ['day', 'siku'],
  growth: ['growth', 'ukuaji'],
  keep: ['keeping', 'kulinda'],
  anyOne: ['fails', 'kinachokatika'],
  years: ['years', 'miaka'],
  busiest: ['busiest steps', 'hatua'],
  pairs: ['two cuts at a time', 'mikato miwili kwa pamoja'],
  draws: ['years drawn', 'miaka ya kubahatisha'],
  year: ['from', 'kuanzia'],
  seed: ['seed', 'mbegu'],
  a: ['A', 'A'],
  b: ['B', 'B'],
}

export const PLAN = {
  how: [
    'Questions about what would happen. Each is answered apart from the network, by the same sums as its policy; ' +
      'nothing of it changes a rate.',
    'Maswali kuhusu yale ambayo yangetokea. Kila swali hujibiwa pembeni mwa mtandao, kwa hesabu zile zile za sera; ' +
      'hakuna kinachobadilisha kasi.',
  ],
  ask: ['Ask', 'Uliza'],
  newQuestion: ['A new question', 'Swali jipya'],
  questions: ['Questions', 'Maswali'],
  question: ['Question', 'Swali'],
  noQuestions: ['Nobody has asked anything yet.', 'Hakuna aliyeuliza bado.'],
  of: ['Of', 'Kuhusu'],
  policyInForce: ['the policy in force', 'sera inayotumika'],
  proposal: ['Proposal', 'Pendekezo'],
  revision: ['revision', 'toleo'],
  askedBy: ['Asked by', 'Aliuliza'],
  takeBack: ['Take back', 'Ghairi swali'],
  takenBack: ['It is taken back.', 'Swali limeghairiwa.'],
  remove: ['Remove', 'Ondoa'],
  removed: ['It is removed.', 'Limeondolewa.'],
  scenario: ['Story', 'Kisa'],
  noScenario: ['none: the policy as it is', 'hakuna: sera ilivyo'],
  day: ['Day (empty: the next working day)', 'Siku (tupu: siku ya kazi inayofuata)'],
  busiest: ['Busiest steps of the day', 'Hatua za siku zenye mahitaji makubwa'],
  pairs: ['Two cuts at a time', 'Mikato miwili kwa pamoja'],
  growth: ['Growth of a year (0.25, 25%, 0.25±0.08)', 'Ukuaji wa mwaka (0.25, 25%, 0.25±0.08)'],
  anyOne: ['Fails, one at a time', 'Kinachokatika, kimoja kimoja'],
  nothing: ['nothing', 'hakuna'],
  upstream: ['an upstream', 'kiungo cha nje'],
  backbone: ['a backbone link', 'kiungo cha mkongo'],
  anyLink: ['any link', 'kiungo chochote'],
  anyGroup: ['any link or shared-risk group', 'kiungo au kundi lolote'],
  anyNode: ['any node', 'kituo chochote'],
  years: ['Years', 'Miaka'],
  keep: ['Keep (categories, tiers, institutions, everyone)', 'Linda (aina, madaraja, taasisi, everyone)'],
  offers: ['Offers, as CSV', 'Ofa, kama CSV'],
  outages: ['Outages, as CSV (may be empty)', 'Hitilafu, kama CSV (si lazima)'],
  draws: ['Years that are drawn', 'Idadi ya miaka ya kubahatisha'],
  seed: ['Seed (another one, other chance)', 'Mbegu (nyingine, bahati nyingine)'],
  report: ['The report, to print', 'Ripoti, ya kuchapisha'],
  asCsv: ['CSV', 'CSV'],
  noRows: ['None.', 'Hakuna.'],
  limits: ['Limits, and what was not tried', 'Mipaka, na yale ambayo hayakujaribiwa'],
  made: ['How it was made', 'Jinsi ilivyotengenezwa'],
  command: ['Made again by', 'Hutengenezwa tena kwa'],
  noAnswer: ['There is no answer', 'Hakuna jibu'],
  notYet: ['There is no answer yet; this page shows it when it is there.', 'Jibu bado; ukurasa huu utalionyesha.'],
  compare: ['Compare with another answer', 'Linganisha na jibu jingine'],
  with: ['With', 'Na'],
  compared: ['It is being compared.', 'Linalinganishwa.'],
  matrix: ['Each cut, tier by tier', 'Kila mkato, daraja kwa daraja'],
  matrixHow: [
    'Institutions of a tier that a cut leaves short, and after × those that it leaves without a way.',
    'Taasisi za daraja zinazopungukiwa kwa mkato, na baada ya × zinazobaki bila njia.',
  ],
  everyService: ['the service it hurts most', 'huduma inayoathirika zaidi'],
  cut: ['Cut', 'Mkato'],
  nobodyHurt: ['No cut hurts anybody.', 'Hakuna mkato unaomwathiri mtu.'],
  calendar: ['Break dates, month by month', 'Tarehe za kuvunjika, mwezi kwa mwezi'],
  calendarHow: [
    'So many institutions are short for the first time in that month.',
    'Idadi ya taasisi zinazopungukiwa kwa mara ya kwanza mwezi huo.',
  ],
  month: ['Month', 'Mwezi'],
  newly: ['Short for the first time', 'Kwa mara ya kwanza'],
  inAll: ['In all', 'Kwa jumla'],
  firstOf: ['First of them', 'Ya kwanza'],
  neverBreaks: ['No promise breaks in this time.', 'Hakuna ahadi inayovunjika katika muda huu.'],
  slider: ['If demand grew by', 'Kama mahitaji yangekua kwa'],
  aYear: ['a year', 'kwa mwaka'],
  sliderHow: [
    'Worked out from this answer: demand comes to the same on another day. A few days more or less are possible; ' +
      'a question of its own says it exactly.',
    'Imekokotolewa kutoka jibu hili: mahitaji hufikia kiasi kile kile siku nyingine. Siku chache zaidi au ' +
      'pungufu zinawezekana; swali lake hueleza kwa uhakika.',
  ],
  asAsked: ['as asked', 'kama ilivyoulizwa'],
  askExactly: ['Ask exactly that', 'Uliza hilo hasa'],
  costRisk: ['Cost against what is missing', 'Gharama dhidi ya kinachokosekana'],
  costRiskHow: [
    'Each set of offers that was tried: what it costs, and what is missing in the failure that refuses it.',
    'Kila mchanganyiko wa ofa uliojaribiwa: gharama yake, na kinachokosekana katika mkato unaoukataa.',
  ],
  cost: ['Cost', 'Gharama'],
  lacks: ['Missing', 'Kinachokosekana'],
  belowByTier: ['Institutions below their promise, by tier', 'Taasisi zilizo chini ya ahadi, kwa daraja'],
  ofHundred: ['So many years of 100 miss no more than that', 'Miaka mingapi kati ya 100 haikosi zaidi ya hapo'],
  keepsAll: ['keeps everything', 'unalinda zote'],
  refusedSet: ['refused', 'umekataliwa'],
} as const satisfies Record<string, Text>

/** What was asked for beside it, in words where there are some: growth as percent, sorts of cuts, everyone. */
export function askedSaid(lang: Lang, name: string, value: unknown): string {
  if (value === true) return ''
  const said = String(value)
  // As it was typed where it says percent; `fitted` stays.
  const percent = (part: string): string =>
    Number.isFinite(Number(part)) ? `${Number((100 * Number(part)).toFixed(2))} %` : part
  if (name === 'growth') return said.includes('%') ? said : said.split('±').map(percent).join(' ± ')
  if (name === 'scenario') return storySaid(lang, value)
  if (name !== 'keep' && name !== 'anyOne') return said
  return said
    .split(',')
    .map((one) => word(PLANNED, one.trim(), lang))
    .join(', ')
}

/** One of somebody's own has its name with it. */
function storySaid(lang: Lang, value: unknown): string {
  const at = lang === 'en' ? 0 : 1
  if (typeof value === 'string') return (PLAN_STORIES as Readonly<Record<string, Text>>)[value]?.[at] ?? value
  const name = isTree(value) && isTree(value.name) ? value.name[lang] : undefined
  return typeof name === 'string' ? name : ''
}

const wholePercent = (part: number): string => `${Math.round(100 * part)} %`

/** "42 %, 12 s left" */
export function progressSaid(lang: Lang, progress: number, left: number | null): string {
  const part = wholePercent(progress)
  if (left === null) return part
  return lang === 'en' ? `${part}, about ${left} s left` : `${part}, zimebaki takriban sekunde ${left}`
}

/** How many rows a table has beside those that are shown. */
export const moreSaid = (lang: Lang, more: number): string =>
  lang === 'en' ? `… and ${more} more in the CSV` : `… na nyingine ${more} kwenye CSV`

/** "17 institutions by 2028-03" */
export function heatSaid(lang: Lang, month: string, newly: number): string {
  return lang === 'en' ? `${month}: ${newly} newly short` : `${month}: ${newly} zapungukiwa upya`
}

/** What the slider can say: of no later day. */
export const knownUntil = (lang: Lang, date: string): string =>
  lang === 'en'
    ? `Known until ${date}; what breaks later is not.`
    : `Inajulikana hadi ${date}; ya baadaye hayajulikani.`
