// The policy over HTTP: the document in force, its parts, what a change of it would do, sheets in and out, its history,
// and proposals that wait for a second person or for their hour. Whatever changes it goes one way (change.ts).

import { type PolicyHead, UnreadEdit } from '../../model/revision.js'
import { policyOutline, policyShape } from '../../policy/document/describe.js'
import { MAX_BODY_BYTES } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { shownAs } from '../documentation.js'
import { answerJson } from '../lists.js'
import { readHere, UnreadBody, unreadBody } from '../unread-body.js'
import {
  answerChange,
  CHANGE_PROBLEMS,
  changeOf,
  changeQuery,
  ifMatch,
  mustMatch,
  proposedShape,
  wholePolicy,
} from './change.js'
import { outcomeShape, TOLD_OF_CHANGE } from './change-shapes.js'
import { importRoutes } from './imports.js'
import { partRoutes } from './policy-parts.js'
import { previewRoutes } from './preview.js'
import { proposalRoutes } from './proposals.js'
import { revisionRoutes } from './revisions.js'

const whole = z.record(z.string(), z.unknown()).describe('The whole policy document')
const document = shownAs(whole, policyShape)
const sentDocument = shownAs(z.union([unreadBody, whole]), policyShape)

export function policyRoutes(app: App, context: Context): void {
  documentRoutes(app, context)
  schemaRoute(app)
  previewRoutes(app, context)
  revisionRoutes(app, context)
  partRoutes(app, context)
  importRoutes(app, context)
  proposalRoutes(app, context)
}

function documentRoutes(app: App, { policy }: Context): void {
  const { state, changes } = policy
  app.get(
    '/v1/policy',
    {
      config: { access: 'viewer', told: ['revision'] },
      schema: {
        summary: 'The policy document in force; its ETag is what a write needs',
        response: answers({ 200: document }, ...GATED, 'NOT_READY'),
      },
    },
    (request, reply) => {
      const head = state.current()
      note(request, { after: { revision: head.revision } })
      changes.readPolicies.remember(head.etag, head.document)
      reply.header('etag', head.etag).header('mizani-revision', head.revision)
      reply.header('last-modified', new Date(head.meta.at).toUTCString())
      return answerJson(reply, encoded(head))
    },
  )

  app.put(
    '/v1/policy',
    {
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'operator', scoped: true, unread: true, told: TOLD_OF_CHANGE },
      schema: {
        summary: 'Replaces the policy document: validated, then compare-and-set on the revision',
        headers: ifMatch('Required: the ETag that was read'),
        querystring: z.strictObject(changeQuery),
        body: sentDocument,
        response: answers({ 200: outcomeShape, 201: proposedShape }, ...CHANGE_PROBLEMS, 'NOT_READY'),
      },
    },
    (request, reply) => {
      const change = changeOf(request.query, request)
      let base: PolicyHead | undefined
      const edit = (head: PolicyHead): unknown => {
        base = head
        mustMatch(request.headers['if-match'], wholePolicy(head), (tags) => {
          const wanted = readHere(request.body)
          return wanted === null ? undefined : changes.readPolicies.between(tags, head.document, wanted)
        })
        return request.body instanceof UnreadBody ? new UnreadEdit(request.body.json, 0) : request.body
      }
      return answerChange(policy, reply, edit, change, ({ revision, hash, etag }) => {
        // Without a base it had been made before, and was told then.
        if (change.dryRun || base === undefined) return
        const { author: actor, reason, reference } = change
        note(request, { before: { revision: base.revision, hash: base.hash }, after: { revision, hash } })
        request.log.info({ revision, base: base.revision, actor, reason, reference }, 'the policy was changed')
        reply.header('etag', etag).header('mizani-revision', revision)
      })
    },
  )
}

/** What forms are made of. */
function schemaRoute(app: App): void {
  let text: string | undefined
  app.get(
    '/v1/policy/schema',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'What a policy may say, as JSON Schema (2020-12) of what is written',
        response: answers({ 200: z.record(z.string(), z.unknown()) }, ...GATED),
      },
    },
    (request, reply) => {
      // It names nobody, and has collections of which a policy's are keyed by ids.
      request.isShownWhole = true
      text ??= JSON.stringify(policyOutline().root)
      return answerJson(reply, text)
    },
  )
}

const texts = new WeakMap<object, string>()

function encoded(head: PolicyHead): string {
  const text = texts.get(head) ?? JSON.stringify(head.document)
  texts.set(head, text)
  return text
}
