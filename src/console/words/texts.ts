// What the console says in fixed words, English and Swahili side by side, so that none is written without the other.
// Whole sentences: Swahili agrees with its noun, so nothing is put together of pieces. Single words come from the
// glossary that the API's sentences and alarms use too. What has figures in it stands in sentences.ts. Here is what
// every page needs; the other tables go to a browser with the page that says them.

import { WORDS } from '../../model/glossary.mjs'

export type Text = readonly [en: string, sw: string]

/** A word of the glossary as a heading. */
function heading(key: string): Text {
  const [en, sw] = WORDS[key]!
  const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1)
  return [capital(en), capital(sw)]
}

export const TEXTS = {
  skip: ['Skip to the content', 'Ruka hadi maudhui'],
  demo: [
    'Simulated edges or assumed figures: nothing here is the real network.',
    'Malango ya kuigiza au takwimu za kudhania: hakuna kilicho cha mtandao halisi.',
  ],
  mainPages: ['Pages', 'Kurasa'],
  overview: ['Overview', 'Muhtasari'],
  institution: heading('institution'),
  link: heading('link'),
  edge: heading('edge'),
  docs: ['HTTP API', 'HTTP API'],
  find: ['Find or go to …', 'Tafuta au nenda …'],
  institutions: heading('institutions'),
  links: heading('links'),
  edges: heading('edges'),
  inForce: ['In force now', 'Vinavyotumika sasa'],
  emergency: ['Emergency', 'Dharura'],
  policy: heading('policy'),
  mine: ['My institution', 'Taasisi yangu'],
  requests: ['Requests', 'Maombi'],
  proposals: ['Proposals', 'Mapendekezo'],
  importSheet: ['Import', 'Kuingiza'],
  alarms: heading('alarms'),
  people: ['People', 'Watu'],
  told: ['Webhooks and gateways', 'Webhook na malango'],
  audit: ['Audit trail', 'Kumbukumbu za ukaguzi'],
  ledger: ['Ledger', 'Leja'],
  planner: ['Planner', 'Mipango'],
  wall: ['Wall', 'Skrini ya ukuta'],
  demand: ['Asks for', 'Inaomba'],
  estimate: [
    '≈ is an estimate: the rate decides what arrives, so nobody sees how much is asked.',
    '≈ ni makadirio: kasi iliyopo ndiyo inayoamua kinachofika, hivyo hakuna anayeona kiasi kinachoombwa.',
  ],
  need: ['Gets', 'Inapata'],
  service: heading('service'),
  direction: heading('direction'),
  region: heading('region'),
  category: ['Category', 'Aina'],
  tier: heading('tier'),
  everything: ['all', 'zote'],
  nothingFound: ['Nothing was found.', 'Hakuna kilichopatikana.'],
  what: ['What', 'Nini'],
  act: ['To do', 'La kufanya'],
  reason: ['Reason', 'Sababu'],
  time: ['Time', 'Wakati'],
  asTable: ['As a table', 'Kama jedwali'],
  addresses: ['Addresses', 'Anwani'],
  otherLanguage: ['Kiswahili', 'English'],
  account: ['Account', 'Akaunti'],
  signOut: ['Sign out', 'Ondoka'],
  signedOut: ['You are signed out.', 'Umeondoka.'],
  sessionOver: ['Your session is over: sign in again.', 'Muda wako umekwisha: ingia tena.'],
  close: ['Close', 'Funga'],
  cancel: ['Cancel', 'Ghairi'],
  undo: ['Undo', 'Tengua'],
  undone: ['It is undone.', 'Imetenguliwa.'],
  notThere: ['There is nothing at this address.', 'Hakuna kitu kwenye anwani hii.'],
  backToOverview: ['Back to the overview', 'Rudi kwenye muhtasari'],
  noRights: [
    'Your account may not see this. Ask an administrator for a role that does.',
    'Akaunti yako haiwezi kuona ukurasa huu. Mwombe msimamizi akupe jukumu linaloruhusu.',
  ],
  notReady: [
    'The controller has not made its first allocation yet. This page shows it as soon as it is there.',
    'Kituo cha udhibiti bado hakijafanya mgao wa kwanza. Ukurasa huu utauonyesha mara tu utakapokuwa tayari.',
  ],
  away: ['The controller does not answer; trying again.', 'Kituo cha udhibiti hakijibu; inajaribu tena.'],
  none: ['–', '–'],
  down: [...heading('down')],
  up: [...heading('up')],
  state: heading('state'),
  carried: ['Carried', 'Inayopitishwa'],
  unmet: ['Not met', 'Pungufu'],
  limitedBy: ['Limited by', 'Kinachoizuia'],
  keys: ['Keys', 'Vitufe vya njia ya mkato'],
  keysHow: [
    'Press the letters one after the other. They do nothing while you write in a field.',
    'Bonyeza herufi moja baada ya nyingine. Hazifanyi kitu unapoandika kwenye sehemu ya maandishi.',
  ],
  keysOn: ['Letters are short cuts', 'Herufi ni njia za mkato'],
  keyPalette: ['Find an institution, link, edge or page', 'Tafuta taasisi, kiungo, lango au ukurasa'],
  keyHelp: ['These keys', 'Orodha hii ya vitufe'],
  palettePlaceholder: [
    'Name, abbreviation, IP address, link, edge, page, what to do',
    'Jina, kifupi, anwani ya IP, kiungo, lango, ukurasa, la kufanya',
  ],
  paletteEmpty: ['Nothing has this name or address.', 'Hakuna chenye jina au anwani hii.'],
} as const satisfies Record<string, Text>
