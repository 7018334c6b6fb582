// Sentences with figures in them. Each is written whole in each language.

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
  PIN: ['edges that keep earlier rates', 'malango yenye viwango vya awali'],
  UNSIGNED: ['changes that nobody has signed', 'mabadiliko ambayo hayajasainiwa'],
}

/** How many edges enforce, and how many of those take no new rates now. */
function enforcedSaid(lang: Lang, { enforce, keepsEarlier }: Status['enforcement'], edges: number): string {
  if (lang === 'sw') {
    const earlier = keepsEarlier === 0 ? '' : `, ${keepsEarlier} kati yake kwa viwango vya awali`
    return `malango ${enforce} kati ya ${edges} yanatekeleza${earlier}`
  }
  const earlier = keepsEarlier === 0 ? '' : `, ${keepsEarlier} of them earlier rates`
  return `${enforce} of ${edges} ${edges === 1 ? 'edge' : 'edges'} ${enforce === 1 ? 'enforces' : 'enforce'}${earlier}`
}

/** Those that would be below it if they ask as much as is estimated. */
const maybeEn = (n: number): string => (n === 0 ? '' : ` and perhaps ${n} more`)
const maybeSw = (n: number): string => (n === 0 ? '' : ` na labda nyingine ${n}`)

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
      const { satisfied: s, edges } = status
      const enforced = enforcedSaid(lang, status.enforcement, edges.total)
      return isEnglish
        ? `${s.all} ${s.all === 1 ? 'gets all it asks' : 'get all they ask'}, ${s.short} short${names(status)}, ` +
            `${s.belowGuarantee} below guarantee${maybeEn(s.maybeBelow)}; ${enforced}.`
        : `Taasisi ${s.all} ${s.all === 1 ? 'inapata kasi yote inayoomba' : 'zinapata kasi yote zinayoomba'}, ` +
            `${s.short} ${s.short === 1 ? 'imepungukiwa' : 'zimepungukiwa'}${names(status)}, ` +
            `${s.belowGuarantee} ${s.belowGuarantee === 1 ? 'iko' : 'ziko'} chini ya kiwango cha uhakika` +
            `${maybeSw(s.maybeBelow)}; ${enforced}.`
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
