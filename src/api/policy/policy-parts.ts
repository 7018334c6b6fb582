// One part of the policy at a time, with an ETag of its own: two people who edit two institutions never meet, however
// many revisions the other makes meanwhile.

import type { FastifyRequest } from 'fastify'
import type { PolicyHead } from '../../model/revision.js'
import { COLLECTIONS, memberShapes } from '../../policy/document/describe.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { shownAs } from '../documentation.js'
import { notFound } from '../problem.js'
import {
  answerChange,
  CHANGE_PROBLEMS,
  changeOf,
  changeQuery,
  ifMatch,
  mustMatch,
  type Place,
  proposedShape,
} from './change.js'
import { idText, outcomeShape, TOLD_OF_CHANGE } from './change-shapes.js'
import { memberOf } from './preview.js'

const params = z.strictObject({ collection: idText, id: idText })
const part = shownAs(z.record(z.string(), z.unknown()), z.union(memberShapes()))

export function partRoutes(app: App, { policy }: Context): void {
  const { state, changes } = policy
  app.get(
    '/v1/policy/:collection/:id',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'One part of the policy, such as /v1/policy/institutions/hosp-mnh-upanga, with its ETag',
        params,
        response: answers({ 200: part }, ...GATED, 'NOT_FOUND'),
      },
    },
    (request, reply) => {
      const { collection, id } = request.params
      const found = partOf(state.current().document, request)
      if (found === undefined) throw notFound(singular(collection), id)
      const etag = changes.tagOf(found)
      changes.readParts.remember(etag, found)
      reply.header('etag', etag).header('mizani-revision', state.current().revision)
      return found
    },
  )

  for (const method of ['PUT', 'DELETE'] as const) {
    app.route({
      method,
      url: '/v1/policy/:collection/:id',
      config: { access: 'operator', scoped: true, told: TOLD_OF_CHANGE },
      schema: {
        summary: method === 'PUT' ? 'Makes or replaces one part of the policy' : 'Takes one part out of the policy',
        params,
        headers: ifMatch('The ETag of this part'),
        querystring: z.strictObject(changeQuery),
        ...(method === 'PUT' ? { body: part } : {}),
        response: answers({ 200: outcomeShape, 201: proposedShape }, ...CHANGE_PROBLEMS),
      },
      handler(request, reply) {
        const { collection, id } = request.params
        const change = changeOf(request.query, request)
        const value = method === 'PUT' ? request.body : undefined
        const edit = ({ document }: PolicyHead): unknown => {
          const present = partOf(document, request)
          mustMatch(request.headers['if-match'], partPlace(present && changes.tagOf(present)), (tags) =>
            changes.readParts.between(tags, present, value, [collection, id]),
          )
          if (method === 'DELETE' && present === undefined) throw notFound(singular(collection), id)
          return withPart(document, collection, id, value)
        }
        return answerChange(policy, reply, edit, change, ({ revision }) => {
          const made = partOf(state.current().document, request)
          if (!change.dryRun && made !== undefined) reply.header('etag', changes.tagOf(made))
          reply.header('mizani-revision', revision)
        })
      },
    })
  }
}

/** As whoever asks sees it. */
function partOf(document: unknown, { params: asked, sight }: PartRequest): Record<string, unknown> | undefined {
  const { collection, id } = asked
  if (!COLLECTIONS.has(collection)) throw notFound('collection', collection)
  // A policy without any contract has no collection of them yet.
  const part = memberOf(memberOf(document, collection), id)
  return part !== undefined && sight?.hidesPart(collection, id, part) ? undefined : part
}

type PartRequest = Pick<FastifyRequest, 'sight'> & { readonly params: z.infer<typeof params> }

function withPart(document: unknown, collection: string, id: string, value: unknown): unknown {
  const { [id]: _, ...others } = memberOf(document, collection) ?? {}
  return { ...(document as object), [collection]: value === undefined ? others : { ...others, [id]: value } }
}

const partPlace = (etag: string | null = null): Place => ({
  etag,
  read: 'GET of this part',
  moved: `This part has changed; its ETag is ${etag} now.`,
})

const singular = (collection: string): string => `part of ${collection}`
