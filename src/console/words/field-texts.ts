// What the fields and collections of the policy are called in forms, in the language of whoever reads.

import { FIELDS } from '../../model/field-names.js'
import type { Lang } from '../page-data.js'
import type { Text } from './texts.js'

/** One of a list whose members have no name but their place. */
const ONE: Readonly<Record<string, Text>> = {
  bands: ['Band', 'Hatua ya mgao'],
  days: ['Stretch of days', 'Kipindi'],
  parts: ['Part', 'Sehemu'],
  patches: ['Change', 'Badiliko'],
  segments: ['Step', 'Hatua'],
  survive: ['Failure', 'Hitilafu'],
}

export const oneNamed = (list: string, lang: Lang): string =>
  ONE[list]?.[lang === 'sw' ? 1 : 0] ?? fieldNamed(list, lang)

/** A name of somebody's own, such as an id, is itself. */
export const fieldNamed = (name: string, lang: Lang): string =>
  Object.hasOwn(FIELDS, name) ? FIELDS[name]![lang === 'sw' ? 1 : 0] : name
