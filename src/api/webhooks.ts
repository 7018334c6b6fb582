// Who is told of alarms by webhook. The secret that signs is shown once, when the webhook is made.

import { z } from 'zod'
import { SEVERITIES } from '../model/alarm.js'
import { MAX_ID_LENGTH } from '../runtime/limits.js'
import { type App, answers, type Context, GATED } from './app.js'
import { principalOf } from './guard.js'
import { answerList, type CsvTable, LIST_TYPES, Listing, paging } from './lists.js'
import { notFound } from './problem.js'
import { pageOf } from './shapes.js'
import { utc } from './views.js'

const route = {
  severity: z.enum(SEVERITIES).describe('The least bad that is told'),
  regions: z.array(z.string().min(1).max(MAX_ID_LENGTH)).max(100).describe('Empty: all'),
}
const webhook = { id: z.string(), url: z.string(), ...route, by: z.string() }
const shownShape = z
  .strictObject({
    ...webhook,
    waiting: z.int(),
    dead: z
      .array(z.strictObject({ at: z.iso.datetime(), alarm: z.string(), change: z.string(), reason: z.string() }))
      .describe('Letters that were given up, the oldest first'),
  })
  .meta({ id: 'Webhook' })
const csv: CsvTable<z.infer<typeof shownShape>> = {
  columns: ['id', 'url', 'severity', 'regions', 'by', 'waiting', 'dead'],
  records: ({ regions, dead, ...row }) => [{ ...row, regions: regions.join(' '), dead: dead.length }],
}
const madeShape = z.strictObject({ ...webhook, secret: z.string() }).meta({ id: 'NewWebhook' })

const STORE = ['STORE_UNAVAILABLE', 'READ_ONLY', 'OUTCOME_UNKNOWN'] as const

export function webhookRoutes(app: App, { memory }: Context): void {
  if (memory === undefined) return
  const { webhooks } = memory
  app.get(
    '/v1/webhooks',
    {
      config: { access: 'admin', produces: LIST_TYPES },
      schema: {
        summary: 'Webhooks, with the letters that could not be delivered',
        querystring: z.strictObject(paging),
        response: answers({ 200: pageOf(shownShape) }, ...GATED, 'PAGE_TOKEN_INVALID'),
      },
    },
    (request, reply) => {
      const rows = webhooks.list().map(({ dead, ...rest }) => ({
        ...rest,
        dead: dead.map(({ at, alarm, change, reason }) => ({ at: utc(at), alarm, change, reason })),
      }))
      return answerList(request, reply, new Listing(rows), request.query, () => true, csv)
    },
  )

  app.post(
    '/v1/webhooks',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'A new webhook, to a host of webhooks.allow in the settings',
        body: z.strictObject({
          url: z.string().max(1_000),
          severity: route.severity.default('major'),
          regions: route.regions.default([]),
        }),
        response: answers({ 200: madeShape }, ...GATED, ...STORE),
      },
    },
    (request) => {
      const { url, severity, regions } = request.body
      return webhooks.add(url, { severity, regions }, principalOf(request).actor)
    },
  )

  app.delete(
    '/v1/webhooks/:id',
    {
      config: { access: 'admin' },
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
