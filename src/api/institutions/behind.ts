// The cause behind the cause in words: who set it, since when, until when, and why. English and Swahili say the same.

import { timeInWords } from '../../model/civil-time.js'
import type { Behind, Explanation } from '../../model/explanation.js'
import type { Text } from '../../model/network.js'
import { outOf } from '../../model/units.js'
import { withoutEnd } from '../../runtime/sheet.js'

type Times = Pick<Behind, 'since' | 'until'>
type Say = (word: Text, at: string | null) => Text

/** " since …" and " until …", nothing where it is not known. */
const sayer =
  (zone: string): Say =>
  ({ en, sw }, at) => {
    const time = at === null ? '' : timeInWords(Date.parse(at), zone)
    return time === '' ? { en: '', sw: '' } : { en: ` ${en} ${time}`, sw: ` ${sw} ${time}` }
  }
const SINCE: Text = { en: 'since', sw: 'tangu' }
const UNTIL: Text = { en: 'until', sw: 'hadi' }

/** " (event eassy-1: EASSy derated)" */
function because({ event, reason }: Pick<Behind, 'event' | 'reason'>): Text {
  const why = withoutEnd(reason?.trim() ?? '', '.')
  const say = (word: string): string => {
    const parts = [event === null ? '' : `${word} ${event}`, why].filter(Boolean)
    return parts.length === 0 ? '' : ` (${parts.join(': ')})`
  }
  return { en: say('event'), sw: say('tukio') }
}

/** "the override ov-1 of asha" */
function source({ kind, id, owner }: Pick<Behind, 'kind' | 'id' | 'owner'>): Text {
  const [en, sw] =
    kind === 'MODE'
      ? ['mode', 'hali maalumu']
      : kind === 'SCHEDULE'
        ? ['schedule', 'ratiba']
        : ['override', 'badiliko la muda']
  if (owner === null || kind === 'SCHEDULE') return { en: `the ${en} ${id}`, sw: `${sw} ${id}` }
  return { en: `the ${en} ${id} of ${owner}`, sw: `${sw} ${id} ${kind === 'MODE' ? 'ya' : 'la'} ${owner}` }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What limits the flow itself for a while: the cause of the code OVERRIDE. `it`: how Swahili verbs agree with whom. */
export function ownLimit({ behind, limitedBy, timezone }: Explanation, it = 'i'): Text {
  const own = behind.find((cause) => isOwn(cause))
  if (own === undefined || own.until === null) {
    const { en, sw } = source(own ?? { kind: 'OVERRIDE', id: limitedBy.id ?? '', owner: null })
    const verb =
      own?.kind === 'MODE' ? `ina${it}wekea kikomo hadi itakapokwisha` : `lina${it}wekea kikomo hadi litakapokwisha`
    return { en: `${capital(en)} limits it until it ends.`, sw: `${capital(sw)} ${verb}.` }
  }
  const { en, sw } = source(own)
  const until = sayer(timezone)(UNTIL, own.until)
  const why = because(own)
  const verb = own.kind === 'MODE' ? `ina${it}wekea kikomo` : `lina${it}wekea kikomo`
  return { en: `${capital(en)} limits it${until.en}${why.en}.`, sw: `${capital(sw)} ${verb}${until.sw}${why.sw}.` }
}

const isOwn = ({ kind, on }: Behind): boolean => (kind === 'OVERRIDE' || kind === 'MODE') && on === null

/** A sentence for each cause behind what limits, beyond what its own sentence says; empty where there is none. */
export function behindWords({ behind, timezone }: Pick<Explanation, 'behind' | 'timezone'>): Text {
  const say = sayer(timezone)
  const said = behind
    .filter((cause) => !isOwn(cause))
    .map((cause): Text => {
      const { en, sw } = sentence(cause, say)
      const { instead } = cause
      if (instead === null) return { en: `${en}.`, sw: `${sw}.` }
      return {
        en: `${en}; what it does not carry goes over ${instead}.`,
        sw: `${sw}; kisichopita hapo kinapita ${instead}.`,
      }
    })
  return { en: said.map(({ en }) => en).join(' '), sw: said.map(({ sw }) => sw).join(' ') }
}

function sentence(cause: Behind, say: Say): Text {
  if (cause.kind === 'LINK_STATE') return linkState(cause, say)
  const why = because(cause)
  if (cause.kind === 'FREEZE') {
    const since = say(SINCE, cause.since)
    return {
      en: `The policy is frozen${since.en} by ${cause.by}${why.en}, so schedules stay as they were`,
      sw: `Mabadiliko ya sera yamesitishwa${since.sw} na ${cause.by}${why.sw}, hivyo ratiba zinabaki zilivyokuwa`,
    }
  }
  const { en, sw } = source(cause)
  const until = say(UNTIL, cause.until)
  const ends: Text = { en: `${until.en}${why.en}`, sw: `${until.sw}${why.sw}` }
  const { on, capacity } = cause
  // Its own ceiling, or that of an envelope.
  if (capacity === null)
    return { en: `${capital(en)} sets it${ends.en}`, sw: `Kikomo hicho kimewekwa na ${sw}${ends.sw}` }
  const { now, built } = capacity
  if (now === 0) {
    return {
      en: `${capital(en)} takes ${on} out of use${ends.en}`,
      sw: `Kiungo ${on} kimeondolewa kwenye matumizi na ${sw}${ends.sw}`,
    }
  }
  return {
    en: `${capital(en)} leaves ${on} ${outOf(now, built, 'of')}${ends.en}`,
    sw: `Kiungo ${on} kimebakizwa ${outOf(now, built, 'kati ya')} na ${sw}${ends.sw}`,
  }
}

function linkState(cause: Behind & Times, say: Say): Text {
  const { id, on, by, capacity } = cause
  const isCut = capacity?.now === 0
  const left = capacity === null || isCut ? null : capacity
  const is: Text = isCut
    ? { en: `${on} is cut`, sw: `Kiungo ${on} kimekatika` }
    : {
        en: `${on} is derated${left ? ` to ${outOf(left.now, left.built, 'of')}` : ''}`,
        sw: `Uwezo wa kiungo ${on} umepungua${left ? ` hadi ${outOf(left.now, left.built, 'kati ya')}` : ''}`,
      }
  if (by === null) {
    return {
      en: `${is.en}; by whom and since when was not recorded`,
      sw: `${is.sw}; nani alisema na tangu lini haikurekodiwa`,
    }
  }
  // A cable takes its links with it.
  const isItself = id === on || on?.replace(/\.(down|up)$/, '') === id
  const [since, until, why] = [say(SINCE, cause.since), say(UNTIL, cause.until), because(cause)]
  return {
    en: `${is.en}${isItself ? '' : ` with ${id}`}${since.en} by ${by}${until.en && `,${until.en}`}${why.en}`,
    sw:
      `${is.sw}${isItself ? '' : ` pamoja na ${id}`}${since.sw} kwa taarifa ya ${by}` +
      `${until.sw && `,${until.sw}`}${why.sw}`,
  }
}
