// What the trail says of itself: entries that explain why it is not what it was. Their actions are words of their own,
// which no route has, so that nobody's request can look like one.

import { jsonOrNull } from '../runtime/json.js'
import * as z from '../runtime/zod.js'
import type { Link, Row } from './chain.js'

/** Secrets were taken out of entries; the beginning was cut off; the end is gone; a store was restored. */
export const REDACT = 'audit redact'
export const TRIM = 'audit trim'
export const CUT = 'audit cut'
export const RESTORE = 'restore'
/** How releases before told of a trim. */
const TRIM_OF_OLD = 'POST /v1/audit/trim'

const link = z.object({ n: z.int().nonnegative(), hash: z.string() })
const shape = z.discriminatedUnion('action', [
  z.object({
    action: z.literal(REDACT),
    after: z.object({ entries: z.array(z.object({ ...link.shape, sha256: z.string() })) }),
  }),
  z.object({ action: z.literal(TRIM), after: link }),
  z.object({ action: z.literal(TRIM_OF_OLD), outcome: z.literal('done'), after: link }),
  z.object({ action: z.literal(CUT), before: link, after: link }),
  z.object({ action: z.literal(RESTORE), subject: z.string(), before: link, after: link }),
])

export type Deed =
  | { readonly kind: 'redact'; readonly entries: readonly (Link & { readonly sha256: string })[] }
  | { readonly kind: 'trim'; readonly through: Link }
  | { readonly kind: 'cut'; readonly was: Link; readonly left: Link; readonly why: string }

/** Cheap for the many entries that say nothing of the trail. */
const LIKELY = /"action":"(?:audit (?:redact|trim|cut)|restore|POST \/v1\/audit\/trim)"/

/** Null: it says nothing of the trail. A release that signs tells of a trim in another way. */
export function deedOf({ text, signature }: Row): Deed | null {
  if (!LIKELY.test(text)) return null
  const { success, data } = shape.safeParse(jsonOrNull(text))
  if (!success) return null
  switch (data.action) {
    case REDACT:
      return { kind: 'redact', entries: data.after.entries }
    case TRIM_OF_OLD:
      return signature === null ? { kind: 'trim', through: data.after } : null
    case TRIM:
      return { kind: 'trim', through: data.after }
    case CUT:
      return { kind: 'cut', was: data.before, left: data.after, why: 'the controller had written them' }
    case RESTORE: {
      const { before: was, after: left } = data
      if (was.n === left.n && was.hash === left.hash) return null
      return { kind: 'cut', was, left, why: `a backup of ${data.subject} was restored` }
    }
  }
}
