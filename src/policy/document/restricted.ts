// An institution may be restricted: whoever only looks around is told of it in a sum with all that are, never by itself
// (api/scoped-reading.ts says who sees more). It stays so when it is gone, for revisions and records go on naming it.

import type { Fault } from '../../runtime/errors.js'
import { pointerTo } from '../../runtime/shape-faults.js'
import * as z from '../../runtime/zod.js'
import { named } from './scalars.js'

/** Absent is no: a document that was written before there was such a thing stays the same to the hash. */
export const restricted = z
  .boolean()
  .optional()
  .describe('Whether those who only look around see it in a sum with all that are restricted, never by itself')

export const former = named
  .extend({ restricted })
  .meta({ id: 'PolicyFormer', description: 'An institution that was closed' })

type Members<More = object> = Readonly<Record<string, { readonly restricted?: boolean | undefined } & More>>
/** Who is there, and who was. */
interface Ever {
  readonly institutions: Members<{ readonly from?: readonly string[] | undefined }>
  readonly former?: Members | undefined
}

/**
 * What is restricted cannot simply go: nothing would say any more whom the revisions before must not name. Nor do its
 * heirs forget what they are made of. It may stop being restricted, which somebody then has written.
 */
export function lostRestrictions(base: Ever, edited: Ever): Fault[] {
  const before = { ...base.former, ...base.institutions }
  const secret = new Set(Object.keys(before).filter((id) => before[id]!.restricted === true))
  return secret.size === 0 ? [] : [...leftOut(secret, base, edited), ...unsaidHeirs(secret, base, edited)]
}

function leftOut(secret: ReadonlySet<string>, base: Ever, { institutions, former = {} }: Ever): Fault[] {
  return [...secret].flatMap((id) => {
    if (Object.hasOwn(institutions, id)) return []
    const wasThere = base.former !== undefined && Object.hasOwn(base.former, id)
    if (Object.hasOwn(former, id) && (wasThere || former[id]!.restricted !== undefined)) return []
    const kept = `former: { ${id}: { name, restricted: true } }`
    return [{ code: 'RESTRICTED', pointer: pointerTo(['former', id]), message: `"${id}" is restricted: write ${kept}` }]
  })
}

function unsaidHeirs(secret: ReadonlySet<string>, base: Ever, { institutions }: Ever): Fault[] {
  return Object.keys(institutions).flatMap((id) => {
    const { from = [], restricted } = institutions[id]!
    if (restricted !== undefined || from.length === 0) return []
    const earlier = Object.hasOwn(base.institutions, id) ? (base.institutions[id]!.from ?? []) : []
    const parent = from.find((one) => secret.has(one) && !earlier.includes(one))
    if (parent === undefined) return []
    const message = `it is made of "${parent}", which is restricted: say restricted, true or false`
    return [{ code: 'RESTRICTED', pointer: pointerTo(['institutions', id, 'restricted']), message }]
  })
}
