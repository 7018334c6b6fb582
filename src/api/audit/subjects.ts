// What a deed was done to, for whoever asks the trail about one institution, link or edge: a change of the policy names
// each part that it changes, an override what it is put on.

import type { FastifyRequest } from 'fastify'
import type { RevisionHistory } from '../../change/revision-history.js'
import { MAX_SUBJECT_LENGTH } from '../../runtime/limits.js'

/** Parts of the policy by pointers into it: `institutions/hosp-mbeya`, each once; `plane` where a part has no id. */
export function partsOf(changes: readonly { readonly pointer: string }[]): string[] {
  const named = changes.map(({ pointer }) => {
    const [collection = '', id] = pointer.split('/').slice(1).map(unescaped)
    return COLLECTIONS_OF_ONE.has(collection) || id === undefined ? collection : `${collection}/${id}`
  })
  return [...new Set(named)]
}

const COLLECTIONS_OF_ONE = new Set(['plane', 'defaults'])
/** RFC 6901 section 4. */
const unescaped = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~')

const POLICY = 'policy'
/** Between two subjects; no id has it. */
const BETWEEN = ', '
const CUT = 'and more'

/** One text of all; what is too long says that it is cut. */
export function subjectOf(subjects: string | readonly string[]): string {
  const all = typeof subjects === 'string' ? [subjects] : subjects
  const kept: string[] = []
  let left = MAX_SUBJECT_LENGTH
  for (const subject of all) {
    left -= subject.length + BETWEEN.length
    if (left < 0) return [...kept, CUT].join(BETWEEN)
    kept.push(subject)
  }
  return kept.join(BETWEEN)
}

/** Whether an entry's subject names it: whole, as one of several, or as the id of a part. */
export const isOn = (subject: string, id: string): boolean =>
  subject === id || subject.split(BETWEEN).some((one) => one === id || one.endsWith(`/${id}`))

/** Of a route that names nothing: whoever acts on their own account, or what the address is about. */
export function subjectByRoute({ routeOptions: { url = '' } }: FastifyRequest, actor: string): string {
  const [about = ''] = url.split('/').slice(2)
  return about === 'me' || about === 'session' ? actor : about
}

/** Parts that a revision changes against another. The change is made: where they cannot be read it is on the policy. */
export async function partsChanged(
  history: Pick<RevisionHistory, 'diff'>,
  revision: number,
  against?: number,
): Promise<string[]> {
  try {
    const { changes } = await history.diff(revision, against)
    return changes.length === 0 ? [POLICY] : partsOf(changes)
  } catch {
    return [POLICY]
  }
}
