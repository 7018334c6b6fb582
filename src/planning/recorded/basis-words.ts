// How much of a demand is recorded, in the words of every report that was asked of it.

import type { Text } from '../../model/network.js'
import { count } from '../study/plan-report.js'
import type { Basis } from './source.js'

export function basisText({ recorded, imported, repeated, modelled, least, silent }: Basis): Text {
  const parts = [
    [recorded, 'recorded', 'zimerekodiwa'],
    [
      imported,
      'of the model held to imported links and sites',
      'ni za modeli iliyofuata viungo na vituo vilivyoingizwa',
    ],
    [
      repeated,
      'taken from the same time of another week or day, as theirs is not recorded',
      'ni za wakati uleule wa wiki au siku nyingine, kwa kuwa zake hazikurekodiwa',
    ],
    [modelled, 'modelled, as nothing is recorded', 'ni za modeli, kwa kuwa hakuna kilichorekodiwa'],
  ] as const
  const steps = parts.filter(([some]) => some > 0)
  const [en, sw] = ([1, 2] as const).map((lang) => steps.map((part) => `${part[0]} ${part[lang]}`).join(', '))
  return {
    en:
      `Demand by steps: ${en}. ${count(least)} five-minute demands of a flow are lower bounds: it was held ` +
      `back, and may have wanted more. ${count(silent)} are modelled, as their gateway was not heard.`,
    sw:
      `Mahitaji kwa hatua: ${sw}. Mahitaji ${count(least)} ya mtiririko ya dakika tano ni ya chini: ulibanwa, na ` +
      `huenda ulitaka zaidi. Mahitaji ${count(silent)} ni ya modeli, kwa kuwa lango lake halikusikika.`,
  }
}
