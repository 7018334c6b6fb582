// What the page of one's own institution and the pages of requests say, and their sentences with figures.

import type { Lang } from '../page-data.js'
import type { Text } from './texts.js'

export const REQUEST = {
  nowTitle: ['What it has now', 'Inachopata sasa'],
  entitled: ['Entitled to', 'Haki yake'],
  asked: ['Asked', 'Ilichoomba'],
  served: ['Served', 'Ilichopewa'],
  used: ['Used', 'Ilichotumia'],
  missed: ['Missed', 'Ilichokosa'],
  why: ['Why', 'Kwa nini'],
  allMet: [
    'It gets all that it asks for, of every service. Shaping is not the cause of anything that is slow.',
    'Inapata yote inayoomba, ya kila huduma. Mgao wa kasi siyo chanzo cha ucheleweshaji wowote.',
  ],
  restMet: ['Of everything else it gets all that it asks for.', 'Kwa mengine yote inapata yote inayoomba.'],
  steps: ['Step by step', 'Hatua kwa hatua'],
  statements: ['Statements of closed months', 'Taarifa za miezi iliyofungwa'],
  noStatements: ['No month is closed yet.', 'Hakuna mwezi uliofungwa bado.'],
  month: ['Month', 'Mwezi'],
  below: ['Below the guarantee', 'Chini ya kiwango cha uhakika'],
  kept: ['Guarantee kept', 'Uhakika uliotimizwa'],
  amount: ['To be paid', 'Jumla ya kulipa'],
  moreStatements: [
    'Not all could be read just now: the rest follow.',
    'Hazijasomwa zote kwa sasa: zilizobaki zinafuata.',
  ],
  noAmounts: [
    'Means over the month. Amounts are shown to finance officers.',
    'Ni wastani wa mwezi. Kiasi cha fedha huonyeshwa kwa maafisa wa fedha.',
  ],
  requests: ['What was asked for', 'Kilichoombwa'],
  none: ['Nothing was asked for.', 'Hakuna kilichoombwa.'],
  request: ['Request', 'Ombi'],
  all: ['All requests', 'Maombi yote'],
  how: [
    'What institutions ask for. Accepted, it is a proposal like any other; refused, the member reads why.',
    'Yale ambayo taasisi zinaomba. Likikubaliwa, ni pendekezo kama mengine; likikataliwa, mwombaji husoma sababu.',
  ],
  wanted: ['Asks for', 'Inaomba'],
  by: ['By', 'Na'],
  answer: ['Answer', 'Jibu'],
  open: ['waits', 'linasubiri'],
  accepted: ['accepted', 'limekubaliwa'],
  refused: ['refused', 'limekataliwa'],
  withdrawn: ['taken back', 'limeondolewa'],
  proposal: ['Proposal', 'Pendekezo'],
  accept: ['Accept into a proposal', 'Kubali liwe pendekezo'],
  isAccepted: ['It is a proposal now.', 'Sasa ni pendekezo.'],
  refuse: ['Refuse', 'Kataa'],
  isRefused: ['It is refused; the member reads why.', 'Limekataliwa; mwombaji atasoma sababu.'],
  refusedWhy: ['Why not (the member reads it)', 'Kwa nini hapana (mwombaji ataisoma)'],
  withdraw: ['Take it back', 'Liondoe'],
  isWithdrawn: ['It is taken back.', 'Limeondolewa.'],
  ask: ['Ask for more', 'Omba zaidi'],
  askHow: [
    'Choose another tier, or write other ceilings, and say why. What it would do for you, and how many others would ' +
      'have less, goes with it. Somebody of the network decides.',
    'Chagua daraja jingine, au andika vikomo vingine, na ueleze sababu. Matokeo yake kwako, na idadi ya wengine ' +
      'watakaopungukiwa, huambatishwa. Mhusika wa mtandao ataamua.',
  ],
  ceilings: ['Ceiling in Mbit/s', 'Kikomo kwa Mbit/s'],
  tierRanges: ['What each tier promises and allows (down)', 'Kila daraja linaahidi na kuruhusu nini (kupokea)'],
  reason: ['Why it is needed', 'Kwa nini inahitajika'],
  attempt: ['See what it would do', 'Angalia matokeo yake'],
  send: ['Send the request', 'Tuma ombi'],
  sent: ['It is sent, and waits for an answer.', 'Limetumwa, na linasubiri jibu.'],
  sameAsNow: ['Choose another tier, or another ceiling, first.', 'Kwanza chagua daraja au kikomo kingine.'],
  own: ['What would change for it', 'Kitakachobadilika kwake'],
  noChange: ['nothing changes', 'hakuna badiliko'],
  othersLess: ['Others that would have less', 'Wengine watakaopungukiwa'],
  otherPromises: ['Promises that would break', 'Ahadi zitakazovunjika'],
} as const satisfies Record<string, Text>

/** @param state such as "waits" */
export const requestSaid = (lang: Lang, who: string, state: string): string =>
  lang === 'en' ? `Request of ${who}, ${state}` : `Ombi la ${who}, ${state}`

/** Of a preview: on which revision it was made, and what of the policy's tests would fail. */
export function lookedSaid(lang: Lang, revision: number, failing: number): string {
  if (lang === 'sw')
    return `Iliangaliwa kwa toleo ${revision}.${failing === 0 ? '' : ` Majaribio ${failing} ya sera yangeshindwa.`}`
  const tests = failing === 1 ? '1 test of the policy would fail' : `${failing} tests of the policy would fail`
  return `Looked at on revision ${revision}.${failing === 0 ? '' : ` ${tests}.`}`
}
