// Who else takes from what limits a flow, and what is kept there and not shared out, in words.

import type { Explanation } from '../../model/explanation.js'
import type { Text } from '../../model/network.js'
import { formatRate } from '../../model/units.js'

/** Of institutions and edges; what has no name is called by its id. */
export type NameOf = (collection: 'institutions' | 'edges', id: string) => Text | undefined
export const nameless: NameOf = () => undefined

/** Nothing where nobody does. */
export function sharersStep(explanation: Explanation, nameOf: NameOf): Text[] {
  const { sharers, sharingInstitutions, limitedBy } = explanation
  if (sharers.length === 0) return []
  const place = limitedBy.id ?? limitedBy.code
  const shown = sharers.slice(0, 5)
  const own = institutionOf(explanation.flow)
  const named = new Set(shown.map((sharer) => institutionOf(sharer.flow)).filter((id) => id !== own))
  const rest = sharingInstitutions - named.size
  const more =
    rest <= 0
      ? { en: '', sw: '' }
      : { en: ` and ${rest} more ${rest === 1 ? 'institution' : 'institutions'}`, sw: ` na taasisi nyingine ${rest}` }
  const called = sharerNamer(explanation.flow, nameOf)
  const listed = (lang: keyof Text): string =>
    shown.map(({ flow, need }) => `${called(flow)[lang]} (${formatRate(need)})`).join(', ')
  return [
    {
      en: `Also on ${place}: ${listed('en')}${more.en}.`,
      sw: `Wengine kwenye ${place}: ${listed('sw')}${more.sw}.`,
    },
  ]
}

/** What is not shared out has nobody's need to be listed with. */
export function reservedStep({ reserved, limitedBy }: Explanation, nameOf: NameOf): Text[] {
  if (reserved.length === 0) return []
  const place = limitedBy.id ?? ''
  const shown = reserved.slice(0, 5)
  const rest = reserved.length - shown.length
  const listed = (lang: keyof Text): string =>
    shown
      .map(
        ({ edge, rate, by }) => `${nameOf('edges', edge)?.[lang] ?? edge} (${formatRate(rate)}, ${RESERVED[by][lang]})`,
      )
      .join(', ')
  return [
    {
      en: `Not shared out on ${place}: ${listed('en')}${rest > 0 ? ` and ${rest} more` : ''}.`,
      sw: `Kasi isiyogawanywa kwenye ${place}: ${listed('sw')}${rest > 0 ? ` na malango mengine ${rest}` : ''}.`,
    },
  ]
}

const RESERVED: Readonly<Record<Explanation['reserved'][number]['by'], Text>> = {
  STATIC: { en: 'as a person configured it', sw: 'kama mtu alivyoweka' },
  PINNED: { en: 'takes no new rates now', sw: 'halipokei viwango vipya kwa sasa' },
  OBSERVE: { en: 'limits nothing', sw: 'halizuii chochote' },
  SAFE: { en: 'has lost the controller', sw: 'limepoteza mawasiliano' },
}

/** Of a flow, by its id. */
export const institutionOf = (flow: string): string => flow.split('/', 1)[0] ?? flow
/** Another institution by its name; another service of the same one by its own. */
const sharerNamer =
  (explained: string, nameOf: NameOf) =>
  (flow: string): Text => {
    const [institution = flow, service = ''] = flow.split('/')
    const [self, asked] = explained.split('/')
    if (institution === self && service !== asked) return { en: `its own ${service}`, sw: `huduma yake ya ${service}` }
    return nameOf('institutions', institution) ?? { en: institution, sw: institution }
  }
