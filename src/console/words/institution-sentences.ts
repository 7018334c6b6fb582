// Sentences with figures of the pages of institutions, and of what is laid on them for a while.

import { formatRate } from '../../model/units.js'
import type { Happening } from '../happenings.js'
import type { Lang } from '../page-data.js'
import { KINDS } from './alarm-kinds.js'
import { fieldNamed } from './field-texts.js'
import { bothSaid } from './rates.js'

type Called = (kind: string, id: string) => string

/** Something that holds for a while begins, and ends. */
const LAID: Readonly<Record<Lang, readonly [begins: string, ends: string]>> = {
  en: ['Holds for a while', 'What held for a while has ended'],
  sw: ['Badiliko la muda limeanza', 'Badiliko la muda limeisha'],
}

const usersEn = (n: number): string =>
  n === 0 ? 'Its other services share' : n === 1 ? '1 other institution shares' : `${n} other institutions share`

const usersSw = (n: number): string =>
  n === 0 ? 'Huduma zake nyingine zinashiriki' : `Taasisi nyingine ${n} ${n === 1 ? 'inashiriki' : 'zinashiriki'}`

export function institutionSentences(lang: Lang) {
  const isEnglish = lang === 'en'
  return {
    found: (n: number): string => (isEnglish ? `${n} ${n === 1 ? 'institution' : 'institutions'}.` : `Taasisi ${n}.`),
    /** @param by what holds them, such as "link transit-c.down" */
    sharers: (flows: number, institutions: number, by: string): string =>
      isEnglish
        ? `${usersEn(institutions)} the same ${by}: ${flows} other ${flows === 1 ? 'flow' : 'flows'}.`
        : `${usersSw(institutions)} hicho hicho (${by}): ` +
          `${flows === 1 ? 'mtiririko mwingine 1' : `mitiririko mingine ${flows}`}.`,
    /** Where nobody else uses what limits it. @param by null: nothing limits it */
    alone: (by: string | null): string => {
      if (by === null)
        return isEnglish ? 'It gets all it asks, so it shares no limit.' : 'Inapata yote inayoomba; haishiriki kikomo.'
      return isEnglish ? `Nobody else is held by the same: ${by}.` : `Hakuna mwingine anayezuiwa na hicho: ${by}.`
    },
    wouldHave: (before: string, after: string): string =>
      isEnglish ? `It would have ${after}; now it has ${before}.` : `Ingepata ${after}; sasa inapata ${before}.`,
    /** @param kept of its promise, before and after */
    promised: (kept: readonly [before: string, after: string]): string =>
      isEnglish
        ? `Of that ${kept[1]} would be by promise; now it is ${kept[0]}.`
        : `Kati ya hiyo ${kept[1]} ingekuwa ya ahadi; sasa ni ${kept[0]}.`,
    losers: (n: number): string => {
      if (n === 0) return isEnglish ? 'Nobody else would have less.' : 'Hakuna mwingine ambaye angepungukiwa.'
      if (isEnglish) return `${n} other ${n === 1 ? 'flow' : 'flows'} would have less.`
      return n === 1 ? 'Mtiririko mwingine 1 ungepungukiwa.' : `Mitiririko mingine ${n} ingepungukiwa.`
    },
    /** @param below a time, such as "2 s" */
    historySaid: (most: string, below: string): string =>
      isEnglish
        ? `At most ${most} were carried; ${below} were below the guarantee.`
        : `Kiasi kikubwa kilichopitishwa ni ${most}; muda chini ya kiwango cha uhakika ni ${below}.`,
    /** @param hour of a time, by the clocks of the plane */
    happening(one: Happening, hour: (at: number) => string): string {
      switch (one.kind) {
        case 'revision':
          return isEnglish
            ? `Policy revision ${one.revision} came into force.`
            : `Toleo la ${one.revision} la sera lilianza kutumika.`
        case 'alarm': {
          const said = `${KINDS[one.code]?.[isEnglish ? 0 : 1] ?? one.code}: ${one.of}.`
          return one.isOver ? `${isEnglish ? 'Over' : 'Imekwisha'}: ${said}` : said
        }
        case 'override':
          return `${LAID[lang][one.isOver ? 1 : 0]}: ${one.reason} (${one.owner})`
        case 'gap':
          return isEnglish
            ? `Nothing is recorded until ${hour(one.until)}.`
            : `Hakuna kilichorekodiwa hadi ${hour(one.until)}.`
      }
    },
    /** What an override changes, and of whom. @param called name of a kind's id, such as a region's */
    patch(said: Readonly<Record<string, unknown>>, called: Called = (_, id) => id): string {
      const subjects = Object.entries((said.on ?? {}) as Record<string, string>)
      const on = subjects.map(([kind, id]) => `${fieldNamed(kind, lang)} ${called(kind, id)}`)
      const parts = [
        ...(typeof said.tier === 'string' ? [`${isEnglish ? 'tier' : 'daraja'} ${called('tier', said.tier)}`] : []),
        ...Object.entries((said.ceilings ?? {}) as Record<string, { down: number; up: number }>).map(
          ([service, { down, up }]) =>
            `${isEnglish ? 'ceiling' : 'kikomo'} ${called('service', service)} ` +
            bothSaid(formatRate(down), formatRate(up)),
        ),
        ...(typeof said.factor === 'number' ? [`${Math.round(said.factor * 100)} %`] : []),
      ]
      return `${on.join(', ')}: ${parts.join(', ')}`
    },
  }
}
