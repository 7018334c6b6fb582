// The closed table of alarms: for each code how bad it is, how long a thing must be so before it is said and be over
// before it is taken back, the sentences in two languages for while it lasts and for when it is over, and what to do.

import type { Alarm, Short, WordedAlarm } from '../model/alarm.js'
import { clockInWords } from '../model/civil-time.js'
import { STATES, word } from '../model/glossary.mjs'
import type { Text } from '../model/network.js'
import { formatRate, MINUTE, type Milliseconds, SECOND, type UnixMilliseconds } from '../model/units.js'
import { type AlarmKind, text } from './alarm-kind.js'
import { inSwahili } from './alarm-members.js'
import { EDGE_ALARMS } from './alarm-table-edges.js'

export const ALARMS = {
  UPSTREAM_LOST: {
    ...{ severity: 'critical', raiseAfter: 2 * SECOND, clearAfter: MINUTE, concerns: 'links' },
    detail: text('Upstream lost: {who}.', 'Njia ya nje imekatika: {who}.'),
    over: text('Upstream carries traffic again: {who}.', 'Njia ya nje inapitisha data tena: {who}.'),
    remedy: text('Call the carrier; rates follow what is left.', 'Mpigie mtoa huduma; viwango vinafuata kilichobaki.'),
  },
  UPSTREAM_DERATED: {
    ...{ severity: 'major', raiseAfter: 2 * SECOND, clearAfter: MINUTE, concerns: 'links' },
    detail: text('Upstream carries less than built: {who}.', 'Njia ya nje imepungua uwezo: {who}.'),
    over: text(
      'Upstream no longer derated; whole again, or lost: {who}.',
      'Upungufu wa njia ya nje umekwisha; ni nzima tena, au imekatika: {who}.',
    ),
    remedy: text('Ask the carrier why and until when.', 'Muulize mtoa huduma sababu na muda.'),
  },
  LINK_DOWN: {
    ...{ severity: 'major', raiseAfter: 2 * SECOND, clearAfter: MINUTE, concerns: 'links' },
    detail: text('Link down: {who}.', 'Kiungo kimekatika: {who}.'),
    over: text('Link carries traffic again: {who}.', 'Kiungo kinapitisha data tena: {who}.'),
    remedy: text(
      'Send a team; traffic takes another way where there is one.',
      'Tuma mafundi; data inapita njia nyingine kama ipo.',
    ),
  },
  PROMISES_DO_NOT_FIT: {
    ...{ severity: 'major', raiseAfter: 2 * SECOND, clearAfter: MINUTE, concerns: 'links' },
    detail: text('Promises do not fit: {who}.', 'Ahadi hazitoshei: {who}.'),
    over: text('Promises fit again: {who}.', 'Ahadi zinatoshea tena: {who}.'),
    remedy: text(
      'Restore the link, or agree who gets less while it lasts: shares shrink in the order of the bands.',
      'Rudisha kiungo, au kubalianeni nani apungukiwe kwa sasa: mgao unapungua kwa mpangilio wa ngazi.',
    ),
  },
  LINK_SATURATED: {
    ...{ severity: 'minor', raiseAfter: 30 * SECOND, clearAfter: 2 * MINUTE, concerns: 'links' },
    detail: text('Full, and more is asked: {who}.', 'Imejaa, na mahitaji ni zaidi: {who}.'),
    over: text('No longer short of capacity: {who}.', 'Uwezo unatosha tena: {who}.'),
    remedy: text(
      'Shares are fair; see who is short, and plan capacity.',
      'Mgao ni wa haki; ona nani anakosa, panga uwezo.',
    ),
  },
  GUARANTEE_BROKEN: {
    ...{ severity: 'critical', raiseAfter: 10 * SECOND, clearAfter: 2 * MINUTE, concerns: 'institutions' },
    detail: text('Below guarantee: {who}.', 'Chini ya kiwango cha uhakika: {who}.'),
    over: text('No longer below guarantee: {who}.', 'Haiko tena chini ya kiwango cha uhakika: {who}.'),
    remedy: text(
      'See why, for each; restore capacity or lower a promise.',
      'Ona maelezo ya kila moja; rudisha uwezo au punguza ahadi.',
    ),
  },
  ...EDGE_ALARMS,
  CERTIFICATE_FAILING: {
    ...{ severity: 'critical', raiseAfter: 0, clearAfter: MINUTE, concerns: 'all' },
    detail: text('An allocation failed its proof: {who}.', 'Mgao haukuthibitishwa: {who}.'),
    over: text('Allocations pass their proof again: {who}.', 'Mgao unathibitishwa tena: {who}.'),
    remedy: text(
      'Report this with the log; consider freezing.',
      'Ripoti hili pamoja na kumbukumbu; fikiria kusitisha mabadiliko.',
    ),
  },
  STORE_AWAY: {
    ...{ severity: 'major', raiseAfter: 5 * SECOND, clearAfter: 10 * SECOND, concerns: 'pinned' },
    detail: text('Store away: {who}. Rates in force stay.', 'Hifadhi haipatikani: {who}. Viwango vilivyopo vinabaki.'),
    over: text('Store back: {who}.', 'Hifadhi imerudi: {who}.'),
    remedy: text('Check its server and the way to it.', 'Angalia seva yake na njia.'),
  },
  STORE_READ_ONLY: {
    ...{ severity: 'major', raiseAfter: 5 * SECOND, clearAfter: 10 * SECOND, concerns: 'pinned' },
    detail: text('Store refuses writes: {who}.', 'Hifadhi inakataa maandishi: {who}.'),
    over: text('Store takes writes again: {who}.', 'Hifadhi inapokea maandishi tena: {who}.'),
    remedy: text(
      'The log names the setting or the missing replica.',
      'Kumbukumbu inataja mpangilio au nakala inayokosekana.',
    ),
  },
  STORE_LOST: {
    ...{ severity: 'critical', raiseAfter: 0, clearAfter: 10 * SECOND },
    detail: text(
      'Store has lost what is in force: {who}. What is known holds; no edits.',
      'Hifadhi imepoteza yanayotumika: {who}. Yanayojulikana yanabaki.',
    ),
    over: text('Store has all that is in force: {who}.', 'Hifadhi ina yote yanayotumika: {who}.'),
    remedy: text(
      'Restore its newest backup, or decide: `mizani policy store keep` (what is known) or `take` (what it holds).',
      'Rudisha nakala mpya, au amua: `mizani policy store keep` (yanayojulikana) au `take` (yaliyomo).',
    ),
  },
  ACCOUNTS_BEHIND: {
    ...{ severity: 'major', raiseAfter: 5 * SECOND, clearAfter: 10 * SECOND },
    detail: text(
      'Accounts of edges are behind: {who}. Known ones hold.',
      'Akaunti za malango zimepitwa: {who}. Zinazojulikana zinabaki.',
    ),
    over: text('Accounts of edges are whole again: {who}.', 'Akaunti za malango zimekamilika tena: {who}.'),
    remedy: text(
      'Restore the newest backup of the store; until then no account is changed.',
      'Rudisha nakala mpya ya hifadhi; kwa sasa hakuna akaunti inayobadilishwa.',
    ),
  },
  ACCOUNT_SURPLUS: {
    ...{ severity: 'major', raiseAfter: 5 * SECOND, clearAfter: 10 * SECOND },
    detail: text(
      'The rates store lets in who has no account: {who}.',
      'Hifadhi ya viwango inaruhusu asiye na akaunti: {who}.',
    ),
    over: text('Let in by an account again, or shut out: {who}.', 'Ana akaunti tena, au amefungiwa: {who}.'),
    remedy: text(
      '`mizani edge-user check`; `mizani edge-user remove` shuts out.',
      '`mizani edge-user check`; `mizani edge-user remove` inamfungia.',
    ),
  },
  EDGE_FLOODING: {
    ...{ severity: 'major', raiseAfter: 0, clearAfter: 5 * MINUTE },
    detail: text('Too much is said to the controller: {who}.', 'Kituo cha udhibiti kinaambiwa mengi mno: {who}.'),
    over: text(
      'No longer too much said to the controller: {who}.',
      'Kituo cha udhibiti hakiambiwi tena mengi mno: {who}.',
    ),
    remedy: text(
      'Look at the gateway; `mizani edge-user rotate` ends its way in.',
      'Kagua lango; `mizani edge-user rotate` inafunga njia yake.',
    ),
  },
  CONNECTIONS_LIMITED: {
    ...{ severity: 'major', raiseAfter: 0, clearAfter: 5 * MINUTE },
    detail: text(
      'Too many connections to the controller from {who}: some are ended.',
      'Miunganisho mingi mno kwa kituo cha udhibiti kutoka {who}: mingine inakatwa.',
    ),
    over: text(
      'No longer too many connections to the controller from {who}.',
      'Miunganisho kwa kituo cha udhibiti si mingi mno tena kutoka {who}.',
    ),
    remedy: text(
      'Shut the address out at the firewall; if it is a proxy or an office, see http.connections.',
      'Fungia anwani kwenye ngome ya mtandao; kama ni proksi au ofisi, ona http.connections.',
    ),
  },
  LINK_STATES_LIMITED: {
    ...{ severity: 'minor', raiseAfter: 0, clearAfter: 5 * MINUTE, concerns: 'edges' },
    detail: text(
      'Edge says too often what its lines carry; some of it is refused: {who}.',
      'Lango linasema mno hali ya njia zake; baadhi inakataliwa: {who}.',
    ),
    over: text(
      'Edge no longer says too often what its lines carry: {who}.',
      'Lango halisemi mno tena hali ya njia zake: {who}.',
    ),
    remedy: text(
      'Look whether a line goes up and down; `mizani link state` says what counts until it holds.',
      'Angalia kama njia inakatika na kurudi; `mizani link state` husema kinachohesabiwa mpaka itulie.',
    ),
  },
  UNMAPPED_HIGH: {
    ...{ severity: 'minor', raiseAfter: 5 * MINUTE, clearAfter: 10 * MINUTE, concerns: 'edges' },
    detail: text('Much traffic of no institution at: {who}.', 'Data nyingi isiyo na mwenyewe kwenye: {who}.'),
    over: text(
      'No longer much traffic of no institution at: {who}.',
      'Data isiyo na mwenyewe si nyingi tena kwenye: {who}.',
    ),
    remedy: text('Enter the missing prefixes into sites.csv.', 'Ongeza anwani zinazokosekana kwenye sites.csv.'),
  },
  MODEL_DIFFERS: {
    ...{ severity: 'minor', raiseAfter: 10 * MINUTE, clearAfter: 10 * MINUTE, concerns: 'links' },
    detail: text('Counter and model disagree on: {who}.', 'Kipimo na hesabu zinatofautiana: {who}.'),
    over: text(
      'Counter and model no longer seen to differ on: {who}.',
      'Kipimo na hesabu hazionekani tena kutofautiana: {who}.',
    ),
    remedy: text(
      'Look for traffic that passes no edge, or a wrong route.',
      'Tafuta data isiyopita langoni, au njia isiyo sahihi.',
    ),
  },
  DISK: {
    ...{ severity: 'major', raiseAfter: 0, clearAfter: 5 * MINUTE },
    detail: text('Nothing is recorded: {who}. Rates go on.', 'Hakuna kinachorekodiwa: {who}. Viwango vinaendelea.'),
    over: text('Recorded again: {who}.', 'Inarekodiwa tena: {who}.'),
    remedy: text('Make room on the disk of the controller.', 'Ongeza nafasi kwenye diski ya kituo cha udhibiti.'),
  },
  CLOCK: {
    ...{ severity: 'minor', raiseAfter: 0, clearAfter: 10 * MINUTE },
    detail: text('The clock jumped: {who}.', 'Saa imeruka: {who}.'),
    over: text('The clock has been steady since it jumped: {who}.', 'Saa imetulia tangu iliporuka: {who}.'),
    remedy: text('Check NTP on the controller.', 'Angalia NTP kwenye kituo cha udhibiti.'),
  },
  CERTIFICATE_EXPIRY: {
    ...{ severity: 'major', raiseAfter: 0, clearAfter: MINUTE },
    detail: text('A TLS certificate ends soon: {who}.', 'Cheti cha TLS kinaisha karibuni: {who}.'),
    over: text('TLS certificate renewed: {who}.', 'Cheti cha TLS kimehuishwa: {who}.'),
    remedy: text('Renew it; it is read at the next start.', 'Kihuishe; kitasomwa ukianzisha tena.'),
  },
  UNENCRYPTED: {
    ...{ severity: 'major', raiseAfter: 0, clearAfter: MINUTE },
    detail: text('The network can read what is said: {who}.', 'Yanayosemwa yanasomeka mtandaoni: {who}.'),
    over: text('No longer said in clear: {who}.', 'Hayasemwi tena bila kufichwa: {who}.'),
    remedy: text(
      'Give it TLS, and take MIZANI_UNENCRYPTED=accepted away.',
      'Iwekee TLS, na uondoe MIZANI_UNENCRYPTED=accepted.',
    ),
  },
  AUDIT_ANCHOR: {
    ...{ severity: 'major', raiseAfter: MINUTE, clearAfter: MINUTE },
    detail: text('The end of the audit is not told to {who}.', 'Mwisho wa kumbukumbu haufiki {who}.'),
    over: text('The end of the audit is told to {who} again.', 'Mwisho wa kumbukumbu unafika {who} tena.'),
    remedy: text(
      'The log of the controller says why; until then a trail that is cut off is not found by it.',
      'Batli ya kidhibiti inasema sababu; hadi hapo kumbukumbu iliyokatwa haitagunduliwa.',
    ),
  },
  REVERT_FIRED: {
    ...{ severity: 'major', raiseAfter: 0, clearAfter: 0, event: true },
    detail: text('A change was taken back by itself: {who}.', 'Badiliko limerudishwa lenyewe: {who}.'),
    over: text('Seen: a change was taken back by itself: {who}.', 'Imeonwa: badiliko lilirudishwa lenyewe: {who}.'),
    remedy: text(
      'See the revisions; nobody confirmed, or health fell.',
      'Ona matoleo; hakuna aliyethibitisha, au afya ilishuka.',
    ),
  },
  BREAK_GLASS: {
    ...{ severity: 'critical', raiseAfter: 0, clearAfter: 0 },
    detail: text('Break-glass was used: {who}. Not signed.', 'Njia ya dharura imetumika: {who}. Haijasainiwa.'),
    over: text('Break-glass is signed: {who}.', 'Njia ya dharura imesainiwa: {who}.'),
    remedy: text('A second person must sign it; that ends this.', 'Mtu wa pili lazima atie sahihi; ndipo itaisha.'),
  },
  GUESSING: {
    ...{ severity: 'minor', raiseAfter: 0, clearAfter: 5 * MINUTE },
    detail: text('Passwords or codes are guessed at: {who}.', 'Kuna anayebahatisha nywila au misimbo ya: {who}.'),
    over: text('No longer guessed at: {who}.', 'Hakuna tena anayebahatisha: {who}.'),
    remedy: text(
      'See from where: `mizani audit list --outcome refused`; strangers are shut out meanwhile.',
      'Angalia anatoka wapi: `mizani audit list --outcome refused`; kwa sasa wageni wamezuiwa.',
    ),
  },
  EMERGENCY_ACCOUNT: {
    ...{ severity: 'critical', raiseAfter: 0, clearAfter: 0 },
    detail: text('The emergency account was used, from {who}.', 'Akaunti ya dharura imetumika, kutoka {who}.'),
    over: text(
      'The use of the emergency account is signed for: {who}.',
      'Matumizi ya akaunti ya dharura yamethibitishwa: {who}.',
    ),
    remedy: text(
      'Ask who opened the envelope and why; mizani emergency seal makes a new one; an approver signs (… sign).',
      'Uliza nani aliifungua na kwa nini; ifunge upya (mizani emergency seal); mwidhinishaji athibitishe (… sign).',
    ),
  },
} as const satisfies Record<string, AlarmKind>

export type AlarmCode = keyof typeof ALARMS
export const ALARM_CODES = Object.keys(ALARMS) as readonly AlarmCode[]

/** Names said in full before the rest are a number. */
const NAMES_SAID = 3
const SMS = 160
const MORE = text('more', 'zaidi')

/** What the book knows of an alarm besides: what of it is still found, and since when nothing is. */
export interface Sight {
  readonly found: readonly string[]
  readonly gone: UnixMilliseconds | null
}

/**
 * An alarm in words, true at the time at which they are read: while it is found, while it waits to end, and when it is
 * over. Only the first of the three asks for anything.
 */
export function worded(alarm: Alarm, { found, gone }: Sight = { found: alarm.members, gone: null }): WordedAlarm {
  const { code, members, cleared } = alarm
  // A code of a later release is shown by its name.
  const kind = (ALARMS as Record<string, AlarmKind>)[code] ?? UNKNOWN
  const isOver = cleared !== null || gone !== null
  const told = isOver ? kind.over : kind.detail
  const named = isOver ? members : found
  const left = members.length - named.length
  const [first = 'mizani', ...others] = members
  const short = alarm.short ?? {}
  const said = alarm.said ?? {}
  const about = (member: string): string => (Object.hasOwn(said, member) ? `${member} (${said[member]})` : member)
  const withSum = (member: string, name: string, sum: (short: Short) => string): string =>
    !isOver && Object.hasOwn(short, member) ? `${name} (${sum(short[member]!)})` : name
  const namesEn = named.map((member) => withSum(member, about(member), shortEn))
  const namesSw = named.map((member) => withSum(member, inSwahili(about(member)), shortSw))
  // By a function: what people wrote may have a dollar in it.
  const say = (template: string, who: string): string => template.replace('{who}', () => who)
  return {
    ...alarm,
    subject: others.length === 0 ? first : `${first} +${others.length}`,
    gone: cleared === null ? gone : null,
    detail: {
      en: say(told.en, `${listed(namesEn, MORE.en)}${left > 0 ? `; ${left} no longer` : ''}`),
      sw: say(told.sw, `${listed(namesSw, MORE.sw)}${left > 0 ? `; ${left} hazimo tena` : ''}`),
    },
    remedy: cleared !== null ? NOTHING_TO_DO : gone !== null ? waitsToEnd(kind.clearAfter) : kind.remedy,
  }
}

const shortEn = ({ promised, usable }: Short): string =>
  `${formatRate(promised)} promised, ${formatRate(usable)} usable: ${formatRate(promised - usable)} short`
const shortSw = ({ promised, usable }: Short): string =>
  `ahadi ${formatRate(promised)}, uwezo ${formatRate(usable)}: pungufu ${formatRate(promised - usable)}`

const NOTHING_TO_DO = text('It is over; nothing has to be done.', 'Imekwisha; hakuna la kufanya.')

function waitsToEnd(clearAfter: Milliseconds): Text {
  const [en, sw] =
    clearAfter < MINUTE
      ? [`${clearAfter / SECOND} s`, `sekunde ${clearAfter / SECOND}`]
      : [`${clearAfter / MINUTE} min`, `dakika ${clearAfter / MINUTE}`]
  return text(
    `Not found any more; the alarm ends within ${en} unless it comes back.`,
    `Haionekani tena; tahadhari itaisha ndani ya ${sw} isiporudi.`,
  )
}

const UNKNOWN = {
  ...{ clearAfter: 0, detail: text('{who}', '{who}') },
  over: text('Over: {who}.', 'Imekwisha: {who}.'),
  remedy: text('See the log.', 'Ona kumbukumbu.'),
}

function listed(members: readonly string[], more: string): string {
  const said = members.slice(0, NAMES_SAID).join(', ')
  return members.length <= NAMES_SAID ? said : `${said} +${members.length - NAMES_SAID} ${more}`
}

/** At most 160 characters that every telephone shows: what is so now, and the time of it on the plane's clocks. */
export function smsOf(plane: string, alarm: WordedAlarm, zone: string, lang: keyof Text = 'en'): string {
  const { severity, since, cleared, acknowledged, detail } = alarm
  const time = clockInWords(cleared ?? acknowledged?.at ?? since, zone)
  const state =
    cleared !== null
      ? { en: 'OK', sw: 'SAWA' }
      : acknowledged !== null
        ? { en: `SEEN by ${acknowledged.by}`, sw: `IMEONWA na ${acknowledged.by}` }
        : { en: severity.toUpperCase(), sw: word(STATES, severity, 'sw').toUpperCase() }
  const plain = `${plane} ${state[lang]} ${time}: ${detail[lang]}`.replace(/[^\x20-\x7e]/g, '?')
  return plain.length <= SMS ? plain : `${plain.slice(0, SMS - 3)}...`
}
