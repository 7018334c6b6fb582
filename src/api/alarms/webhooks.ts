// Who is told of alarms by webhook. The secret that signs is shown once, when it is made.

import { SEVERITIES } from '../../model/alarm.js'
import { WEBHOOK_SIGNATURE } from '../../model/webhook-signature.js'
import { MAX_ID_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { principalOf } from '../guard.js'
import { answerList, type CsvTable, LIST_TYPES, Listing, paging } from '../lists.js'
import { notFound } from '../problem.js'
import { pageOf } from '../shapes.js'
import { utc } from '../views.js'

const route = {
  severity: z.enum(SEVERITIES).describe('The least bad that is told'),
  regions: z.array(z.string().min(1).max(MAX_ID_LENGTH)).max(100).describe('Empty: all'),
}
const known = z.iso.datetime().nullable()
const webhook = { id: z.string(), url: z.string(), ...route, by: z.string() }
const shownShape = z
  .strictObject({
    ...webhook,
    state: z
      .enum(['idle', 'sending', 'waiting'])
      .describe('waiting: the last attempt failed, and the letters wait for nextTry'),
    waiting: z.int().describe('Letters'),
    lastAttempt: known.describe('Since this controller runs'),
    lastDelivered: known,
    lastError: z.string().nullable().describe('Of the last attempt; null: it was taken'),
    nextTry: known,
    dead: z
      .array(z.strictObject({ at: z.iso.datetime(), alarm: z.string(), change: z.string(), reason: z.string() }))
      .describe('Letters that were given up, the oldest first'),
  })
  .meta({ id: 'Webhook' })
const csv: CsvTable<z.infer<typeof shownShape>> = {
  columns: [
    ...['id', 'url', 'severity', 'regions', 'by', 'state', 'waiting', 'lastAttempt', 'lastDelivered', 'lastError'],
    ...['nextTry', 'dead'],
  ],
  records: ({ regions, dead, ...row }) => [{ ...row, regions: regions.join(' '), dead: dead.length }],
}
const madeShape = z.strictObject({ ...webhook, secret: z.string() }).meta({ id: 'NewWebhook' })

/** The host alone: the path of an address is often what lets in. */
const TOLD = ['subject', 'id', 'host', 'severity', 'regions', 'by']

const triedShape = z
  .strictObject({
    delivered: z.boolean(),
    status: z.int().nullable().describe('Of the answer; null: none came'),
    answer: z.string().nullable().describe('How its text begins'),
    reason: z.string().nullable().describe('Why it counts as not delivered'),
  })
  .meta({ id: 'WebhookTried' })

const utcOr = (at: number | null): string | null => (at === null ? null : utc(at))

const STORE = ['STORE_UNAVAILABLE', 'READ_ONLY', 'OUTCOME_UNKNOWN'] as const

export function webhookRoutes(app: App, { memory }: Context): void {
  if (memory === undefined) return
  const { webhooks } = memory
  app.get(
    '/v1/webhooks',
    {
      config: { access: 'admin', produces: LIST_TYPES },
      schema: {
        summary: 'Webhooks: how it goes with each, why its letters wait, and those that could not be delivered',
        querystring: z.strictObject(paging),
        response: answers({ 200: pageOf(shownShape) }, ...GATED, 'PAGE_TOKEN_INVALID'),
      },
    },
    (request, reply) => {
      const rows = webhooks.list().map(({ dead, lastAttempt, lastDelivered, nextTry, ...rest }) => ({
        ...rest,
        state: nextTry !== null ? ('waiting' as const) : rest.waiting > 0 ? ('sending' as const) : ('idle' as const),
        ...{ lastAttempt: utcOr(lastAttempt), lastDelivered: utcOr(lastDelivered), nextTry: utcOr(nextTry) },
        dead: dead.map(({ at, alarm, change, reason }) => ({ at: utc(at), alarm, change, reason })),
      }))
      return answerList(request, reply, new Listing(rows), request.query, () => true, csv)
    },
  )

  app.post(
    '/v1/webhooks',
    {
      config: { access: 'admin', told: TOLD },
      schema: {
        summary: 'A new webhook, to a host of webhooks.allow in the settings; its secret is in this answer alone',
        description: WEBHOOK_SIGNATURE,
        body: z.strictObject({
          url: z.string().max(1_000),
          severity: route.severity.default('major'),
          regions: route.regions.default([]),
        }),
        response: answers({ 200: madeShape }, ...GATED, ...STORE),
      },
    },
    async (request) => {
      const { url, severity, regions } = request.body
      const made = await webhooks.add(url, { severity, regions }, principalOf(request).actor)
      note(request, { after: { ...made, host: new URL(url).host } })
      return made
    },
  )

  app.post(
    '/v1/webhooks/:id/try',
    {
      config: { access: 'admin', told: ['subject', 'delivered', 'status'] },
      schema: {
        summary: 'Posts a signed letter that tells of nothing, now, and says what came back',
        params: z.object({ id: z.string() }),
        response: answers({ 200: triedShape }, ...GATED, 'NOT_FOUND', 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    async (request) => {
      const tried = await webhooks.try(request.params.id)
      if (tried === null) throw notFound('webhook', request.params.id)
      return tried
    },
  )

  app.post(
    '/v1/webhooks/:id/rotate',
    {
      config: { access: 'admin', told: TOLD },
      schema: {
        summary: 'A new secret, in this answer alone; the old one signs nothing any more',
        params: z.object({ id: z.string() }),
        response: answers({ 200: madeShape }, ...GATED, ...STORE, 'NOT_FOUND', 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    async (request) => {
      const made = await webhooks.rotate(request.params.id)
      if (made === null) throw notFound('webhook', request.params.id)
      note(request, { after: { ...made, host: new URL(made.url).host } })
      return made
    },
  )

  app.delete(
    '/v1/webhooks/:id',
    {
      config: { access: 'admin', told: ['subject'] },
      schema: {
        summary: 'Nobody is told there any more',
        params: z.object({ id: z.string() }),
        response: answers({ 200: z.strictObject({ id: z.string() }) }, ...GATED, 'NOT_FOUND', ...STORE),
      },
    },
    async (request) => {
      const { id } = request.params
      if (!(await webhooks.remove(id))) throw notFound('webhook', id)
      return { id }
    },
  )
}
