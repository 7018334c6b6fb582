// What the pages of links and edges say, and those of what holds for a while.

import type { Schema } from '../call.js'
import type { Lang } from '../page-data.js'
import type { Text } from './texts.js'

export const NETWORK = {
  linksHow: ['By what is needed, the fullest first.', 'Kwa kinachohitajika, vilivyojaa zaidi kwanza.'],
  way: ['From, to', 'Kutoka, kwenda'],
  kind: ['Kind', 'Aina'],
  part: ['Needed of usable', 'Hitaji kwa uwezo'],
  needed: ['Needed', 'Hitaji'],
  usable: ['Usable', 'Unaotumika'],
  built: ['Built', 'Uliojengwa'],
  cables: ['Cables and roads', 'Mikongo na barabara'],
  limitedHere: ['Who is short here', 'Wanaopungukiwa hapa'],
  nobodyHere: ['Nobody is short because of it.', 'Hakuna anayepungukiwa kwa sababu yake.'],
  onLink: ['Who is on it, at which level', 'Waliopo kwenye kiungo, na hatua waliyofikia'],
  overIt: ['Over it', 'Kupitia hapa'],
  level: ['Step and level', 'Hatua na kiwango'],
  nobodyOnIt: ['Nothing crosses it.', 'Hakuna kinachopita hapa.'],
  moreOnLink: ['Show more of them', 'Onyesha zaidi'],
  fewOnLink: ['Show the first only', 'Onyesha ya kwanza pekee'],
  ofNoSite: ['Traffic of no site', 'Trafiki isiyo ya eneo lolote'],
  ofControl: ['Control traffic', 'Trafiki ya udhibiti'],
  restricted: ['Restricted institutions', 'Taasisi zenye usiri'],
  history: ['The last day', 'Siku moja iliyopita'],
  noHistory: ['Nothing is recorded for this time yet.', 'Hakuna kilichorekodiwa kwa muda huu bado.'],
  sayState: ['Say that it is down or carries less', 'Sema kuwa kimekatika au kimepungua'],
  linkIs: ['It is', 'Hali yake'],
  isDown: ['down', 'kimekatika'],
  isUp: ['up again', 'kimerudi sawa'],
  isHalf: ['at half', 'nusu ya uwezo'],
  isQuarter: ['at a quarter', 'robo ya uwezo'],
  hours: ['For how many hours', 'Kwa saa ngapi'],
  orderHours: ['For how many hours (trial, hold, bypass)', 'Kwa saa ngapi (jaribio, kushikilia, kuachia)'],
  stateSaid: ['It counts as that from now on.', 'Itahesabiwa hivyo kuanzia sasa.'],
  inForce: ['Applied', 'Inayotekelezwa'],
  intended: ['Intended', 'Iliyokusudiwa'],
  lag: ['Behind', 'Nyuma kwa'],
  leaseLeft: ['Lease left', 'Muda uliobaki'],
  enforcement: ['Enforcement', 'Utekelezaji'],
  refusal: ['Refused', 'Imekataa'],
  served: ['Institutions', 'Taasisi'],
  unmapped: ['Traffic that no site claims, the most first', 'Trafiki isiyo ya eneo lolote, kubwa zaidi kwanza'],
  noUnmapped: ['There is none.', 'Hakuna.'],
  order: ['Order', 'Amuru'],
  orderEdge: ['Order an edge', 'Amuru lango'],
  orderIs: ['It is to', 'Lango litafanya'],
  observe: ['observe: count, delay nothing', 'kuangalia: kuhesabu bila kuchelewesha'],
  enforce: ['enforce', 'kutekeleza'],
  trial: ['a trial: enforce, then go back by itself', 'jaribio: kutekeleza, kisha kurudi lenyewe'],
  hold: ['hold: keep what it has', 'kushikilia: kubaki na ilizo nazo'],
  bypass: ['bypass: let all through', 'kuachia: kupitisha vyote'],
  ordered: ['The edge is told.', 'Lango limeambiwa.'],
  orderSeveral: ['Order several edges together', 'Amuru malango kadhaa kwa pamoja'],
  theyDo: ['They are to', 'Yatafanya'],
  batchHow: [
    'Edges that are put on trial together observe again together: when the time is over, or at once when one of them ' +
      'refuses or is not heard. An order to enforce makes them stay.',
    'Malango yanayowekwa kwenye jaribio kwa pamoja hurudi kuangalia kwa pamoja: muda ukiisha, au mara moja mojawapo ' +
      'likikataa au likiwa kimya. Amri ya kutekeleza huyafanya yabaki.',
  ],
  chooseEdges: ['Choose the edges first.', 'Kwanza chagua malango.'],
  whomTouches: ['Whom it touches', 'Nani ataguswa'],
  batchOrdered: ['The edges are told.', 'Malango yameambiwa.'],
  differs: [
    'What it has differs from what it should have; paste what this command writes:',
    'Ilichonacho ni tofauti na kinachotakiwa; bandika kinachoandikwa na amri hii:',
  ],
  second: [
    'A second gateway speaks as this edge; the first goes on. Stop it, or let it take the place. It is at',
    'Lango la pili linajiita lango hili; la kwanza linaendelea. Lizime, au lipe nafasi. Lipo',
  ],
  somewhere: ['a place it does not name', 'mahali lisipopataja'],
  notices: ['What it has found', 'Ilichogundua'],
  used: ['traffic goes that way', 'data inapita huko'],
  possible: ['possible', 'inawezekana'],
  uncounted: ['In no class', 'Nje ya madaraja'],
  port: ['Port', 'Mlango'],
  access: ['Access line', 'Laini ya kuunganishia'],
  site: ['Site', 'Eneo'],
  sites: ['Sites behind it', 'Maeneo nyuma yake'],
  drain: ['Drain it, to switch it off', 'Iondolee kazi, ili izimwe'],
  drained: ['It is being drained.', 'Linaondolewa kazi.'],
  stopEdge: ['Let it fall silent', 'Linyamazishe'],
  edgeStopped: ['It says nothing any more.', 'Limenyamaza.'],
  startEdge: ['Let it come back', 'Lirudishe'],
  edgeStarted: ['It comes back.', 'Linarudi.'],
  edgeText: ['Its configuration, to be typed in', 'Mpangilio wake, wa kuandikwa kwenye kifaa'],
  edgeTextHow: [
    'Read it, type it into the router, and then say that it is in force: the edge is charged at what it says.',
    'Usome, uandike kwenye kifaa, kisha useme kuwa unatumika: lango huhesabiwa kwa kilichoandikwa.',
  ],
  towards: ['Interface towards the institutions', 'Mlango wa kuelekea taasisi'],
  showText: ['Show it', 'Onyesha'],
  leftOut: [
    'These sites are not in the text, and nothing limits them. Tick each: it is known.',
    'Maeneo haya hayamo kwenye maandishi na hayana kikomo. Weka alama kwa kila moja: hilo linajulikana.',
  ],
  running: [
    'What the router shows (show running-config), to be compared; may stay empty',
    'Kinachoonyeshwa na kifaa (show running-config), kilinganishwe; si lazima',
  ],
  confirmText: ['It is in force: revision', 'Unatumika: toleo la'],
  textConfirmed: ['What is in force has been confirmed.', 'Kinachotumika kimethibitishwa.'],
  held: ['What holds', 'Kinachotumika'],
  subjects: ['On what', 'Kwa nini'],
  since: ['Since', 'Tangu'],
  until: ['Until', 'Hadi'],
  openEnd: ['until somebody ends it', 'hadi mtu akimalize'],
  owner: ['Owner', 'Mwenyewe'],
  end: ['End it', 'Maliza'],
  ended: ['It has been ended.', 'Kimemalizwa.'],
  runout: ['Promises break', 'Ahadi zinavunjika'],
  copy: ['Copy the text', 'Nakili maandishi'],
  copyDifference: ['Copy the changes', 'Nakili mabadiliko'],
  nothingDiffers: [
    'It says the same as what was confirmed: there is nothing to type in.',
    'Ni sawa na kilichothibitishwa: hakuna cha kuandika.',
  ],
  wholeText: ['All of it', 'Maandishi yote'],
  mustBeTyped: ['To be typed in anew', 'Yanayosubiri kuandikwa upya'],
  copied: ['It is copied: paste it at the router.', 'Imenakiliwa: bandika kwenye ruta.'],
  notCopied: [
    'The browser does not copy it: mark the text, and copy it yourself.',
    'Kivinjari hakikunakili: chagua maandishi na uyanakili mwenyewe.',
  ],
  byCommand: ['By command', 'Kwa amri'],
  inPolicy: ['In the policy', 'Kwenye sera'],
  atEdge: ['At the edge', 'Kwenye lango'],
  emergencyHow: [
    'Each of these works at once, needs no second person, and stands in the trail with your name and reason.',
    'Kila moja hufanya kazi mara moja, haihitaji mtu wa pili, na huandikwa kwenye kumbukumbu kwa jina na sababu yako.',
  ],
  freeze: ['Freeze the policy', 'Sitisha mabadiliko ya sera'],
  freezeHow: [
    'Nobody commits anything until it is lifted; rates go on.',
    'Hakuna anayebadilisha chochote hadi lifunguliwe; kasi zinaendelea kugawiwa.',
  ],
  frozen: ['The policy is frozen.', 'Mabadiliko ya sera yamesitishwa.'],
  unfreeze: ['Lift the freeze', 'Ruhusu mabadiliko tena'],
  unfrozen: ['The freeze is lifted.', 'Mabadiliko yameruhusiwa tena.'],
  cable: ['A link, cable or road', 'Kiungo, mkongo au barabara'],
  whichLink: ['Which', 'Kipi'],
  edgeBypass: ['An edge', 'Lango'],
  whichEdge: ['Which edge', 'Lango lipi'],
  modes: ['Prepared modes', 'Hali maalumu zilizoandaliwa'],
  noModes: ['The policy has none prepared; they are prepared here:', 'Sera haina iliyoandaliwa; huandaliwa hapa:'],
  on: ['Switch on', 'Washa'],
  off: ['Switch off', 'Zima'],
  isOn: ['It is on.', 'Imewashwa.'],
  isOff: ['It is off.', 'Imezimwa.'],
  rollback: ['Go back to an earlier policy', 'Rudi kwenye sera ya awali'],
  back: ['Go back to it', 'Rudi kwenye hili'],
  isBack: ['The policy is as it was then.', 'Sera imerudi kama ilivyokuwa.'],
  breakGlass: ['Past approval', 'Bila idhini'],
  breakGlassHow: [
    'Whoever has the role break-glass saves a change of the policy without approval and tests, by a tick above Save ' +
      'or by a command. Until a second person has signed it, it is an alarm.',
    'Mwenye jukumu la kuvunja kioo huhifadhi badiliko la sera bila idhini na majaribio, kwa alama iliyo juu ya ' +
      'Hifadhi au kwa amri. Hadi mtu wa pili atakapoisaini, huwa ni tahadhari.',
  ],
  noneUnsigned: ['None waits for a signature.', 'Hakuna linalosubiri saini.'],
} as const satisfies Record<string, Text>

/** What an edge has found around it (model/notice.ts). */
export const NOTICES = {
  PAST: ['A way past what is shaped', 'Njia inayokwepa vikomo'],
  TUNNEL: ['A tunnel past what is shaped', 'Handaki linalokwepa vikomo'],
  VRF: ['Another routing table past what is shaped', 'Jedwali jingine la njia linalokwepa vikomo'],
  FLOWTABLE: ['Packets are forwarded before they are shaped', 'Pakiti zinapitishwa kabla ya vikomo'],
  FASTTRACK: ['A rule lets packets past what is shaped', 'Kanuni inapitisha pakiti nje ya vikomo'],
  UNCOUNTED: ['Traffic on the interface that is in no class', 'Data kwenye mlango isiyo ya daraja lolote'],
  UPLINK: ['The interface does not carry', 'Mlango hausafirishi'],
  CERTIFICATE: ['Its certificate ends soon', 'Cheti chake kinakaribia kuisha'],
  REPAIRED: [
    'Others had changed what is enforced; it is as it should be again',
    'Wengine walibadilisha kinachotekelezwa; kimerudishwa sawa',
  ],
  REMOVED: ['Somebody removed limits; the gateway put them back', 'Mtu aliondoa vikomo; lango limevirudisha'],
  INTERFACE: ['The interface is not there', 'Mlango haupo'],
  PORT: ['Rates come to more than the interface may carry', 'Viwango vinazidi uwezo wa mlango'],
} as const satisfies Record<Schema['EdgeDetail']['notices'][number]['code'], Text>

/** Why a gateway does not take what it is told (model/lease.ts). */
export const REFUSED: Readonly<Record<NonNullable<Schema['Edge']['refusal']>['code'], Text>> = {
  MALFORMED: ['What it was told cannot be read', 'Lilichoambiwa hakisomeki'],
  CHECKSUM: ['What it was told was damaged on the way', 'Lilichoambiwa kimeharibika njiani'],
  VERSION: ['It was told in a version that it does not know', 'Limeambiwa kwa toleo lisilolijua'],
  FOREIGN: ['It was told what is meant for another edge', 'Limeambiwa kinacholihusu lango jingine'],
  BOUNDS: ['Its rates come to more than is possible there', 'Viwango vyake vinazidi kinachowezekana hapo'],
  DUPLICATE: ['It was told two rates for one thing', 'Limeambiwa viwango viwili vya kitu kimoja'],
  PROFILE: ['It does not have the profile that its rates are for', 'Halina wasifu unaohusiana na viwango vyake'],
  DRIVER: ['Its device does not take the rates', 'Kifaa chake hakipokei viwango'],
  FOREIGN_QDISC: ['Somebody else shapes on its interface', 'Kuna anayeweka vikomo vingine kwenye mlango wake'],
  MAC: ['What it was told is not signed by the controller', 'Lilichoambiwa hakina saini ya kituo cha udhibiti'],
  SECOND: ['Another gateway speaks as this edge', 'Lango jingine linajiita lango hili'],
}

/** Why a site is not in the text of a router (gateways/ios-xe.ts). */
export const LEFT_OUT: Readonly<Record<Schema['RenderedEdge']['leftOut'][number]['code'], Text>> = {
  NO_RATES: ['its institution has no rates here', 'taasisi yake haina viwango hapa'],
  NO_INTERFACE: ['it has no interface and no VLAN of its own', 'halina mlango wala VLAN yake'],
}

export const LINK_KINDS: Readonly<Record<Schema['Link']['kind'], Text>> = {
  upstream: ['upstream', 'mtoa huduma wa juu'],
  exchange: ['exchange', 'kituo cha kubadilishana trafiki'],
  backbone: ['backbone', 'mkongo'],
  uplink: ['uplink', 'kiungo cha kituo'],
  port: ['port', 'mlango wa lango'],
  access: ['access line', 'laini ya taasisi'],
  datacentre: ['data centre', 'kituo cha data'],
}

/** What holds, one of each kind. */
export const HELD: Readonly<Record<Schema['InForce']['kind'], Text>> = {
  REVISION: ['policy', 'sera'],
  UNSIGNED: ['not signed', 'haijasainiwa'],
  LINK_STATE: ['link carries less', 'kiungo kimepungua'],
  OVERRIDE: ['override', 'badiliko la muda'],
  MODE: ['mode', 'hali maalumu'],
  SCHEDULE: ['schedule', 'ratiba'],
  FREEZE: ['freeze', 'sitisho'],
  ENFORCEMENT: ['order to an edge', 'amri kwa lango'],
  DRAIN: ['edge that is to go', 'lango linaloondolewa'],
  PIN: ['edge keeps earlier rates', 'lango lenye viwango vya awali'],
}

/** How what holds is, beside its kind. */
export const HELD_STATES: Readonly<Record<string, Text>> = {
  pending: ['waits to be confirmed', 'linasubiri kuthibitishwa'],
  cut: ['cut', 'kimekatika'],
  derated: ['derated', 'kimepungua'],
  observe: ['observes', 'linaangalia'],
  enforce: ['enforces', 'linatekeleza'],
  hold: ['holds what it has', 'linashikilia'],
  bypass: ['lets all through', 'limeachia'],
  trial: ['on trial', 'kwenye jaribio'],
  safe: ['at safe rates', 'kwenye viwango salama'],
  pinned: ['takes no rates', 'halipokei viwango'],
}

/** How an edge is told its rates, and over what it is reached. */
export const PACES: Readonly<Record<Schema['Edge']['pace'], Text>> = {
  live: ['told new rates each tick', 'huambiwa kasi mpya kila mzunguko'],
  paced: ['told new rates seldom', 'huambiwa kasi mpya mara chache'],
  static: ['configured by a person', 'hupangwa kwa mkono'],
}
export const LINES: Readonly<Record<Schema['Edge']['line'], Text>> = {
  fibre: ['over fibre', 'kwa mkongo wa nyuzi'],
  microwave: ['over microwave', 'kwa mawimbi ya redio'],
  satellite: ['over satellite', 'kwa setilaiti'],
}

/** Of a router that has the text of a revision. */
export const differenceSaid = (lang: Lang, since: number): string =>
  lang === 'en'
    ? `What has changed since revision ${since}, which is in force there`
    : `Kilichobadilika tangu toleo la ${since}, linalotumika hapo`

/** Of a share band; @param level as a rate */
export const levelSaid = (lang: Lang, level: string): string =>
  lang === 'en' ? `${level} for each unit of weight` : `${level} kwa kila uzito wa 1`

/** How many flows are on a link, and how many of them are in the table. */
export const onLinkSaid = (lang: Lang, total: number, short: number, shown: number): string =>
  lang === 'en'
    ? `Flows on it: ${total}; of them short, for whatever reason: ${short}. The first ${shown}, who lacks most first.`
    : `Mitiririko inayopita: ${total}; yenye upungufu, kwa sababu yoyote: ${short}. ` +
      `${shown} ya kwanza, yenye upungufu mkubwa ikitangulia.`

/** Who is touched by an edge that goes. */
export const drainSaid = (lang: Lang, served: number, alone: number): string =>
  lang === 'en'
    ? `It is being drained. Institutions that it serves: ${served}; of them without another edge: ${alone}.`
    : `Linaondolewa kazi. Taasisi linazozihudumia: ${served}; zisizo na lango jingine: ${alone}.`

/** When promises over a link break; null: not in the years that were asked about. `cut`: null: with nothing cut. */
export function breakSaid(
  lang: Lang,
  found: { readonly date: string; readonly cut: string | null; readonly first: string } | null,
): string {
  if (lang === 'sw') {
    if (found === null) return 'Hakuna ahadi inayopita hapa inayovunjika katika miaka iliyoangaliwa.'
    const when = found.cut === null ? 'bila mkato' : `${found.cut} ikikatika`
    return `Ahadi zinazopita hapa zinavunjika tarehe ${found.date}, ${when}. Ya kwanza kupungukiwa: ${found.first}.`
  }
  if (found === null) return 'No promise over it breaks in the years that were looked at.'
  const when = found.cut === null ? 'with nothing cut' : `if ${found.cut} is cut`
  return `Promises over it break on ${found.date}, ${when}. First short: ${found.first}.`
}

/** From which answer of the planner that is. @param growth as people write it */
export const runoutFrom = (lang: Lang, growth: string, author: string, time: string): string =>
  lang === 'en'
    ? `By growth of ${growth} a year, as ${author} asked at ${time}`
    : `Kwa ukuaji wa ${growth} kwa mwaka, kama ${author} alivyouliza ${time}`

/** Who would be held back by an order to several edges. */
export const batchSaid = (lang: Lang, edges: number, institutions: number): string =>
  lang === 'en'
    ? `Edges: ${edges}; institutions that they would hold back now: ${institutions}. Nothing is ordered yet.`
    : `Malango: ${edges}; taasisi ambazo yangezizuia sasa: ${institutions}. Bado hakuna kilichoamriwa.`
