// An institution may be restricted: whoever only looks around is told of it in a sum with all that are, never by itself
// (api/scoped-reading.ts says who sees more). It stays so when it is gone, for revisions and records go on naming it.

import { z } from 'zod'
import type { Fault } from '../../runtime/errors.js'
import { pointerTo } from '../../runtime/shape-faults.js'
import { named } from './scalars.js'

/** Absent is no: a document that was written before there was such a thing stays the same to the hash. */
export const restricted = z
  .boolean()
  .optional()
  .describe('Whether those who only look around see it in a sum with all that are restricted, never by itself')

export const former = named
  .extend({ restricted })
  .meta({ id: 'PolicyFormer', description: 'An institution that was closed' })

type Members = Readonly<Record<string, { readonly restricted?: boolean | undefined }>>
/** Who is there, and who was. */
interface Ever {
  readonly institutions: Members
  readonly former?: Members | undefined
}

/**
 * What is restricted cannot simply go: nothing would say any more whom the revisions before must not name. It may
 * stop being restricted, which somebody then has written.
 */
export function lostRestrictions(base: Ever, { institutions, former = {} }: Ever): Fault[] {
  const before = [...Object.entries(base.institutions), ...Object.entries(base.former ?? {})]
  return before.flatMap(([id, { restricted }]) => {
    if (restricted !== true || Object.hasOwn(institutions, id)) return []
    const wasThere = base.former !== undefined && Object.hasOwn(base.former, id)
    if (Object.hasOwn(former, id) && (wasThere || former[id]!.restricted !== undefined)) return []
    const kept = `former: { ${id}: { name, restricted: true } }`
    return [{ code: 'RESTRICTED', pointer: pointerTo(['former', id]), message: `"${id}" is restricted: write ${kept}` }]
  })
}
