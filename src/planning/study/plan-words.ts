// Words that stand in the cells of plan reports, in both languages: what is cut, what has become of whom, and dates.

import { civilTime } from '../../model/civil-time.js'
import type { Text } from '../../model/network.js'
import type { UnixMilliseconds } from '../../model/units.js'
import { basisText } from '../recorded/basis-words.js'
import { type Cut, type CutKind, cutName } from './cuts.js'
import { wordIn } from './definitions.js'
import { type Cell, text } from './plan-report.js'
import type { Study } from './study.js'
import type { Hurt } from './sweep.js'

export const KIND: Readonly<Record<CutKind, Text>> = {
  ...{ link: text('link', 'kiungo'), group: text('group', 'kundi') },
  ...{ node: text('node', 'kituo'), pair: text('pair', 'jozi') },
}

const stateText = (kind: Hurt['kind']): Text => text(kind, wordIn(kind, 'sw'))
export const STATE: Readonly<Record<Hurt['kind'], Text>> = {
  ...{ short: stateText('short'), partly: stateText('partly'), unreachable: stateText('unreachable') },
}

const NOTHING = text('nothing', 'hakuna')
export const NO_WAY = text('no way', 'hakuna njia')
export const NEVER = text('never', 'kamwe')

/** Which failure; null: the intact network. */
export const failureText = (cut: Cut | null): Cell => (cut === null ? NOTHING : cutName(cut))

export function afterText(at: UnixMilliseconds, zone: string): Text {
  const { date } = civilTime(at, zone)
  return text(`after ${date}`, `baada ya ${date}`)
}

/** How much of the day's demand is recorded, where it is not the model's; and of the day off, where one was read. */
export function recordLimits({ recorded }: Pick<Study, 'recorded'>): Text[] {
  if (recorded === undefined) return []
  const [day, off] = [recorded, recorded.off].map((each) => each && basisText(each.basis))
  if (off === undefined) return [day!]
  return [
    text(`Working days. ${day!.en}`, `Siku za kazi. ${day!.sw}`),
    text(`Days off. ${off.en}`, `Mapumziko. ${off.sw}`),
  ]
}
