// The policy document over HTTP: read it with its ETag, write it back with If-Match. Two people who edit at once cannot
// lose each other's work: the second one is told, with the ETag that is now in force.

import { z } from 'zod'
import type { Conflict } from '../../change/conflicts.js'
import type { PolicyHead } from '../../model/revision.js'
import { policyShape } from '../../policy/document/describe.js'
import { MizaniError } from '../../runtime/errors.js'
import { MAX_BODY_BYTES } from '../../runtime/limits.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { shownAs } from '../documentation.js'
import { nameOf } from '../idempotency.js'
import { answerJson } from '../lists.js'
import { ApiError } from '../problem.js'
import { outcomeShape, outcomeView } from './change-shapes.js'
import { answerProposed, CHANGE_PROBLEMS, changeOf, changeQuery, proposedShape } from './policy-parts.js'

const document = shownAs(z.record(z.string(), z.unknown()).describe('The whole policy document'), policyShape)

export function policyRoutes(app: App, { policy, control }: Context): void {
  app.get(
    '/v1/policy',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'The policy document in force; its ETag is what a write needs',
        response: answers({ 200: document }, ...GATED, 'NOT_READY'),
      },
    },
    (_request, reply) => {
      const head = headOf(policy.current())
      control?.changes.readPolicies.remember(head.etag, head.document)
      reply.header('etag', head.etag).header('mizani-revision', head.revision)
      reply.header('last-modified', new Date(head.meta.at).toUTCString())
      return answerJson(reply, encoded(head))
    },
  )

  app.put(
    '/v1/policy',
    {
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'operator', scoped: true },
      schema: {
        summary: 'Replaces the policy document: validated, then compare-and-set on the revision',
        headers: z.object({
          'if-match': z.string().max(1_000).optional().describe('Required: the ETag that was read'),
        }),
        querystring: z.strictObject(changeQuery),
        body: document,
        response: answers({ 200: outcomeShape, 201: proposedShape }, ...CHANGE_PROBLEMS, 'NOT_READY'),
      },
    },
    async (request, reply) => {
      const made = await control?.changes.settled(nameOf(request))
      if (made) return outcomeView(made, false)
      const head = headOf(policy.current())
      const conflict = (tags: string[], { document }: PolicyHead) =>
        control?.changes.readPolicies.between(tags, document, request.body)
      mustMatch(request.headers['if-match'], head, conflict)
      const change = { expected: head.revision, ...changeOf(request.query, request) }
      if (change.effectiveAt !== null) {
        if (control === undefined) throw new ApiError('NOT_READY', 'Nothing can wait for its hour here.')
        // Looked at in its turn: what others have made while this waited for it is not to be undone.
        const edit = (now: PolicyHead) => {
          mustMatch(request.headers['if-match'], now, conflict)
          return request.body
        }
        return answerProposed(reply, await control.proposals.propose(edit, change))
      }
      const outcome = await policy.put(request.body, change).catch((error: unknown) => {
        // Somebody was faster while this waited for its turn: the same is said as to whoever comes later.
        if (error instanceof MizaniError && error.code === 'PRECONDITION_FAILED')
          mustMatch(request.headers['if-match'], headOf(policy.current()), conflict)
        throw error
      })
      const { revision, hash, base, etag } = outcome
      const { dryRun, author: actor, reason, reference } = change
      if (!dryRun) {
        note(request, { before: { revision: head.revision, hash: head.hash }, after: { revision, hash } })
        request.log.info({ revision, base, actor, reason, reference }, 'the policy was changed')
        reply.header('etag', etag).header('mizani-revision', revision)
      }
      return outcomeView(outcome, dryRun)
    },
  )
}

function headOf(head: PolicyHead | null): PolicyHead {
  if (head === null) throw new ApiError('NOT_READY', 'No policy has been read from the store yet.')
  return head
}

/** @throws ApiError PRECONDITION_REQUIRED or PRECONDITION_FAILED (RFC 9110 section 13.1.1, strong comparison). */
export function mustMatch(
  header: string | undefined,
  head: PolicyHead,
  conflict: (tags: string[], head: PolicyHead) => Conflict | undefined = () => undefined,
): void {
  const { etag, revision } = head
  const headers = { etag, 'mizani-revision': String(revision) }
  if (header === undefined) {
    throw new ApiError('PRECONDITION_REQUIRED', 'Send If-Match with the ETag that GET /v1/policy gave.', { headers })
  }
  const tags = header.split(',').map((tag) => tag.trim())
  if (tags.includes('*') || tags.includes(etag)) return
  throw new ApiError(
    'PRECONDITION_FAILED',
    `The policy is at revision ${revision} with the ETag ${etag}; read it again, and repeat your change on it.`,
    { headers, carried: { conflict: conflict(tags, head) } },
  )
}

const texts = new WeakMap<object, string>()

function encoded(head: PolicyHead): string {
  const text = texts.get(head) ?? JSON.stringify(head.document)
  texts.set(head, text)
  return text
}
