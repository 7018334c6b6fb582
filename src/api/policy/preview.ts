// Previews over HTTP: a whole policy, or only what should change in it; and the small question of an institution's own
// future, which a viewer may ask as well. Nothing is kept.

import type { PolicyPort } from '../../change/policy-control.js'
import { type PolicyEdit, UnreadEdit } from '../../model/revision.js'
import { policyShape } from '../../policy/document/describe.js'
import type { Change } from '../../policy/revisions/proposal.js'
import { MAX_BODY_BYTES, MAX_CHANGES } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { shownAs } from '../documentation.js'
import { askerOf, principalOf } from '../guard.js'
import { notFound } from '../problem.js'
import { UnreadBody, unreadBody } from '../unread-body.js'
import { idText, outcomeShape, outcomeView, previewView, whatIfShape } from './change-shapes.js'

const EITHER = 'The whole policy document, or { changes }'
/** Either a policy, or at most so many changes of the one in force; a list of changes is never taken for a policy. */
export function changesBody(most: number) {
  const someChanges = z.strictObject({
    changes: z
      .array(z.strictObject({ pointer: z.string().startsWith('/').max(500), after: z.unknown().optional() }))
      .min(1)
      .max(most)
      .describe('JSON pointers with their new values; without a value the place is taken away'),
  })
  const whole = z
    .record(z.string(), z.unknown())
    .refine((body) => !isChanges(body), `expected 1 to ${most} changes, each { pointer, after }`)
  return shownAs(
    z.union([unreadBody, someChanges, whole]).describe(EITHER),
    z.union([someChanges, policyShape]).describe(EITHER),
  )
}
type ChangesBody = z.infer<ReturnType<typeof changesBody>>

const isChanges = (body: Record<string, unknown>): boolean => !('schema' in body) && Array.isArray(body.changes)

const problems = [
  ...GATED,
  'NOT_FOUND',
  'POLICY_INVALID',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'READ_ONLY',
] as const

export function previewRoutes(app: App, { policy: { changes, state } }: Context): void {
  app.post(
    '/v1/policy/preview',
    {
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'operator', told: false, scoped: true, unread: true },
      schema: {
        summary: 'Who loses and who gains under four demands, which tests fail, who has to agree; nothing is kept',
        body: changesBody(MAX_CHANGES),
        response: answers({ 200: outcomeShape }, ...problems),
      },
    },
    async (request) => {
      const { actor, scope } = principalOf(request)
      const { gone } = askerOf(request)
      const change = { author: actor, scope, reason: 'preview', reference: null, dryRun: true, gone }
      return outcomeView(await changes.change(editOf(changes, request.body, MAX_CHANGES), change), true)
    },
  )

  app.post(
    '/v1/institutions/:id/what-if',
    {
      config: { access: 'viewer', told: false, scoped: true },
      schema: {
        summary: 'Another tier or other ceilings, uncommitted: the new need of everyone it touches',
        params: z.strictObject({ id: idText }),
        body: z
          .strictObject({ tier: idText.optional(), ceilings: z.record(idText, z.unknown()).optional() })
          .refine(({ tier, ceilings }) => tier !== undefined || ceilings !== undefined, 'expected tier or ceilings'),
        response: answers({ 200: whatIfShape }, ...problems),
      },
    },
    async (request) => {
      const { id } = request.params
      const { document } = state
      const institutions = memberOf(document, 'institutions')
      const institution = memberOf(institutions, id)
      if (institution === undefined || request.sight?.owns(id) === false) throw notFound('institution', id)
      // As an override would: ceilings of other services stay as they are.
      const ceilings = { ...memberOf(institution, 'ceilings'), ...request.body.ceilings }
      const next = {
        ...document,
        institutions: { ...institutions, [id]: { ...institution, ...request.body, ceilings } },
      }
      return previewView(await changes.look(next, askerOf(request)))
    },
  )
}

/** To the whole document as it was sent, or to the one in force with changes. */
export function editOf(changes: Pick<PolicyPort['changes'], 'changed'>, body: ChangesBody, most: number): PolicyEdit {
  if (body instanceof UnreadBody) return () => new UnreadEdit(body.json, most)
  // The schema of the body has told the two apart.
  return ({ document }) => (isChanges(body) ? changes.changed(document, body.changes as Change[]) : body)
}

/** An own member of an object; undefined where there is none. */
export function memberOf(tree: unknown, name: string): Record<string, unknown> | undefined {
  if (typeof tree !== 'object' || tree === null || !Object.hasOwn(tree, name)) return undefined
  const member = (tree as Record<string, unknown>)[name]
  return typeof member === 'object' && member !== null ? (member as Record<string, unknown>) : undefined
}
