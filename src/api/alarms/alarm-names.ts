// An alarm knows institutions by their ids, which whoever looks at the network does not know them by: here its sentence
// says their names. Who is told by message gets the ids, which are short.

import type { WordedAlarm } from '../../model/alarm.js'
import type { Text } from '../../model/network.js'
import type { PolicyDocument } from '../../policy/document/document.js'

export type NameOf = (institution: string) => Text | undefined

export const institutionNamed = (
  { institutions }: Pick<PolicyDocument, 'institutions'>,
  id: string,
): Text | undefined => (Object.hasOwn(institutions, id) ? institutions[id]?.name : undefined)

const ID = /[a-z0-9][a-z0-9.-]*[a-z0-9]/g

export function detailNamed(
  { code, members, detail }: Pick<WordedAlarm, 'code' | 'members' | 'detail'>,
  of: NameOf,
): Text {
  if (code !== 'GUARANTEE_BROKEN') return detail
  const known = new Set(members)
  const said = (lang: keyof Text): string =>
    detail[lang].replace(ID, (word) => (known.has(word) ? (of(word)?.[lang] ?? word) : word))
  return { en: said('en'), sw: said('sw') }
}
