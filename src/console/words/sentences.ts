// Sentences with figures in them. Each is written whole in each language.

import { formatRate } from '../../model/units.js'
import type { Schema, Status } from '../call.js'
import type { Lang } from '../page-data.js'

/** What keeps a flow from more. */
export interface Limit {
  readonly code: string
  readonly id: string | null
}

type Alarm = Status['alarms'][number]

interface Around {
  readonly lang: Lang
  limit(limit: Limit): string
  clock(at: string): string
}

type Kind = Schema['InForce']['kind']

/** What is in force for a while, with how many there are. */
const IN_FORCE: Partial<Record<Kind, readonly [en: string, sw: string]>> = {
  SCHEDULE: ['schedules', 'ratiba'],
  MODE: ['modes', 'hali maalumu'],
  OVERRIDE: ['overrides', 'mabadiliko ya muda'],
  LINK_STATE: ['links or cables that carry less', 'viungo au mikongo iliyopungua'],
  ENFORCEMENT: ['edges under special orders', 'malango yenye amri maalumu'],
  DRAIN: ['edges that are to go', 'malango yanayoondolewa'],
  PIN: ['edges that take no rates', 'malango yasiyopokea viwango'],
  UNSIGNED: ['changes that nobody has signed', 'mabadiliko ambayo hayajasainiwa'],
}

const LINK_KINDS: Readonly<Record<Schema['Link']['kind'], readonly [en: string, sw: string]>> = {
  upstream: ['upstream', 'mtoa huduma wa juu'],
  exchange: ['exchange', 'kituo cha kubadilishana trafiki'],
  backbone: ['backbone', 'mkongo'],
  uplink: ['uplink', 'kiungo cha kituo'],
  port: ['port', 'mlango wa lango'],
  access: ['access line', 'laini ya taasisi'],
  datacentre: ['data centre', 'kituo cha data'],
}

/** One of each kind. */
const HELD: Readonly<Record<Kind, readonly [en: string, sw: string]>> = {
  REVISION: ['policy', 'sera'],
  UNSIGNED: ['not signed', 'haijasainiwa'],
  LINK_STATE: ['link carries less', 'kiungo kimepungua'],
  OVERRIDE: ['override', 'badiliko la muda'],
  MODE: ['mode', 'hali maalumu'],
  SCHEDULE: ['schedule', 'ratiba'],
  FREEZE: ['freeze', 'sitisho'],
  ENFORCEMENT: ['order to an edge', 'amri kwa lango'],
  DRAIN: ['edge that is to go', 'lango linaloondolewa'],
  PIN: ['edge takes no rates', 'lango lisilopokea viwango'],
}

export function sentences({ lang, limit, clock }: Around) {
  const isEnglish = lang === 'en'
  const names = ({ shortest, satisfied }: Pick<Status, 'shortest' | 'satisfied'>): string => {
    const named = shortest.slice(0, Math.min(3, satisfied.short))
    if (named.length === 0) return ''
    const listed = named.map((row) => `${row.name[lang]}: ${limit(row.limitedBy)}`).join('; ')
    return ` (${listed}${satisfied.short > named.length ? '; …' : ''})`
  }
  return {
    /** What the overview opens with. */
    sentence(status: Pick<Status, 'satisfied' | 'shortest' | 'edges' | 'enforcement'>): string {
      const { satisfied: s, edges, enforcement } = status
      const enforce = enforcement.enforce === 1 ? 'enforces' : 'enforce'
      return isEnglish
        ? `${s.all} ${s.all === 1 ? 'gets all it asks' : 'get all they ask'}, ${s.short} short${names(status)}, ` +
            `${s.belowGuarantee} below guarantee; ` +
            `${enforcement.enforce} of ${edges.total} ${edges.total === 1 ? 'edge' : 'edges'} ${enforce}.`
        : `Taasisi ${s.all} ${s.all === 1 ? 'inapata kasi yote inayoomba' : 'zinapata kasi yote zinayoomba'}, ` +
            `${s.short} ${s.short === 1 ? 'imepungukiwa' : 'zimepungukiwa'}${names(status)}, ` +
            `${s.belowGuarantee} ${s.belowGuarantee === 1 ? 'iko' : 'ziko'} chini ya kiwango cha uhakika; ` +
            `malango ${enforcement.enforce} kati ya ${edges.total} yanatekeleza.`
    },
    tick({ seq, at, revision, leader, learning }: Pick<Status, 'seq' | 'at' | 'revision' | 'leader' | 'learning'>) {
      const state = learning ? (isEnglish ? ', learning' : ', inajifunza') : ''
      return isEnglish
        ? `Publication ${seq} at ${clock(at)}, policy revision ${revision}, leader ${leader}${state}`
        : `Tangazo la ${seq} saa ${clock(at)}, toleo la ${revision} la sera, kiongozi ${leader}${state}`
    },
    /** What holds for a while beside the policy as it is written; nothing where nothing does. */
    inForce({ freeze, inForce }: Pick<Status, 'freeze' | 'inForce'>): string {
      const held = Object.entries(IN_FORCE).filter(([kind]) => (inForce[kind as Kind] ?? 0) > 0)
      const listed = held.map(([kind, said]) => `${said[isEnglish ? 0 : 1]}: ${inForce[kind as Kind]}`).join(' · ')
      const said = listed === '' ? [] : [`${isEnglish ? 'In force' : 'Vinavyotumika sasa'}: ${listed}`]
      if (freeze === null) return said.join('')
      const since = clock(freeze.since)
      const frozen = isEnglish
        ? `The policy is frozen since ${since} by ${freeze.by}: ${freeze.reason}`
        : `Mabadiliko ya sera yamesitishwa tangu ${since} na ${freeze.by}: ${freeze.reason}`
      return [frozen, ...said].join(' · ')
    },
    heldKind: (kind: Kind): string => HELD[kind][isEnglish ? 0 : 1],
    linkKind: (kind: Schema['Link']['kind']): string => LINK_KINDS[kind][isEnglish ? 0 : 1],
    /** Since when, and who knows. */
    alarmAge({ since, acknowledgedBy }: Pick<Alarm, 'since' | 'acknowledgedBy'>): string {
      if (acknowledgedBy === null) return isEnglish ? `since ${clock(since)}` : `tangu ${clock(since)}`
      return isEnglish
        ? `since ${clock(since)}; seen by ${acknowledgedBy}`
        : `tangu ${clock(since)}; ameona ${acknowledgedBy}`
    },
    alarmCount: (n: number): string => (isEnglish ? `${n} ${n === 1 ? 'alarm' : 'alarms'}` : `Tahadhari ${n}`),
    /** How old what is shown is, where it should be younger. */
    silence: (seconds: number): string =>
      isEnglish
        ? `No news for ${seconds} s: what you see is that old. Trying again.`
        : `Hakuna taarifa mpya kwa sekunde ${seconds}: unachokiona ni cha muda huo. Inajaribu tena.`,
    live: (at: string): string => (isEnglish ? `Live, ${clock(at)}` : `Hai, ${clock(at)}`),
    /** Who is signed in, and as what. */
    who(me: Pick<Schema['Me'], 'actor' | 'roles'>, role: (role: string) => string): string {
      return `${me.actor} (${me.roles.map(role).join(', ')})`
    },
    withProvider: (name: string): string => (isEnglish ? `Sign in with ${name}` : `Ingia kwa ${name}`),
    /** A link of the picture, for who does not see it. */
    linkSaid(id: string, state: string, needed: string, usable: string, unmet: string | null): string {
      const short = unmet === null ? '' : isEnglish ? `, ${unmet} not met` : `, pungufu ${unmet}`
      return isEnglish
        ? `${id}: ${state}, ${needed} needed of ${usable}${short}`
        : `${id}: ${state}, inahitajika ${needed} kati ya ${usable}${short}`
    },
  }
}

/** Those of the pages of institutions. */
export function institutionSentences(lang: Lang) {
  const isEnglish = lang === 'en'
  return {
    found: (n: number): string => (isEnglish ? `${n} ${n === 1 ? 'institution' : 'institutions'}.` : `Taasisi ${n}.`),
    flowName: (service: string, direction: string): string => `${service}, ${direction}`,
    sharers: (flows: number, institutions: number): string =>
      isEnglish
        ? `${flows} other ${flows === 1 ? 'flow' : 'flows'}, of ${institutions} other ` +
          `${institutions === 1 ? 'institution' : 'institutions'}, ` +
          `${flows === 1 ? 'is' : 'are'} held by the same thing.`
        : flows === 1
          ? 'Mtiririko mwingine 1, wa taasisi nyingine 1, unazuiwa na kitu hicho hicho.'
          : `Mitiririko mingine ${flows}, ya taasisi nyingine ${institutions}, inazuiwa na kitu hicho hicho.`,
    wouldHave: (before: string, after: string): string =>
      isEnglish ? `It would have ${after}; now it has ${before}.` : `Ingepata ${after}; sasa inapata ${before}.`,
    losers: (n: number): string => {
      if (n === 0) return isEnglish ? 'Nobody else would have less.' : 'Hakuna mwingine ambaye angepungukiwa.'
      if (isEnglish) return `${n} other ${n === 1 ? 'flow' : 'flows'} would have less.`
      return n === 1 ? 'Mtiririko mwingine 1 ungepungukiwa.' : `Mitiririko mingine ${n} ingepungukiwa.`
    },
    historySaid: (most: string, below: number): string =>
      isEnglish
        ? `At most ${most} were carried; ${below} ${below === 1 ? 'minute was' : 'minutes were'} below the guarantee.`
        : `Kiasi kikubwa kilichopitishwa ni ${most}; ` +
          `dakika ${below} ${below === 1 ? 'ilikuwa' : 'zilikuwa'} chini ya kiwango cha uhakika.`,
    /** What an override changes, and of whom. */
    patch(said: Readonly<Record<string, unknown>>): string {
      const on = Object.entries((said.on ?? {}) as Record<string, string>).map(([kind, id]) => `${kind} ${id}`)
      const parts = [
        ...(typeof said.tier === 'string' ? [isEnglish ? `tier ${said.tier}` : `daraja ${said.tier}`] : []),
        ...Object.entries((said.ceilings ?? {}) as Record<string, { down: number; up: number }>).map(
          ([service, { down, up }]) =>
            `${isEnglish ? 'ceiling' : 'kikomo'} ${service} ↓ ${formatRate(down)} ↑ ${formatRate(up)}`,
        ),
        ...(typeof said.factor === 'number' ? [`${Math.round(said.factor * 100)} %`] : []),
      ]
      return `${on.join(', ')}: ${parts.join(', ')}`
    },
  }
}
