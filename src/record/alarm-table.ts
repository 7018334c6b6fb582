// The closed table of alarms: for each code how bad it is, how long a thing must be so before it is said and be over
// before it is taken back, the sentence in two languages, and what to do.

import type { Alarm, Severity, Short, WordedAlarm } from '../model/alarm.js'
import type { Text } from '../model/network.js'
import { formatRate, type Milliseconds } from '../model/units.js'

export interface AlarmKind {
  readonly severity: Severity
  readonly raiseAfter: Milliseconds
  readonly clearAfter: Milliseconds
  /** An event has no end of its own: somebody must have seen it. */
  readonly event?: true
  /** `{who}` stands for the members. */
  readonly detail: Text
  readonly remedy: Text
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const text = (en: string, sw: string): Text => ({ en, sw })

export const ALARMS = {
  UPSTREAM_LOST: {
    ...{ severity: 'critical', raiseAfter: 2 * SECOND, clearAfter: MINUTE },
    detail: text('Upstream lost: {who}.', 'Njia ya nje imekatika: {who}.'),
    remedy: text('Call the carrier; rates follow what is left.', 'Mpigie mtoa huduma; viwango vinafuata kilichobaki.'),
  },
  UPSTREAM_DERATED: {
    ...{ severity: 'major', raiseAfter: 2 * SECOND, clearAfter: MINUTE },
    detail: text('Upstream carries less than built: {who}.', 'Njia ya nje imepungua uwezo: {who}.'),
    remedy: text('Ask the carrier why and until when.', 'Muulize mtoa huduma sababu na muda.'),
  },
  LINK_DOWN: {
    ...{ severity: 'major', raiseAfter: 2 * SECOND, clearAfter: MINUTE },
    detail: text('Link down: {who}.', 'Kiungo kimekatika: {who}.'),
    remedy: text('Send a team; traffic takes the other way.', 'Tuma mafundi; data inapita njia nyingine.'),
  },
  PROMISES_DO_NOT_FIT: {
    ...{ severity: 'major', raiseAfter: 2 * SECOND, clearAfter: MINUTE },
    detail: text('Promises do not fit: {who}.', 'Ahadi hazitoshei: {who}.'),
    remedy: text(
      'Restore the link, or agree who gets less while it lasts: shares shrink in the order of the bands.',
      'Rudisha kiungo, au kubalianeni nani apungukiwe kwa sasa: mgao unapungua kwa mpangilio wa ngazi.',
    ),
  },
  LINK_SATURATED: {
    ...{ severity: 'minor', raiseAfter: 30 * SECOND, clearAfter: 2 * MINUTE },
    detail: text('Full, and more is asked: {who}.', 'Imejaa, na mahitaji ni zaidi: {who}.'),
    remedy: text(
      'Shares are fair; see who is short, and plan capacity.',
      'Mgao ni wa haki; ona nani anakosa, panga uwezo.',
    ),
  },
  GUARANTEE_BROKEN: {
    ...{ severity: 'critical', raiseAfter: 10 * SECOND, clearAfter: 2 * MINUTE },
    detail: text('Below guarantee: {who}.', 'Chini ya kiwango cha uhakika: {who}.'),
    remedy: text(
      'See explain for each; restore capacity or lower a promise.',
      'Ona maelezo ya kila moja; rudisha uwezo au punguza ahadi.',
    ),
  },
  EDGE_STALE: {
    ...{ severity: 'major', raiseAfter: 10 * SECOND, clearAfter: 30 * SECOND },
    detail: text('No word from edge: {who}. Last rates hold.', 'Lango liko kimya: {who}. Viwango vya mwisho vinabaki.'),
    remedy: text(
      'Check its line and power, then `mizani edge status`.',
      'Angalia njia na umeme wake, kisha `mizani edge status`.',
    ),
  },
  EDGE_SAFE: {
    ...{ severity: 'critical', raiseAfter: 5 * SECOND, clearAfter: 30 * SECOND },
    detail: text('Edge on safe rates: {who}.', 'Lango linatumia viwango salama: {who}.'),
    remedy: text(
      'Its lease ended: restore its way to the rates store.',
      'Mkataba umeisha: rudisha njia yake kwenye hifadhi.',
    ),
  },
  EDGE_REFUSING: {
    ...{ severity: 'critical', raiseAfter: 5 * SECOND, clearAfter: 30 * SECOND },
    detail: text('Edge refuses what it is sent: {who}.', 'Lango linakataa maagizo: {who}.'),
    remedy: text('Read its refusal in the list of edges.', 'Soma sababu kwenye orodha ya malango.'),
  },
  EDGE_NOT_YIELDING: {
    ...{ severity: 'critical', raiseAfter: 30 * SECOND, clearAfter: 30 * SECOND },
    detail: text('Edge answers but does not apply: {who}.', 'Lango linajibu lakini halitekelezi: {who}.'),
    remedy: text('`mizani edge doctor` on the gateway.', '`mizani edge doctor` kwenye lango.'),
  },
  CERTIFICATE_FAILING: {
    ...{ severity: 'critical', raiseAfter: 0, clearAfter: MINUTE },
    detail: text('An allocation failed its proof: {who}.', 'Mgao haukuthibitishwa: {who}.'),
    remedy: text(
      'Report this with the log; consider freezing.',
      'Ripoti hili pamoja na kumbukumbu; fikiria kusitisha mabadiliko.',
    ),
  },
  STORE_AWAY: {
    ...{ severity: 'major', raiseAfter: 5 * SECOND, clearAfter: 10 * SECOND },
    detail: text('Store away: {who}. No edits; rates go on.', 'Hifadhi haipatikani: {who}. Viwango vinaendelea.'),
    remedy: text('Check its server and the way to it.', 'Angalia seva yake na njia.'),
  },
  STORE_READ_ONLY: {
    ...{ severity: 'major', raiseAfter: 5 * SECOND, clearAfter: 10 * SECOND },
    detail: text('Store refuses writes: {who}.', 'Hifadhi inakataa maandishi: {who}.'),
    remedy: text(
      'The log names the setting or the missing replica.',
      'Kumbukumbu inataja mpangilio au nakala inayokosekana.',
    ),
  },
  UNMAPPED_HIGH: {
    ...{ severity: 'minor', raiseAfter: 5 * MINUTE, clearAfter: 10 * MINUTE },
    detail: text('Much traffic of no institution at: {who}.', 'Data nyingi isiyo na mwenyewe kwenye: {who}.'),
    remedy: text('Enter the missing prefixes into sites.csv.', 'Ongeza anwani zinazokosekana kwenye sites.csv.'),
  },
  MODEL_DIFFERS: {
    ...{ severity: 'minor', raiseAfter: 10 * MINUTE, clearAfter: 10 * MINUTE },
    detail: text('Counter and model disagree on: {who}.', 'Kipimo na hesabu zinatofautiana: {who}.'),
    remedy: text(
      'Look for traffic that passes no edge, or a wrong route.',
      'Tafuta data isiyopita langoni, au njia isiyo sahihi.',
    ),
  },
  DISK: {
    ...{ severity: 'major', raiseAfter: 0, clearAfter: 5 * MINUTE },
    detail: text('Nothing is recorded: {who}. Rates go on.', 'Hakuna kinachorekodiwa: {who}. Viwango vinaendelea.'),
    remedy: text('Make room on the disk of the controller.', 'Ongeza nafasi kwenye diski ya kituo cha udhibiti.'),
  },
  CLOCK: {
    ...{ severity: 'minor', raiseAfter: 0, clearAfter: 10 * MINUTE },
    detail: text('The clock jumped: {who}.', 'Saa imeruka: {who}.'),
    remedy: text('Check NTP on the controller.', 'Angalia NTP kwenye kituo cha udhibiti.'),
  },
  CERTIFICATE_EXPIRY: {
    ...{ severity: 'major', raiseAfter: 0, clearAfter: MINUTE },
    detail: text('A TLS certificate ends soon: {who}.', 'Cheti cha TLS kinaisha karibuni: {who}.'),
    remedy: text('Renew it; it is read at the next start.', 'Kihuishe; kitasomwa ukianzisha tena.'),
  },
  REVERT_FIRED: {
    ...{ severity: 'major', raiseAfter: 0, clearAfter: 0, event: true },
    detail: text('A change was taken back by itself: {who}.', 'Badiliko limerudishwa lenyewe: {who}.'),
    remedy: text(
      'See the revisions; nobody confirmed, or health fell.',
      'Ona matoleo; hakuna aliyethibitisha, au afya ilishuka.',
    ),
  },
  BREAK_GLASS: {
    ...{ severity: 'critical', raiseAfter: 0, clearAfter: 0 },
    detail: text('Break-glass was used: {who}. Not signed.', 'Njia ya dharura imetumika: {who}. Haijasainiwa.'),
    remedy: text('A second person must sign it; that ends this.', 'Mtu wa pili lazima atie sahihi; ndipo itaisha.'),
  },
} as const satisfies Record<string, AlarmKind>

export type AlarmCode = keyof typeof ALARMS
export const ALARM_CODES = Object.keys(ALARMS) as readonly AlarmCode[]

/** Names said in full before the rest are a number. */
const NAMES_SAID = 3
const SMS = 160

export function worded(alarm: Alarm): WordedAlarm {
  // A code of a later release is shown by its name.
  const { detail, remedy } = (ALARMS as Record<string, AlarmKind>)[alarm.code] ?? UNKNOWN
  const [first = 'mizani', ...others] = alarm.members
  const short = alarm.short ?? {}
  const named = (member: string, say: (short: Short) => string): string =>
    Object.hasOwn(short, member) ? `${member} (${say(short[member]!)})` : member
  const say = (template: string, members: readonly string[], more: string): string =>
    // By a function: what people wrote may have a dollar in it.
    template.replace('{who}', () => listed(members, more))
  return {
    ...alarm,
    subject: others.length === 0 ? first : `${first} +${others.length}`,
    detail: {
      en: say(
        detail.en,
        alarm.members.map((member) => named(member, shortEn)),
        'more',
      ),
      sw: say(
        detail.sw,
        alarm.members.map((member) => named(inSwahili(member), shortSw)),
        'zaidi',
      ),
    },
    remedy,
  }
}

const shortEn = ({ promised, usable }: Short): string =>
  `${formatRate(promised)} promised, ${formatRate(usable)} usable: ${formatRate(promised - usable)} short`
const shortSw = ({ promised, usable }: Short): string =>
  `ahadi ${formatRate(promised)}, uwezo ${formatRate(usable)}: pungufu ${formatRate(promised - usable)}`

/** Members that are words of ours and not somebody's name. */
const SWAHILI: readonly (readonly [RegExp, string])[] = [
  [/^policy store/, 'hifadhi ya sera'],
  [/^rates store/, 'hifadhi ya viwango'],
  [/^controller$/, 'kituo cha udhibiti'],
  [/^history$/, 'historia'],
  [/^revision (\d+) by (\S+) /, 'toleo $1 la $2 '],
  [/^revision (\d+) \(revision (\d+)/, 'toleo $1 (toleo $2'],
  [/ was not confirmed in time\)$/, ' halikuthibitishwa kwa wakati)'],
  [/: edge (\S+) refuses it\)$/, ': lango $1 linalikataa)'],
  [/: the proof of the allocation fails\)$/, ': uthibitisho wa mgao umeshindwa)'],
  [/: the promise of (\S+) breaks, which.*$/, ': ahadi ya $1 inavunjika, ambayo toleo la awali lingetimiza)'],
]
const inSwahili = (member: string): string => SWAHILI.reduce((said, [en, sw]) => said.replace(en, sw), member)

const UNKNOWN = { detail: text('{who}', '{who}'), remedy: text('See the log.', 'Ona kumbukumbu.') }

function listed(members: readonly string[], more: string): string {
  const said = members.slice(0, NAMES_SAID).join(', ')
  return members.length <= NAMES_SAID ? said : `${said} +${members.length - NAMES_SAID} ${more}`
}

/** At most 160 characters that every telephone shows. */
export function smsOf(plane: string, { severity, since, cleared, detail }: WordedAlarm): string {
  const time = new Date(cleared ?? since).toISOString().slice(11, 16)
  const begin = `${plane} ${cleared === null ? severity.toUpperCase() : 'OK again'} ${time}Z: `
  const plain = `${begin}${detail.en}`.replace(/[^\x20-\x7e]/g, '?')
  return plain.length <= SMS ? plain : `${plain.slice(0, SMS - 3)}...`
}
